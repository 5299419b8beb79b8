//! The stored row: a record, what was added to it, and where it came from.

use chrono::{DateTime, NaiveDate, Utc};

use crate::content::ContentHash;
use crate::label::Label;
use crate::record::Record;
use crate::sign_in::SignIn;
use crate::trail::Routing;

/// The record as text, kept as evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The record as received, secrets replaced.
    pub raw: String,
    /// SHA-256 of the record as received, secrets included. Equals the hash of
    /// `raw` when `redacted_fields` is empty.
    pub raw_sha256: [u8; 32],
    /// Names of members whose secret was replaced.
    pub redacted_fields: Vec<String>,
    /// Hash of the content before redaction, whatever its dress.
    pub content: ContentHash,
}

/// Where and when an event came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// Path, object URL, topic partition, or `-` for standard input.
    pub source: String,
    /// Offset in bytes within the source, after decompression.
    pub offset: u64,
    /// When it was ingested.
    pub ingested_at: DateTime<Utc>,
}

/// A routed and labelled record: one row of the table `events`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The record, parsed. It and the label are large, and events are moved about
    /// in batches.
    pub record: Box<Record>,
    /// The record, as text.
    pub received: Received,
    /// Where it came from.
    pub provenance: Provenance,
    /// Where it belongs.
    pub routing: Routing,
    /// The sign-in it completes, if it does.
    pub sign_in: Option<SignIn>,
    /// The verdict.
    pub label: Box<Label>,
}

impl Event {
    /// The partition by time: the UTC day of `eventTime`.
    pub fn event_date(&self) -> NaiveDate {
        self.record.event_time.date_naive()
    }

    /// The partition by trail.
    pub fn trail_region(&self) -> &str {
        self.routing.trail_region(&self.record.aws_region)
    }
}
