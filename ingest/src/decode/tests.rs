#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
//! The corrupt zoo: what each specimen yields, exactly.

mod corruption;
mod property;
mod shapes;

use std::io::Write as _;

use chrono::DateTime;
use flate2::Compression;
use flate2::write::GzEncoder;
use trailwright_schemas::Reason;

use crate::limits::Limits;
use crate::parse::{Batch, Context};

/// A record with this eventID.
fn record(id: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"Root","accountId":"111122223333"}},"eventTime":"2024-05-01T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"ListBuckets","awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.1","resources":[{{"ARN":"arn:aws:s3:::a"}},{{"ARN":"arn:aws:s3:::b"}}],"eventID":"{id}","recipientAccountId":"111122223333"}}"#
    )
}

fn records(ids: &[&str]) -> String {
    let all: Vec<_> = ids.iter().map(|id| record(id)).collect();
    format!(r#"{{"Records":[{}]}}"#, all.join(","))
}

fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes.as_ref()).unwrap();
    encoder.finish().unwrap()
}

/// JSON text as a JSON string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn limits() -> Limits {
    Limits {
        inflated_bytes_max: 6 * 1024 * 1024,
        ..Limits::default()
    }
}

fn read(bytes: &[u8], limits: &Limits) -> Batch {
    let context = Context {
        source: "specimen",
        now: DateTime::UNIX_EPOCH,
        redact: true,
        limits,
    };
    let mut batch = Batch::default();
    super::decode_reader(bytes, limits, &mut |found| batch.add(found, &context));
    batch
}

fn ids(batch: &Batch) -> Vec<&str> {
    let id = |parsed: &'_ crate::Parsed| parsed.record.event_id.is_some();
    assert!(batch.parsed.iter().all(id));
    batch
        .parsed
        .iter()
        .map(|parsed| parsed.record.event_id.as_deref().unwrap())
        .collect()
}

/// Asserts the eventIDs and the rejected rows of a specimen, and that a file
/// and a message of the same bytes give the same.
#[track_caller]
fn yields(specimen: impl AsRef<[u8]>, events: &[&str], rejected: &[(Reason, u64)]) -> Batch {
    let specimen = specimen.as_ref();
    let limits = limits();
    let batch = read(specimen, &limits);
    let rows: Vec<_> = batch
        .rejected
        .iter()
        .map(|row| (row.reason, row.offset))
        .collect();
    let details: Vec<_> = batch.rejected.iter().map(|row| &row.detail).collect();
    assert_eq!(ids(&batch), events, "{details:#?}");
    assert_eq!(rows, rejected, "{details:#?}");
    let mut count = 0;
    super::decode(specimen, &limits, &mut |_| count += 1);
    assert_eq!(count, events.len() + rejected.len(), "as a message");
    batch
}

/// Where `part` begins in `whole`.
fn offset(whole: &str, part: &str) -> u64 {
    whole.find(part).expect("part of the specimen") as u64
}
