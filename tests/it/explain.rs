//! `trailwright explain` and `trailwright agreement`, on the demo's lake.

use std::collections::BTreeMap;

use serde_json::Value;
use trailwright_ingest::generator::generate;

use crate::command::Trailwright;

const LAKE: &str = "demo/lake";

fn demo() -> Trailwright {
    let trailwright = Trailwright::new();
    trailwright.run(&["demo", "--directory", "demo"]);
    trailwright
}

/// The ID of the first event for which the condition holds.
fn event(trailwright: &Trailwright, condition: &str) -> String {
    let sql = format!(
        "select event_id from events where {condition} order by event_time, event_id limit 1"
    );
    let csv = trailwright.run(&["query", "--lake", LAKE, "--output", "csv", &sql]);
    csv.lines().nth(1).unwrap().to_owned()
}

fn explain(trailwright: &Trailwright, event_id: &str, output: &str) -> String {
    let args = [
        "explain", "--lake", LAKE, "--quiet", "--output", output, event_id,
    ];
    trailwright.run(&args)
}

#[track_caller]
fn assert_shown(name: &str, shown: &str) {
    insta::with_settings!({filters => vec![
        (r"made at \S+ \((final|provisional)\)", "made at [time] ($1)"),
    ]}, {
        insta::assert_snapshot!(name, shown);
    });
}

#[test]
fn each_decision_is_explained_with_its_request_policies_steps_and_agreement() {
    let trailwright = demo();
    let day = chrono::NaiveDate::from_ymd_opt(2026, 3, 9).unwrap();
    let disagreeing = format!("event_id = '{}'", generate(1, day).contradicting_event);
    for (name, condition) in [
        ("disagreeing", disagreeing.as_str()),
        (
            "denied_by_a_boundary",
            "cause_type = 'permissions_boundary'",
        ),
        (
            "allowed_near_a_deny",
            "event_name = 'PutRolePolicy' and decision = 'allow'",
        ),
        ("open", "cause_type = 'unknown_keys'"),
        ("not_authenticated", "decision_stage = 'authentication'"),
    ] {
        let id = event(&trailwright, condition);
        assert_shown(name, &explain(&trailwright, &id, "text"));
    }
}

#[test]
fn as_json_an_explanation_is_whole() {
    let trailwright = demo();
    let id = event(
        &trailwright,
        "decision = 'explicit_deny' and error_code is not null",
    );
    let explained: Value = serde_json::from_str(&explain(&trailwright, &id, "json")).unwrap();
    assert_eq!(explained["event_id"], id.as_str());
    assert_eq!(explained["label"]["decision"], "explicit_deny");
    assert_eq!(explained["stored_label"]["same"], true);
    let part = &explained["evaluations"][0];
    let deciding = &part["cause"]["policy"];
    let used = part["policies"].as_array().unwrap().iter();
    let mut denying = used.filter(|used| used["policy"] == *deciding);
    let denying = denying.next().unwrap();
    assert_eq!(denying["statements"][0]["effect"], "Deny");
    assert!(denying["since"]["kind"].is_string(), "{denying}");
    assert!(denying["document"]["Statement"].is_array(), "{denying}");
    assert!(part["steps"].as_array().unwrap().len() > 2);
    assert_eq!(
        explained["request"]["context"]["aws:SourceIp"]["provenance"],
        "exact"
    );
}

#[test]
fn records_of_files_are_explained_as_they_are_labelled_in_a_lake() {
    let trailwright = demo();
    let lines = trailwright.run(&[
        "explain",
        "--file",
        "demo/logs",
        "--policies",
        "demo/policies",
        "--quiet",
    ]);
    let explained: BTreeMap<String, [String; 2]> = lines
        .lines()
        .map(|line| {
            let explained: Value = serde_json::from_str(line).unwrap();
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let label = &explained["label"];
            let decided = [text(&label["decision"]), text(&label["cause"]["text"])];
            (text(&explained["event_id"]), decided)
        })
        .collect();
    let stored = trailwright.run(&[
        "query",
        "--lake",
        LAKE,
        "--output",
        "jsonl",
        "select event_id, decision, cause from events",
    ]);
    let stored: BTreeMap<String, [String; 2]> = stored
        .lines()
        .map(|line| {
            let row: Value = serde_json::from_str(line).unwrap();
            let text = |name: &str| row[name].as_str().unwrap().to_owned();
            (text("event_id"), [text("decision"), text("cause")])
        })
        .collect();
    assert!(stored.len() > 100);
    assert_eq!(explained, stored);
}

#[test]
fn an_event_that_is_not_there_is_looked_for_nearby() {
    let trailwright = demo();
    let id = event(&trailwright, "decision = 'allow'");
    let near = format!("{}-else", &id[..8]);
    let mut said = trailwright.complaint(&["explain", "--lake", LAKE, &near], 2);
    said += &trailwright.complaint(&["explain", "--lake", LAKE, "no-such-event"], 2);
    said += &trailwright.complaint(&["explain", "--lake", "nowhere", "e"], 4);
    said += &trailwright.complaint(
        &["explain", "--file", "demo/logs", "--quiet", "no-such-event"],
        2,
    );
    insta::assert_snapshot!(said);
}

#[test]
fn agreement_counts_classes_and_names_what_disagrees() {
    let trailwright = demo();
    let text = trailwright.run(&["agreement", "--lake", LAKE, "--output", "text"]);
    insta::assert_snapshot!(text);
    let json: Value =
        serde_json::from_str(&trailwright.run(&["agreement", "--lake", LAKE])).unwrap();
    let day = chrono::NaiveDate::from_ymd_opt(2026, 3, 9).unwrap();
    let generated = generate(1, day);
    assert_eq!(json["events"], generated.expected.len());
    let disagreements = json["disagreements"].as_array().unwrap();
    assert_eq!(disagreements.len(), 1);
    assert_eq!(
        disagreements[0]["example_event_id"],
        generated.contradicting_event.as_str()
    );
    let before = trailwright.run(&["agreement", "--lake", LAKE, "--until", "2026-03-09"]);
    let before: Value = serde_json::from_str(&before).unwrap();
    assert_eq!(before["events"], 0);
}
