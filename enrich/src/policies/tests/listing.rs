//! What was in force at a moment, as it is shown to people.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::json;

use super::over_time::{
    POLICY, ROLE, USER, allow, at, call, create_role, export, file, iam, timeline,
};
use crate::policies::{PolicyInForce, Presence, Timeline};

/// A policy in one line.
fn line(policy: &PolicyInForce) -> String {
    let version = policy.version.as_deref().map(|v| format!("@{v}"));
    let since = policy.since.as_deref().map(ToString::to_string);
    let put = policy
        .version_since
        .as_deref()
        .map(|o| format!("; in force: {o}"));
    format!(
        "{} {}{} of {} [{}{}]",
        policy.kind.as_str(),
        policy.name,
        version.unwrap_or_default(),
        policy.attached_to,
        since.unwrap_or_default(),
        put.unwrap_or_default(),
    )
}

fn lines(timeline: &Timeline, second: u32, arn: &str) -> Vec<String> {
    let listing = timeline.as_of(at(second)).principal_listing(arn).unwrap();
    listing.policies.iter().map(line).collect()
}

#[test]
fn each_policy_comes_with_its_version_and_what_told_of_both() {
    let timeline = timeline(&[
        create_role(10),
        iam(
            20,
            "PutRolePolicy",
            json!({"roleName": "deploy", "policyName": "inline", "policyDocument": allow("s3:*")}),
        ),
        call(
            30,
            "iam",
            "CreatePolicy",
            json!({"policyName": "tools", "policyDocument": allow("sqs:*")}),
            json!({"policy": {"arn": POLICY, "defaultVersionId": "v1"}}),
        ),
        iam(
            40,
            "AttachRolePolicy",
            json!({"roleName": "deploy", "policyArn": POLICY}),
        ),
        call(
            50,
            "iam",
            "CreatePolicyVersion",
            json!({"policyArn": POLICY, "policyDocument": allow("sns:*"), "setAsDefault": true}),
            json!({"policyVersion": {"versionId": "v2", "isDefaultVersion": true}}),
        ),
        iam(
            60,
            "TagRole",
            json!({"roleName": "deploy", "tags": [{"key": "team", "value": "build"}]}),
        ),
    ]);
    insta::assert_snapshot!(lines(&timeline, 70, ROLE).join("\n"));
    let listing = timeline.as_of(at(70)).principal_listing(ROLE).unwrap();
    let tag = &listing.tags[0];
    assert_eq!(
        (tag.key.as_str(), tag.value.as_str()),
        ("team", "build"),
        "{listing:#?}"
    );
    assert!(tag.since.to_string().starts_with("TagRole at"));
    assert_eq!(listing.gaps, [] as [&str; 0]);
    let early = timeline.as_of(at(5)).principal_listing(ROLE).unwrap();
    assert!(matches!(early.presence, Presence::Gone(_)));
    assert_eq!(early.policies, []);
}

#[test]
fn a_later_export_that_shows_the_same_is_not_since_when_it_is_so() {
    let mut timeline = Timeline::default();
    timeline.add_records(&[
        iam(10, "CreateUser", json!({"userName": "ada"})),
        iam(
            20,
            "AttachUserPolicy",
            json!({"userName": "ada", "policyArn": POLICY}),
        ),
    ]);
    timeline.add_files(&[
        file("2026-03-01T10-01-00Z/111.json", export("v1", true)),
        file("2026-03-01T10-02-00Z/111.json", export("v1", true)),
    ]);
    let [attached] = lines(&timeline, 150, USER).try_into().unwrap();
    assert!(
        attached.starts_with(
            "managed arn:aws:iam::111111111111:policy/tools@v1 of ada [AttachUserPolicy at 2026-03-01T10:00:20Z"
        ) && attached.ends_with("in force: 2026-03-01T10-01-00Z/111.json, as of 2026-03-01T10:01:00Z]"),
        "{attached}"
    );
    let listing = timeline.as_of(at(150)).principal_listing(USER).unwrap();
    let Presence::There(origin) = listing.presence else {
        panic!("{listing:#?}");
    };
    assert!(origin.to_string().starts_with("CreateUser"), "{origin}");
}

#[test]
fn the_listing_of_everything_is_in_order_and_whole() {
    let timeline = super::fixtures();
    let listing = super::state(&timeline).listing();
    let mut shown = Vec::new();
    for principal in &listing.principals {
        shown.push(format!("{} {}", principal.kind, principal.arn));
        shown.extend(principal.policies.iter().map(|p| format!("  {}", line(p))));
        shown.extend(principal.gaps.iter().map(|gap| format!("  ? {gap}")));
    }
    for level in &listing.organization.as_ref().unwrap().levels {
        shown.push(format!("{}{}", "  ".repeat(level.depth), level.id));
        let indent = "  ".repeat(level.depth + 1);
        shown.extend(
            level
                .policies
                .iter()
                .map(|p| format!("{indent}{}", line(p))),
        );
    }
    for resource in &listing.resources {
        shown.push(resource.arn.clone());
        shown.extend(resource.policy.iter().map(|p| format!("  {}", line(p))));
    }
    insta::assert_snapshot!(shown.join("\n"));
    assert_eq!(
        listing.count("user") + listing.count("group") + listing.count("role"),
        timeline.entity_count()
    );
}
