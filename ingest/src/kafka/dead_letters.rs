//! The dead letter topic: messages that could not be used, as they were.
//!
//! Headers are those of Kafka Connect's `DeadLetterQueueReporter` (KIP-298), so
//! that what reads its dead letters reads these too; the values are text.

use std::collections::BTreeMap;

use futures::future::try_join_all;
use rdkafka::Message as _;
use rdkafka::message::{Header, OwnedHeaders, OwnedMessage};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::util::Timeout;

use super::{ConsumeError, failed, properties};
use crate::parse::Batch;

/// A message with what was wrong with it.
#[derive(Debug)]
pub struct DeadLetter {
    message: OwnedMessage,
    reason: &'static str,
    detail: String,
}

impl DeadLetter {
    /// The message, if anything in it was rejected. `message` is only taken a
    /// copy of then.
    pub(super) fn of(batch: &Batch, message: impl FnOnce() -> OwnedMessage) -> Option<Box<Self>> {
        let first = batch.rejected.first()?;
        Some(Box::new(Self {
            message: message(),
            reason: first.reason.as_str(),
            detail: first.detail.clone(),
        }))
    }
}

/// Where dead letters go.
pub struct DeadLetters {
    producer: FutureProducer,
    topic: String,
    connector: String,
    task: String,
}

impl DeadLetters {
    /// A producer with the connection of the consumer, whose properties are
    /// given. Nothing is waited for.
    pub fn to(topic: String, given: &BTreeMap<String, String>) -> Result<Self, ConsumeError> {
        let config = properties::producer(given);
        let name = |property: &str| given.get(property).cloned();
        let default = || "trailwright".to_owned();
        Ok(Self {
            producer: config.create().map_err(properties::refused)?,
            topic,
            // In Kafka Connect the group is named after the connector.
            connector: name("group.id").unwrap_or_else(default),
            task: name("group.instance.id")
                .or_else(|| name("client.id"))
                .unwrap_or_else(default),
        })
    }

    /// Returns when the brokers have all of them. After an error some may be
    /// there, and will be there twice when they are sent again.
    pub async fn send(&self, letters: &[DeadLetter]) -> Result<(), ConsumeError> {
        let sent = letters.iter().map(|letter| self.send_one(letter));
        try_join_all(sent).await.map(|_| ())
    }

    async fn send_one(&self, letter: &DeadLetter) -> Result<(), ConsumeError> {
        let message = &letter.message;
        let mut record = FutureRecord::<[u8], [u8]>::to(&self.topic).headers(self.headers(letter));
        record.key = message.key();
        record.payload = message.payload();
        record.timestamp = message.timestamp().to_millis();
        // Until it is delivered or `message.timeout.ms` is over.
        let sent = self.producer.send(record, Timeout::Never).await;
        let failure = |(error, _)| failed("write to the dead letter topic")(error);
        sent.map(|_| ()).map_err(failure)
    }

    fn headers(&self, letter: &DeadLetter) -> OwnedHeaders {
        let message = &letter.message;
        let (partition, offset) = (
            message.partition().to_string(),
            message.offset().to_string(),
        );
        let ours = [
            ("__connect.errors.topic", message.topic()),
            ("__connect.errors.partition", &partition),
            ("__connect.errors.offset", &offset),
            ("__connect.errors.connector.name", &self.connector),
            ("__connect.errors.task.id", &self.task),
            ("__connect.errors.stage", "VALUE_CONVERTER"),
            ("__connect.errors.class.name", "trailwright"),
            ("__connect.errors.exception.class.name", letter.reason),
            ("__connect.errors.exception.message", &letter.detail),
            ("trailwright.error.code", letter.reason),
        ];
        let theirs = message.headers().cloned().unwrap_or_default();
        ours.into_iter().fold(theirs, |headers, (key, value)| {
            headers.insert(Header {
                key,
                value: Some(value),
            })
        })
    }
}
