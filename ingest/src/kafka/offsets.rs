//! Offsets that are not in Kafka any more, or not yet.

use rdkafka::Offset;
use rdkafka::consumer::Consumer as _;
use trailwright_schemas::Reason;

use super::{ANSWER_WITHIN, Arrival, ConsumeError, Consumer, TopicPartition, failed};
use crate::decode::{Found, Piece};
use crate::parse::Batch;

/// Where to begin a topic partition of which nothing was ever stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reset {
    Earliest,
    Latest,
}

impl Reset {
    pub(super) fn offset(self) -> Offset {
        match self {
            Self::Earliest => Offset::Beginning,
            Self::Latest => Offset::End,
        }
    }
}

impl Consumer {
    /// Finds the topic partition whose next offset Kafka does not have, goes to
    /// the first it has, and says what is missing as a rejected row, so that a
    /// gap is on record and not only on a screen.
    ///
    /// `None` when all offsets are there again: reading then goes on at them.
    pub(super) fn out_of_range(&mut self) -> Result<Option<Arrival>, ConsumeError> {
        let standing: Vec<(TopicPartition, Option<i64>)> = self
            .owned
            .iter()
            .map(|(partition, next)| (partition.clone(), *next))
            .collect();
        for (partition, next) in &standing {
            let Some(next) = *next else { continue };
            let (first, end) = self.watermarks(partition)?;
            if !(first..=end).contains(&next) {
                let batch = self.gap(partition, next, first, end);
                self.begin_again(vec![(partition.clone(), Some(first))])?;
                return Ok(Some(Arrival::Batch {
                    from: partition.clone(),
                    next: first,
                    sent_at: None,
                    batch,
                }));
            }
        }
        self.begin_again(standing)?;
        Ok(None)
    }

    fn watermarks(&self, partition: &TopicPartition) -> Result<(i64, i64), ConsumeError> {
        let ask = || {
            let (topic, number) = (&partition.topic, partition.partition);
            self.client.fetch_watermarks(topic, number, ANSWER_WITHIN)
        };
        tokio::task::block_in_place(ask).map_err(failed("ask which offsets there are"))
    }

    fn gap(&self, partition: &TopicPartition, next: i64, first: i64, end: i64) -> Batch {
        let detail = if next < first {
            format!(
                "offsets {next} to {} were deleted in Kafka before they were read (retention.ms, retention.bytes); \
                 reading goes on at {first}",
                first - 1
            )
        } else {
            format!(
                "the lake has this topic partition up to offset {next}, but it ends at {end}: \
                 it was made anew or cut off, or this is another cluster; reading goes on at {first}"
            )
        };
        let source = self.settings.message_source(partition, next);
        let nothing = Found::Refused {
            piece: Piece {
                offset: 0,
                bytes: &[],
            },
            reason: Reason::Unreadable,
            detail,
        };
        let mut batch = Batch::default();
        batch.add(nothing, &self.settings.context(&source));
        batch
    }
}
