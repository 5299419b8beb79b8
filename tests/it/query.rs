//! `trailwright query`: where questions come from, and how answers look.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::command::Trailwright;

fn lake() -> Trailwright {
    let trailwright = Trailwright::new();
    let record = |id: &str| {
        format!(
            r#"{{"eventVersion":"1.09","eventID":"{id}","eventTime":"2026-03-09T08:00:00Z","eventSource":"s3.amazonaws.com","eventName":"ListBuckets","awsRegion":"eu-west-1","recipientAccountId":"111122223333"}}"#
        )
    };
    let records: Vec<String> = ["a", "b", "c"].map(record).to_vec();
    trailwright.write("records.jsonl", records.join("\n"));
    trailwright.run(&["ingest", "--lake", "lake", "records.jsonl"]);
    trailwright
}

fn query(trailwright: &Trailwright, more: &[&str]) -> String {
    trailwright.run(&[&["query", "--lake", "lake"], more].concat())
}

const IDS: &str = "select event_id, event_time from events order by event_id";

#[test]
fn questions_come_from_arguments_files_and_pipes() {
    let trailwright = lake();
    let both = "select 1 as n; -- first\nselect ';' as n;\n";
    let expected = "{\"n\":1}\n{\"n\":\";\"}\n";
    trailwright.write("both.sql", both);
    assert_eq!(query(&trailwright, &[both]), expected);
    assert_eq!(query(&trailwright, &["-c", both]), expected);
    assert_eq!(query(&trailwright, &["--file", "both.sql"]), expected);

    let mut child = Command::new(env!("CARGO_BIN_EXE_trailwright"))
        .args(["query", "--lake", "lake"])
        .current_dir(trailwright.path("."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(both.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}

#[test]
fn what_is_no_question_is_said_before_anything_is_read() {
    let trailwright = Trailwright::new();
    let said = |args: &[&str]| trailwright.complaint(&[&["query"], args].concat(), 2);
    assert!(said(&[" ; -- nothing"]).contains("there is no question"));
    assert!(said(&["select 1; select 2", "--output", "parquet"]).contains("hold one answer"));
    assert!(said(&["--file", "nowhere.sql"]).contains("cannot read nowhere.sql"));
}

#[test]
fn the_first_question_that_fails_ends_a_file() {
    let trailwright = lake();
    let args = [
        "query",
        "--lake",
        "lake",
        "select 1 as n; select x; select 2 as n",
    ];
    assert_eq!(trailwright.run_to(&args, 2), "{\"n\":1}\n");
}

#[test]
fn tables_are_for_people() {
    let trailwright = lake();
    insta::assert_snapshot!(query(
        &trailwright,
        &[
            "--output",
            "table",
            "--tz",
            "America/New_York",
            "--max-rows",
            "2",
            IDS
        ]
    ));
    insta::assert_snapshot!(
        "markdown",
        query(&trailwright, &["--output", "markdown", "--utc", IDS])
    );
    insta::assert_snapshot!(
        "vertical",
        query(
            &trailwright,
            &["--output", "vertical", "--max-rows", "1", IDS]
        )
    );
}

#[test]
fn other_formats_are_for_programs_whatever_people_prefer() {
    let trailwright = lake();
    let csv = [
        "--output",
        "csv",
        "--no-header",
        "--tz",
        "+05:30",
        "--max-rows",
        "1",
        IDS,
    ];
    assert_eq!(
        query(&trailwright, &csv),
        "a,2026-03-09T08:00:00Z\nb,2026-03-09T08:00:00Z\nc,2026-03-09T08:00:00Z\n"
    );
}

#[test]
fn who_wonders_is_told_what_was_read() {
    let trailwright = lake();
    let needle = "select event_name from events where event_id = 'b'";
    let said = trailwright.complaint(&["query", "--lake", "lake", "-v", needle], 0);
    assert!(
        said.contains("row groups: 1 of 1 by statistics, 1 of 1 by bloom filters"),
        "{said}"
    );
}
