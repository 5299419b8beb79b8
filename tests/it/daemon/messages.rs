//! What is in the messages, and what becomes of them.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use super::cluster::Cluster;
use super::process::Daemons;
use crate::command::Trailwright;

/// One record, for tests that count events.
pub(super) fn record(id: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.08","eventID":"{id}","eventTime":"2026-03-01T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","recipientAccountId":"111122223333"}}"#
    )
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn deflate(text: &str) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn every_shape_of_message_is_stored_or_rejected_with_its_offset() {
    let mut cluster = Cluster::new(1);
    cluster.send(0, record("bare"));
    cluster.send(
        0,
        format!(
            r#"{{"Records":[{},{}]}}"#,
            record("batch-1"),
            record("batch-2")
        ),
    );
    cluster.send(0, format!("{}\n{}\n", record("line-1"), record("line-2")));
    cluster.send(
        0,
        format!(
            r#"{{"detail-type":"AWS API Call via CloudTrail","detail":{}}}"#,
            record("bridge")
        ),
    );
    cluster.send(0, gzip(&record("gzip")));
    cluster.send(0, [b"\0\0\0\0\x01", record("registry").as_bytes()].concat());
    cluster.send_encoded(0, &deflate(&record("deflate")), "deflate");
    cluster.send(0, record("bare"));
    cluster.send(0, "not a record");
    cluster.send_nothing(0);
    cluster.flush();

    let trailwright = Trailwright::new();
    let mut daemons = Daemons::new(&trailwright, &cluster);
    daemons.start("audit");
    // Nothing more comes, so that only the time limit can close this commit.
    daemons.wait_until_stored(&cluster.ends());
    daemons.stop();
    let events = trailwright
        .ask("select event_id, source from events order by source_offset, source, event_id");
    insta::assert_snapshot!("events_of_every_shape", events.join("\n"));
    let rejected = trailwright.ask("select source, reason, detail from rejected order by source");
    insta::assert_snapshot!("rejected_messages", rejected.join("\n"));
}

#[test]
fn the_lake_says_where_to_begin_whatever_the_group() {
    let mut cluster = Cluster::new(1);
    let trailwright = Trailwright::new();
    let mut daemons = Daemons::new(&trailwright, &cluster);
    for (group, count) in [("audit", 1), ("audit", 2), ("another", 3)] {
        cluster.send(0, record(&format!("event-{count}")));
        cluster.flush();
        daemons.start(group);
        daemons.wait_until_stored(&cluster.ends());
        daemons.stop();
    }
    let said = daemons.said();
    let reading: Vec<&str> = said
        .lines()
        .filter_map(|line| line.split_once(" INFO kafka: "))
        .map(|(_, message)| message)
        .collect();
    assert_eq!(
        reading,
        [
            "reading cloudtrail/0 from its beginning",
            "reading cloudtrail/0 from 1",
            "reading cloudtrail/0 from 2"
        ]
    );
    assert!(!said.contains("1 duplicates"), "{said}");
    assert_eq!(trailwright.ask("select count(*) from events"), ["3"]);
}

#[test]
fn what_waits_is_stored_before_the_daemon_stops() {
    let mut cluster = Cluster::new(1);
    let trailwright = Trailwright::new();
    let mut daemons = Daemons::new(&trailwright, &cluster);
    trailwright.write(
        "trailwright.toml",
        "[commit]\nseconds_max = 3600\nrows_max = 2\n",
    );
    for id in ["a", "b", "c"] {
        cluster.send(0, record(id));
    }
    cluster.flush();
    daemons.start("audit");
    daemons.wait_for("kafka/cloudtrail/0 at 2");
    daemons.stop();
    let stored = trailwright.ask("select count(*) from events");
    assert!(stored == ["2"] || stored == ["3"], "{stored:?}");
}
