//! In a build without Kafka nobody joins a group.

use tokio::sync::watch;

use super::Kafka;
use crate::Host;
use crate::args::Run;
use crate::config::Config;
use crate::failure::Failure;

impl Kafka {
    /// `None` when nobody asks for a topic.
    pub(crate) fn join(
        args: &Run,
        config: &Config,
        _: &Host,
        _: watch::Receiver<bool>,
    ) -> Result<Option<Self>, Failure> {
        if !args.wants_kafka() && config.source.kafka.topics.is_empty() {
            return Ok(None);
        }
        Err(Failure::usage(
            "this build has no Kafka consumer: build it with cargo install --path . --features kafka (needs a C++ compiler and make)",
        ))
    }
}
