//! `trailwright policies as-of` and `trailwright policies history`.

use serde_json::{Value, json};

use crate::command::Trailwright;

const ROLE: &str = "arn:aws:iam::111122223333:role/app/worker";

fn call(time: &str, name: &str, parameters: Value) -> Value {
    json!({
        "eventVersion": "1.11", "eventID": format!("event-{time}-{name}"), "eventTime": format!("2026-03-09T{time}Z"),
        "eventSource": "iam.amazonaws.com", "eventName": name, "awsRegion": "us-east-1", "eventType": "AwsApiCall",
        "sourceIPAddress": "203.0.113.7", "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/dana", "accountId": "111122223333", "userName": "dana"},
        "requestParameters": parameters,
    })
}

fn document(actions: &[&str]) -> String {
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Work", "Effect": "Allow", "Action": actions, "Resource": "*"}]})
    .to_string()
}

/// A lake that knows a role from nothing but the calls that made it.
fn lake() -> Trailwright {
    let trailwright = Trailwright::new();
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
    let records = [
        call(
            "08:00:00",
            "CreateRole",
            json!({"roleName": "worker", "path": "/app/", "assumeRolePolicyDocument": trust.to_string()}),
        ),
        call(
            "08:01:00",
            "PutRolePolicy",
            json!({"roleName": "worker", "policyName": "work", "policyDocument": document(&["s3:GetObject", "sqs:SendMessage"])}),
        ),
        call(
            "09:00:00",
            "PutRolePolicy",
            json!({"roleName": "worker", "policyName": "work", "policyDocument": document(&["s3:*", "sqs:SendMessage"])}),
        ),
        call(
            "10:00:00",
            "DeleteRolePolicy",
            json!({"roleName": "worker", "policyName": "work"}),
        ),
    ];
    trailwright.write("logs/iam.json", json!({"Records": records}).to_string());
    trailwright.run(&["ingest", "--lake", "lake", "logs"]);
    trailwright
}

#[test]
fn a_history_names_the_event_of_each_change_and_shows_the_difference() {
    let trailwright = lake();
    let text = trailwright.run(&["policies", "history", "--output", "text", ROLE]);
    insta::assert_snapshot!(text);
}

#[test]
fn a_history_in_a_pipe_is_json_lines_with_both_documents() {
    let trailwright = lake();
    let args = [
        "policies",
        "history",
        ROLE,
        "--since",
        "2026-03-09T09:00:00Z",
        "--until",
        "2026-03-09T10:00:00Z",
    ];
    let lines = trailwright.run(&args);
    let [change] = lines.lines().collect::<Vec<_>>().try_into().unwrap();
    let change: Value = serde_json::from_str(change).unwrap();
    assert_eq!(change["origin"]["event_id"], "event-09:00:00-PutRolePolicy");
    assert_eq!(change["what"], "inline policy work changed");
    let actions = |side: &str| change["document"][side]["Statement"][0]["Action"][0].clone();
    assert_eq!(
        (actions("before"), actions("after")),
        (json!("s3:GetObject"), json!("s3:*"))
    );
}

#[test]
fn the_policies_of_a_role_are_those_of_the_time_asked_for() {
    let trailwright = lake();
    let mut shown = String::new();
    for time in [
        "2026-03-09T07:00:00Z",
        "2026-03-09T09:30:00Z",
        "2026-03-09T11:00:00Z",
    ] {
        let args = [
            "policies",
            "as-of",
            time,
            "--principal",
            ROLE,
            "--output",
            "text",
        ];
        shown += &format!("{time}\n{}\n", trailwright.run(&args));
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn everything_known_of_the_demo_is_listed_and_has_a_history() {
    let trailwright = Trailwright::new();
    trailwright.run(&["demo", "--directory", "demo"]);
    let asked = [
        "policies",
        "as-of",
        "2026-03-09T12:00:00Z",
        "--lake",
        "demo/lake",
    ];
    let text = trailwright.run(&[&asked[..], &["--output", "text"]].concat());
    insta::assert_snapshot!("demo_as_of_noon", text);
    let json: Value = serde_json::from_str(&trailwright.run(&asked)).unwrap();
    assert_eq!(json["as_of"], "2026-03-09T12:00:00Z");
    let count = text.lines().filter(|line| line.starts_with("arn:")).count();
    assert_eq!(json["principals"].as_array().unwrap().len(), count);

    // A role made in the demo's day has its history in the lake.
    let made = trailwright.run(&[
        "query", "--lake", "demo/lake", "--output", "jsonl",
        "select event_id, iam_resources[1] as arn from events where event_name = 'PutRolePolicy' and decision = 'allow'",
    ]);
    let made: Value = serde_json::from_str(made.trim()).unwrap();
    let arn = made["arn"].as_str().unwrap();
    let history = trailwright.run(&[
        "policies",
        "history",
        "--lake",
        "demo/lake",
        "--output",
        "text",
        arn,
    ]);
    assert!(
        history.contains(made["event_id"].as_str().unwrap()),
        "{history}"
    );
    insta::assert_snapshot!("demo_history_of_a_role", history);
}

#[test]
fn a_name_that_nothing_tells_of_is_answered_with_near_ones() {
    let trailwright = lake();
    let mut said = trailwright.complaint(
        &[
            "policies",
            "history",
            "arn:aws:iam::111122223333:role/app/worked",
        ],
        2,
    );
    said += &trailwright.complaint(
        &[
            "policies",
            "history",
            "arn:aws:sqs:eu-west-1:111122223333:jobs",
        ],
        2,
    );
    let principal = ["--principal", "arn:aws:iam::111122223333:user/worker"];
    said += &trailwright.complaint(&[&["policies", "as-of", "now"], &principal[..]].concat(), 2);
    let empty = Trailwright::new();
    said += &empty.complaint(&["policies", "history", ROLE], 2);
    insta::assert_snapshot!(said);
}
