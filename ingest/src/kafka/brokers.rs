//! Questions to brokers that need no group: which topics there are, and which
//! offsets.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Offset, TopicPartitionList};
use regex::Regex;

use super::{ConsumeError, KafkaSettings, context, failed, properties};
use crate::arrival::{Offsets, TopicPartition};

/// A client that asks and reads nothing. Its calls block.
///
/// It is apart from the [`Consumer`](super::Consumer), so that the lag can be
/// asked for while nothing is taken out of the consumer's queue.
pub struct Brokers {
    client: BaseConsumer<Complaints>,
    topics: Vec<String>,
}

/// What brokers say of themselves and of the topics that were asked for.
#[derive(Clone, Debug, Default)]
pub struct Topics {
    /// Brokers of the cluster, as `host:port`.
    pub brokers: Vec<String>,
    /// Topic partitions of the topics that are there.
    pub found: Vec<TopicPartition>,
    /// Names that are no topic, and patterns that fit none.
    pub missing: Vec<String>,
    /// Patterns that are none, and why.
    pub unreadable: Vec<(String, String)>,
}

impl Brokers {
    /// Makes the client; nothing is asked yet.
    pub fn connect(settings: &KafkaSettings) -> Result<Self, ConsumeError> {
        let (mut config, _) = properties::config(&settings.properties)?;
        for of_groups in ["group.id", "group.instance.id", "group.protocol"] {
            config.remove(of_groups);
        }
        let client = config
            .create_with_context(Complaints::default())
            .map_err(properties::refused)?;
        Ok(Self {
            client,
            topics: settings.topics.clone(),
        })
    }

    /// Which of the topics are there.
    pub fn topics(&self, within: Duration) -> Result<Topics, ConsumeError> {
        let cluster = self
            .client
            .fetch_metadata(None, within)
            .map_err(failed("ask the brokers which topics there are"))?;
        let mut topics = Topics {
            brokers: cluster
                .brokers()
                .iter()
                .map(|broker| format!("{}:{}", broker.host(), broker.port()))
                .collect(),
            ..Topics::default()
        };
        for wanted in &self.topics {
            let pattern = match wanted.starts_with('^').then(|| Regex::new(wanted)) {
                Some(Err(error)) => {
                    topics.unreadable.push((wanted.clone(), error.to_string()));
                    continue;
                }
                Some(Ok(pattern)) => Some(pattern),
                None => None,
            };
            let is_wanted = |name: &str| match &pattern {
                Some(pattern) => pattern.is_match(name),
                None => name == wanted,
            };
            let before = topics.found.len();
            for topic in cluster.topics().iter().filter(|it| is_wanted(it.name())) {
                let of_topic = topic.partitions().iter().map(|it| TopicPartition {
                    topic: topic.name().to_owned(),
                    partition: it.id(),
                });
                topics.found.extend(of_topic);
            }
            if topics.found.len() == before {
                topics.missing.push(wanted.clone());
            }
        }
        topics.found.sort();
        topics.found.dedup();
        Ok(topics)
    }

    /// The offsets that there are of each topic partition. One question to each
    /// broker, however many topic partitions it leads.
    pub fn offsets(
        &self,
        partitions: &[TopicPartition],
        within: Duration,
    ) -> Result<BTreeMap<TopicPartition, Offsets>, ConsumeError> {
        if partitions.is_empty() {
            return Ok(BTreeMap::new());
        }
        let first = self.ask(partitions, Offset::Beginning, within)?;
        let end = self.ask(partitions, Offset::End, within)?;
        let both = first.into_iter().filter_map(|(partition, first)| {
            let end = *end.get(&partition)?;
            Some((partition, Offsets { first, end }))
        });
        Ok(both.collect())
    }

    /// The first offsets of messages that were sent at a time or later. A topic
    /// partition without any is left out.
    pub(super) fn offsets_since(
        &self,
        partitions: &[TopicPartition],
        since: DateTime<Utc>,
        within: Duration,
    ) -> Result<BTreeMap<TopicPartition, i64>, ConsumeError> {
        let time = Offset::Offset(since.timestamp_millis());
        self.ask(partitions, time, within)
    }

    /// The protocol takes the first and the last offset where it else takes a
    /// time (ListOffsets: -2 and -1).
    fn ask(
        &self,
        partitions: &[TopicPartition],
        which: Offset,
        within: Duration,
    ) -> Result<BTreeMap<TopicPartition, i64>, ConsumeError> {
        let asked = failed("ask the brokers which offsets there are");
        let mut list = TopicPartitionList::new();
        for partition in partitions {
            list.add_partition_offset(&partition.topic, partition.partition, which)
                .map_err(failed("name topic partitions"))?;
        }
        let answer = self.client.offsets_for_times(list, within).map_err(asked)?;
        let known = answer.elements().into_iter().filter_map(|element| {
            let offset = element.offset().to_raw()?;
            (element.error().is_ok() && offset >= 0).then(|| (TopicPartition::of(&element), offset))
        });
        Ok(known.collect())
    }

    /// What the client complained of since this was asked last: refused
    /// connections, names that do not resolve, TLS, passwords. Waits as long as
    /// given for the first.
    pub fn complaints(&self, within: Duration) -> Vec<String> {
        drop(self.client.poll(within));
        while self.client.poll(Duration::ZERO).is_some() {}
        let complaints = &self.client.context().0;
        let mut said =
            std::mem::take(&mut *complaints.lock().unwrap_or_else(PoisonError::into_inner));
        said.dedup();
        said
    }
}

/// What went wrong, kept until it is asked for. No more than a few: brokers
/// that are away are complained of again and again.
#[derive(Default)]
struct Complaints(Mutex<Vec<String>>);

const COMPLAINTS_MAX: usize = 16;

impl ClientContext for Complaints {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        context::log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        // That all are down is said by what is said of each.
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::AllBrokersDown) {
            return;
        }
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if said.len() < COMPLAINTS_MAX {
            said.push(reason.to_owned());
        }
    }
}

impl ConsumerContext for Complaints {}
