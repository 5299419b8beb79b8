//! Joining the group, as the file says, under what the flags say.

use std::sync::Arc;

use tokio::sync::watch;
use trailwright_ingest::{Consumer, KafkaSettings};

use super::watch_lag::watch_lag;
use super::{Kafka, Member, settings};
use crate::Host;
use crate::args::KafkaArgs;
use crate::config::Config;
use crate::failure::Failure;
use crate::telemetry::Telemetry;

impl Kafka {
    /// `None` when nobody asks for a topic. `stop` becomes true when nothing
    /// more is wanted. The lag is kept current if `telemetry` is `asked`.
    pub(crate) fn join(
        args: &KafkaArgs,
        config: &Config,
        host: &Host,
        stop: watch::Receiver<bool>,
        telemetry: &Arc<Telemetry>,
        asked: bool,
    ) -> Result<Option<Self>, Failure> {
        if !args.are_given() && config.source.kafka.topics.is_empty() {
            return Ok(None);
        }
        let settings = settings(&args.topics, args.group.as_ref(), config, host)?;
        refuse_own_dead_letters(&settings)?;
        if asked {
            watch_lag(&settings, Arc::clone(telemetry))?;
        }
        let member = Member::Kafka(Box::new(Consumer::join(settings)?));
        Ok(Some(Self::new(member, stop, Arc::clone(telemetry))))
    }
}

fn refuse_own_dead_letters(settings: &KafkaSettings) -> Result<(), Failure> {
    match &settings.dead_letter_topic {
        Some(topic) if settings.topics.contains(topic) => Err(Failure::usage(format!(
            "[source.kafka.dead_letter] topic: {topic} is also a topic to consume from; dead letters need one of their own"
        ))),
        _ => Ok(()),
    }
}
