//! Rejected rows through the pipeline again.

use crate::command::Trailwright;

fn record(id: &str, padding: usize) -> String {
    format!(
        r#"{{"eventVersion":"1.08","eventID":"{id}","eventTime":"2026-03-09T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","recipientAccountId":"111122223333","userAgent":"{}"}}"#,
        "x".repeat(padding)
    )
}

const SMALL: &str = "[ingest]\nrecord_bytes_max = 1000\n";

/// A lake that met one record, two that are too large for its limits, and
/// poison.
fn rejecting() -> Trailwright {
    let trailwright = Trailwright::new();
    trailwright.write("trailwright.toml", SMALL);
    let lines = [
        record("small", 1),
        record("large-1", 2000),
        "poison".to_owned(),
        record("large-2", 2000),
    ];
    trailwright.write("logs/a.jsonl", lines.join("\n"));
    trailwright.run_to(&["ingest", "--lake", "lake", "logs"], 3);
    trailwright
}

fn open(trailwright: &Trailwright) -> Vec<String> {
    trailwright.ask("select reason from open_rejected order by source_offset")
}

#[test]
fn what_passes_becomes_an_event_once_and_the_rejected_row_stays_as_evidence() {
    let trailwright = rejecting();
    let too_large = "record_too_large";
    assert_eq!(open(&trailwright), [too_large, "invalid_json", too_large]);
    let replay = ["rejected", "replay", "--lake", "lake"];
    let same = trailwright.complaint(&replay, 0);
    insta::assert_snapshot!(same, @"replayed 0 rows; 3 are rejected as before: 0 records, 0 new events, 0 duplicates, 0 rejected anew");

    trailwright.write("trailwright.toml", "");
    let dry = trailwright.complaint(&[&replay[..], &["--dry-run"]].concat(), 0);
    insta::assert_snapshot!(dry, @"would replay 2 rows; 1 are rejected as before");
    assert_eq!(open(&trailwright).len(), 3);

    let passed = trailwright.complaint(&replay, 0);
    insta::assert_snapshot!(passed, @"replayed 2 rows; 1 are rejected as before: 2 records, 2 new events, 0 duplicates, 0 rejected anew");
    assert_eq!(open(&trailwright), ["invalid_json"]);
    let kept = trailwright.ask("select count(*) from rejected");
    assert_eq!(kept, ["3"]);
    // As if they had passed at once: the same source and place in it.
    let again = Trailwright::new();
    std::fs::create_dir_all(again.path("logs")).unwrap();
    std::fs::copy(trailwright.path("logs/a.jsonl"), again.path("logs/a.jsonl")).unwrap();
    again.run_to(&["ingest", "--lake", "lake", "logs"], 3);
    let question = "select event_id, source, source_offset, raw_sha256, content_sha256, decision from events order by 1";
    assert_eq!(trailwright.ask(question), again.ask(question));
}

#[test]
fn replaying_twice_and_ingesting_again_change_nothing() {
    let trailwright = rejecting();
    trailwright.write("trailwright.toml", "");
    let state = || {
        let tables = ["events", "rejected", "replayed", "open_rejected"];
        let count = |table| trailwright.ask(&format!("select count(*) from {table}"));
        tables.map(count).concat()
    };
    trailwright.run(&["rejected", "replay", "--lake", "lake"]);
    let once = state();
    assert_eq!(once, ["3", "3", "2", "1"]);
    trailwright.run(&["rejected", "replay", "--lake", "lake"]);
    trailwright.run_to(&["ingest", "--lake", "lake", "logs"], 3);
    assert_eq!(state(), once);
}

#[test]
fn only_the_rows_asked_for_are_replayed() {
    let trailwright = rejecting();
    trailwright.write("trailwright.toml", "");
    let first = trailwright
        .ask("select left(rejected_id, 12) from rejected where reason = 'record_too_large' order by source_offset");
    let replay = |more: &[&str]| {
        let args = ["rejected", "replay", "--lake", "lake"];
        trailwright.run(&[&args[..], more].concat())
    };
    replay(&["--reason", "invalid_json"]);
    replay(&["--since", "2200-01-01"]);
    assert_eq!(trailwright.ask("select count(*) from events"), ["1"]);
    replay(&["--id", &first[0]]);
    let events = trailwright.ask("select event_id from events order by 1");
    assert_eq!(events, ["large-1", "small"]);
}

#[test]
fn rejected_shows_what_is_open_unless_all_is_asked_for() {
    let trailwright = rejecting();
    trailwright.write("trailwright.toml", "");
    trailwright.run(&["rejected", "replay", "--lake", "lake"]);
    let rows = |more: &[&str]| {
        let args = ["rejected", "--lake", "lake"];
        let shown = trailwright.run(&[&args[..], more].concat());
        shown.lines().count()
    };
    assert_eq!(rows(&[]), 1);
    assert_eq!(rows(&["--all"]), 3);
}

#[test]
fn what_has_another_record_under_its_id_cannot_be_replayed() {
    let trailwright = Trailwright::new();
    let lines = [record("one", 1), record("one", 2)];
    trailwright.write("logs/a.jsonl", lines.join("\n"));
    trailwright.run(&["ingest", "--lake", "lake", "logs"]);
    let said = trailwright.complaint(&["rejected", "replay", "--lake", "lake"], 0);
    insta::assert_snapshot!(said, @"replayed 0 rows; 0 are rejected as before; 1 cannot be replayed, because their bytes are not all here or another record has their eventID: 0 records, 0 new events, 0 duplicates, 0 rejected anew");
}
