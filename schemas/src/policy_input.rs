//! What the policy timeline is made from, as received.

use arrow_schema::{DataType, Field, Schema};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::columns::Kind;
use crate::event::Received;
use crate::record::Record;

/// What kind of input. The names are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PolicyInputKind {
    /// A CloudTrail record of a call that changed policies or principals.
    Event,
    /// A file that describes a state, such as the output of
    /// `aws iam get-account-authorization-details`.
    Snapshot,
}

impl PolicyInputKind {
    /// The stored name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Snapshot => "snapshot",
        }
    }

    /// The kind of a stored name.
    pub fn from_stored(name: &str) -> Option<Self> {
        [Self::Event, Self::Snapshot]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// One row of the table `policy_timeline`: one thing that changed what is known
/// of policies, kept as received, so that any old label can be computed again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyInput {
    /// Identifies the input, so that it is stored once: 64 hexadecimal digits.
    /// Of an event the hash of its key (eventID and recipientAccountId, or the
    /// content where there is no eventID); of a snapshot the hash of
    /// `effective_at` and the text. The same snapshot at another time is
    /// another input, the same file under another name is not.
    pub input_id: String,
    /// What kind of input.
    pub kind: PolicyInputKind,
    /// From when it counts, to the microsecond: an event's `eventTime`, the
    /// time a snapshot was taken. `None` for a snapshot without a date, which
    /// counts for all times.
    pub effective_at: Option<DateTime<Utc>>,
    /// The account of an event.
    pub account_id: Option<String>,
    /// An event's `eventID`.
    pub event_id: Option<String>,
    /// An event's `eventName`.
    pub event_name: Option<String>,
    /// The file, object or topic partition it came from first.
    pub source: String,
    /// The record or the file as text, secrets replaced.
    pub content: String,
    /// SHA-256 of `content`, hexadecimal.
    pub content_sha256: String,
    /// When it came in, to the microsecond.
    pub recorded_at: DateTime<Utc>,
    /// The version of the table that holds it first; `None` until it is stored.
    /// Inputs up to a version are the state in which labels were computed.
    pub timeline_version: Option<i64>,
}

impl PolicyInput {
    /// The input that a record is.
    pub fn of_event(
        record: &Record,
        received: &Received,
        source: &str,
        recorded_at: DateTime<Utc>,
    ) -> Self {
        let content = received.raw.clone();
        Self {
            input_id: match &record.event_id {
                Some(id) => {
                    let account = record.recipient_account_id.as_deref();
                    hash(&["event", id, account.unwrap_or_default()])
                }
                None => hash(&["record", &received.content.to_string()]),
            },
            kind: PolicyInputKind::Event,
            effective_at: Some(record.event_time),
            account_id: record.recipient_account_id.clone(),
            event_id: record.event_id.clone(),
            event_name: Some(record.event_name.clone()),
            source: source.to_owned(),
            content_sha256: hex::encode(Sha256::digest(&content)),
            content,
            recorded_at,
            timeline_version: None,
        }
    }

    /// The input that a file is. `effective_at`: when its state was taken,
    /// `None` when that is not known.
    pub fn of_snapshot(
        effective_at: Option<DateTime<Utc>>,
        source: &str,
        content: String,
        recorded_at: DateTime<Utc>,
    ) -> Self {
        let time = effective_at.map_or("undated".to_owned(), |time| {
            time.timestamp_micros().to_string()
        });
        Self {
            input_id: hash(&["snapshot", &time, &content]),
            kind: PolicyInputKind::Snapshot,
            effective_at,
            account_id: None,
            event_id: None,
            event_name: None,
            source: source.to_owned(),
            content_sha256: hex::encode(Sha256::digest(&content)),
            content,
            recorded_at,
            timeline_version: None,
        }
    }
}

/// Each part ends with a zero byte, so that no two lists of parts run together.
fn hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
        hash.update([0]);
    }
    hex::encode(hash.finalize())
}

/// The schema of the table `policy_timeline`.
pub fn policy_timeline_schema() -> Schema {
    Schema::new(vec![
        Field::new("input_id", DataType::Utf8, false),
        Field::new("kind", DataType::Utf8, false),
        Field::new("effective_at", Kind::Time.data_type(), true),
        Field::new("account_id", DataType::Utf8, true),
        Field::new("event_id", DataType::Utf8, true),
        Field::new("event_name", DataType::Utf8, true),
        Field::new("source", DataType::Utf8, false),
        Field::new("content", DataType::Utf8, false),
        Field::new("content_sha256", DataType::Utf8, false),
        Field::new("recorded_at", Kind::Time.data_type(), false),
        Field::new("timeline_version", DataType::Int64, false),
    ])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::PolicyInput;

    #[test]
    fn a_snapshot_is_known_by_its_time_and_text_and_not_by_its_name() {
        let taken = |text: &str| Some(text.parse().unwrap());
        let now = "2026-02-01T00:00:00Z".parse().unwrap();
        let id = |time, name: &str, text: &str| {
            PolicyInput::of_snapshot(time, name, text.to_owned(), now).input_id
        };
        let first = id(taken("2026-01-01T00:00:00Z"), "a.json", "{}");
        assert_eq!(first, id(taken("2026-01-01T00:00:00Z"), "b.json", "{}"));
        assert_ne!(first, id(taken("2026-01-02T00:00:00Z"), "a.json", "{}"));
        assert_ne!(first, id(taken("2026-01-01T00:00:00Z"), "a.json", "[]"));
        assert_ne!(first, id(None, "a.json", "{}"));
    }
}
