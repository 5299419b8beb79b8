#![allow(clippy::unwrap_used)]
use std::io::Write as _;

use chrono::DateTime;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use super::read;
use crate::limits::Limits;
use crate::parse::{Batch, Context};

const RECORD: &str = r#"{"eventVersion":"1.08","eventID":"a","eventTime":"2026-03-01T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1"}"#;

fn batch(payload: &[u8], encoding: Option<&str>) -> Batch {
    let limits = Limits {
        inflated_bytes_max: 100_000,
        ..Limits::default()
    };
    let context = Context {
        source: "kafka/cloudtrail/0/17",
        now: DateTime::UNIX_EPOCH,
        redact: true,
        limits: &limits,
    };
    read(payload, encoding, &context)
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn whatever_the_header_says_the_record_is_found() {
    let registry = [b"\0\0\0\0\x07", RECORD.as_bytes()].concat();
    let cases: [(&[u8], Option<&str>); 8] = [
        (RECORD.as_bytes(), None),
        (RECORD.as_bytes(), Some("gzip")),
        (RECORD.as_bytes(), Some("br")),
        (&gzip(RECORD.as_bytes()), None),
        (&gzip(RECORD.as_bytes()), Some("gzip")),
        (
            &zstd::encode_all(RECORD.as_bytes(), 1).unwrap(),
            Some("zstd"),
        ),
        (&deflate(RECORD.as_bytes()), Some("deflate")),
        (&registry, None),
    ];
    for (payload, encoding) in cases {
        let found = batch(payload, encoding);
        assert_eq!((found.parsed.len(), found.rejected.len()), (1, 0));
        let provenance = &found.parsed[0].provenance;
        assert_eq!(provenance.source, "kafka/cloudtrail/0/17");
        assert_eq!(found.bytes_read, payload.len() as u64);
    }
}

#[test]
fn what_cannot_be_read_says_why() {
    let bomb = deflate(&vec![b' '; 200_000]);
    let cases: [(&[u8], Option<&str>); 5] = [
        (b"", None),
        (b" \n", Some("gzip")),
        (b"\x8b\x01\x80hello", Some("br")),
        (b"not zlib", Some("deflate")),
        (&bomb, Some("deflate")),
    ];
    let said: Vec<String> = cases
        .iter()
        .map(|(payload, encoding)| {
            let found = batch(payload, *encoding);
            assert_eq!((found.parsed.len(), found.rejected.len()), (0, 1));
            let row = &found.rejected[0];
            format!("{}: {}", row.reason.as_str(), row.detail)
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    not_a_record: a message without a value
    not_a_record: a message without a value
    invalid_json: not JSON; begins with "�\u{1}�hello"; its content-encoding is br: gzip, zstd and deflate are read
    corrupt_gzip: its content-encoding is deflate, but it cannot be inflated: corrupt deflate stream
    inflated_too_large: inflates to more than 100000 bytes
    "#);
}
