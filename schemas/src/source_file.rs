//! A row of the ledger: what was read of one file.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::columns::Kind;

/// One row of the table `files`: a file or object that was read to its end.
///
/// Everything but [`read_at`](Self::read_at) follows from the file alone, so
/// that reading it again gives the same row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Identifies the file and its content: see [`Self::id_of`].
    pub file_id: String,
    /// Path or URL, as in `source` of the events read from it.
    pub source: String,
    /// What tells this content from another one under the same name: the ETag
    /// of an object, size and time of change of a file.
    pub version: String,
    /// Size in bytes, compressed as it is.
    pub size_bytes: Option<u64>,
    /// Records in it, those included that the lake held already.
    pub records: u64,
    /// What in it could not become a record.
    pub rejected: u64,
    /// `eventTime` of its oldest record.
    pub first_event_time: Option<DateTime<Utc>>,
    /// `eventTime` of its newest record.
    pub last_event_time: Option<DateTime<Utc>>,
    /// What was delivered, by its name: `CloudTrail`, `CloudTrail-Digest` …;
    /// `None` for a file that is not named as CloudTrail does.
    pub delivery: Option<String>,
    /// The account in its name.
    pub account_id: Option<String>,
    /// The Region in its name.
    pub region: Option<String>,
    /// When it was delivered: the time in its name, or else that of its last
    /// change.
    pub delivered_at: Option<DateTime<Utc>>,
    /// When it was read.
    pub read_at: DateTime<Utc>,
}

impl SourceFile {
    /// The ID of a file by where it lies, as an absolute path or URL, and its
    /// version.
    pub fn id_of(location: &str, version: &str) -> String {
        let mut hash = Sha256::new();
        for part in [location, version] {
            hash.update(part);
            hash.update([0]);
        }
        hex::encode(hash.finalize())
    }
}

/// The schema of the table `files`.
pub fn files_schema() -> Schema {
    let text = |name: &str, nullable| Arc::new(Field::new(name, DataType::Utf8, nullable));
    let integer = |name: &str, nullable| Arc::new(Field::new(name, DataType::Int64, nullable));
    let time = |name: &str, nullable| Arc::new(Field::new(name, Kind::Time.data_type(), nullable));
    Schema::new(vec![
        text("file_id", false),
        text("source", false),
        text("version", false),
        integer("size_bytes", true),
        integer("records", false),
        integer("rejected_rows", false),
        time("first_event_time", true),
        time("last_event_time", true),
        text("delivery", true),
        text("account_id", true),
        text("region", true),
        time("delivered_at", true),
        time("read_at", false),
    ])
}
