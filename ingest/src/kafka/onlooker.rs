//! Topics as others write them, read beside every consumer group: nothing is
//! assigned by the brokers, and no offset is written.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rdkafka::consumer::{Consumer as _, StreamConsumer};
use rdkafka::error::KafkaError;
use rdkafka::{Message as _, Offset, TopicPartitionList};
use tokio::sync::mpsc::UnboundedReceiver;

use super::context::{Change, Group};
use super::{Brokers, ConsumeError, KafkaSettings, failed, properties};
use crate::arrival::{Arrival, TopicPartition};

/// How long brokers may take to say which topic partitions and offsets there are.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Reads all topic partitions of some topics.
pub struct Onlooker {
    notices: UnboundedReceiver<Change>,
    client: StreamConsumer<Group>,
    settings: KafkaSettings,
    /// Topic partitions that had more than was read of them so far, and where
    /// they ended when reading began.
    left: BTreeMap<TopicPartition, i64>,
}

impl Onlooker {
    /// Begins with the first messages that were sent at `since` or later; without
    /// it, with what is sent from now on. Asks the brokers, and waits for them.
    pub fn begin(
        settings: KafkaSettings,
        since: Option<DateTime<Utc>>,
    ) -> Result<Self, ConsumeError> {
        let brokers = Brokers::connect(&settings)?;
        let topics = brokers.topics(ANSWER_WITHIN)?;
        let wrong: Vec<&str> = topics
            .missing
            .iter()
            .chain(topics.unreadable.iter().map(|(pattern, _)| pattern))
            .map(String::as_str)
            .collect();
        if !wrong.is_empty() {
            return Err(ConsumeError::Property {
                property: "topics".to_owned(),
                why: format!("the brokers have no topic {}", wrong.join(", ")),
            });
        }
        let offsets = brokers.offsets(&topics.found, ANSWER_WITHIN)?;
        let since = since.map(|since| brokers.offsets_since(&topics.found, since, ANSWER_WITHIN));
        let since = since.transpose()?.unwrap_or_default();
        let mut list = TopicPartitionList::new();
        let mut left = BTreeMap::new();
        for (partition, offsets) in offsets {
            let begin = since.get(&partition).copied().unwrap_or(offsets.end);
            list.add_partition_offset(&partition.topic, partition.partition, Offset::Offset(begin))
                .map_err(failed("name offsets"))?;
            if begin < offsets.end {
                left.insert(partition, offsets.end);
            }
        }
        let (config, _) = properties::config(&settings.properties)?;
        let (group, notices) = Group::new();
        let client: StreamConsumer<Group> = config
            .create_with_context(group)
            .map_err(properties::refused)?;
        client
            .assign(&list)
            .map_err(failed("read the topic partitions"))?;
        Ok(Self {
            notices,
            client,
            settings,
            left,
        })
    }

    /// True when everything was read that there was when reading began.
    pub fn has_caught_up(&self) -> bool {
        self.left.is_empty()
    }

    /// The next message, or something the client has to say. Dropping the future
    /// loses nothing.
    pub async fn next(&mut self) -> Result<Arrival, ConsumeError> {
        loop {
            let received = tokio::select! {
                biased;
                Some(change) = self.notices.recv() => return Ok(change.into()),
                received = self.client.recv() => received,
            };
            match received {
                Ok(message) => {
                    let from = TopicPartition {
                        topic: message.topic().to_owned(),
                        partition: message.partition(),
                    };
                    let next = message.offset() + 1;
                    if self.left.get(&from).is_some_and(|end| *end <= next) {
                        self.left.remove(&from);
                    }
                    let sent_at = message.timestamp().to_millis();
                    return Ok(Arrival::Batch {
                        batch: self.settings.batch(&from, &message),
                        from,
                        next,
                        sent_at: sent_at.and_then(DateTime::from_timestamp_millis),
                    });
                }
                Err(error @ KafkaError::MessageConsumptionFatal(_)) => {
                    return Err(failed("consume")(error));
                }
                // The context has put it into words.
                Err(_) => {}
            }
        }
    }
}
