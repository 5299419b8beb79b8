//! What became of a rejected row that was read again.

use arrow_schema::{DataType, Field, Schema};
use chrono::{DateTime, Utc};

use crate::columns::Kind;

/// One row of the table `replayed`: a row of `rejected` whose bytes were read
/// again and gave records. The rejected row itself stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// `rejected_id` of the row.
    pub rejected_id: String,
    /// When it was replayed.
    pub replayed_at: DateTime<Utc>,
    /// Records found in its bytes.
    pub records: u64,
    /// Rows that were rejected of its bytes now, each a row of `rejected` itself.
    pub rejected: u64,
    /// The version of Trailwright that read it.
    pub trailwright_version: String,
}

/// The schema of the table `replayed`.
pub fn replayed_schema() -> Schema {
    Schema::new(vec![
        Field::new("rejected_id", DataType::Utf8, false),
        Field::new("replayed_at", Kind::Time.data_type(), false),
        Field::new("records", DataType::Int64, false),
        Field::new("rejected_rows", DataType::Int64, false),
        Field::new("trailwright_version", DataType::Utf8, false),
    ])
}
