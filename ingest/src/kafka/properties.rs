//! librdkafka's properties: a person's, over our defaults, under what must be.

use std::collections::BTreeMap;

use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;

use super::ConsumeError;
use super::offsets::Reset;

/// What holds unless a person says otherwise.
const DEFAULTS: [(&str, &str); 3] = [
    ("client.id", "trailwright"),
    ("group.id", "trailwright"),
    ("partition.assignment.strategy", "cooperative-sticky"),
];

/// What must be, because positions are the lake's.
const FIXED: [(&str, &str); 4] = [
    ("auto.offset.reset", "error"),
    ("enable.auto.commit", "false"),
    ("enable.auto.offset.store", "false"),
    ("enable.partition.eof", "false"),
];

pub(super) fn config(
    given: &BTreeMap<String, String>,
) -> Result<(ClientConfig, Reset), ConsumeError> {
    let mut given = given.clone();
    let reset = reset(given.remove("auto.offset.reset").as_deref())?;
    if let Some((property, _)) = FIXED.iter().find(|(name, _)| given.contains_key(*name)) {
        return Err(ConsumeError::Property {
            property: (*property).to_owned(),
            why: "cannot be set, because the lake keeps the positions; leave it out".to_owned(),
        });
    }
    if !given.contains_key("bootstrap.servers") {
        return Err(ConsumeError::Property {
            property: "bootstrap.servers".to_owned(),
            why: "is missing; name brokers as host:port".to_owned(),
        });
    }
    let mut config = ClientConfig::new();
    config.set_log_level(if given.contains_key("debug") {
        RDKafkaLogLevel::Debug
    } else {
        // Errors come by another way; the log would only repeat them.
        RDKafkaLogLevel::Emerg
    });
    // Brokers assign under the protocol of KIP-848, which knows no such property.
    let brokers_assign = given
        .get("group.protocol")
        .is_some_and(|it| it == "consumer");
    for (name, value) in DEFAULTS {
        if !(brokers_assign && name == "partition.assignment.strategy") {
            config.set(name, value);
        }
    }
    for (name, value) in given
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
    {
        config.set(name, value);
    }
    for (name, value) in FIXED {
        config.set(name, value);
    }
    Ok((config, reset))
}

/// The same connection for writing dead letters: acknowledged by all replicas,
/// and a retry of the client leaves no copy. What only a consumer knows does no
/// harm.
pub(super) fn producer(given: &BTreeMap<String, String>) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set_log_level(RDKafkaLogLevel::Emerg);
    config.set("client.id", "trailwright");
    config.set("enable.idempotence", "true");
    for (name, value) in given {
        config.set(name, value);
    }
    config
}

/// `auto.offset.reset` decides only about topic partitions that the lake does
/// not know; the client itself must never jump.
fn reset(given: Option<&str>) -> Result<Reset, ConsumeError> {
    match given {
        None | Some("earliest" | "smallest" | "beginning") => Ok(Reset::Earliest),
        Some("latest" | "largest" | "end") => Ok(Reset::Latest),
        Some(other) => Err(ConsumeError::Property {
            property: "auto.offset.reset".to_owned(),
            why: format!("{other:?} is neither \"earliest\" nor \"latest\""),
        }),
    }
}

/// A property that librdkafka refuses, in words.
pub(super) fn refused(error: KafkaError) -> ConsumeError {
    match error {
        // The value is left out: it may be a password.
        KafkaError::ClientConfig(_, why, property, _) => ConsumeError::Property {
            property,
            why: format!("{why}{}", missing_feature(&why)),
        },
        reason => {
            let why = reason.to_string();
            match missing_feature(&why) {
                "" => ConsumeError::Client {
                    action: "make a Kafka client",
                    reason,
                },
                hint => ConsumeError::Property {
                    property: "security.protocol".to_owned(),
                    why: format!("{why}{hint}"),
                },
            }
        }
    }
}

/// What to do when this binary was built without TLS or Kerberos.
fn missing_feature(why: &str) -> &'static str {
    let lower = why.to_lowercase();
    if lower.contains("gssapi") || lower.contains("cyrus") || lower.contains("libsasl2") {
        "; this trailwright was built without Kerberos: cargo install --path . --features kafka-sasl"
    } else if lower.contains("openssl") || lower.contains("ssl") && lower.contains("build") {
        "; this trailwright was built without TLS: cargo install --path . --features kafka-tls"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeMap;

    use rdkafka::consumer::BaseConsumer;

    use super::{config, refused};
    use crate::kafka::offsets::Reset;

    fn properties(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let servers = ("bootstrap.servers", "127.0.0.1:9092");
        std::iter::once(&servers)
            .chain(pairs)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_person_overrides_defaults_but_not_what_keeps_positions_in_the_lake() {
        let given = properties(&[("group.id", "audit"), ("auto.offset.reset", "latest")]);
        let (config, reset) = config(&given).unwrap();
        assert_eq!(config.get("group.id"), Some("audit"));
        assert_eq!(config.get("auto.offset.reset"), Some("error"));
        assert_eq!(reset, Reset::Latest);
        let strategy = config.get("partition.assignment.strategy");
        assert_eq!(strategy, Some("cooperative-sticky"));
    }

    #[test]
    fn the_new_group_protocol_gets_no_assignment_strategy() {
        let given = properties(&[("group.protocol", "consumer")]);
        let (config, _) = config(&given).unwrap();
        assert_eq!(config.get("partition.assignment.strategy"), None);
        config.create::<BaseConsumer>().unwrap();
    }

    #[test]
    fn mistakes_name_the_property_and_the_way_out() {
        let complaint = |pairs: &[(&str, &str)]| match config(&properties(pairs)) {
            Err(error) => error.to_string(),
            Ok((config, _)) => {
                let refusal = config.create::<BaseConsumer>().err().unwrap();
                refused(refusal).to_string()
            }
        };
        let nothing = config(&BTreeMap::new()).err().unwrap().to_string();
        let said = [
            complaint(&[("enable.auto.commit", "true")]),
            complaint(&[("auto.offset.reset", "error")]),
            complaint(&[("fetch.max", "1")]),
            complaint(&[("session.timeout.ms", "soon")]),
            nothing,
        ];
        insta::assert_snapshot!(said.join("\n"));
    }

    #[cfg(not(feature = "kafka-tls"))]
    #[test]
    fn without_tls_the_message_names_the_feature() {
        let given = properties(&[("security.protocol", "ssl")]);
        let (config, _) = config(&given).unwrap();
        let refusal = refused(config.create::<BaseConsumer>().err().unwrap());
        let said = refusal.to_string();
        assert!(said.contains("--features kafka-tls"), "{said}");
    }
}
