//! What the doctor says of Kafka.

use std::net::TcpListener;

use super::cluster::Cluster;
use super::messages::record;
use super::process::Daemons;
use crate::command::Trailwright;

/// The lines about Kafka, and the exit code.
fn ask(trailwright: &Trailwright, args: &[&str]) -> (String, i32) {
    let mut all = vec!["doctor", "--lake", "lake", "--output", "text"];
    all.extend(args);
    let output = trailwright.output(&all);
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = Vec::new();
    let mut is_kafka = false;
    for line in text.lines() {
        if !line.starts_with("        ") {
            is_kafka = ["brokers: ", "topics: ", "positions: "]
                .iter()
                .any(|name| line.contains(name));
        }
        if is_kafka {
            lines.push(line);
        }
    }
    (lines.join("\n"), output.status.code().unwrap())
}

/// Without the port, which is another each time.
macro_rules! assert_kafka {
    ($name:literal, $text:expr) => {
        let ports = [
            (r"127\.0\.0\.1:\d+", "127.0.0.1:[port]"),
            (r"\(after \d+ms in state \w+[^)]*\)", "([time])"),
        ];
        insta::with_settings!({filters => ports}, {
            insta::assert_snapshot!($name, $text);
        });
    };
}

#[test]
fn all_is_well() {
    let mut cluster = Cluster::new(2);
    cluster.send(0, record("a"));
    cluster.send(1, record("b"));
    cluster.flush();
    let trailwright = Trailwright::new();
    let mut daemons = Daemons::new(&trailwright, &cluster);
    daemons.start("audit");
    daemons.wait_until_stored(&cluster.ends());
    daemons.stop();
    cluster.send(1, record("c"));
    cluster.flush();
    let brokers = cluster.brokers();
    let (text, _) = ask(
        &trailwright,
        &["--brokers", &brokers, "--topic", "^cloud.*"],
    );
    assert_kafka!("doctor_kafka_well", text);
}

#[test]
fn a_topic_that_is_not_there_and_properties_that_do_nothing() {
    let cluster = Cluster::new(1);
    let trailwright = Trailwright::new();
    let brokers = cluster.brokers();
    let (text, code) = ask(
        &trailwright,
        &[
            "--brokers",
            &brokers,
            "--topic",
            "cloudtrial",
            "--topic",
            "^(",
            "-X",
            "sasl.username=audit",
        ],
    );
    assert_kafka!("doctor_kafka_topics", text);
    assert_eq!(code, 2);
}

#[test]
fn brokers_that_are_not_there() {
    let trailwright = Trailwright::new();
    // A port on which nobody listens any more.
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let (text, code) = ask(
        &trailwright,
        &["--brokers", &address, "--topic", "cloudtrail"],
    );
    assert!(text.contains("Connection refused"), "{text}");
    assert!(
        text.contains("→ nothing listens there: mend host and port"),
        "{text}"
    );
    assert_eq!(code, 4);
}

#[test]
fn a_topic_that_was_made_anew() {
    let mut cluster = Cluster::new(1);
    for id in ["a", "b"] {
        cluster.send(0, record(id));
    }
    cluster.flush();
    let trailwright = Trailwright::new();
    let mut daemons = Daemons::new(&trailwright, &cluster);
    daemons.start("audit");
    daemons.wait_until_stored(&cluster.ends());
    daemons.stop();
    let mut other = Cluster::new(1);
    other.send(0, record("c"));
    other.flush();
    let brokers = other.brokers();
    let (text, _) = ask(
        &trailwright,
        &["--brokers", &brokers, "--topic", "cloudtrail"],
    );
    assert_kafka!("doctor_kafka_made_anew", text);
}

#[test]
fn without_a_topic_the_doctor_says_how_to_name_one() {
    let trailwright = Trailwright::new();
    let (text, code) = ask(&trailwright, &[]);
    assert!(
        text.contains("failure brokers: no topic to consume from"),
        "{text}"
    );
    assert_eq!(code, 2);
}
