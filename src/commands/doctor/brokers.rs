//! Kafka: brokers, topics, and whether retention overtook the lake.

use std::collections::BTreeMap;
use std::time::Duration;

use trailwright_ingest::{Brokers, ConsumeError, KafkaSettings, Offsets, TopicPartition, Topics};
use trailwright_store::Lake;

use super::Patient;
use super::check::Check;
use crate::failure::Failure;
use crate::kafka;

const NAME: &str = "brokers";
const TOPICS: &str = "topics";
const POSITIONS: &str = "positions";
const WITHIN: Duration = Duration::from_secs(10);

/// What brokers answered.
struct Cluster {
    topics: Topics,
    offsets: BTreeMap<TopicPartition, Offsets>,
}

pub(super) async fn check(patient: &Patient<'_>, lake: Option<&mut Lake>) -> Vec<Check> {
    let source = &patient.config.source;
    let only_files = source.kafka.topics.is_empty() && !source.objects.places.is_empty();
    if only_files && !patient.args.kafka.are_given() {
        return vec![Check::skipped(
            NAME,
            "no topic is named; files are followed",
        )];
    }
    let args = &patient.args.kafka;
    let settings = kafka::settings(
        &args.topics,
        args.group.as_ref(),
        patient.config,
        patient.host,
    );
    let settings = match settings {
        Ok(settings) => settings,
        Err(failure) => return vec![Check::wrong(NAME, failure.to_string())],
    };
    let mut checks = contradictions(&settings);
    let asked = settings.clone();
    let answer = tokio::task::spawn_blocking(move || ask(&asked)).await;
    match answer {
        Ok(Ok(cluster)) => {
            checks.push(Check::ok(NAME, answering(&cluster)));
            checks.extend(topics(&settings, &cluster));
            checks.extend(positions(&settings, &cluster, lake).await);
        }
        Ok(Err((error, complaints))) => checks.push(failed(&error, &complaints)),
        Err(error) => checks.push(Check::unreachable(NAME, error.to_string())),
    }
    checks
}

fn ask(settings: &KafkaSettings) -> Result<Cluster, (ConsumeError, Vec<String>)> {
    let brokers = Brokers::connect(settings).map_err(|error| (error, Vec::new()))?;
    let ask = || {
        let topics = brokers.topics(WITHIN)?;
        let offsets = brokers.offsets(&topics.found, WITHIN)?;
        Ok(Cluster { topics, offsets })
    };
    ask().map_err(|error| (error, brokers.complaints(WITHIN)))
}

fn answering(cluster: &Cluster) -> String {
    let brokers = &cluster.topics.brokers;
    format!(
        "reached; {} in the cluster: {}",
        brokers.len(),
        brokers.join(", ")
    )
}

/// Properties that do nothing beside each other.
fn contradictions(settings: &KafkaSettings) -> Vec<Check> {
    let property = |name: &str| {
        settings
            .properties
            .get(name)
            .map(|value| value.to_lowercase())
    };
    let protocol = property("security.protocol").unwrap_or_else(|| "plaintext".to_owned());
    let set = |prefix: &str| {
        let mut names = settings.properties.keys();
        names.find(|name| name.starts_with(prefix)).cloned()
    };
    let mut checks = Vec::new();
    let mut idle = |name: String, wanted: &str| {
        let said =
            format!("{name} is set and does nothing, because security.protocol is {protocol}");
        let fix = format!("set security.protocol to one with {wanted}, or leave {name} out");
        checks.push(Check::warning(NAME, said).fix(fix));
    };
    if let Some(name) = set("sasl.").filter(|_| !protocol.contains("sasl")) {
        idle(name, "sasl (sasl_ssl)");
    }
    if let Some(name) = set("ssl.").filter(|_| !protocol.contains("ssl")) {
        idle(name, "ssl (ssl, sasl_ssl)");
    }
    checks
}

fn failed(error: &ConsumeError, complaints: &[String]) -> Check {
    if matches!(error, ConsumeError::Property { .. }) {
        return Check::wrong(NAME, error.to_string());
    }
    let mut said = error.to_string();
    for complaint in complaints {
        said += "\n";
        said += complaint;
    }
    let fix = advice(&said);
    Check::unreachable(NAME, said).fix(fix)
}

/// By the words of librdkafka and OpenSSL.
fn advice(said: &str) -> &'static str {
    let said = said.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if says(&["failed to resolve", "name or service not known"]) {
        "the name does not resolve: mend --brokers (bootstrap.servers) or DNS"
    } else if says(&["certificate", "ssl_ca", "broker_verify"]) {
        "the broker's certificate is not trusted here: set ssl.ca.location to its authority's certificate"
    } else if says(&["ssl handshake failed", "ssl routines"]) {
        "this port does not speak TLS as asked: mend security.protocol or the port"
    } else if says(&["authentication", "sasl"]) {
        "the broker refuses the user: mend sasl.mechanism, sasl.username and sasl.password"
    } else if says(&["connection refused"]) {
        "nothing listens there: mend host and port in --brokers, or start the broker"
    } else if says(&[
        "disconnected while requesting apiversion",
        "timed out",
        "disconnected",
    ]) {
        "something listens and does not answer as Kafka: mend the port, set security.protocol (ssl, sasl_ssl) if the \
         listener asks for it, and look at firewalls and at the broker's advertised.listeners"
    } else {
        "mend --brokers (bootstrap.servers) and the properties of [source.kafka.properties]"
    }
}

fn topics(settings: &KafkaSettings, cluster: &Cluster) -> Vec<Check> {
    let mut checks = Vec::new();
    let partitions = cluster.topics.found.len();
    if partitions > 0 {
        let topics = settings.topics.join(", ");
        checks.push(Check::ok(
            TOPICS,
            format!("{topics}: {partitions} topic partitions"),
        ));
    }
    for topic in &cluster.topics.missing {
        checks.push(
            Check::wrong(TOPICS, format!("{topic} is not there")).fix(
                "make the topic or mend --topic ([source.kafka] topics); or let this user describe it: brokers do not show topics that a user may not see",
            ),
        );
    }
    for (pattern, why) in &cluster.topics.unreadable {
        let said = format!("{pattern} is a pattern that cannot be read: {why}");
        checks.push(Check::wrong(TOPICS, said).fix("mend the regular expression"));
    }
    checks
}

/// Where the lake stands, against what Kafka still has.
async fn positions(
    settings: &KafkaSettings,
    cluster: &Cluster,
    lake: Option<&mut Lake>,
) -> Vec<Check> {
    let Some(lake) = lake else {
        return vec![Check::skipped(POSITIONS, "needs a lake")];
    };
    if cluster.offsets.is_empty() {
        return vec![Check::skipped(POSITIONS, "needs a topic")];
    }
    let mut checks = Vec::new();
    let mut behind = 0;
    for (partition, there) in &cluster.offsets {
        let stored = match lake.position(&settings.source(partition)).await {
            Ok(stored) => stored,
            Err(error) => {
                let said = Failure::from(error).to_string();
                return vec![Check::unreachable(POSITIONS, said)];
            }
        };
        let at = stored.unwrap_or(there.first);
        checks.extend(overtaken(partition, at, *there));
        behind += (there.end - at.max(there.first)).max(0);
    }
    if checks.is_empty() {
        let said = format!("the lake is {behind} messages behind, and Kafka has all of them");
        checks.push(Check::ok(POSITIONS, said));
    }
    checks
}

fn overtaken(partition: &TopicPartition, at: i64, there: Offsets) -> Option<Check> {
    let Offsets { first, end } = there;
    if at < first {
        let said = format!(
            "{partition}: Kafka deleted offsets {at} to {} before the lake had them",
            first - 1
        );
        Some(Check::warning(POSITIONS, said).fix(
            "the daemon goes on behind the gap and keeps it in rejected; raise retention.ms or retention.bytes of the topic, or the number of instances",
        ))
    } else if at > end {
        let said = format!("{partition}: the lake stands at {at}, but the topic ends at {end}");
        Some(Check::warning(POSITIONS, said).fix(
            "the topic was made anew, or this is another cluster: if so, give it another [source.kafka] name",
        ))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::advice;

    /// What librdkafka 2.12 says, from its sources.
    #[test]
    fn each_complaint_of_librdkafka_gets_the_advice_that_mends_it() {
        let cases = [
            (
                "Failed to resolve 'broker-1:9092': Name or service not known",
                "does not resolve",
            ),
            (
                "Connect to ipv4#192.0.2.1:9092 failed: Connection refused",
                "nothing listens there",
            ),
            (
                "SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker certificate could \
                 not be verified, verify that ssl.ca.location is correctly configured",
                "ssl.ca.location",
            ),
            (
                "SSL handshake failed: Disconnected: connecting to a PLAINTEXT broker listener?",
                "does not speak TLS as asked",
            ),
            (
                "SASL authentication error: Authentication failed: Invalid username or password",
                "refuses the user",
            ),
            (
                "Disconnected while requesting ApiVersion: might be caused by incorrect security.protocol configuration \
                 (connecting to a SSL listener?) or broker version is < 0.10",
                "set security.protocol",
            ),
            ("Local: Timed out", "firewalls"),
            ("something new", "mend --brokers"),
        ];
        for (said, words) in cases {
            let advice = advice(said);
            assert!(advice.contains(words), "{said}: {advice}");
        }
    }
}
