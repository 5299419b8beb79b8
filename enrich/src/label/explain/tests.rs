#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;

use serde_json::{Value, json};
use trailwright_schemas::{CauseType, Decision, Record, Stage};

use crate::label::tests::{deploy, now, organization, user};
use crate::policies::{PolicyFile, PolicyKind, Timeline};
use crate::{Assume, Explained, LabelOptions, Labeller, samples};

/// Requests that every layer of the small organization takes part in.
fn requests() -> Vec<Value> {
    vec![
        json!({}),
        json!({"eventName": "PutObject"}),
        json!({"eventName": "DeleteObject", "userIdentity": user("bob")}),
        json!({"awsRegion": "us-east-1"}),
        json!({"userIdentity": user("mallory")}),
        json!({"userIdentity": user("eve")}),
        json!({"userIdentity": deploy("ASIAEXAMPLELIMITED")}),
        json!({"userIdentity": deploy("ASIAEXAMPLE"), "requestParameters": {"bucketName": "lake", "key": "a"}}),
        json!({"vpcEndpointId": "vpce-0a1b2c3d", "sourceIPAddress": "10.0.0.4"}),
        json!({
            "eventSource": "sts.amazonaws.com", "eventName": "AssumeRole",
            "requestParameters": {"roleArn": "arn:aws:iam::111111111111:role/ci/deploy", "roleSessionName": "run-7"}}),
        json!({
            "eventSource": "lambda.amazonaws.com", "eventName": "CreateFunction20150331", "userIdentity": deploy("ASIAEXAMPLE"),
            "requestParameters": {"functionName": "jobs", "role": "arn:aws:iam::111111111111:role/ci/deploy"}}),
        json!({"requestParameters": null}),
        json!({"eventType": "AwsServiceEvent"}),
        json!({"errorCode": "InvalidClientTokenId"}),
        json!({"eventSource": "sts.amazonaws.com", "eventName": "GetCallerIdentity"}),
    ]
}

/// The parts come to the label: the same decision and cause, and nothing
/// assumed or unknown in the one that is not in the other.
#[track_caller]
fn holds_together(labeller: &Labeller, record: &Record) {
    let explained = labeller.explain(record, now());
    let label = &explained.label;
    assert_eq!(*label, labeller.label(record, now()));
    let Some(weightiest) =
        explained
            .evaluations
            .iter()
            .rev()
            .max_by_key(|part| match part.decision {
                Decision::ExplicitDeny => 3,
                Decision::ImplicitDeny => 2,
                Decision::Indeterminate => 1,
                Decision::Allow | Decision::NotEvaluated => 0,
            })
    else {
        // No policy was asked.
        let asked = [
            CauseType::IdentityPolicy,
            CauseType::ResourcePolicy,
            CauseType::ServiceControlPolicy,
        ];
        assert!(!asked.contains(&label.cause.cause_type), "{label:#?}");
        return;
    };
    assert_eq!(label.stage, Stage::Authorization);
    assert_eq!(
        (label.decision, &label.cause),
        (weightiest.decision, &weightiest.cause)
    );
    for part in &explained.evaluations {
        assert!(!part.steps.is_empty());
        assert!(label.actions.contains(&part.action));
        assert!(label.resources.contains(&part.resource));
        for assumption in &part.assumptions {
            assert!(label.assumptions.contains(assumption), "{assumption}");
        }
        if label.decision == Decision::Indeterminate {
            assert!(
                part.unknown_keys
                    .iter()
                    .all(|key| label.unknown_keys.contains(key))
            );
        }
    }
}

#[test]
fn the_parts_of_an_explanation_come_to_the_label() {
    for assume in [Assume::default(), Assume::strict()] {
        let labeller = organization(assume);
        for changes in requests() {
            holds_together(&labeller, &samples::record(changes));
        }
    }
}

#[test]
fn the_parts_of_an_explanation_come_to_the_label_of_real_records() {
    let (Some(records), Some(catalogue)) = (
        samples::real(),
        samples::shared("policies/aws-managed-history.jsonl.zst"),
    ) else {
        return;
    };
    let mut timeline = Timeline::default();
    timeline.add_files(&[PolicyFile::new("aws-managed.jsonl".into(), catalogue)]);
    timeline.add_records(&records);
    let labeller = Labeller::new(timeline, LabelOptions::default());
    assert_eq!(records.len(), 4_148);
    // All of them take minutes; every seventh is of every kind.
    for record in records.iter().step_by(7) {
        holds_together(&labeller, record);
    }
}

#[test]
fn every_policy_that_takes_part_is_shown_with_what_told_of_it() {
    let labeller = organization(Assume::default());
    let kinds = |changes: Value| -> Vec<PolicyKind> {
        let record = samples::record(changes);
        let explained = labeller.explain(&record, now());
        let policies = explained.evaluations.iter().flat_map(|part| &part.policies);
        policies
            .map(|used| {
                assert!(used.policy.since.is_some(), "{used:#?}");
                used.policy.kind
            })
            .collect()
    };
    use PolicyKind::{
        Boundary, GroupInline, Inline, Managed, Resource, ResourceControl, ServiceControl, Session,
        Trust,
    };
    let controls = [ServiceControl; 4];
    let all = |more: &[PolicyKind]| [&controls[..], more].concat();
    assert_eq!(
        kinds(json!({})),
        all(&[ResourceControl, Resource, GroupInline])
    );
    assert_eq!(
        kinds(json!({"userIdentity": user("bob")})),
        all(&[ResourceControl, Resource, Managed, Boundary])
    );
    assert_eq!(
        kinds(json!({"userIdentity": deploy("ASIAEXAMPLELIMITED")})),
        all(&[ResourceControl, Resource, Inline, Session])
    );
    assert_eq!(
        kinds(json!({"vpcEndpointId": "vpce-0a1b2c3d", "sourceIPAddress": "10.0.0.4"})),
        all(&[ResourceControl, Resource, GroupInline, Resource])
    );
    let assume_role = kinds(json!({
        "eventSource": "sts.amazonaws.com", "eventName": "AssumeRole",
        "requestParameters": {"roleArn": "arn:aws:iam::111111111111:role/ci/deploy", "roleSessionName": "run-7"}}));
    assert_eq!(assume_role, all(&[ResourceControl, Trust, GroupInline]));
}

/// An explanation as text.
fn shown(explained: &Explained<'_>) -> String {
    let mut text = format!("{}\n", explained.label.cause.text);
    for part in &explained.evaluations {
        writeln!(
            text,
            "{} on {} ({}, {})",
            part.action,
            part.resource,
            part.provenance.as_str(),
            part.account.as_deref().unwrap_or("-")
        )
        .unwrap();
        for (name, value) in &part.context {
            writeln!(text, "  {name} = {value:?}").unwrap();
        }
        for (number, step) in part.steps.iter().enumerate() {
            writeln!(text, "  {}. {step}", number + 1).unwrap();
        }
        if let Some(statement) = &part.deciding {
            writeln!(text, "  {statement}").unwrap();
        }
        for used in &part.policies {
            let policy = &used.policy;
            let matched = used.statements.iter().map(|statement| {
                let does = if statement.denies { "denies" } else { "allows" };
                format!(" statement {} {does}", statement.number)
            });
            writeln!(
                text,
                "  {} {}:{}",
                policy.kind.words(),
                policy.name,
                matched.collect::<String>()
            )
            .unwrap();
        }
        for near in &part.near_misses {
            writeln!(
                text,
                "  near: {} {}: {}",
                near.policy, near.statement.number, near.reason
            )
            .unwrap();
        }
        for gap in &part.gaps {
            writeln!(text, "  not known: {gap}").unwrap();
        }
    }
    text
}

#[test]
fn an_explanation_shows_steps_policies_and_what_nearly_matched() {
    let labeller = organization(Assume::default());
    let records: Vec<Record> = [
        json!({"eventName": "PutObject", "userIdentity": user("bob"), "awsRegion": "us-east-1"}),
        json!({"eventName": "PutObject"}),
        json!({"userIdentity": user("eve")}),
    ]
    .map(samples::record)
    .into();
    let texts = records
        .iter()
        .map(|record| shown(&labeller.explain(record, now())));
    insta::assert_snapshot!(texts.collect::<Vec<_>>().join("\n"));
}

#[test]
fn what_the_record_itself_changes_is_not_in_force_for_it() {
    let put = samples::record(json!({
        "eventSource": "iam.amazonaws.com", "eventName": "PutUserPolicy", "awsRegion": "us-east-1",
        "requestParameters": {"userName": "ada", "policyName": "all", "policyDocument":
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#},
    }));
    let mut labeller = organization(Assume::default());
    labeller.timeline_mut().add_records([&put]);
    let explained = labeller.explain(&put, now());
    assert!(explained.before_own_change);
    let used = explained.evaluations.iter().flat_map(|part| &part.policies);
    assert!(used.clone().count() > 3);
    assert!(used.clone().all(|used| used.policy.name != "all"));
    let plain = samples::record(json!({}));
    assert!(!labeller.explain(&plain, now()).before_own_change);
}
