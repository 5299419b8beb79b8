//! Events whose labels are behind.
//!
//! A batch is labelled and then stored. If others relabel in between, with
//! policies that the batch does not know, they cannot see its events. So the
//! commit that stores them says from when to when such events are, in two
//! application transactions, and the next relabelling, by whoever does it,
//! looks at that stretch too and takes the note away. What stands in the log
//! survives the instance that should have relabelled at once and was killed.

use chrono::{DateTime, Utc};
use deltalake_core::DeltaTable;
use deltalake_core::kernel::{Action, Transaction};

use crate::error::LakeError;
use crate::log;

pub(crate) const SINCE: &str = "labels_behind_since";
pub(crate) const UNTIL: &str = "labels_behind_until";

/// A stretch of `event_time`, in microseconds, both ends in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Behind {
    since: i64,
    until: i64,
}

impl Behind {
    /// All labels know what the lake says they know.
    pub(crate) const NOTHING: Self = Self {
        since: i64::MAX,
        until: i64::MIN,
    };

    /// What the table says as it is loaded.
    pub(crate) async fn of(events: &DeltaTable) -> Result<Self, LakeError> {
        let since = log::transaction(events, SINCE).await?;
        Ok(Self::between(since, log::transaction(events, UNTIL).await?))
    }

    /// What the two transactions say.
    pub(crate) fn between(since: Option<i64>, until: Option<i64>) -> Self {
        let both = since.zip(until);
        both.map_or(Self::NOTHING, |(since, until)| Self { since, until })
    }

    /// With an event of this time in it.
    pub(crate) fn with(self, event_time: DateTime<Utc>) -> Self {
        let micros = event_time.timestamp_micros();
        Self {
            since: self.since.min(micros),
            until: self.until.max(micros),
        }
    }

    pub(crate) fn is_empty(self) -> bool {
        self.until < self.since
    }

    pub(crate) fn holds(self, event_time_micros: i64) -> bool {
        (self.since..=self.until).contains(&event_time_micros)
    }

    /// False when nothing between these times is in it. A time that is not
    /// known may be any.
    pub(crate) fn may_reach(
        self,
        earliest: Option<DateTime<Utc>>,
        latest: Option<DateTime<Utc>>,
    ) -> bool {
        let earliest = earliest.map_or(i64::MIN, |time| time.timestamp_micros());
        let latest = latest.map_or(i64::MAX, |time| time.timestamp_micros());
        !self.is_empty() && self.since <= latest && earliest <= self.until
    }

    /// The actions that say so in the log.
    pub(crate) fn actions(self) -> [Action; 2] {
        [(SINCE, self.since), (UNTIL, self.until)].map(|(app_id, micros)| {
            Action::Txn(Transaction {
                app_id: app_id.to_owned(),
                version: micros,
                last_updated: None,
            })
        })
    }
}
