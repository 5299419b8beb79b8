#![allow(clippy::unwrap_used)]
use chrono::{DateTime, Utc};

use super::digest::{Digest, Digests};
use super::{Arrived, Hours, State, stretches};

fn time(text: &str) -> DateTime<Utc> {
    format!("2026-03-09T{text}Z").parse().unwrap()
}

fn place() -> (Option<String>, Option<String>) {
    (
        Some("111122223333".to_owned()),
        Some("eu-west-1".to_owned()),
    )
}

fn delivered(hours: &[&str]) -> Hours {
    let one = Arrived {
        files: 1,
        ..Arrived::default()
    };
    let hours = hours.iter().map(|hour| (time(hour), one.clone()));
    Hours::from([(place(), hours.collect())])
}

fn log_file(time: &str) -> String {
    format!(
        "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/09/111122223333_CloudTrail_eu-west-1_20260309T{time}Z_8hFq2kPzT1xYc3Ab.json.gz"
    )
}

fn digest(begin: &str, end: &str, files: &[String]) -> Digest {
    let files = files
        .iter()
        .map(|file| serde_json::json!({"s3Bucket": "logs", "s3Object": file}));
    let digest = serde_json::json!({
        "awsAccountId": "111122223333",
        "digestStartTime": time(begin), "digestEndTime": time(end),
        "digestS3Object": "111122223333_CloudTrail-Digest_eu-west-1_main_us-east-1_20260309T000000Z.json.gz",
        "logFiles": files.collect::<Vec<_>>(), "previousDigestSignature": null,
    });
    serde_json::from_value(digest).unwrap()
}

fn states(hours: Hours, digests: &Digests, until: Option<DateTime<Utc>>) -> Vec<(State, i64)> {
    let stretches = stretches(hours, digests, until);
    stretches.iter().map(|one| (one.state, one.hours)).collect()
}

#[test]
fn hours_without_a_file_are_one_gap_up_to_the_last_file_of_any_place() {
    let mut hours = delivered(&["08:00:00", "11:00:00"]);
    let other = (
        Some("111122223333".to_owned()),
        Some("us-east-1".to_owned()),
    );
    hours.insert(other, delivered(&["12:00:00"])[&place()].clone());
    let digests = Digests::default();
    let expected = [
        (State::Delivered, 1),
        (State::Gap, 2),
        (State::Delivered, 1),
        (State::Gap, 1),
        (State::Delivered, 1),
    ];
    assert_eq!(states(hours, &digests, None), expected);
    let longer = states(delivered(&["08:00:00"]), &digests, Some(time("10:30:00")));
    assert_eq!(longer, [(State::Delivered, 1), (State::Gap, 2)]);
}

#[test]
fn an_hour_is_quiet_only_when_digests_cover_all_of_it() {
    let mut digests = Digests::default();
    digests.add(digest("08:31:00", "09:31:00", &[]));
    digests.add(digest("09:31:00", "10:31:00", &[]));
    let hours = delivered(&["08:00:00", "11:00:00"]);
    let expected = [
        (State::Delivered, 1),
        (State::Quiet, 1),
        (State::Gap, 1),
        (State::Delivered, 1),
    ];
    assert_eq!(states(hours, &digests, None), expected);
}

#[test]
fn a_file_that_a_digest_names_and_that_is_nowhere_is_missing() {
    let mut digests = Digests::default();
    digests.add(digest(
        "09:00:00",
        "10:00:00",
        &[log_file("0905"), log_file("0910")],
    ));
    digests.is_there(&format!(
        "/copies/{}",
        log_file("0905").rsplit('/').next().unwrap()
    ));
    digests.conclude(|_| true);
    let stretches = stretches(delivered(&["09:00:00"]), &digests, None);
    assert_eq!(stretches[0].state, State::Missing);
    assert_eq!(
        stretches[0].missing,
        [format!("s3://logs/{}", log_file("0910"))]
    );
}

#[test]
fn an_hour_of_which_all_files_are_missing_is_there_too() {
    let mut digests = Digests::default();
    digests.add(digest("09:00:00", "10:00:00", &[log_file("0905")]));
    digests.conclude(|_| true);
    assert_eq!(states(Hours::new(), &digests, None), [(State::Missing, 1)]);
}
