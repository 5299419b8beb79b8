//! Joining the group, as the file says, under what the flags say.

use std::collections::BTreeMap;

use tokio::sync::watch;
use trailwright_ingest::{Consumer, KafkaSettings};

use super::{Kafka, Member};
use crate::Host;
use crate::args::Run;
use crate::config::Config;
use crate::failure::Failure;

impl Kafka {
    /// `None` when nobody asks for a topic. `stop` becomes true when nothing
    /// more is wanted.
    pub(crate) fn join(
        args: &Run,
        config: &Config,
        host: &Host,
        stop: watch::Receiver<bool>,
    ) -> Result<Option<Self>, Failure> {
        let topics = match args.topics.as_slice() {
            [] => config.source.kafka.topics.clone(),
            given => given.to_vec(),
        };
        if !topics.is_empty() {
            let settings = settings(topics, args, config, host)?;
            refuse_own_dead_letters(&settings)?;
            let member = Member::Kafka(Box::new(Consumer::join(settings)?));
            return Ok(Some(Self::new(member, stop)));
        }
        if args.wants_kafka() {
            return Err(Failure::usage(
                "no topic to consume from: give --topic NAME, or [source.kafka] topics = [\"NAME\"] in trailwright.toml",
            ));
        }
        Ok(None)
    }
}

fn settings(
    topics: Vec<String>,
    args: &Run,
    config: &Config,
    host: &Host,
) -> Result<KafkaSettings, Failure> {
    let kafka = &config.source.kafka;
    let mut properties = kafka
        .properties(|name| std::env::var(name).ok())
        .map_err(Failure::usage)?;
    properties.extend(flags(args)?);
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

fn refuse_own_dead_letters(settings: &KafkaSettings) -> Result<(), Failure> {
    match &settings.dead_letter_topic {
        Some(topic) if settings.topics.contains(topic) => Err(Failure::usage(format!(
            "[source.kafka.dead_letter] topic: {topic} is also a topic to consume from; dead letters need one of their own"
        ))),
        _ => Ok(()),
    }
}

fn flags(args: &Run) -> Result<BTreeMap<String, String>, Failure> {
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
        ("bootstrap.servers", &args.brokers),
        ("group.id", &args.group),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            given.insert(name.to_owned(), value.clone());
        }
    }
    Ok(given)
}
