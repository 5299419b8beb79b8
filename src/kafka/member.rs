//! A member of a consumer group: of Kafka's, or of one that tests simulate.

use trailwright_ingest::{Arrival, TopicPartition};
#[cfg(feature = "kafka")]
use trailwright_ingest::{ConsumeError, Consumer};

use crate::failure::Failure;
#[cfg(test)]
use crate::pipeline::simulation;

/// Where each topic partition is to be read from; `None` is its beginning.
type Starts = Vec<(TopicPartition, Option<i64>)>;

pub(crate) enum Member {
    #[cfg(feature = "kafka")]
    Kafka(Consumer),
    #[cfg(test)]
    Simulated(simulation::Member),
}

impl Member {
    /// The name under which the position of a topic partition is kept.
    pub(crate) fn source(&self, partition: &TopicPartition) -> String {
        match self {
            #[cfg(feature = "kafka")]
            Self::Kafka(consumer) => consumer.source(partition),
            #[cfg(test)]
            Self::Simulated(_) => simulation::source(partition),
        }
    }

    /// What comes next. Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> Result<Arrival, Failure> {
        match self {
            #[cfg(feature = "kafka")]
            Self::Kafka(consumer) => Ok(consumer.next().await?),
            #[cfg(test)]
            Self::Simulated(member) => Ok(member.next().await),
        }
    }

    /// Begins to read topic partitions that were assigned.
    pub(crate) fn begin(&mut self, starts: Starts) -> Result<(), Failure> {
        match self {
            #[cfg(feature = "kafka")]
            Self::Kafka(consumer) => consumer.begin(starts)?,
            #[cfg(test)]
            Self::Simulated(member) => member.begin(&starts),
        }
        Ok(())
    }

    /// Begins again elsewhere.
    pub(crate) fn begin_again(&mut self, starts: Starts) -> Result<(), Failure> {
        match self {
            #[cfg(feature = "kafka")]
            Self::Kafka(consumer) => consumer.begin_again(starts)?,
            #[cfg(test)]
            Self::Simulated(member) => member.begin(&starts),
        }
        Ok(())
    }

    /// Gives up topic partitions that were revoked.
    pub(crate) fn release(&mut self, partitions: &[TopicPartition]) -> Result<(), Failure> {
        match self {
            #[cfg(feature = "kafka")]
            Self::Kafka(consumer) => consumer.release(partitions)?,
            #[cfg(test)]
            Self::Simulated(member) => member.release(partitions),
        }
        Ok(())
    }

    /// Writes the group's offsets, for tools that show the lag.
    pub(crate) fn acknowledge(&self, offsets: &[(TopicPartition, i64)]) -> Result<(), Failure> {
        match self {
            #[cfg(feature = "kafka")]
            Self::Kafka(consumer) => consumer.acknowledge(offsets)?,
            // Nothing reads them.
            #[cfg(test)]
            Self::Simulated(_) => {
                let _ = offsets;
            }
        }
        Ok(())
    }

    /// Leaves the group.
    pub(crate) fn leave(self) {
        match self {
            #[cfg(feature = "kafka")]
            Self::Kafka(consumer) => consumer.leave(),
            #[cfg(test)]
            Self::Simulated(member) => drop(member),
        }
    }
}

#[cfg(feature = "kafka")]
impl From<ConsumeError> for Failure {
    fn from(error: ConsumeError) -> Self {
        match &error {
            ConsumeError::Property { .. } => Self::usage(error.to_string()),
            ConsumeError::Client { .. } => Self::unreachable(error.to_string()),
        }
    }
}
