//! What could not become an event, and why.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

/// Why something was not ingested. The names are stored; they are never reused
/// with another meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// The bytes are not JSON.
    InvalidJson,
    /// The bytes are not UTF-8.
    InvalidUtf8,
    /// JSON, but not a CloudTrail record: a mandatory element is missing.
    NotARecord,
    /// `eventTime` is not a time.
    InvalidTime,
    /// `awsRegion` is not a Region code.
    InvalidRegion,
    /// Larger than `limits.record_bytes_max`.
    RecordTooLarge,
    /// Nested deeper than `limits.nesting_max`.
    TooDeeplyNested,
    /// Envelopes inside envelopes, deeper than the decoder follows.
    TooManyEnvelopes,
    /// Inflates to more than `limits.inflated_bytes_max`.
    InflatedTooLarge,
    /// Compressed data that cannot be decompressed to its end.
    CorruptGzip,
    /// The text ends inside a record or a list: the end of the file, of the line
    /// or of the string that holds it is missing.
    Truncated,
    /// A CloudTrail digest file: proof about other files, not events.
    Digest,
    /// A CloudTrail Insights record: a statistic, not an event.
    Insight,
    /// An aggregated record: a statistic, not an event.
    Aggregated,
    /// A notification that names objects to fetch.
    Notification,
    /// The source could not be opened or read.
    Unreadable,
    /// Another record with this eventID and recipientAccountId but with
    /// different content is already stored.
    ConflictingEventId,
}

impl Reason {
    /// Every reason, in the order of the documentation.
    pub const ALL: [Self; 17] = [
        Self::InvalidJson,
        Self::InvalidUtf8,
        Self::NotARecord,
        Self::InvalidTime,
        Self::InvalidRegion,
        Self::RecordTooLarge,
        Self::TooDeeplyNested,
        Self::TooManyEnvelopes,
        Self::InflatedTooLarge,
        Self::CorruptGzip,
        Self::Truncated,
        Self::Digest,
        Self::Insight,
        Self::Aggregated,
        Self::Notification,
        Self::Unreadable,
        Self::ConflictingEventId,
    ];

    /// The stored name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidJson => "invalid_json",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::NotARecord => "not_a_record",
            Self::InvalidTime => "invalid_time",
            Self::InvalidRegion => "invalid_region",
            Self::RecordTooLarge => "record_too_large",
            Self::TooDeeplyNested => "too_deeply_nested",
            Self::TooManyEnvelopes => "too_many_envelopes",
            Self::InflatedTooLarge => "inflated_too_large",
            Self::CorruptGzip => "corrupt_gzip",
            Self::Truncated => "truncated",
            Self::Digest => "digest",
            Self::Insight => "insight",
            Self::Aggregated => "aggregated",
            Self::Notification => "notification",
            Self::Unreadable => "unreadable",
            Self::ConflictingEventId => "conflicting_event_id",
        }
    }
}

/// One row of the table `rejected`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Where the bytes came from: path, object URL or `-` for standard input.
    pub source: String,
    /// Offset in bytes within the source, after decompression.
    pub offset: u64,
    /// Why.
    pub reason: Reason,
    /// Why, in words: what was found, what was expected, what to do.
    pub detail: String,
    /// The bytes as received, secrets replaced. For a whole file that could
    /// not be used, its beginning.
    pub original: Vec<u8>,
    /// SHA-256 of the bytes as received, secrets included.
    pub original_sha256: [u8; 32],
    /// True when `original` is complete (not only a file's beginning).
    pub original_complete: bool,
    /// Names of members whose secret was replaced in `original`.
    pub redacted_fields: Vec<String>,
    /// When it was rejected.
    pub rejected_at: DateTime<Utc>,
}

impl Rejected {
    /// Identifies the row, so that a second run adds nothing: the same bytes
    /// at the same place, for the same reason.
    pub fn id(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.source.as_bytes());
        hash.update([0]);
        hash.update(self.offset.to_be_bytes());
        hash.update(self.reason.as_str().as_bytes());
        hash.update(self.original_sha256);
        hex::encode(hash.finalize())
    }
}
