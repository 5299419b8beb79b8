//! Labels of a public incident data set, from nothing but its records and the
//! dated catalogue of AWS managed policies.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde_json::Value;
use trailwright_schemas::{Agreement, Decision, Label, Record, RecordedOutcome};

use super::{LabelOptions, Labeller};
use crate::policies::{PolicyFile, Timeline};
use crate::samples;

fn now() -> DateTime<Utc> {
    "2026-06-01T00:00:00Z".parse().unwrap()
}

/// Every record of the data set by its eventID, with its label.
fn labelled() -> Option<HashMap<String, (Record, Label)>> {
    let records: Vec<Record> = samples::real()?
        .into_iter()
        .filter(|record| record.recipient_account_id.as_deref() == Some("123837392027"))
        .collect();
    assert_eq!(records.len(), 2_900);
    let catalogue = samples::shared("policies/aws-managed-history.jsonl.zst")?;
    let mut timeline = Timeline::default();
    let file = PolicyFile::new(PathBuf::from("aws-managed.jsonl"), catalogue);
    let (_, problems) = timeline.add_files(&[file]);
    assert_eq!(problems, []);
    timeline.add_records(&records);
    let labeller = Labeller::new(timeline, LabelOptions::default());
    let with_label = |record: Record| {
        let label = labeller.label(&record, now());
        (record.event_id.clone().unwrap(), (record, label))
    };
    Some(records.into_iter().map(with_label).collect())
}

fn lines(path: &str) -> Option<Vec<Value>> {
    let text = samples::shared_text(path)?;
    Some(
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

#[test]
fn calls_of_roles_made_in_the_log_are_decided_as_their_policies_of_that_second_say() {
    let (Some(labelled), Some(cases)) = (labelled(), lines("records/invictus_roles.jsonl")) else {
        return;
    };
    assert_eq!(cases.len(), 70);
    let mut wrong = Vec::new();
    for case in &cases {
        let (_, label) = &labelled[case["eventID"].as_str().unwrap()];
        let decision = match case["expected"].as_str().unwrap() {
            "allow" => Decision::Allow,
            "implicitDeny" => Decision::ImplicitDeny,
            other => panic!("{other}"),
        };
        let agrees = label.agreement_class.agreement() == Agreement::Agrees;
        if label.decision != decision || agrees != case["agree"].as_bool().unwrap() {
            wrong.push(format!("{case}\n{label:#?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong, the first: {}",
        wrong.len(),
        wrong[0]
    );
}

#[test]
fn denials_right_after_a_role_was_made_are_propagation() {
    let cases = lines("records/invictus_eventual_consistency.jsonl");
    let (Some(labelled), Some(cases)) = (labelled(), cases) else {
        return;
    };
    let mut denied = 0;
    for case in &cases {
        let (_, label) = &labelled[case["eventID"].as_str().unwrap()];
        if case["recorded"] == "AccessDenied" {
            denied += 1;
            assert_eq!(
                label.agreement_class.agreement(),
                Agreement::Propagation,
                "{case}\n{label:#?}"
            );
        } else {
            assert_ne!(
                label.agreement_class.agreement(),
                Agreement::Disagrees,
                "{case}\n{label:#?}"
            );
        }
    }
    assert_eq!(denied, 13);
}

#[test]
fn every_recorded_denial_has_a_decision_with_a_cause_or_what_is_unknown() {
    let Some(labelled) = labelled() else {
        return;
    };
    let denied = labelled
        .values()
        .filter(|(_, label)| label.recorded_outcome == RecordedOutcome::Denied);
    let mut table: BTreeMap<String, usize> = BTreeMap::new();
    for (record, label) in denied {
        let row = format!(
            "{} | {} | {} | {} | {} | {}",
            record.event_name,
            record
                .user_identity
                .identity_type
                .as_ref()
                .map_or("", |t| t.as_str()),
            label.decision.as_str(),
            label.cause.cause_type.as_str(),
            label.agreement_class.as_str(),
            label.cause.text,
        );
        *table.entry(row).or_default() += 1;
    }
    for (row, count) in &table {
        println!("{count} | {row}");
    }
    assert_eq!(table.values().sum::<usize>(), 60);
}
