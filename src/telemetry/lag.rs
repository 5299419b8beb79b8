//! How far the lake is behind Kafka.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;
use trailwright_ingest::{Offsets, TopicPartition};

/// Where the topic partitions stand that this instance reads.
#[derive(Default)]
pub(crate) struct Lag {
    standings: Mutex<BTreeMap<TopicPartition, Standing>>,
    /// Told when there is a topic partition of which brokers told nothing yet.
    begun: Notify,
}

#[derive(Clone, Copy, Default)]
struct Standing {
    /// The next offset in the lake; `None` when nothing was ever stored.
    stored: Option<i64>,
    offsets: Option<Offsets>,
    /// When the first message was sent that was read and is not stored.
    waiting: Option<DateTime<Utc>>,
    /// When the newest message was sent that was read.
    newest: Option<DateTime<Utc>>,
}

/// The lag of one topic partition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Behind {
    /// Messages that are not in the lake; `None` until brokers told.
    pub(crate) messages: Option<i64>,
    /// How long ago the oldest of them was sent, as far as messages say.
    pub(crate) time: Option<TimeDelta>,
}

impl Lag {
    fn standings(&self) -> MutexGuard<'_, BTreeMap<TopicPartition, Standing>> {
        self.standings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Reading begins where the lake stands.
    pub(crate) fn begin(&self, partition: &TopicPartition, stored: Option<i64>) {
        let standing = Standing {
            stored,
            ..Standing::default()
        };
        self.standings().insert(partition.clone(), standing);
        self.begun.notify_one();
    }

    /// Waits until reading begins somewhere.
    #[cfg(feature = "kafka")]
    pub(crate) async fn begun(&self) {
        self.begun.notified().await;
    }

    /// Others read it from now on.
    pub(crate) fn end(&self, partition: &TopicPartition) {
        self.standings().remove(partition);
    }

    /// A message was read that nobody else waits before.
    pub(crate) fn first_waits(&self, partition: &TopicPartition, sent_at: Option<DateTime<Utc>>) {
        if let Some(standing) = self.standings().get_mut(partition) {
            standing.waiting = sent_at;
        }
    }

    /// Everything that was read is stored, up to `stored`.
    pub(crate) fn stored(
        &self,
        partition: &TopicPartition,
        stored: i64,
        newest: Option<DateTime<Utc>>,
    ) {
        if let Some(standing) = self.standings().get_mut(partition) {
            standing.stored = Some(stored);
            standing.waiting = None;
            standing.newest = newest.or(standing.newest);
        }
    }

    /// What brokers say of the offsets that there are.
    #[cfg(any(test, feature = "kafka"))]
    pub(crate) fn offsets(&self, offsets: BTreeMap<TopicPartition, Offsets>) {
        let mut standings = self.standings();
        for (partition, offsets) in offsets {
            if let Some(standing) = standings.get_mut(&partition) {
                standing.offsets = Some(offsets);
            }
        }
    }

    /// The topic partitions that this instance reads.
    #[cfg(feature = "kafka")]
    pub(crate) fn partitions(&self) -> Vec<TopicPartition> {
        self.standings().keys().cloned().collect()
    }

    /// Each topic partition, and how far it is behind.
    pub(crate) fn behind(&self, now: DateTime<Utc>) -> Vec<(TopicPartition, Behind)> {
        let of = |(partition, standing): (&TopicPartition, &Standing)| {
            (partition.clone(), standing.behind(now))
        };
        self.standings().iter().map(of).collect()
    }
}

impl Standing {
    fn behind(&self, now: DateTime<Utc>) -> Behind {
        let messages = self.offsets.map(|there| {
            let from = self.stored.unwrap_or(there.first).max(there.first);
            (there.end - from).max(0)
        });
        let oldest = match (self.waiting, messages) {
            (Some(sent_at), _) => Some(sent_at),
            // What comes next was sent later than what came last.
            (None, Some(1..)) => self.newest,
            (None, Some(_)) => Some(now),
            (None, None) => None,
        };
        Behind {
            messages,
            time: oldest.map(|sent_at| (now - sent_at).max(TimeDelta::zero())),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use trailwright_ingest::{Offsets, TopicPartition};

    use super::{Behind, Lag};

    const NOW: i64 = 1_773_043_200;

    fn second(after: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(NOW + after, 0).unwrap_or_default()
    }

    fn partition() -> TopicPartition {
        TopicPartition {
            topic: "cloudtrail".to_owned(),
            partition: 0,
        }
    }

    fn behind(lag: &Lag) -> Behind {
        let none = Behind {
            messages: None,
            time: None,
        };
        let all = lag.behind(second(0));
        all.first().map_or(none, |(_, behind)| *behind)
    }

    fn is(messages: impl Into<Option<i64>>, seconds: impl Into<Option<i64>>) -> Behind {
        Behind {
            messages: messages.into(),
            time: seconds.into().map(TimeDelta::seconds),
        }
    }

    #[test]
    fn lag_is_what_the_lake_does_not_have_and_as_old_as_the_oldest_of_it() {
        let lag = Lag::default();
        lag.begin(&partition(), None);
        assert_eq!(behind(&lag), is(None, None));
        let offsets = Offsets {
            first: 40,
            end: 100,
        };
        lag.offsets([(partition(), offsets)].into());
        // Nothing was read yet, so that nothing says how old it is.
        assert_eq!(behind(&lag), is(60, None));
        lag.first_waits(&partition(), Some(second(-90)));
        assert_eq!(behind(&lag), is(60, 90));
        lag.stored(&partition(), 90, Some(second(-30)));
        assert_eq!(behind(&lag), is(10, 30));
        lag.stored(&partition(), 100, Some(second(-20)));
        assert_eq!(behind(&lag), is(0, 0));
        lag.end(&partition());
        assert!(lag.behind(second(0)).is_empty());
    }

    #[test]
    fn what_kafka_deleted_and_clocks_that_differ_make_no_lag() {
        let lag = Lag::default();
        lag.begin(&partition(), Some(10));
        let offsets = Offsets {
            first: 40,
            end: 100,
        };
        lag.offsets([(partition(), offsets)].into());
        lag.first_waits(&partition(), Some(second(5)));
        assert_eq!(behind(&lag), is(60, 0));
    }
}
