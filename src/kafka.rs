//! A Kafka consumer group whose positions are the lake's.

mod join;

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::watch;
pub(crate) use trailwright_ingest::TopicPartition;
use trailwright_ingest::{Arrival, ConsumeError, Consumer, DeadLetter, DeadLetters};
use trailwright_store::Advance;

use crate::failure::Failure;
use crate::patient_lake::PatientLake;
use crate::sources::Next;

/// How long to wait before dead letters are sent again.
const WAIT: Duration = Duration::from_secs(5);

/// A member of a consumer group, and how far it has read.
pub(crate) struct Kafka {
    consumer: Consumer,
    positions: BTreeMap<TopicPartition, Position>,
    dead_letters: Option<DeadLetters>,
    /// Messages read since the last commit that could not be used.
    unburied: Vec<DeadLetter>,
    stop: watch::Receiver<bool>,
    last_notice: String,
}

/// Where a topic partition stands: the next offset.
#[derive(Clone, Copy, Debug)]
struct Position {
    /// In the lake; `None` when nothing of it was ever stored.
    stored: Option<i64>,
    /// Here, behind what was read last.
    read: Option<i64>,
}

impl Kafka {
    /// `stop` becomes true when nothing more is wanted.
    pub(crate) fn new(
        consumer: Consumer,
        dead_letters: Option<DeadLetters>,
        stop: watch::Receiver<bool>,
    ) -> Self {
        Self {
            consumer,
            positions: BTreeMap::new(),
            dead_letters,
            unburied: Vec::new(),
            stop,
            last_notice: String::new(),
        }
    }

    /// What comes next. Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> Result<Next, Failure> {
        loop {
            match self.consumer.next().await? {
                Arrival::Batch {
                    from,
                    next,
                    batch,
                    dead_letter,
                } => {
                    self.unburied.extend(dead_letter.map(|letter| *letter));
                    if let Some(position) = self.positions.get_mut(&from) {
                        position.read = Some(next);
                    }
                    return Ok(Next::Batch(batch));
                }
                Arrival::Assigned(partitions) => return Ok(Next::Assigned(partitions)),
                Arrival::Revoked(partitions) => return Ok(Next::Revoked(partitions)),
                Arrival::Notice(text) => self.say(text),
            }
        }
    }

    /// Begins to read topic partitions where the lake says they stand.
    pub(crate) async fn begin(
        &mut self,
        partitions: &[TopicPartition],
        lake: &mut PatientLake,
    ) -> Result<(), Failure> {
        let starts = self.ask(partitions, lake).await?;
        self.say(format!("reading {}", list(&starts)));
        Ok(self.consumer.begin(starts)?)
    }

    /// Begins again where the lake says that all topic partitions stand.
    pub(crate) async fn begin_again(&mut self, lake: &mut PatientLake) -> Result<(), Failure> {
        self.unburied.clear();
        let partitions: Vec<TopicPartition> = self.positions.keys().cloned().collect();
        let starts = self.ask(&partitions, lake).await?;
        self.say(format!("reading again {}", list(&starts)));
        Ok(self.consumer.begin_again(starts)?)
    }

    async fn ask(
        &mut self,
        partitions: &[TopicPartition],
        lake: &mut PatientLake,
    ) -> Result<Vec<(TopicPartition, Option<i64>)>, Failure> {
        let names: Vec<String> = partitions
            .iter()
            .map(|partition| self.consumer.source(partition))
            .collect();
        let stored = lake.positions(&names).await?;
        let starts: Vec<_> = partitions.iter().cloned().zip(stored).collect();
        for (partition, stored) in &starts {
            let position = Position {
                stored: *stored,
                read: *stored,
            };
            self.positions.insert(partition.clone(), position);
        }
        Ok(starts)
    }

    /// Gives up topic partitions, of which everything that was read is stored.
    pub(crate) fn release(&mut self, partitions: &[TopicPartition]) -> Result<(), Failure> {
        for partition in partitions {
            self.positions.remove(partition);
        }
        Ok(self.consumer.release(partitions)?)
    }

    /// Writes what could not be used to the dead letter topic, before a position
    /// passes it. Tried again until the brokers have it or nothing more is wanted.
    pub(crate) async fn bury(&mut self) -> Result<(), Failure> {
        let Some(dead_letters) = &self.dead_letters else {
            return Ok(());
        };
        while !self.unburied.is_empty() {
            match dead_letters.send(&self.unburied).await {
                Ok(()) => self.unburied.clear(),
                Err(error) => {
                    eprintln!("kafka: {error}; nothing is lost, trying again in {WAIT:?}");
                    tokio::select! {
                        biased;
                        _ = self.stop.wait_for(|stop| *stop) => return Err(error.into()),
                        () = tokio::time::sleep(WAIT) => {}
                    }
                }
            }
        }
        Ok(())
    }

    /// What was read since the last commit.
    pub(crate) fn advances(&self) -> Vec<Advance> {
        self.unstored()
            .map(|(partition, stored, read)| Advance {
                source: self.consumer.source(partition),
                from: stored,
                to: read,
            })
            .collect()
    }

    /// The lake has everything that was read: the group's offsets follow it.
    pub(crate) fn acknowledge(&mut self) -> Result<(), Failure> {
        let offsets: Vec<(TopicPartition, i64)> = self
            .unstored()
            .map(|(partition, _, read)| (partition.clone(), read))
            .collect();
        for position in self.positions.values_mut() {
            position.stored = position.read;
        }
        Ok(self.consumer.acknowledge(&offsets)?)
    }

    fn unstored(&self) -> impl Iterator<Item = (&TopicPartition, Option<i64>, i64)> {
        self.positions
            .iter()
            .filter(|(_, position)| position.read != position.stored)
            .filter_map(|(partition, at)| Some((partition, at.stored, at.read?)))
    }

    /// Leaves the group.
    pub(crate) fn leave(self) {
        self.consumer.leave();
    }

    /// Once, however often it comes in a row.
    fn say(&mut self, notice: String) {
        if self.last_notice != notice {
            eprintln!("kafka: {notice}");
            self.last_notice = notice;
        }
    }
}

impl From<ConsumeError> for Failure {
    fn from(error: ConsumeError) -> Self {
        match &error {
            ConsumeError::Property { .. } => Self::usage(error.to_string()),
            ConsumeError::Client { .. } => Self::unreachable(error.to_string()),
        }
    }
}

fn list(starts: &[(TopicPartition, Option<i64>)]) -> String {
    let one = |(partition, stored): &(TopicPartition, Option<i64>)| match stored {
        Some(offset) => format!("{partition} from {offset}"),
        None => format!("{partition} from its beginning"),
    };
    starts.iter().map(one).collect::<Vec<_>>().join(", ")
}
