//! What to consume: `[source.kafka]`, under what the flags say.

use std::collections::BTreeMap;

use trailwright_ingest::KafkaSettings;

use crate::Host;
use crate::args::KafkaTopics;
use crate::config::Config;
use crate::failure::Failure;

/// What the file says, under what the flags say.
pub(crate) fn settings(
    args: &KafkaTopics,
    group: Option<&String>,
    config: &Config,
    host: &Host,
) -> Result<KafkaSettings, Failure> {
    let kafka = &config.source.kafka;
    let mut properties = kafka
        .properties(|name| std::env::var(name).ok())
        .map_err(Failure::usage)?;
    properties.extend(flags(args, group)?);
    let topics = if args.names.is_empty() {
        kafka.topics.clone()
    } else {
        args.names.clone()
    };
    if topics.is_empty() {
        return Err(Failure::usage(
            "no topic to consume from: give --topic NAME, or [source.kafka] topics = [\"NAME\"] in trailwright.toml",
        ));
    }
    Ok(KafkaSettings {
        name: kafka.name.clone(),
        topics,
        properties,
        dead_letter_topic: kafka.dead_letter.topic.clone(),
        limits: config.limits(),
        redact: config.ingest.redact_session_tokens,
        now: host.now,
    })
}

fn flags(args: &KafkaTopics, group: Option<&String>) -> Result<BTreeMap<String, String>, Failure> {
    let mut given = BTreeMap::new();
    for property in &args.properties {
        let (name, value) = property.split_once('=').ok_or_else(|| {
            Failure::usage(format!(
                "-X {property}: write it as PROPERTY=VALUE, such as session.timeout.ms=6000"
            ))
        })?;
        given.insert(name.to_owned(), value.to_owned());
    }
    let named = [
        ("bootstrap.servers", args.brokers.as_ref()),
        ("group.id", group),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            given.insert(name.to_owned(), value.clone());
        }
    }
    Ok(given)
}
