//! Labels of a public incident data set, from nothing but its records and the
//! dated catalogue of AWS managed policies.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde_json::Value;
use trailwright_schemas::{Agreement, Decision, Label, Record, RecordedOutcome};

use super::{LabelOptions, Labeller};
use crate::agreement::{Reason, Recorded};
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

/// What the record itself says of the cause of a denial.
fn said(record: &Record) -> &'static str {
    let message = record.error_message.as_deref().unwrap_or_default();
    match Recorded::of(record).reason {
        Some(Reason::Gate(_)) => "a gate outside IAM (billing)",
        Some(Reason::Encoded) => "encoded",
        Some(Reason::Implicit { .. }) => "no identity-based policy allows",
        _ if message.is_empty() => "nothing",
        _ => "no reason",
    }
}

const BEGIN: &str = "<!-- invictus-denials: begin -->\n";
const END: &str = "<!-- invictus-denials: end -->";

#[test]
fn every_recorded_denial_has_a_cause_or_what_is_unknown_as_the_page_of_labels_shows() {
    let Some(labelled) = labelled() else {
        return;
    };
    let denied = labelled
        .values()
        .filter(|(_, label)| label.recorded_outcome == RecordedOutcome::Denied);
    let mut rows: BTreeMap<String, usize> = BTreeMap::new();
    let mut caused = 0;
    for (record, label) in denied {
        let known = label.decision != Decision::Indeterminate;
        caused += usize::from(known && said(record) == "encoded");
        let cause = label.cause.text.split(" on arn:").next().unwrap();
        let row = format!(
            "{} | {} | `{}`, `{}` | {cause} | `{}` |",
            record.event_name,
            said(record),
            label.decision.as_str(),
            label.cause.cause_type.as_str(),
            label.agreement_class.as_str(),
        );
        *rows.entry(row).or_default() += 1;
    }
    assert_eq!(rows.values().sum::<usize>(), 60);
    assert_eq!(caused, 44, "all that are encoded have a cause");
    let mut table =
        "| denials | call | the record says | decision and type of cause | cause | class |\n\
                     |---|---|---|---|---|---|\n"
            .to_owned();
    for (row, count) in &rows {
        table += &format!("| {count} | {row}\n");
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/labels.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (written, after) = rest.split_once(END).unwrap();
    if std::env::var_os("TRAILWRIGHT_BLESS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(
        written, table,
        "docs/reference/labels.md is old: run this test with TRAILWRIGHT_BLESS=1"
    );
}
