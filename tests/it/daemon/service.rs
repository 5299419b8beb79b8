//! What operators see of a daemon: metrics, readiness, log.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use super::cluster::Cluster;
use super::messages::record;
use super::process::Daemons;
use crate::command::Trailwright;

/// Arguments of a daemon that can be asked, on a port of its own.
pub(super) const ASKABLE: [&str; 4] = [
    "--listen",
    "127.0.0.1:0",
    "--log",
    "warn,kafka=debug,labels=info,lake=info,policies=info,service=info",
];

/// Status line and body of what a daemon answers.
pub(super) fn get(address: &str, path: &str) -> (String, String) {
    let mut client = TcpStream::connect(address).unwrap();
    write!(client, "GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.lines().next().unwrap();
    (status.to_owned(), body.to_owned())
}

/// Waits until a daemon listens, and tells where.
pub(super) fn address(daemons: &mut Daemons<'_>) -> String {
    let line = daemons.wait_for("listening on http://");
    let (_, rest) = line.split_once("http://").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

/// The samples of one metric.
fn samples<'p>(page: &'p str, name: &str) -> Vec<&'p str> {
    let is_sample = |line: &&str| line.starts_with(name);
    page.lines().filter(is_sample).collect()
}

/// The samples of a metric come in any order.
fn sorted(page: &str) -> String {
    let lines: Vec<&str> = page.lines().collect();
    let groups = lines.chunk_by(|a, b| a.starts_with('#') == b.starts_with('#'));
    let mut sorted = Vec::new();
    for group in groups {
        let mut group = group.to_vec();
        if !group[0].starts_with('#') {
            group.sort();
        }
        sorted.extend(group);
    }
    sorted.join("\n")
}

#[test]
fn metrics_after_a_batch_of_everything() {
    let mut cluster = Cluster::new(2);
    cluster.send(0, record("a"));
    cluster.send(0, record("a"));
    cluster.send(0, "not a record");
    cluster.send(1, record("b"));
    let other = record("b").replace("GetObject", "PutObject");
    cluster.send(1, other);
    cluster.flush();
    let trailwright = Trailwright::new();
    let mut daemons = Daemons::new(&trailwright, &cluster);
    daemons.with_args(&ASKABLE);
    daemons.start("audit");
    let address = address(&mut daemons);
    daemons.wait_until_stored(&cluster.ends());
    daemons.wait_for("asked the brokers for the offsets of 2");
    let (status, page) = get(&address, "/metrics");
    assert_eq!(status, "HTTP/1.1 200 OK");
    assert_eq!(get(&address, "/readyz").1, "ready\n");
    assert_eq!(get(&address, "/healthz").1, "ok\n");
    daemons.stop();
    // How the messages fall into commits is a matter of time.
    let varying = [
        (r"(?m)^(trailwright_commits_total) \d+$", "$1 [commits]"),
        (
            r"(?m)^(\S+_seconds_(bucket\{.*\}|count)) \d+$",
            "$1 [commits]",
        ),
        (r"(?m)^(\S+_seconds_sum) [0-9.e-]+$", "$1 [seconds]"),
        (
            r"(?m)^(trailwright_last_commit_timestamp_seconds) \S+$",
            "$1 [now]",
        ),
        (r"(?m)^(process_start_time_seconds) \S+$", "$1 [now]"),
        (r"(?m)^(process_resident_memory_bytes) \S+$", "$1 [bytes]"),
        (
            r#"build_info\{version=".*"\}"#,
            r#"build_info{version="[version]"}"#,
        ),
    ];
    insta::with_settings!({filters => varying}, {
        insta::assert_snapshot!("metrics", sorted(&page));
    });
}

#[test]
fn a_full_disk_is_said_and_when_there_is_room_again_the_daemon_goes_on_by_itself() {
    let mut cluster = Cluster::new(1);
    cluster.send(0, record("a"));
    cluster.flush();
    let trailwright = Trailwright::new();
    let full = trailwright.write("full", "");
    let mut daemons = Daemons::new(&trailwright, &cluster);
    daemons.with_args(&ASKABLE);
    daemons.start_with("full events/_delta_log/");
    let address = address(&mut daemons);
    daemons.wait_for("the store is full: ");
    let (status, body) = get(&address, "/readyz");
    assert_eq!(status, "HTTP/1.1 503 Service Unavailable");
    let seconds = [(r"\d+ s:", "[n] s:")];
    insta::with_settings!({filters => seconds}, {
        insta::assert_snapshot!("not_ready_while_the_disk_is_full", body);
    });
    assert_eq!(get(&address, "/healthz").0, "HTTP/1.1 200 OK");
    let (_, page) = get(&address, "/metrics");
    assert_eq!(
        samples(&page, "trailwright_store_waiting"),
        ["trailwright_store_waiting 1"]
    );
    assert_eq!(samples(&page, "trailwright_ready"), ["trailwright_ready 0"]);
    let errors = samples(&page, "trailwright_store_errors_total{");
    assert!(errors[0].contains(r#"reason="full""#), "{errors:?}");

    std::fs::remove_file(full).unwrap();
    daemons.wait_for("the store is back");
    daemons.wait_until_stored(&cluster.ends());
    assert_eq!(get(&address, "/readyz").0, "HTTP/1.1 200 OK");
    daemons.stop();
    assert_eq!(trailwright.ask("select event_id from events"), ["a"]);
}

#[test]
fn without_brokers_the_daemon_is_alive_and_not_ready_and_ends_when_asked() {
    let mut cluster = Cluster::new(1);
    cluster.send(0, record("a"));
    cluster.flush();
    let trailwright = Trailwright::new();
    let mut daemons = Daemons::new(&trailwright, &cluster);
    daemons.with_args(&ASKABLE);
    daemons.start("audit");
    let address = address(&mut daemons);
    daemons.wait_until_stored(&cluster.ends());
    drop(cluster);
    daemons.wait_for("asked the brokers in vain");
    let (status, body) = get(&address, "/readyz");
    assert_eq!(status, "HTTP/1.1 503 Service Unavailable");
    assert!(body.contains("brokers do not answer: "), "{body}");
    assert_eq!(get(&address, "/healthz").0, "HTTP/1.1 200 OK");
    daemons.stop();
}

#[test]
fn while_it_stops_the_daemon_is_alive_and_not_ready() {
    let mut cluster = Cluster::new(1);
    cluster.send(0, record("a"));
    cluster.flush();
    let trailwright = Trailwright::new();
    let mut daemons = Daemons::new(&trailwright, &cluster);
    daemons.with_args(&ASKABLE);
    // The last commit never ends, so that there is time to ask.
    daemons.start_with("before events/_delta_log/");
    let address = address(&mut daemons);
    daemons.wait_for(super::faults::STANDING);
    daemons.signal("-TERM");
    daemons.wait_for("stopping: ");
    let (status, body) = get(&address, "/readyz");
    assert_eq!(status, "HTTP/1.1 503 Service Unavailable");
    assert_eq!(body, "not ready\nstopping\n");
    assert_eq!(get(&address, "/healthz").0, "HTTP/1.1 200 OK");
    daemons.kill();
}

#[test]
fn as_json_every_line_of_the_log_is_one_object() {
    let mut cluster = Cluster::new(1);
    cluster.send(0, record("a"));
    cluster.flush();
    let trailwright = Trailwright::new();
    trailwright.write("policies/broken.json", "{");
    let mut daemons = Daemons::new(&trailwright, &cluster);
    daemons.with_args(&["--log-format", "json", "--policies", "policies"]);
    daemons.start("audit");
    daemons.wait_for("kafka/cloudtrail/0 at 1");
    daemons.stop();
    let said = daemons.said();
    for line in said.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(
            event["time"].is_string() && event["message"].is_string(),
            "{line}"
        );
    }
    let varying = [
        (r#""time":"[^"]+""#, r#""time":"[time]""#),
        (r#""bytes_written":\d+"#, r#""bytes_written":[bytes]"#),
    ];
    insta::with_settings!({filters => varying}, {
        insta::assert_snapshot!("log_as_json", said);
    });
}

#[test]
fn a_filter_that_cannot_be_read_is_wrong_usage() {
    let trailwright = Trailwright::new();
    let args = [
        "run",
        "--topic",
        "t",
        "--brokers",
        "127.0.0.1:1",
        "--log",
        "kafka=loud",
    ];
    let said = trailwright.complaint(&args, 2);
    assert!(
        said.contains(r#"the log filter "kafka=loud" cannot be read"#),
        "{said}"
    );
}
