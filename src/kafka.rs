//! A Kafka consumer group whose positions are the lake's.

#[cfg_attr(not(feature = "kafka"), path = "kafka/no_client.rs")]
mod join;
mod member;
#[cfg(feature = "kafka")]
mod settings;
#[cfg(feature = "kafka")]
mod watch_lag;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use trailwright_ingest::{Arrival, TopicPartition};
use trailwright_store::Advance;

pub(crate) use self::member::Member;
#[cfg(feature = "kafka")]
pub(crate) use self::settings::settings;
use crate::failure::Failure;
use crate::patient_lake::PatientLake;
use crate::sources::Next;
use crate::telemetry::Telemetry;

/// How long to wait before dead letters are sent again.
const WAIT: Duration = Duration::from_secs(5);

/// A member of a consumer group, and how far it has read.
pub(crate) struct Kafka {
    member: Member,
    positions: BTreeMap<TopicPartition, Position>,
    stop: watch::Receiver<bool>,
    telemetry: Arc<Telemetry>,
    last_notice: String,
}

/// Where a topic partition stands: the next offset.
#[derive(Clone, Copy, Debug)]
struct Position {
    /// In the lake; `None` when nothing of it was ever stored.
    stored: Option<i64>,
    /// Here, behind what was read last.
    read: Option<i64>,
    /// When that was sent.
    sent_at: Option<DateTime<Utc>>,
    /// What the commit stores that is being made.
    storing: Option<Storing>,
}

/// How far a topic partition was read when a commit began.
#[derive(Clone, Copy, Debug)]
struct Storing {
    read: i64,
    /// When the message before that offset was sent.
    sent_at: Option<DateTime<Utc>>,
    /// When the first message was sent that was read after it.
    first_after: Option<DateTime<Utc>>,
}

impl Kafka {
    /// `stop` becomes true when nothing more is wanted.
    pub(crate) fn new(
        member: Member,
        stop: watch::Receiver<bool>,
        telemetry: Arc<Telemetry>,
    ) -> Self {
        Self {
            member,
            positions: BTreeMap::new(),
            stop,
            telemetry,
            last_notice: String::new(),
        }
    }

    /// What comes next. Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> Result<Next, Failure> {
        loop {
            match self.member.next().await? {
                Arrival::Batch {
                    from,
                    next,
                    sent_at,
                    batch,
                } => {
                    self.read(&from, next, sent_at);
                    return Ok(Next::Batch(batch));
                }
                Arrival::Assigned(partitions) => return Ok(Next::Assigned(partitions)),
                Arrival::Revoked(partitions) => return Ok(Next::Revoked(partitions)),
                Arrival::Notice(text) => self.say(text),
            }
        }
    }

    fn read(&mut self, from: &TopicPartition, next: i64, sent_at: Option<DateTime<Utc>>) {
        let Some(position) = self.positions.get_mut(from) else {
            return;
        };
        match &mut position.storing {
            None if position.read == position.stored => {
                self.telemetry.lag.first_waits(from, sent_at);
            }
            Some(storing) if position.read == Some(storing.read) => storing.first_after = sent_at,
            _ => {}
        }
        position.read = Some(next);
        position.sent_at = sent_at.or(position.sent_at);
    }

    /// Begins to read topic partitions where the lake says they stand.
    pub(crate) async fn begin(
        &mut self,
        partitions: &[TopicPartition],
        lake: &mut PatientLake,
    ) -> Result<(), Failure> {
        let starts = self.ask(partitions, lake).await?;
        self.announce("reading", &starts);
        self.member.begin(starts)?;
        self.telemetry.health.assigned(self.positions.len());
        Ok(())
    }

    /// Begins again where the lake says that all topic partitions stand.
    pub(crate) async fn begin_again(&mut self, lake: &mut PatientLake) -> Result<(), Failure> {
        let partitions: Vec<TopicPartition> = self.positions.keys().cloned().collect();
        let starts = self.ask(&partitions, lake).await?;
        self.announce("reading again", &starts);
        self.member.begin_again(starts)
    }

    async fn ask(
        &mut self,
        partitions: &[TopicPartition],
        lake: &mut PatientLake,
    ) -> Result<Vec<(TopicPartition, Option<i64>)>, Failure> {
        let names: Vec<String> = partitions
            .iter()
            .map(|partition| self.member.source(partition))
            .collect();
        let stored = lake.positions(&names).await?;
        let starts: Vec<_> = partitions.iter().cloned().zip(stored).collect();
        for (partition, stored) in &starts {
            let position = Position {
                stored: *stored,
                read: *stored,
                sent_at: None,
                storing: None,
            };
            self.positions.insert(partition.clone(), position);
            self.telemetry.lag.begin(partition, *stored);
        }
        Ok(starts)
    }

    /// Gives up topic partitions, of which everything that was read is stored.
    pub(crate) fn release(&mut self, partitions: &[TopicPartition]) -> Result<(), Failure> {
        for partition in partitions {
            self.positions.remove(partition);
            self.telemetry.lag.end(partition);
        }
        self.telemetry.health.assigned(self.positions.len());
        self.member.release(partitions)
    }

    /// Writes what could not be used to the dead letter topic, before a position
    /// passes it. Tried again until the brokers have it or nothing more is wanted.
    pub(crate) async fn bury(&mut self) -> Result<(), Failure> {
        while let Err(failure) = self.member.bury().await {
            tracing::warn!(target: "kafka", "{failure}; nothing is lost, trying again in {WAIT:?}");
            tokio::select! {
                biased;
                _ = self.stop.wait_for(|stop| *stop) => return Err(failure),
                () = tokio::time::sleep(WAIT) => {}
            }
        }
        Ok(())
    }

    /// What was read since the last commit, for one that begins now.
    pub(crate) fn advances(&mut self) -> Vec<Advance> {
        let mut advances = Vec::new();
        for (partition, position) in &mut self.positions {
            let new = position.read.filter(|read| Some(*read) != position.stored);
            position.storing = new.map(|read| Storing {
                read,
                sent_at: position.sent_at,
                first_after: None,
            });
            advances.extend(new.map(|read| Advance {
                source: self.member.source(partition),
                from: position.stored,
                to: read,
            }));
        }
        advances
    }

    /// The lake has what [`Self::advances`] said: the group's offsets follow it.
    pub(crate) fn acknowledge(&mut self) -> Result<(), Failure> {
        let lag = &self.telemetry.lag;
        let mut offsets = Vec::new();
        for (partition, position) in &mut self.positions {
            let Some(storing) = position.storing.take() else {
                continue;
            };
            position.stored = Some(storing.read);
            lag.stored(partition, storing.read, storing.sent_at);
            if position.read != position.stored {
                lag.first_waits(partition, storing.first_after);
            }
            offsets.push((partition.clone(), storing.read));
        }
        self.member.acknowledge(&offsets)
    }

    /// Leaves the group.
    pub(crate) fn leave(self) {
        self.member.leave();
    }

    fn announce(&mut self, what: &str, starts: &[(TopicPartition, Option<i64>)]) {
        let topic_partitions = self.positions.len();
        if !starts.is_empty() {
            let place = list(starts);
            tracing::info!(target: "kafka", topic_partitions, "{what} {place}");
        } else if topic_partitions == 0 {
            tracing::info!(
                target: "kafka",
                topic_partitions,
                "reading nothing: other instances of the group have all topic partitions"
            );
        }
        self.last_notice.clear();
    }

    /// Once, however often it comes in a row.
    fn say(&mut self, notice: String) {
        if self.last_notice != notice {
            tracing::warn!(target: "kafka", "{notice}");
            self.last_notice = notice;
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
