//! `trailwright doctor`, apart from Kafka.

use serde_json::Value;

use crate::command::Trailwright;

/// All but the lines about Kafka, which depend on the build.
fn ask(trailwright: &Trailwright, args: &[&str]) -> String {
    let mut all = vec!["doctor", "--output", "text"];
    all.extend(args);
    let output = trailwright.output(&all);
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = Vec::new();
    let mut is_kafka = false;
    for line in text.lines() {
        if !line.starts_with("        ") {
            is_kafka = line.contains("brokers: ");
        }
        if !is_kafka {
            lines.push(line);
        }
    }
    let directory = trailwright.path(".").canonicalize().unwrap();
    lines
        .join("\n")
        .replace(directory.to_str().unwrap(), "[directory]")
}

macro_rules! assert_said {
    ($name:literal, $text:expr) => {
        let varying = [
            (r"clock: \S+Z", "clock: [time]"),
            // What this machine happens to have.
            (r"(ok|warning|failure) +disk: .* free at", "[outcome] disk: [room] free at"),
            (r"\n +→ make room[^\n]*", ""),
        ];
        insta::with_settings!({filters => varying}, {
            insta::assert_snapshot!($name, $text);
        });
    };
}

fn with_a_lake() -> Trailwright {
    let trailwright = Trailwright::new();
    trailwright.write(
        "logs/a.json",
        r#"{"Records":[{"eventVersion":"1.08","eventID":"a","eventTime":"2026-03-01T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","recipientAccountId":"111122223333"}]}"#,
    );
    trailwright.run(&["ingest", "--lake", "lake", "logs"]);
    trailwright
}

#[test]
fn of_a_lake_that_is_well() {
    let trailwright = with_a_lake();
    trailwright.write("policies/account.json", r#"{"UserDetailList": []}"#);
    let text = ask(&trailwright, &["--policies", "policies"]);
    assert_said!("doctor_well", text);
    // What was written to try is gone.
    let left = std::fs::read_dir(trailwright.path("lake")).unwrap();
    let mut left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["events", "files", "policy_timeline", "rejected"]);
}

#[test]
fn before_the_first_run_nothing_is_made() {
    let trailwright = Trailwright::new();
    let text = ask(&trailwright, &["--lake", "new/lake"]);
    assert_said!("doctor_before_the_first_run", text);
    assert!(!trailwright.path("new").exists());
}

#[test]
fn of_a_configuration_that_cannot_be_read() {
    let trailwright = Trailwright::new();
    trailwright.write("trailwright.toml", "[commit]\nrows = 5\n");
    assert_said!("doctor_configuration_unreadable", ask(&trailwright, &[]));
    assert_eq!(trailwright.output(&["doctor"]).status.code(), Some(2));
}

#[test]
fn of_contradictions_and_broken_policies() {
    let trailwright = Trailwright::new();
    trailwright.write(
        "trailwright.toml",
        "[commit]\nrows_max = 0\n[policies]\ndirectory = \"policies\"\npropagation_seconds = 7200\nprovisional_hours = 1\n\
         [service]\nlog = \"kafka=loud\"\n",
    );
    for number in 0..7 {
        trailwright.write(&format!("policies/{number}.json"), "{");
    }
    assert_said!("doctor_contradictions", ask(&trailwright, &[]));
}

#[test]
fn of_a_store_that_cannot_be_written_and_a_damaged_lake() {
    let trailwright = Trailwright::new();
    let missing = ask(&trailwright, &["--policies", "nowhere"]);
    assert!(
        missing.contains("failure policies: nowhere cannot be read"),
        "{missing}"
    );

    let trailwright = with_a_lake();
    let log = trailwright.path("lake/events/_delta_log");
    for entry in std::fs::read_dir(log).unwrap() {
        std::fs::write(entry.unwrap().path(), "{").unwrap();
    }
    let damaged = ask(&trailwright, &[]);
    assert!(damaged.contains("failure lake: cannot"), "{damaged}");
    assert_eq!(trailwright.output(&["doctor"]).status.code(), Some(4));
}

#[test]
fn as_json_each_check_is_one_line() {
    let trailwright = with_a_lake();
    let output = trailwright.output(&["doctor", "--output", "json"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let checks: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |name: &str| checks.iter().find(|check| check["check"] == name).unwrap();
    assert_eq!(of("lake")["status"], "ok");
    assert_eq!(of("policies")["status"], "warning");
    assert!(
        of("policies")["fix"]
            .as_str()
            .unwrap()
            .contains("--policies")
    );
}

#[cfg(not(feature = "kafka"))]
#[test]
fn a_build_without_kafka_says_that_it_cannot_ask_brokers() {
    let trailwright = with_a_lake();
    trailwright.write("policies/account.json", r#"{"UserDetailList": []}"#);
    let args = ["doctor", "--output", "text", "--policies", "policies"];
    let text = String::from_utf8(trailwright.output(&args).stdout).unwrap();
    assert!(
        text.contains("skipped brokers: this build cannot ask them: build with"),
        "{text}"
    );
}
