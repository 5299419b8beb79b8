//! Daemons as processes of their own, and what they say.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use trailwright::Host;

use super::cluster::{Cluster, TOPIC};
use super::faults;
use crate::command::Trailwright;

/// Arguments of the daemon that this test binary becomes, one a line.
const DAEMON: &str = "TRAILWRIGHT_TEST_DAEMON";

/// Not a test by itself: other tests run this binary again with `DAEMON` set,
/// to get a daemon whose store fails on demand.
#[test]
fn this_binary_is_the_daemon_when_other_tests_say_so() {
    let Ok(args) = std::env::var(DAEMON) else {
        return;
    };
    let host = Host {
        lake_store: faults::of_environment,
        ..Host::of_this_process()
    };
    let args = std::iter::once("trailwright").chain(args.lines());
    let code = trailwright::run(args.map(Into::into), &host);
    assert_eq!(code, ExitCode::SUCCESS);
}

/// Between two lines, while something is waited for, on the slowest machine.
const LINE_WITHIN: Duration = Duration::from_secs(120);

/// Several daemons, whose lines come together here.
pub(super) struct Daemons<'t> {
    trailwright: &'t Trailwright,
    brokers: String,
    /// Arguments that all get besides.
    more: Vec<String>,
    lines: Receiver<String>,
    sender: Sender<String>,
    said: Vec<String>,
    running: Vec<(Child, JoinHandle<()>)>,
}

impl<'t> Daemons<'t> {
    pub(super) fn new(trailwright: &'t Trailwright, cluster: &Cluster) -> Self {
        trailwright.write("trailwright.toml", "[commit]\nseconds_max = 0.2\n");
        let (sender, lines) = channel();
        Self {
            trailwright,
            brokers: cluster.brokers(),
            more: Vec::new(),
            lines,
            sender,
            said: Vec::new(),
            running: Vec::new(),
        }
    }

    /// Gives those that are started from now on more arguments.
    pub(super) fn with_args(&mut self, more: &[&str]) {
        self.more = more.iter().map(|arg| (*arg).to_owned()).collect();
    }

    /// Starts the binary as people do. Under this protocol (KIP-848) the mock
    /// assigns at once.
    pub(super) fn start(&mut self, group: &str) {
        self.start_binary(group, "group.protocol=consumer");
    }

    /// Starts the binary under the protocol that most clusters have. The mock
    /// waits three seconds for more members, and drops those whose session is
    /// shorter than that; a machine that is busy with other things takes longer.
    pub(super) fn start_classic(&mut self, group: &str) {
        self.start_binary(group, "session.timeout.ms=10000");
    }

    fn start_binary(&mut self, group: &str, property: &str) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trailwright"));
        command.args(self.args(group, property)).env_clear();
        self.spawn(command);
    }

    /// Starts a daemon whose store has a fault: see [`faults`]. Its group is
    /// its own, because a group waits for members that were killed.
    pub(super) fn start_with(&mut self, fault: &str) {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let this = "daemon::process::this_binary_is_the_daemon_when_other_tests_say_so";
        let group = fault.replace([' ', '/', '='], "-");
        command
            .args(["--exact", this, "--nocapture"])
            .env(
                DAEMON,
                self.args(&group, "group.protocol=consumer").join("\n"),
            )
            .env(faults::FAULT, fault);
        self.spawn(command);
    }

    fn args(&self, group: &str, property: &str) -> Vec<String> {
        let brokers = &self.brokers;
        let text = format!(
            "run --lake lake --brokers {brokers} --topic {TOPIC} --group {group} -X {property}"
        );
        let args = text.split_whitespace().map(str::to_owned);
        args.chain(self.more.iter().cloned()).collect()
    }

    fn spawn(&mut self, mut command: Command) {
        let mut child = command
            .current_dir(self.trailwright.path("."))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let sender = self.sender.clone();
        let reader = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
            let _ = sender.send(ENDED.to_owned());
        });
        self.running.push((child, reader));
    }

    /// Waits for a line, and gives it.
    #[track_caller]
    pub(super) fn wait_for(&mut self, part: &str) -> String {
        loop {
            let Ok(line) = self.lines.recv_timeout(LINE_WITHIN) else {
                panic!(
                    "no line in {LINE_WITHIN:?}, waiting for {part:?}: {:#?}",
                    self.said
                );
            };
            self.said.push(line.clone());
            if line.contains(part) {
                return line;
            }
            assert_ne!(line, ENDED, "waiting for {part:?}: {:#?}", self.said);
        }
    }

    /// Waits for a line, unless it was said already.
    #[track_caller]
    pub(super) fn wait_until_said(&mut self, part: &str) {
        if !self.said.iter().any(|line| line.contains(part)) {
            self.wait_for(part);
        }
    }

    /// Waits until the lines say that the lake stands at `ends`.
    #[track_caller]
    pub(super) fn wait_until_stored(&mut self, ends: &BTreeMap<String, i64>) {
        let mut stand = BTreeMap::new();
        while *ends != stand {
            for (source, offset) in positions(&self.wait_for(TOPIC)) {
                let position = stand.entry(source).or_insert(0);
                *position = offset.max(*position);
            }
        }
    }

    /// Kills all, at once and without notice.
    pub(super) fn kill(&mut self) {
        for (child, _) in &mut self.running {
            child.kill().unwrap();
        }
        self.ended();
    }

    /// Sends all a signal, such as `-HUP`.
    #[track_caller]
    pub(super) fn signal(&self, signal: &str) {
        for (child, _) in &self.running {
            let pid = child.id().to_string();
            let told = Command::new("kill").args([signal, &pid]).status();
            assert!(told.unwrap().success());
        }
    }

    /// Asks all to stop, and waits until they did.
    #[track_caller]
    pub(super) fn stop(&mut self) {
        self.signal("-TERM");
        for status in self.ended() {
            assert_eq!(status.code(), Some(0), "{:#?}", self.said);
        }
    }

    /// Waits for the end of all, and for their last lines.
    fn ended(&mut self) -> Vec<ExitStatus> {
        let mut statuses = Vec::new();
        for (mut child, reader) in self.running.drain(..) {
            statuses.push(child.wait().unwrap());
            reader.join().unwrap();
        }
        let last = self.lines.try_iter().filter(|line| line != ENDED);
        self.said.extend(last);
        statuses
    }

    /// Everything the daemons said.
    pub(super) fn said(&self) -> String {
        self.said.join("\n")
    }
}

impl Drop for Daemons<'_> {
    fn drop(&mut self) {
        for (child, _) in &mut self.running {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

const ENDED: &str = "(ended)";

/// The positions a line names: `kafka/cloudtrail/0 at 12` once stored, and
/// `cloudtrail/0 from 12` when reading begins there.
fn positions(line: &str) -> Vec<(String, i64)> {
    let clause = |clause: &str| {
        let words: Vec<&str> = clause.split_whitespace().collect();
        let [.., source, "at" | "from", offset] = words[..] else {
            return None;
        };
        let source = source.trim_start_matches("kafka/");
        source.starts_with(TOPIC).then_some(())?;
        Some((format!("kafka/{source}"), offset.parse().ok()?))
    };
    line.split([',', ';']).filter_map(clause).collect()
}
