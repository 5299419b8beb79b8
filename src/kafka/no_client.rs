//! In a build without Kafka nobody joins a group.

use std::sync::Arc;

use tokio::sync::watch;

use super::Kafka;
use crate::Host;
use crate::args::KafkaArgs;
use crate::config::Config;
use crate::failure::Failure;
use crate::telemetry::Telemetry;

impl Kafka {
    /// `None` when nobody asks for a topic.
    pub(crate) fn join(
        args: &KafkaArgs,
        config: &Config,
        _: &Host,
        _: watch::Receiver<bool>,
        _: &Arc<Telemetry>,
        _: bool,
    ) -> Result<Option<Self>, Failure> {
        if !args.are_given() && config.source.kafka.topics.is_empty() {
            return Ok(None);
        }
        Err(Failure::usage(
            "this build has no Kafka consumer: build it with cargo install --path . --features kafka (needs a C++ compiler and make)",
        ))
    }
}
