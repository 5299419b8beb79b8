//! What the client tells about its group, handed on instead of acted upon.

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext, RebalanceProtocol};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::topic_partition_list::TopicPartitionList;
use rdkafka::types::RDKafkaRespErr;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{Arrival, TopicPartition};

/// A change that the client wants to make, or something it has to say.
pub(super) enum Change {
    Assigned(Vec<TopicPartition>),
    Revoked(Vec<TopicPartition>),
    Notice(String),
}

impl From<Change> for Arrival {
    fn from(change: Change) -> Self {
        match change {
            Change::Assigned(partitions) => Self::Assigned(partitions),
            Change::Revoked(partitions) => Self::Revoked(partitions),
            Change::Notice(text) => Self::Notice(text),
        }
    }
}

/// Hands rebalances on. librdkafka waits for the answer (up to
/// `max.poll.interval.ms`), so that what was read can be stored before others
/// take over, and the lake be asked where to begin.
pub(super) struct Group {
    changes: UnboundedSender<Change>,
}

impl Group {
    pub(super) fn new() -> (Self, UnboundedReceiver<Change>) {
        let (changes, receiver) = unbounded_channel();
        (Self { changes }, receiver)
    }

    /// False when nobody listens any more.
    fn hand_on(&self, change: Change) -> bool {
        self.changes.send(change).is_ok()
    }
}

/// librdkafka's own log: only what a person asked for with the property `debug`.
pub(super) fn log(level: RDKafkaLogLevel, facility: &str, message: &str) {
    use RDKafkaLogLevel::{Alert, Critical, Debug, Emerg, Error, Info, Notice, Warning};
    match level {
        Emerg | Alert | Critical | Error => {
            tracing::error!(target: "librdkafka", facility, "{facility}: {message}");
        }
        Warning => tracing::warn!(target: "librdkafka", facility, "{facility}: {message}"),
        Notice | Info => tracing::info!(target: "librdkafka", facility, "{facility}: {message}"),
        Debug => tracing::debug!(target: "librdkafka", facility, "{facility}: {message}"),
    }
}

impl ClientContext for Group {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        let code = error.rdkafka_error_code();
        let code = code.map_or_else(|| error.to_string(), |code| code.to_string());
        self.hand_on(Change::Notice(format!("{code}: {reason}")));
    }
}

impl ConsumerContext for Group {
    fn rebalance(
        &self,
        client: &BaseConsumer<Self>,
        what: RDKafkaRespErr,
        partitions: &mut TopicPartitionList,
    ) {
        let listed = listed(partitions);
        if what == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            self.hand_on(Change::Assigned(listed));
        } else if !self.hand_on(Change::Revoked(listed)) {
            // Leaving the group: there is nothing left to store.
            let released = match client.rebalance_protocol() {
                RebalanceProtocol::Cooperative => client.incremental_unassign(partitions),
                _ => client.unassign(),
            };
            // The client is closed next, which releases whatever is left.
            drop(released);
        }
    }

    fn commit_callback(&self, result: KafkaResult<()>, _: &TopicPartitionList) {
        if let Err(error) = result {
            self.hand_on(Change::Notice(format!(
                "the group's offsets, which show the lag, were not written: {error}"
            )));
        }
    }
}

fn listed(partitions: &TopicPartitionList) -> Vec<TopicPartition> {
    partitions
        .elements()
        .iter()
        .map(TopicPartition::of)
        .collect()
}
