//! Records for tests: written in the test, or the shared sample records where
//! that folder exists.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;

use serde_json::{Value, json};
use trailwright_schemas::{Limits, Record};

/// A record with the elements of `changes` in place of or beside a plain one's.
pub(crate) fn record(changes: Value) -> Record {
    let mut record = json!({
        "eventVersion": "1.11", "eventTime": "2026-03-01T10:00:00Z", "eventType": "AwsApiCall",
        "eventID": "00000000-0000-4000-8000-000000000001", "awsRegion": "eu-west-1",
        "eventSource": "s3.amazonaws.com", "eventName": "GetObject",
        "sourceIPAddress": "203.0.113.7", "recipientAccountId": "111111111111",
        "userIdentity": {
            "type": "IAMUser", "arn": "arn:aws:iam::111111111111:user/ada", "userName": "ada",
            "accountId": "111111111111", "principalId": "AIDAEXAMPLE", "accessKeyId": "AKIAEXAMPLE"
        },
        "requestParameters": {"bucketName": "ledger", "key": "2026/march.csv"}
    });
    for (name, value) in changes.as_object().unwrap() {
        record[name] = value.clone();
    }
    Record::parse(record.to_string().as_bytes(), &Limits::default()).unwrap()
}

/// The readable records of `real.jsonl.zst`; `None`, and one line that says
/// so, without the shared folder.
pub(crate) fn real() -> Option<Vec<Record>> {
    let text = shared("records/real.jsonl.zst")?;
    let parse = |line: &str| Record::parse(line.as_bytes(), &Limits::default()).ok();
    Some(text.lines().filter_map(parse).collect())
}

/// A compressed file of the shared folder.
pub(crate) fn shared(path: &str) -> Option<String> {
    let text = zstd::decode_all(read(path)?.as_slice()).unwrap();
    Some(String::from_utf8(text).unwrap())
}

/// A plain file of the shared folder.
pub(crate) fn shared_text(path: &str) -> Option<String> {
    Some(String::from_utf8(read(path)?).unwrap())
}

fn read(path: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("TRAILWRIGHT_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let path = folder.join(path);
    let bytes = std::fs::read(&path);
    if bytes.is_err() {
        eprintln!("skipped: {} is not there", path.display());
    }
    bytes.ok()
}
