//! The SQL shell, on a terminal of its own. `script`, of util-linux, makes one.

use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::command::Trailwright;

/// A screen on which nothing appears for so long hangs.
const SILENCE_MAX: Duration = Duration::from_secs(120);

/// Somebody at a terminal.
struct Session {
    child: Child,
    keys: ChildStdin,
    screen: Receiver<Vec<u8>>,
    /// What was shown since the last wait.
    shown: Vec<u8>,
}

impl Session {
    fn begin(trailwright: &Trailwright) -> Self {
        let command = format!(
            "exec {} query --lake lake",
            env!("CARGO_BIN_EXE_trailwright")
        );
        let mut child = Command::new("script")
            .args(["--quiet", "--return", "--command", &command, "/dev/null"])
            .current_dir(trailwright.path("."))
            .env("HOME", trailwright.path("home").canonicalize().unwrap())
            .env("TZ", "Europe/Berlin")
            .env("TERM", "xterm")
            .env("SHELL", "/bin/sh")
            .env_remove("XDG_STATE_HOME")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("script (util-linux) is needed: {error}"));
        let keys = child.stdin.take().unwrap();
        let mut output = child.stdout.take().unwrap();
        let (show, screen) = channel();
        std::thread::spawn(move || {
            let mut part = [0; 1024];
            while let Ok(length @ 1..) = output.read(&mut part) {
                let _ = show.send(part[..length].to_vec());
            }
        });
        Self {
            child,
            keys,
            screen,
            shown: Vec::new(),
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// What is shown until `text` is.
    fn until(&mut self, text: &str) -> String {
        loop {
            let shown = String::from_utf8_lossy(&self.shown).into_owned();
            if let Some(at) = shown.find(text) {
                self.shown = shown.as_bytes()[at + text.len()..].to_vec();
                return shown[..at + text.len()].to_owned();
            }
            let part = self.screen.recv_timeout(SILENCE_MAX);
            let part = part.unwrap_or_else(|why| panic!("{why} before {text:?}: {shown:?}"));
            self.shown.extend_from_slice(&part);
        }
    }

    fn end(mut self) -> Option<i32> {
        while let Ok(part) = self.screen.recv_timeout(SILENCE_MAX) {
            self.shown.extend_from_slice(&part);
        }
        self.child.wait().unwrap().code()
    }
}

impl Drop for Session {
    /// A test that failed leaves nobody at a terminal.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lake() -> Trailwright {
    let trailwright = Trailwright::new();
    trailwright.write("home/.keep", "");
    trailwright.write("a.json", record("a"));
    trailwright.run(&["ingest", "--lake", "lake", "a.json"]);
    trailwright
}

fn record(id: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.09","eventID":"{id}","eventTime":"2026-03-09T08:00:00Z","eventSource":"s3.amazonaws.com","eventName":"ListBuckets","awsRegion":"eu-west-1","recipientAccountId":"111122223333"}}"#
    )
}

#[test]
fn questions_are_answered_as_of_now_and_mistakes_end_nothing() {
    let trailwright = lake();
    let mut shell = Session::begin(&trailwright);
    shell.until("trailwright> ");
    // Several lines, in the zone of this terminal.
    shell.press("select event_id,\n");
    shell.press("event_time from events;\n");
    let answer = shell.until("1 row in ");
    assert!(
        answer.contains("| a        | 2026-03-09T09:00:00+01:00 |"),
        "{answer}"
    );
    shell.press("select nothing from events;\n");
    shell.until("No field named nothing");
    // Somebody else writes meanwhile.
    trailwright.write("b.json", record("b"));
    trailwright.run(&["ingest", "--lake", "lake", "b.json"]);
    shell.press("select count(*) as n from events;\n");
    shell.until("| 2 |");
    shell.press("drop table events;\n");
    shell.until("only questions are answered here");
    shell.press("\\q\n");
    assert_eq!(shell.end(), Some(0));
}

#[test]
fn names_are_completed_and_lines_remembered() {
    let trailwright = lake();
    let mut shell = Session::begin(&trailwright);
    shell.until("trailwright> ");
    shell.press("select event_i\t from role_s\t");
    shell.until("select event_id from role_sessions");
    shell.press(";\n");
    shell.until("0 rows in ");
    // Before that a Ctrl-D would be of the terminal, not of the line.
    shell.until("trailwright> ");
    shell.press("\u{4}");
    assert_eq!(shell.end(), Some(0), "Ctrl-D ends");

    let mut next = Session::begin(&trailwright);
    next.until("trailwright> ");
    next.press("\u{1b}[A");
    next.until("select event_id from role_sessions;");
    // Ctrl-C forgets the line, Ctrl-D then finds an empty one.
    next.press("\u{3}");
    next.until("trailwright> ");
    next.press("\u{4}");
    assert_eq!(next.end(), Some(0));
}

#[test]
fn commands_of_the_shell_change_how_it_answers() {
    let trailwright = lake();
    let mut shell = Session::begin(&trailwright);
    shell.until("trailwright> ");
    shell.press("\\d\n");
    shell.until("view   role_sessions");
    shell.press("\\d denials\n");
    shell.until("cause_statement_id");
    shell.press("\\df cidr\n");
    shell.until("cidr_contains");
    shell.press("\\x\n\\timing\nselect event_id from events;\n");
    shell.until("event_id | a");
    shell.press("\\o answer.csv\nselect event_id from events;\nselect 5 as five;\n");
    shell.until("five | 5");
    let file = std::fs::read_to_string(trailwright.path("answer.csv")).unwrap();
    assert_eq!(file, "event_id\na\n");
    shell.press("\\qq\n");
    shell.until("did you mean \\q");
    shell.press("\\q\n");
    assert_eq!(shell.end(), Some(0));
}

#[test]
fn control_c_stops_the_question_and_not_the_shell() {
    let trailwright = lake();
    let mut shell = Session::begin(&trailwright);
    shell.until("trailwright> ");
    // It adds for hours; once progress is shown it runs.
    shell.press("select sum(value) from generate_series(1, 1000000000000);\n");
    shell.until("Ctrl-C stops");
    shell.press("\u{3}");
    shell.until("stopped");
    shell.press("select 42 as answer;\n");
    shell.until("| 42     |");
    shell.press("\\q\n");
    assert_eq!(shell.end(), Some(0));
}
