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
    Kafka(Box<Consumer>),
    #[cfg(test)]
    Simulated(simulation::Member),
    /// In a build without Kafka there is none.
    #[cfg(not(any(test, feature = "kafka")))]
    Nobody(std::convert::Infallible),
}

impl Member {
    /// The name under which the position of a topic partition is kept.
    pub(crate) fn source(&self, partition: &TopicPartition) -> String {
        match self {
            #[cfg(feature = "kafka")]
            Self::Kafka(consumer) => consumer.source(partition),
            #[cfg(test)]
            Self::Simulated(_) => simulation::source(partition),
            #[cfg(not(any(test, feature = "kafka")))]
            Self::Nobody(nobody) => match (partition, *nobody) {},
        }
    }

    /// What comes next. Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> Result<Arrival, Failure> {
        match self {
            #[cfg(feature = "kafka")]
            Self::Kafka(consumer) => Ok(consumer.next().await?),
            #[cfg(test)]
            Self::Simulated(member) => Ok(member.next().await),
            #[cfg(not(any(test, feature = "kafka")))]
            Self::Nobody(nobody) => match *nobody {},
        }
    }

    /// Begins to read topic partitions that were assigned.
    pub(crate) fn begin(&mut self, starts: Starts) -> Result<(), Failure> {
        match self {
            #[cfg(feature = "kafka")]
            Self::Kafka(consumer) => Ok(consumer.begin(starts)?),
            #[cfg(test)]
            Self::Simulated(member) => {
                member.begin(&starts);
                Ok(())
            }
            #[cfg(not(any(test, feature = "kafka")))]
            Self::Nobody(nobody) => match (starts, *nobody) {},
        }
    }

    /// Begins again elsewhere.
    pub(crate) fn begin_again(&mut self, starts: Starts) -> Result<(), Failure> {
        match self {
            #[cfg(feature = "kafka")]
            Self::Kafka(consumer) => {
                consumer.forget_dead_letters();
                Ok(consumer.begin_again(starts)?)
            }
            #[cfg(test)]
            Self::Simulated(member) => {
                member.begin(&starts);
                Ok(())
            }
            #[cfg(not(any(test, feature = "kafka")))]
            Self::Nobody(nobody) => match (starts, *nobody) {},
        }
    }

    /// Gives up topic partitions that were revoked.
    pub(crate) fn release(&mut self, partitions: &[TopicPartition]) -> Result<(), Failure> {
        match self {
            #[cfg(feature = "kafka")]
            Self::Kafka(consumer) => Ok(consumer.release(partitions)?),
            #[cfg(test)]
            Self::Simulated(member) => {
                member.release(partitions);
                Ok(())
            }
            #[cfg(not(any(test, feature = "kafka")))]
            Self::Nobody(nobody) => match (partitions, *nobody) {},
        }
    }

    /// Writes what could not be used to the dead letter topic.
    pub(crate) async fn bury(&mut self) -> Result<(), Failure> {
        match self {
            #[cfg(feature = "kafka")]
            Self::Kafka(consumer) => Ok(consumer.bury().await?),
            #[cfg(test)]
            Self::Simulated(_) => Ok(()),
            #[cfg(not(any(test, feature = "kafka")))]
            Self::Nobody(nobody) => match *nobody {},
        }
    }

    /// Writes the group's offsets, for tools that show the lag.
    pub(crate) fn acknowledge(&self, offsets: &[(TopicPartition, i64)]) -> Result<(), Failure> {
        match self {
            #[cfg(feature = "kafka")]
            Self::Kafka(consumer) => Ok(consumer.acknowledge(offsets)?),
            // Nothing reads them.
            #[cfg(test)]
            Self::Simulated(_) => {
                let _ = offsets;
                Ok(())
            }
            #[cfg(not(any(test, feature = "kafka")))]
            Self::Nobody(nobody) => match (offsets, *nobody) {},
        }
    }

    /// Leaves the group.
    pub(crate) fn leave(self) {
        match self {
            #[cfg(feature = "kafka")]
            Self::Kafka(consumer) => {
                if !consumer.leave() {
                    tracing::warn!(
                        target: "kafka",
                        "the group could not be left; others take over after session.timeout.ms"
                    );
                }
            }
            #[cfg(test)]
            Self::Simulated(member) => drop(member),
            #[cfg(not(any(test, feature = "kafka")))]
            Self::Nobody(nobody) => match nobody {},
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
