//! What arrived and what did not, as people see it.

use crate::command::Trailwright;

fn record(id: &str, time: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.08","eventID":"{id}","eventTime":"2026-03-09T{time}:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","recipientAccountId":"111122223333"}}"#
    )
}

fn name(region: &str, time: &str) -> String {
    format!("111122223333_CloudTrail_{region}_20260309T{time}Z_8hFq2kPzT1xYc3Ab.json")
}

fn key(region: &str, time: &str) -> String {
    let name = name(region, time);
    format!("AWSLogs/111122223333/CloudTrail/{region}/2026/03/09/{name}")
}

fn digest(region: &str, begin: &str, end: &str, files: &[String]) -> (String, String) {
    let files: Vec<String> = files
        .iter()
        .map(|file| format!(r#"{{"s3Bucket":"audit-logs","s3Object":"{file}"}}"#))
        .collect();
    let compact = end.replace(':', "");
    let object = format!(
        "AWSLogs/111122223333/CloudTrail-Digest/{region}/2026/03/09/111122223333_CloudTrail-Digest_{region}_main_us-east-1_20260309T{compact}Z.json"
    );
    let content = format!(
        r#"{{"awsAccountId":"111122223333","digestStartTime":"2026-03-09T{begin}Z","digestEndTime":"2026-03-09T{end}Z","digestS3Bucket":"audit-logs","digestS3Object":"{object}","logFiles":[{}],"previousDigestSignature":null}}"#,
        files.join(",")
    );
    (object, content)
}

/// Two Regions: one that delivers in hours 8 and 12, of which digests tell
/// hours 8, 9 and 12, and one without digests that falls silent.
fn followed() -> Trailwright {
    let trailwright = Trailwright::new();
    let write = |key: &str, content: &str| {
        trailwright.write(&format!("logs/{key}"), content);
    };
    write(
        &key("eu-west-1", "0805"),
        &format!("{}\n{}", record("a", "08:01"), record("b", "08:02")),
    );
    // A copy of an event in a second file, a late event, and poison.
    write(
        &key("eu-west-1", "0810"),
        &format!("{}\n{}\npoison", record("b", "08:02"), record("c", "03:00")),
    );
    write(&key("eu-west-1", "1205"), &record("d", "12:00"));
    write(&key("us-east-1", "0905"), &record("e", "09:00"));
    for (object, content) in [
        digest(
            "eu-west-1",
            "08:00:00",
            "09:00:00",
            &[
                key("eu-west-1", "0805"),
                key("eu-west-1", "0810"),
                key("eu-west-1", "0815"),
            ],
        ),
        digest("eu-west-1", "09:00:00", "10:00:00", &[]),
        digest(
            "eu-west-1",
            "12:00:00",
            "13:00:00",
            &[key("eu-west-1", "1205")],
        ),
    ] {
        write(&object, &content);
    }
    trailwright.run_to(&["ingest", "--lake", "lake", "logs"], 3);
    trailwright
}

#[test]
fn each_hour_is_delivered_missing_a_file_quiet_or_a_gap() {
    let trailwright = followed();
    let text = trailwright.run(&["coverage", "--lake", "lake", "--output", "text"]);
    insta::assert_snapshot!("coverage_as_text", text);
    let lines = trailwright.run(&["coverage", "--lake", "lake"]);
    insta::assert_snapshot!("coverage_as_json", lines);
}

#[test]
fn a_gap_is_found_only_in_the_window_and_accounts_asked_for() {
    let trailwright = followed();
    let coverage = |more: &[&str], code| {
        let args = ["coverage", "--lake", "lake", "--exit-code"];
        trailwright.run_to(&[&args[..], more].concat(), code)
    };
    coverage(&[], 1);
    let window = [
        "--since",
        "2026-03-09T12:00:00Z",
        "--until",
        "2026-03-09T13:00:00Z",
    ];
    assert_eq!(coverage(&window, 0).lines().count(), 1);
    assert_eq!(coverage(&["--accounts", "444455556666"], 0), "");
    let window = [
        "--since",
        "2026-03-09T12:00:00Z",
        "--until",
        "2026-03-09T15:00:00Z",
    ];
    assert!(coverage(&window, 1).contains(r#""hours":2"#));
}

#[test]
fn the_manifest_of_a_report_names_the_gaps_of_its_period() {
    let trailwright = followed();
    let gaps = |since: &str, until: &str, out: &str| {
        let args = ["report", "run", "disagreements", "--lake", "lake"];
        let scope = ["--since", since, "--until", until, "--out", out];
        trailwright.run(&[&args[..], &scope].concat());
        let pack = trailwright.path(out);
        let verified = trailwright.run(&["report", "verify", pack.to_str().unwrap()]);
        let verified: serde_json::Value = serde_json::from_str(&verified).unwrap();
        let coverage = &verified["manifest"]["coverage"];
        let gaps = coverage["gaps"].as_array().unwrap().iter().map(|gap| {
            let text = |key: &str| gap[key].as_str().unwrap().to_owned();
            let missing = gap["missing"].as_array().unwrap().len();
            format!(
                "{} {} {} h {} {missing}",
                text("region"),
                text("hour"),
                gap["hours"],
                text("state")
            )
        });
        (
            coverage["files"].as_u64().unwrap(),
            gaps.collect::<Vec<_>>(),
        )
    };
    let (files, day) = gaps("2026-03-09", "2026-03-10", "day.zip");
    assert_eq!(files, 4);
    assert_eq!(
        day,
        [
            "eu-west-1 2026-03-09T08:00:00Z 1 h missing 1",
            "eu-west-1 2026-03-09T10:00:00Z 2 h gap 0",
            "eu-west-1 2026-03-09T13:00:00Z 11 h gap 0",
            "us-east-1 2026-03-09T10:00:00Z 14 h gap 0",
        ]
    );
    // Whoever delivered before is expected to deliver.
    let (files, next) = gaps("2026-03-10", "2026-03-11", "next.zip");
    assert_eq!(files, 0);
    assert_eq!(
        next,
        [
            "eu-west-1 2026-03-10T00:00:00Z 24 h gap 0",
            "us-east-1 2026-03-10T00:00:00Z 24 h gap 0",
        ]
    );
}

#[test]
fn what_cannot_be_a_window_is_wrong_usage() {
    let trailwright = followed();
    let coverage = |more: &[&str]| {
        let args = ["coverage", "--lake", "lake"];
        trailwright.complaint(&[&args[..], more].concat(), 2)
    };
    assert!(coverage(&["--since", "soon"]).contains("give 90s"));
    assert!(coverage(&["--accounts", "12"]).contains("not a 12-digit account ID"));
    assert!(coverage(&["--late-after", "soon"]).contains("give 15m"));
}
