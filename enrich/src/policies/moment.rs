//! When something became so, and by what.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};

/// What comes first within one second, the resolution of `eventTime`: a
/// snapshot shows what was before, a thing is made before it is changed, and
/// changed before it is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// A snapshot was taken.
    Snapshot,
    /// Something was made.
    Creation,
    /// Something was changed.
    Change,
    /// Something was deleted.
    Deletion,
}

/// A place in the order of all changes. The order does not depend on the order
/// of arrival: events of one second and phase are ordered by their ID.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// `eventTime`, or when the snapshot was taken.
    pub time: DateTime<Utc>,
    /// The order within the second.
    pub phase: Phase,
    /// The event; empty for snapshots.
    pub event_id: Arc<str>,
}

impl Moment {
    /// The moment of a snapshot.
    pub fn snapshot(time: DateTime<Utc>) -> Self {
        Self {
            time,
            phase: Phase::Snapshot,
            event_id: "".into(),
        }
    }
}

/// Up to where changes count.
#[derive(Clone, Copy, Debug)]
pub(super) enum When<'a> {
    /// All changes of that second and before.
    EndOf(DateTime<Utc>),
    /// All changes before this one: what was in force for the change itself.
    Before(&'a Moment),
    /// This change and all before.
    Through(&'a Moment),
}

impl When<'_> {
    /// Whether the change at `moment` counts.
    pub(super) fn includes(&self, moment: &Moment) -> bool {
        match self {
            Self::EndOf(time) => moment.time <= *time,
            Self::Before(bound) => moment < bound,
            Self::Through(bound) => moment <= bound,
        }
    }
}

/// What told of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A file without a date: it counts for all times.
    Undated {
        /// The file.
        file: String,
    },
    /// A file that shows what was at a time.
    Snapshot {
        /// The file.
        file: String,
        /// The time.
        time: DateTime<Utc>,
    },
    /// AWS published a version of a managed policy.
    Published {
        /// When.
        time: DateTime<Utc>,
    },
    /// An event of the stream.
    Event {
        /// `eventID`, or the hash of the content of a record without.
        event_id: Arc<str>,
        /// `eventName`
        event_name: String,
        /// `eventTime`
        time: DateTime<Utc>,
        /// ARN of who did it, or the service.
        by: Option<String>,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = |time: &DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
        match self {
            Self::Undated { file } => write!(f, "{file}, undated"),
            Self::Snapshot { file, time } => write!(f, "{file}, as of {}", second(time)),
            Self::Published { time } => write!(f, "published by AWS on {}", second(time)),
            Self::Event {
                event_id,
                event_name,
                time,
                by,
            } => {
                write!(f, "{event_name} at {}", second(time))?;
                if let Some(by) = by {
                    write!(f, " by {by}")?;
                }
                write!(f, " (event {event_id})")
            }
        }
    }
}
