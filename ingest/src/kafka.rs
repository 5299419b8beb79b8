//! Kafka: the messages of a consumer group, one batch each.
//!
//! The group only says which topic partitions this instance is to read. Where
//! to begin says the caller ([`Consumer::begin`]), from what it has stored; the
//! offsets of the group are written for tools that show the lag and never read.
//!
//! Memory is bounded whatever the lag: librdkafka fetches ahead up to
//! `queued.max.messages.kbytes` and waits, and nothing is taken out of its
//! queue unless [`Consumer::next`] is called.

mod brokers;
mod context;
mod dead_letters;
mod message;
mod offsets;
mod onlooker;
mod properties;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rdkafka::consumer::{CommitMode, Consumer as _, RebalanceProtocol, StreamConsumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::topic_partition_list::TopicPartitionListElem;
use rdkafka::{Message as _, Offset, TopicPartitionList};
use tokio::sync::mpsc::UnboundedReceiver;

pub use self::brokers::{Brokers, Topics};
use self::context::{Change, Group};
use self::dead_letters::DeadLetters;
use self::offsets::Reset;
pub use self::onlooker::Onlooker;
use crate::arrival::{Arrival, TopicPartition};
use crate::limits::Limits;
use crate::parse::Context;

/// How long a question to the brokers may take before it counts as failed.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// How long leaving the group may take. Nothing depends on it.
const LEAVE_WITHIN: Duration = Duration::from_secs(15);
/// Bytes that one message may inflate to. Brokers take messages of a megabyte
/// unless told otherwise.
const MESSAGE_INFLATED_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What to consume, and how.
#[derive(Clone, Debug)]
pub struct KafkaSettings {
    /// First part of the names of positions; tells clusters apart.
    pub name: String,
    /// Names of topics, or patterns, which begin with `^`.
    pub topics: Vec<String>,
    /// Properties of librdkafka, by their names there.
    pub properties: BTreeMap<String, String>,
    /// Where messages go that cannot be used, besides `rejected`.
    pub dead_letter_topic: Option<String>,
    /// What a message may cost.
    pub limits: Limits,
    /// Replace session tokens.
    pub redact: bool,
    /// The clock.
    pub now: fn() -> DateTime<Utc>,
}

impl TopicPartition {
    fn of(element: &TopicPartitionListElem<'_>) -> Self {
        Self {
            topic: element.topic().to_owned(),
            partition: element.partition(),
        }
    }
}

/// Why consuming cannot begin or go on.
#[derive(Debug, thiserror::Error)]
pub enum ConsumeError {
    /// A property that cannot be set, or not like this.
    #[error("Kafka property {property}: {why}")]
    Property {
        /// Its name.
        property: String,
        /// What is wrong.
        why: String,
    },
    /// The client gave up.
    #[error("cannot {action}: {reason}")]
    Client {
        /// What was tried.
        action: &'static str,
        /// What librdkafka says.
        reason: KafkaError,
    },
}

fn failed(action: &'static str) -> impl FnOnce(KafkaError) -> ConsumeError {
    move |reason| ConsumeError::Client { action, reason }
}

/// A member of a consumer group.
pub struct Consumer {
    // Dropped before the client, which then knows that nobody will answer its
    // last rebalance.
    changes: UnboundedReceiver<Change>,
    client: StreamConsumer<Group>,
    reset: Reset,
    /// What this instance reads, and the offset that comes next.
    owned: BTreeMap<TopicPartition, Option<i64>>,
    dead_letters: Option<DeadLetters>,
    settings: KafkaSettings,
}

impl Consumer {
    /// Joins the group. Nothing is waited for: whether brokers answer shows in
    /// what [`Self::next`] brings.
    pub fn join(mut settings: KafkaSettings) -> Result<Self, ConsumeError> {
        let most = settings.limits.inflated_bytes_max;
        settings.limits.inflated_bytes_max = most.min(MESSAGE_INFLATED_BYTES_MAX);
        let (config, reset) = properties::config(&settings.properties)?;
        let (group, changes) = Group::new();
        let client: StreamConsumer<Group> = config
            .create_with_context(group)
            .map_err(properties::refused)?;
        let topics: Vec<&str> = settings.topics.iter().map(String::as_str).collect();
        client
            .subscribe(&topics)
            .map_err(failed("subscribe to the topics"))?;
        let topic = settings.dead_letter_topic.clone();
        let dead_letters = topic.map(|topic| DeadLetters::to(topic, &settings.properties));
        Ok(Self {
            changes,
            client,
            reset,
            owned: BTreeMap::new(),
            dead_letters: dead_letters.transpose()?,
            settings,
        })
    }

    /// The name under which the position of a topic partition is kept.
    pub fn source(&self, partition: &TopicPartition) -> String {
        self.settings.source(partition)
    }

    /// What comes next. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<Arrival, ConsumeError> {
        loop {
            let Self {
                changes,
                client,
                owned,
                dead_letters,
                settings,
                ..
            } = self;
            let received = tokio::select! {
                biased;
                Some(change) = changes.recv() => return Ok(change.into()),
                received = client.recv() => received,
            };
            match received {
                Ok(message) => {
                    let from = TopicPartition {
                        topic: message.topic().to_owned(),
                        partition: message.partition(),
                    };
                    // A message of a topic partition that was given up.
                    let Some(position) = owned.get_mut(&from) else {
                        continue;
                    };
                    let next = message.offset() + 1;
                    *position = Some(next);
                    let batch = settings.batch(&from, &message);
                    if let Some(dead_letters) = dead_letters {
                        dead_letters.keep(&batch, &message);
                    }
                    let sent_at = message.timestamp().to_millis();
                    return Ok(Arrival::Batch {
                        from,
                        next,
                        sent_at: sent_at.and_then(DateTime::from_timestamp_millis),
                        batch,
                    });
                }
                Err(error @ KafkaError::MessageConsumptionFatal(_)) => {
                    return Err(failed("consume")(error));
                }
                Err(KafkaError::MessageConsumption(RDKafkaErrorCode::AutoOffsetReset)) => {
                    if let Some(gap) = self.out_of_range()? {
                        return Ok(gap);
                    }
                }
                // The context has put it into words.
                Err(_) => {}
            }
        }
    }

    /// Begins to read topic partitions that were assigned, each at the offset
    /// given, or at the beginning (`auto.offset.reset`) where there is none.
    pub fn begin(
        &mut self,
        starts: Vec<(TopicPartition, Option<i64>)>,
    ) -> Result<(), ConsumeError> {
        let list = self.list(starts.iter().map(|(partition, next)| (partition, *next)))?;
        let assigned = match self.client.rebalance_protocol() {
            RebalanceProtocol::Cooperative => self.client.incremental_assign(&list),
            _ => {
                self.owned.clear();
                self.client.assign(&list)
            }
        };
        assigned.map_err(failed("take over topic partitions"))?;
        self.owned.extend(starts);
        Ok(())
    }

    /// Gives up topic partitions that were revoked.
    pub fn release(&mut self, partitions: &[TopicPartition]) -> Result<(), ConsumeError> {
        let mut list = TopicPartitionList::new();
        for partition in partitions {
            self.owned.remove(partition);
            list.add_partition(&partition.topic, partition.partition);
        }
        let released = match self.client.rebalance_protocol() {
            RebalanceProtocol::Cooperative => self.client.incremental_unassign(&list),
            _ => self.client.unassign(),
        };
        released.map_err(failed("give up topic partitions"))
    }

    /// Begins again at other offsets, after others stored what was read.
    pub fn begin_again(
        &mut self,
        starts: Vec<(TopicPartition, Option<i64>)>,
    ) -> Result<(), ConsumeError> {
        let list = self.list(starts.iter().map(|(partition, next)| (partition, *next)))?;
        self.owned.extend(starts);
        let sought =
            tokio::task::block_in_place(|| self.client.seek_partitions(list, ANSWER_WITHIN))
                .map_err(failed("go back to the lake's positions"))?;
        let stopped: Vec<TopicPartition> = sought
            .elements()
            .iter()
            .filter(|element| element.error().is_err())
            .map(TopicPartition::of)
            .collect();
        if stopped.is_empty() {
            return Ok(());
        }
        self.assign_again(&stopped)
    }

    /// A topic partition at which the client stopped (its offset is not there)
    /// cannot be sought, only assigned anew.
    fn assign_again(&self, stopped: &[TopicPartition]) -> Result<(), ConsumeError> {
        let owned = self
            .owned
            .iter()
            .map(|(partition, next)| (partition, *next));
        let assigned = match self.client.rebalance_protocol() {
            RebalanceProtocol::Cooperative => {
                let list = self.list(owned.filter(|(partition, _)| stopped.contains(partition)))?;
                self.client
                    .incremental_unassign(&list)
                    .and_then(|()| self.client.incremental_assign(&list))
            }
            _ => self.client.assign(&self.list(owned)?),
        };
        assigned.map_err(failed("go back to the lake's positions"))
    }

    /// Writes the group's offsets, for tools that show the lag. Not waited
    /// for, and nothing depends on it: what goes wrong is a [`Arrival::Notice`].
    pub fn acknowledge(&self, positions: &[(TopicPartition, i64)]) -> Result<(), ConsumeError> {
        if positions.is_empty() {
            return Ok(());
        }
        let starts = positions
            .iter()
            .map(|(partition, next)| (partition, Some(*next)));
        let list = self.list(starts)?;
        self.client
            .commit(&list, CommitMode::Async)
            .map_err(failed("write the group's offsets"))
    }

    /// Writes what could not be used to the dead letter topic, if there is one.
    /// Returns when the brokers have all of it; after an error some may be there,
    /// and will be there twice when it is tried again.
    pub async fn bury(&mut self) -> Result<(), ConsumeError> {
        match &mut self.dead_letters {
            Some(dead_letters) => dead_letters.send().await,
            None => Ok(()),
        }
    }

    /// Forgets what could not be used and was not written to the dead letter
    /// topic: others store it, or it is read again.
    pub fn forget_dead_letters(&mut self) {
        if let Some(dead_letters) = &mut self.dead_letters {
            dead_letters.forget();
        }
    }

    /// Leaves the group, so that others take over at once. Offsets that were
    /// acknowledged are written first.
    ///
    /// False when the client has not done so after a quarter of a minute: it may wait for
    /// brokers that are away. Others then take over when the session is over.
    pub fn leave(self) -> bool {
        let (left, leaves) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            drop(self);
            left.send(())
        });
        tokio::task::block_in_place(|| leaves.recv_timeout(LEAVE_WITHIN).is_ok())
    }

    fn list<'p>(
        &self,
        starts: impl IntoIterator<Item = (&'p TopicPartition, Option<i64>)>,
    ) -> Result<TopicPartitionList, ConsumeError> {
        let mut list = TopicPartitionList::new();
        for (partition, offset) in starts {
            let offset = offset.map_or(self.reset.offset(), Offset::Offset);
            list.add_partition_offset(&partition.topic, partition.partition, offset)
                .map_err(failed("name offsets"))?;
        }
        Ok(list)
    }
}

impl KafkaSettings {
    /// The name under which the position of a topic partition is kept.
    pub fn source(&self, partition: &TopicPartition) -> String {
        format!("{}/{partition}", self.name)
    }

    fn context<'a>(&'a self, source: &'a str) -> Context<'a> {
        Context {
            source,
            now: (self.now)(),
            redact: self.redact,
            limits: &self.limits,
        }
    }

    /// The name under which a message is kept: its topic partition and offset.
    fn message_source(&self, partition: &TopicPartition, offset: i64) -> String {
        format!("{}/{offset}", self.source(partition))
    }
}
