//! `trailwright tail` beside a daemon that follows files.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use crate::command::Trailwright;
use crate::follow::{Follower, PATIENCE, log, record};

/// A tail as a process, and what it shows and says, together.
struct Tail {
    child: Child,
    lines: Receiver<String>,
}

impl Tail {
    fn start(trailwright: &Trailwright, args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_trailwright"))
            .arg("tail")
            .args(args)
            .current_dir(trailwright.path("."))
            .env_clear()
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let shown = BufReader::new(child.stdout.take().unwrap());
        let said = BufReader::new(child.stderr.take().unwrap());
        let to_them = sender.clone();
        std::thread::spawn(move || {
            let lines = shown.lines().map_while(Result::ok);
            lines.for_each(|line| drop(to_them.send(line)));
        });
        std::thread::spawn(move || {
            let lines = said.lines().map_while(Result::ok);
            lines.for_each(|line| drop(sender.send(line)));
        });
        Self { child, lines }
    }

    /// The next line with `part` in it.
    #[track_caller]
    fn wait_for(&self, part: &str) -> String {
        let mut before = Vec::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("no {part:?} after {before:#?}"));
            if line.contains(part) {
                return line;
            }
            before.push(line);
        }
    }

    /// As with Ctrl-C. The cursor it says at the end.
    #[track_caller]
    fn interrupt(mut self) -> String {
        let pid = self.child.id().to_string();
        let told = Command::new("kill").args(["-INT", &pid]).status();
        assert!(told.unwrap().success());
        let farewell = self.wait_for("go on with --after ");
        assert_eq!(self.child.wait().unwrap().code(), Some(130));
        farewell.rsplit(' ').next().unwrap().to_owned()
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that was free a moment ago: a daemon that is started again has to come
/// back at the same one.
fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[test]
fn a_tail_outlives_its_daemon_and_another_goes_on_where_it_ended() {
    let trailwright = Trailwright::new();
    let address = free_address();
    trailwright.write(&log("09", "1005"), record("first"));
    let mut daemon = Follower::start_with(&trailwright, "", &["--listen", &address]);
    daemon.wait_for("stored 1 new events");
    let follow = ["--from", &address, "-f", "--format", "raw"];
    let tail = Tail::start(&trailwright, &follow);
    tail.wait_for("first");
    trailwright.write(&log("09", "1010"), record("second"));
    tail.wait_for("second");
    drop(daemon);
    tail.wait_for("trying again");
    trailwright.write(&log("09", "1015"), record("third"));
    let mut daemon = Follower::start_with(&trailwright, "", &["--listen", &address]);
    tail.wait_for("third");
    // Two events, if the second was shown and not stored when the daemon was killed.
    daemon.wait_for("stored ");
    let cursor = tail.interrupt();

    trailwright.write(&log("09", "1020"), record("fourth"));
    daemon.wait_for("stored 1 new events");
    for source in [["--from", &address], ["--lake", "lake"]] {
        let args = [
            &["tail"],
            &source[..],
            &["--after", &cursor, "--format", "raw"],
        ];
        let shown = trailwright.run(&args.concat());
        assert!(shown.contains("fourth"), "{source:?}: {shown}");
        assert!(!shown.contains("first"), "{source:?}: {shown}");
    }
    daemon.stop();
}

#[test]
fn a_lake_is_followed_from_a_cursor_file() {
    let trailwright = Trailwright::new();
    trailwright.write("new.json", record("first"));
    trailwright.run(&["ingest", "--lake", "lake", "new.json"]);
    let args = [
        "tail",
        "--lake",
        "lake",
        "--format",
        "raw",
        "--cursor-file",
        "cursor",
    ];
    assert!(trailwright.run(&args).contains("first"));
    assert_eq!(trailwright.run(&args), "", "all of it was shown");
    trailwright.write(
        "new.json",
        format!("{}\n{}", record("first"), record("second")),
    );
    trailwright.run(&["ingest", "--lake", "lake", "new.json"]);
    trailwright.run(&["compact", "--lake", "lake", "--full"]);
    let shown = trailwright.run(&args);
    assert!(
        shown.contains("second") && shown.lines().count() == 1,
        "{shown}"
    );
}

#[test]
fn what_is_wrong_with_a_tail_is_said_before_anybody_is_asked() {
    let trailwright = Trailwright::new();
    let complaints = [
        (vec!["--where", "nothing = 1"], 2),
        (vec!["--where", "event_id in (select 1)"], 2),
        (vec!["--where", "event_name"], 2),
        (vec!["--from", "127.0.0.1:1"], 4),
        (vec!["--lake", "nowhere"], 4),
    ];
    let complaints = complaints.map(|(args, code)| {
        let args = [vec!["tail"], args].concat();
        trailwright.complaint(&args, code)
    });
    insta::assert_snapshot!(complaints.join(""));
}
