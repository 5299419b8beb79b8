//! What a member of a consumer group gets to read.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::parse::Batch;

/// One partition of a topic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic.
    pub topic: String,
    /// The number of the partition in it.
    pub partition: i32,
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.topic, self.partition)
    }
}

/// Offsets that there are of a topic partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offsets {
    /// The first that can still be read.
    pub first: i64,
    /// The one behind the last.
    pub end: i64,
}

/// What comes from Kafka.
#[derive(Debug)]
pub enum Arrival {
    /// The records of one message, or what became of it.
    Batch {
        /// Where it was read.
        from: TopicPartition,
        /// The offset behind it.
        next: i64,
        /// When its producer or broker says that it was sent.
        sent_at: Option<DateTime<Utc>>,
        /// What was in it.
        batch: Batch,
    },
    /// Topic partitions to read from now on: the group waits to be told where
    /// to begin.
    Assigned(Vec<TopicPartition>),
    /// Topic partitions that others are to read: the group waits until they are
    /// given up, which leaves time to store what was read of them.
    Revoked(Vec<TopicPartition>),
    /// Something a person should know. The client goes on by itself.
    Notice(String),
}
