//! What people see: each command on a small input of our own.

use std::io::{BufRead as _, Write as _};

use crate::command::Trailwright;

const TIME: &str = "2026-03-09T08:00:00Z";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn sign_in(id: &str, region: &str, host: &str, outcome: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.09","eventID":"{id}","eventTime":"{TIME}","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"{region}","sourceIPAddress":"203.0.113.7","userAgent":"Mozilla/5.0","recipientAccountId":"111122223333","eventType":"AwsConsoleSignIn","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/dana","accountId":"111122223333","userName":"dana"}},"additionalEventData":{{"LoginTo":"https://console.aws.amazon.com/console/home","MFAUsed":"Yes"}},"responseElements":{{"ConsoleLogin":"{outcome}"}},"tlsDetails":{{"clientProvidedHostHeader":"{host}"}}}}"#
    )
}

fn assume_role(id: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.09","eventID":"{id}","eventTime":"2026-03-09T08:01:00Z","eventSource":"sts.amazonaws.com","eventName":"AssumeRole","awsRegion":"eu-west-1","recipientAccountId":"111122223333","eventType":"AwsApiCall","readOnly":true,"userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/dana","accountId":"111122223333"}},"requestParameters":{{"roleArn":"arn:aws:iam::111122223333:role/audit"}},"responseElements":{{"credentials":{{"accessKeyId":"ASIAEXAMPLE","sessionToken":"very-secret-token"}}}}}}"#
    )
}

/// Two log files, one of them with a broken record, and a digest.
fn ingested() -> Trailwright {
    let trailwright = Trailwright::new();
    let first = format!(
        r#"{{"Records":[{},{}]}}"#,
        sign_in("e-1", "us-east-1", "signin.aws.amazon.com", "Success"),
        sign_in(
            "e-2",
            "eu-north-1",
            "eu-north-1.signin.aws.amazon.com",
            "Failure"
        ),
    );
    let second = format!(r#"{{"Records":[{},{{"eventID":}}]}}"#, assume_role("e-3"));
    trailwright.write("logs/a.json.gz", gzip(first.as_bytes()));
    trailwright.write("logs/deep/b.json", second);
    trailwright.write("logs/notes.txt", "not a log");
    trailwright.run_to(&["ingest", "--lake", "lake", "logs"], 3);
    trailwright
}

#[test]
fn ingest_closes_with_one_line_of_figures() {
    let trailwright = ingested();
    let again = trailwright.complaint(&["ingest", "--lake", "lake", "logs"], 3);
    let line = again.lines().next().unwrap();
    assert!(
        line.starts_with("2 files, 4 records: 0 new events, 3 duplicates, 0 rejected (and 1 rejected before), 1 files passed over by name; "),
        "{line}"
    );
    assert!(
        again.contains("trailwright rejected --lake lake"),
        "{again}"
    );
}

#[test]
fn standard_input_is_a_source() {
    let trailwright = Trailwright::new();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_trailwright"))
        .args(["ingest", "--lake", "lake", "-"])
        .current_dir(trailwright.path("."))
        .stdin(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(assume_role("e-9").as_bytes())
        .unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(
        trailwright.ask("select event_id, source from events"),
        ["e-9,'-"]
    );
}

#[test]
fn session_tokens_are_in_no_column_unless_a_person_says_so() {
    let trailwright = ingested();
    let rows = trailwright.run(&[
        "query",
        "--lake",
        "lake",
        "--output",
        "json",
        "select * from events",
    ]);
    assert!(rows.contains("ASIAEXAMPLE") && !rows.contains("very-secret-token"));
    assert_eq!(
        trailwright.ask("select redacted_fields from events where event_id = 'e-3'"),
        ["[sessionToken]"]
    );

    trailwright.write(
        "trailwright.toml",
        "[ingest]\nredact_session_tokens = false\n",
    );
    trailwright.run_to(&["ingest", "--lake", "open", "logs"], 3);
    let rows = trailwright.run(&[
        "query",
        "--lake",
        "open",
        "--output",
        "json",
        "select raw from events",
    ]);
    assert!(rows.contains("very-secret-token"));
}

#[test]
fn raw_is_the_record_as_received_and_its_hash_proves_it() {
    let trailwright = ingested();
    let raw = trailwright.run(&[
        "query",
        "--lake",
        "lake",
        "--output",
        "jsonl",
        "select raw, raw_sha256 from events where event_id = 'e-1'",
    ]);
    let row: serde_json::Value = serde_json::from_str(&raw).unwrap();
    let expected = sign_in("e-1", "us-east-1", "signin.aws.amazon.com", "Success");
    assert_eq!(row["raw"], expected.as_str());
    let digest = trailwright
        .ask("select encode(sha256(raw), 'hex') = raw_sha256 from events where event_id = 'e-1'");
    assert_eq!(digest, ["true"]);
}

#[test]
fn tail_shows_sign_ins_in_one_line_each() {
    let trailwright = ingested();
    insta::assert_snapshot!(trailwright.run(&["tail", "--lake", "lake", "--sign-ins"]));
    let failed = trailwright.run(&[
        "tail",
        "--lake",
        "lake",
        "--failed",
        "--since",
        "2026-03-09",
    ]);
    assert_eq!(failed.lines().count(), 1, "{failed}");
    let raw = trailwright.run(&["tail", "--lake", "lake", "-n", "1", "--format", "raw"]);
    assert!(
        raw.contains("\"eventID\":\"e-3\"") && raw.contains("REDACTED"),
        "{raw}"
    );
}

#[test]
fn a_followed_lake_shows_events_as_they_are_committed_and_nothing_twice() {
    let trailwright = ingested();
    let mut tail = std::process::Command::new(env!("CARGO_BIN_EXE_trailwright"))
        .args([
            "tail", "--lake", "lake", "-n", "1", "--follow", "--format", "raw",
        ])
        .current_dir(trailwright.path("."))
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufReader::new(tail.stdout.take().unwrap()).lines();
    let mut next = || lines.next().unwrap().unwrap();
    assert!(next().contains("\"e-3\""), "the newest event to begin with");
    trailwright.write(
        "new.json",
        format!("{}\n{}", assume_role("e-3"), assume_role("e-4")),
    );
    trailwright.run(&["ingest", "--lake", "lake", "new.json"]);
    assert!(next().contains("\"e-4\""), "only what is new");
    tail.kill().unwrap();
    tail.wait().unwrap();
}

#[test]
fn rejected_says_what_why_and_where_and_gives_the_bytes_back() {
    let trailwright = ingested();
    let rows = trailwright.run(&["rejected", "--lake", "lake", "--output", "jsonl"]);
    let row: serde_json::Value = serde_json::from_str(&rows).unwrap();
    assert_eq!(row["reason"], "invalid_json");
    assert_eq!(row["source"], "logs/deep/b.json");
    let id = row["id"].as_str().unwrap();
    assert_eq!(
        trailwright.run(&["rejected", "--lake", "lake", "--original", id]),
        r#"{"eventID":}"#
    );
    assert!(
        trailwright
            .complaint(&["rejected", "--lake", "lake", "--reason", "boredom"], 2)
            .contains("invalid_json")
    );
}

#[test]
fn route_shows_scope_reason_facts_and_trails() {
    let trailwright = Trailwright::new();
    let records = format!(
        "{}\n{}\n{}\n",
        sign_in("e-1", "us-east-1", "signin.aws.amazon.com", "Success"),
        sign_in(
            "e-2",
            "eu-north-1",
            "eu-north-1.signin.aws.amazon.com",
            "Success"
        ),
        assume_role("e-3")
    );
    trailwright.write("records.jsonl", records);
    insta::assert_snapshot!(
        "route_without_trails",
        trailwright.run(&["route", "records.jsonl"])
    );
    trailwright.write(
        "trailwright.toml",
        "[aliases]\nacme = '111122223333'\n\
         [[trails]]\nname = 'organization'\nhome_region = 'us-east-1'\nmulti_region = true\norganization = true\n\
         [[trails]]\nname = 'ireland'\nhome_region = 'eu-west-1'\n",
    );
    insta::assert_snapshot!(
        "route_with_trails",
        trailwright.run(&["route", "records.jsonl"])
    );
    let url = "https://acme.signin.aws.amazon.com/console/s3";
    insta::assert_snapshot!(
        "route_url_old",
        trailwright.run(&["route", url, "--at", "2022-06-01"])
    );
    insta::assert_snapshot!(
        "route_url_new",
        trailwright.run(&["route", url, "--at", "2024-06-01"])
    );
}

#[test]
fn explain_shows_that_only_the_partition_asked_for_is_read() {
    let trailwright = ingested();
    let plan = trailwright.run(&[
        "query", "--lake", "lake", "--output", "csv",
        "explain analyze select event_id from events where trail_region = 'global' and event_date = date '2026-03-09'",
    ]);
    assert!(plan.contains("trail_region=global"), "{plan}");
    assert!(!plan.contains("trail_region=eu-west-1"), "{plan}");
}

#[test]
fn mistakes_are_said_in_one_sentence_with_the_way_out() {
    let trailwright = Trailwright::new();
    assert!(
        trailwright
            .complaint(&["query", "select 1"], 4)
            .contains("there is no lake at lake")
    );
    assert!(
        trailwright
            .complaint(&["query", "--lake", "none", "select 1"], 4)
            .contains("trailwright ingest --lake none")
    );
    assert!(
        trailwright
            .complaint(&["ingest", "--lake", "gs://x", "y"], 2)
            .contains("s3://bucket/prefix")
    );
    assert!(
        trailwright
            .complaint(&["ingest", "--lake", "lake", "no-such-file"], 3)
            .contains("1 rejected")
    );
    trailwright.write("trailwright.toml", "lak = 'x'");
    let said = trailwright.complaint(&["query", "--lake", "lake", "select 1"], 2);
    assert!(
        said.contains("trailwright.toml") && said.contains("unknown field `lak`"),
        "{said}"
    );
}

#[cfg(not(feature = "kafka"))]
#[test]
fn run_without_kafka_says_how_to_build_it() {
    let complaint = Trailwright::new().complaint(&["run", "--topic", "cloudtrail"], 2);
    // The daemon writes a log: the time is before it.
    assert!(
        complaint.ends_with(
            "trailwright: this build has no Kafka consumer: build it with cargo install --path . --features kafka (needs a C++ compiler and make)\n"
        ),
        "{complaint}"
    );
}
