//! compact, retain and vacuum, as people see them.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::command::Trailwright;

/// One file of the lake for each: they are old, so that retention finds them.
fn ingest_each(trailwright: &Trailwright, ids: std::ops::Range<u32>) {
    for id in ids {
        let record = format!(
            r#"{{"eventID":"e-{id}","eventTime":"2019-03-0{}T08:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","recipientAccountId":"{}","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/dana"}}}}"#,
            1 + id / 8,
            ["111122223333", "444455556666"][id as usize % 2],
        );
        let path = trailwright.write(&format!("logs/{id}.json"), record);
        trailwright.run(&["ingest", "--lake", "lake", path.to_str().unwrap()]);
    }
}

fn text(trailwright: &Trailwright, args: &[&str]) -> String {
    let all = [args, &["--lake", "lake", "--output", "text"]].concat();
    trailwright.run(&all)
}

/// Sizes differ with every change of the encoding.
fn without_sizes(text: &str) -> String {
    let mut filtered = String::new();
    for line in text.lines() {
        let mut rest = line;
        while let Some((before, after)) = rest.split_once('(') {
            let (inside, behind) = after.split_once(')').unwrap();
            let inside = if inside.contains("iB") {
                "SIZE"
            } else {
                inside
            };
            filtered += &format!("{before}({inside})");
            rest = behind;
        }
        filtered += rest;
        filtered += "\n";
    }
    filtered
}

#[test]
fn compaction_says_what_it_did_per_table_and_changes_no_answer() {
    let trailwright = Trailwright::new();
    ingest_each(&trailwright, 0..10);
    let everything = "select * from events order by event_id";
    let before = trailwright.ask(everything);
    let said = [
        text(&trailwright, &["compact", "--dry-run"]),
        text(&trailwright, &["compact"]),
        text(&trailwright, &["compact", "--full"]),
        text(&trailwright, &["compact", "--full"]),
    ];
    assert_eq!(trailwright.ask(everything), before);
    insta::assert_snapshot!(without_sizes(&said.join("\n")), @r"
    events: 8 of 10 files (SIZE) would become 1
    rejected: 0 files, nothing to compact
    policy_timeline: 0 files, nothing to compact
    files: 10 of 10 files (SIZE) would become 1

    events: 8 of 10 files (SIZE) became 1 (SIZE)
    rejected: 0 files, nothing to compact
    policy_timeline: 0 files, nothing to compact
    files: 10 of 10 files (SIZE) became 1 (SIZE)

    events: 2 of 3 files (SIZE) became 1 (SIZE)
    rejected: 0 files, nothing to compact
    policy_timeline: 0 files, nothing to compact
    files: 1 files, nothing to compact

    events: 2 files, nothing to compact
    rejected: 0 files, nothing to compact
    policy_timeline: 0 files, nothing to compact
    files: 1 files, nothing to compact
    ");
    let json = trailwright.run(&["compact", "--lake", "lake"]);
    assert_eq!(
        json.lines().count(),
        4,
        "a line per table in a pipe: {json}"
    );
    assert!(json.starts_with(r#"{"bytes_merged":0,"#), "{json}");
}

#[test]
fn tail_shows_no_event_again_that_was_compacted() {
    let trailwright = Trailwright::new();
    ingest_each(&trailwright, 0..4);
    let mut tail = Command::new(env!("CARGO_BIN_EXE_trailwright"))
        .args(["tail", "--lake", "lake", "-f", "-n", "1", "--format", "raw"])
        .current_dir(trailwright.path("."))
        .env_clear()
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(tail.stdout.take().unwrap()).lines();
    lines.next().unwrap().unwrap();
    trailwright.run(&["compact", "--lake", "lake"]);
    ingest_each(&trailwright, 9..10);
    let next = lines.next().unwrap().unwrap();
    tail.kill().unwrap();
    tail.wait().unwrap();
    assert!(next.contains("\"e-9\""), "{next}");
}

#[test]
fn retention_says_what_would_go_and_what_a_hold_keeps_before_it_does_so() {
    let trailwright = Trailwright::new();
    ingest_each(&trailwright, 0..10);
    let nothing = text(&trailwright, &["retain"]);
    trailwright.write(
        "trailwright.toml",
        "[retention]\ndays = 365\n[[hold]]\nname = 'case 7'\nreason = 'preservation letter'\naccounts = ['444455556666']\nuntil = '2019-03-02'\n",
    );
    let planned = text(&trailwright, &["retain", "--dry-run"]);
    assert_eq!(trailwright.ask("select count(*) from events"), ["10"]);
    let said = [
        nothing,
        planned,
        text(&trailwright, &["retain"]),
        text(&trailwright, &["retain"]),
    ];
    insta::assert_snapshot!(said.join("\n"), @r#"
    everything is kept: [retention] in trailwright.toml names no days

    events: 6 rows of 2019-03-01 to 2019-03-02 would go: 6 files as a whole, 0 in part
      4 rows are kept by the hold "case 7": preservation letter

    events: 6 rows of 2019-03-01 to 2019-03-02 went: 6 files as a whole, 0 in part
      4 rows are kept by the hold "case 7": preservation letter

    events: nothing goes
      4 rows are kept by the hold "case 7": preservation letter
    "#);
    assert_eq!(
        trailwright.ask("select event_id from events order by 1"),
        ["e-1", "e-3", "e-5", "e-7"]
    );
}

#[test]
fn vacuum_keeps_what_is_young_and_refuses_to_be_hasty_by_accident() {
    let trailwright = Trailwright::new();
    ingest_each(&trailwright, 0..4);
    trailwright.run(&["compact", "--lake", "lake"]);
    let young = text(&trailwright, &["vacuum"]);
    let hasty = ["vacuum", "--lake", "lake", "--keep-hours", "0"];
    let refused = trailwright.complaint(&hasty, 2);
    let forced = [&hasty[..], &["--allow-short-keep", "--output", "text"]].concat();
    let dry = trailwright.run(&[&forced[..], &["--dry-run"]].concat());
    let done = trailwright.run(&forced);
    insta::assert_snapshot!(without_sizes(&[young, refused, dry, done].join("\n")), @r"
    events: nothing to delete
    rejected: nothing to delete
    policy_timeline: nothing to delete
    files: nothing to delete

    trailwright: keeping replaced files for 0 hours is too short, because a query that runs longer would fail: keep them for 24 hours at least, or allow it with --allow-short-keep

    events: 4 files (SIZE) would be deleted
    rejected: nothing to delete
    policy_timeline: nothing to delete
    files: 4 files (SIZE) would be deleted

    events: 4 files (SIZE) deleted
    rejected: nothing to delete
    policy_timeline: nothing to delete
    files: 4 files (SIZE) deleted
    ");
    assert_eq!(trailwright.ask("select count(*) from events"), ["4"]);
    let path = trailwright.path("lake/events/trail_region=eu-west-1/event_date=2019-03-01");
    assert_eq!(std::fs::read_dir(path).unwrap().count(), 1);
}
