//! The daemon on a directory in which files appear.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::command::Trailwright;

/// How long a line may take that must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A daemon that follows `logs`, and what it says.
pub(crate) struct Follower {
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
}

impl Follower {
    fn start(trailwright: &Trailwright) -> Self {
        Self::start_with(trailwright, "", &[])
    }

    /// With more in its configuration, and more arguments.
    pub(crate) fn start_with(trailwright: &Trailwright, config: &str, more: &[&str]) -> Self {
        let base = "[commit]\nseconds_max = 0.1\n[source.objects]\nlook_seconds = 0.1\n";
        trailwright.write("trailwright.toml", format!("{base}{config}"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_trailwright"))
            .args(["run", "--lake", "lake", "--follow", "logs"])
            .args(more)
            .current_dir(trailwright.path("."))
            .env_clear()
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            let lines = stderr.lines().map_while(Result::ok);
            lines.for_each(|line| drop(sender.send(line)));
        });
        Self {
            child,
            lines,
            said: Vec::new(),
        }
    }

    #[track_caller]
    pub(crate) fn wait_for(&mut self, part: &str) {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("no {part:?} after {:#?}", self.said));
            self.said.push(line.clone());
            if line.contains(part) {
                return;
            }
        }
    }

    #[track_caller]
    pub(crate) fn stop(mut self) {
        let pid = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(told.unwrap().success());
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{:#?}", self.said);
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn record(id: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.08","eventID":"{id}","eventTime":"2026-03-09T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","recipientAccountId":"111122223333"}}"#
    )
}

/// The name of a log file delivered in March 2026.
pub(crate) fn log(day: &str, minute: &str) -> String {
    format!(
        "logs/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/{day}/\
         111122223333_CloudTrail_eu-west-1_202603{day}T{minute}Z_8hFq2kPzT1xYc3Ab.json"
    )
}

#[test]
fn files_are_stored_as_they_appear_late_and_replaced_ones_too() {
    let trailwright = Trailwright::new();
    trailwright.write(&log("09", "1005"), record("first"));
    let mut follower = Follower::start(&trailwright);
    follower.wait_for("stored 1 new events, 0 duplicates, 0 rejected; 1 file");
    trailwright.write(&log("01", "0000"), record("late"));
    follower.wait_for("stored 1 new events, 0 duplicates, 0 rejected; 1 file");
    let both = format!("{}\n{}", record("first"), record("second"));
    trailwright.write("staging/new", both);
    let replaced = trailwright.path(&log("09", "1005"));
    std::fs::rename(trailwright.path("staging/new"), replaced).unwrap();
    follower.wait_for("stored 1 new events, 1 duplicates, 0 rejected; 1 file");
    follower.stop();
    let events = trailwright.ask("select event_id from events order by 1");
    assert_eq!(events, ["first", "late", "second"]);
}

#[test]
fn what_was_ingested_is_not_read_again_wherever_it_was_named_from() {
    let trailwright = Trailwright::new();
    trailwright.write(&log("09", "1005"), record("first"));
    let absolute = trailwright.path("logs");
    trailwright.run(&["ingest", "--lake", "lake", absolute.to_str().unwrap()]);
    let mut follower = Follower::start(&trailwright);
    trailwright.write(&log("09", "1010"), record("second"));
    follower.wait_for("stored 1 new events, 0 duplicates, 0 rejected; 1 file");
    follower.stop();
    let ledger = trailwright.ask("select records, account_id, region from files order by source");
    assert_eq!(ledger, ["1,111122223333,eu-west-1"; 2]);
}

#[test]
fn ingesting_again_leaves_the_ledger_as_it_was() {
    let trailwright = Trailwright::new();
    trailwright.write(&log("09", "1005"), record("first") + " poison");
    let question = "select source, version, records, rejected_rows, read_at from files";
    trailwright.run_to(&["ingest", "--lake", "lake", "logs"], 3);
    let before = trailwright.ask(question);
    trailwright.run_to(&["ingest", "--lake", "lake", "logs"], 3);
    assert_eq!(trailwright.ask(question), before);
    assert_eq!(before.len(), 1);
}

#[test]
fn a_report_that_is_due_when_the_daemon_begins_is_made_beside_reading() {
    let trailwright = Trailwright::new();
    trailwright.write(&log("09", "1005"), record("first"));
    let daily = "[[report]]\nname = 'disagreements'\nschedule = '0 0 * * *'\nperiod = 'previous day'\nto = 'packs'\n";
    let mut follower = Follower::start_with(&trailwright, daily, &[]);
    follower.wait_for("wrote disagreements_");
    follower.stop();
    let packs = std::fs::read_dir(trailwright.path("packs")).unwrap();
    let packs: Vec<_> = packs.map(|pack| pack.unwrap().path()).collect();
    assert_eq!(packs.len(), 1, "{packs:?}");
    trailwright.run(&["report", "verify", packs[0].to_str().unwrap()]);
}

#[test]
fn without_a_source_the_daemon_says_what_it_could_read_from() {
    let complaint = Trailwright::new().complaint(&["run"], 2);
    // The daemon writes a log: the time is before it.
    let said = complaint.split_once(" ERROR ").unwrap().1;
    insta::assert_snapshot!(said, @"trailwright: nothing to read from: give --follow DIR or --follow s3://bucket/prefix, --topic NAME with --brokers, or [source.objects] places or [source.kafka] topics in trailwright.toml");
}

#[test]
fn a_lake_in_the_place_that_is_followed_is_refused() {
    let trailwright = Trailwright::new();
    trailwright.write("demo/lake/events/x", "");
    for (lake, place) in [
        ("demo/lake", "demo"),
        ("demo/lake", "."),
        ("demo/lake", "demo/lake/events"),
        ("s3://bucket/logs/lake", "s3://bucket/logs/"),
        ("s3://bucket/lake", "s3://bucket"),
    ] {
        let said = trailwright.complaint(&["run", "--lake", lake, "--follow", place], 2);
        assert!(said.contains("one lies in the other"), "{place}: {said}");
    }
}
