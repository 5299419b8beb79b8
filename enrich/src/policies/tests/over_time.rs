//! What the timeline says at each moment of a life.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use trailwright_schemas::Record;

use crate::policies::{AsOf, PolicyFile, ResourcePolicy, Timeline, TrustPolicy};
use crate::samples;

const ACCOUNT: &str = "111111111111";

pub(super) fn at(second: u32) -> DateTime<Utc> {
    format!("2026-03-01T10:{:02}:{:02}Z", second / 60, second % 60)
        .parse()
        .unwrap()
}

/// A successful call of the account's administrator.
pub(super) fn call(
    second: u32,
    source: &str,
    name: &str,
    parameters: Value,
    response: Value,
) -> Record {
    samples::record(json!({
        "eventTime": at(second).to_rfc3339(), "eventSource": format!("{source}.amazonaws.com"),
        "eventName": name, "eventID": format!("{second:08}-{name}"), "awsRegion": "us-east-1",
        "requestParameters": parameters, "responseElements": response,
    }))
}

pub(super) fn iam(second: u32, name: &str, parameters: Value) -> Record {
    call(second, "iam", name, parameters, json!(null))
}

pub(super) fn allow(action: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}).to_string()
}

pub(super) fn timeline(records: &[Record]) -> Timeline {
    let mut timeline = Timeline::default();
    timeline.add_records(records);
    timeline
}

/// The names and versions of what is attached to a user or role.
fn attached(state: AsOf<'_>, arn: &str) -> Vec<String> {
    let Some(found) = state.principal(arn) else {
        return vec!["unknown".to_owned()];
    };
    let policies = found
        .identity
        .iter()
        .flat_map(|from| from.policies.policies());
    let mut names: Vec<String> = policies
        .map(|policy| {
            let version = policy.id().version_id.as_deref();
            format!(
                "{}{}",
                policy.id().name,
                version.map_or(String::new(), |v| format!("@{v}"))
            )
        })
        .collect();
    names.extend(found.boundary.iter().map(|_| "boundary".to_owned()));
    names.extend(found.gaps.iter().map(|gap| format!("? {gap}")));
    names.sort();
    names
}

pub(super) const ROLE: &str = "arn:aws:iam::111111111111:role/deploy";
pub(super) const USER: &str = "arn:aws:iam::111111111111:user/ada";
pub(super) const POLICY: &str = "arn:aws:iam::111111111111:policy/tools";

pub(super) fn create_role(second: u32) -> Record {
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}]});
    iam(
        second,
        "CreateRole",
        json!({"roleName": "deploy", "assumeRolePolicyDocument": trust.to_string()}),
    )
}

#[test]
fn a_role_made_in_the_records_has_what_was_attached_until_it_is_detached() {
    let inline =
        json!({"roleName": "deploy", "policyName": "inline", "policyDocument": allow("s3:*")});
    let records = [
        create_role(10),
        iam(20, "PutRolePolicy", inline),
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
            "SetDefaultPolicyVersion",
            json!({"policyArn": POLICY, "versionId": "v1"}),
        ),
        iam(
            70,
            "DeleteRolePolicy",
            json!({"roleName": "deploy", "policyName": "inline"}),
        ),
        iam(
            80,
            "DetachRolePolicy",
            json!({"roleName": "deploy", "policyArn": POLICY}),
        ),
        iam(90, "DeleteRole", json!({"roleName": "deploy"})),
    ];
    let timeline = timeline(&records);
    let expected: [(u32, &[&str]); 8] = [
        (10, &[]),
        (25, &["inline"]),
        (45, &["inline", "tools@v1"]),
        (50, &["inline", "tools@v2"]),
        (60, &["inline", "tools@v1"]),
        (70, &["tools@v1"]),
        (80, &[]),
        (
            90,
            &[
                "? role deploy was not there: DeleteRole at 2026-03-01T10:01:30Z by arn:aws:iam::111111111111:user/ada (event 00000090-DeleteRole)",
            ],
        ),
    ];
    for (second, names) in expected {
        assert_eq!(
            attached(timeline.as_of(at(second)), ROLE),
            names,
            "{second}"
        );
    }
    assert!(matches!(
        timeline.as_of(at(9)).trust_policy(ROLE),
        TrustPolicy::NoRole(_)
    ));
    // Another may have had its name, and been deleted before all that is known.
    let long_before = at(9) - TimeDelta::hours(1);
    assert!(matches!(
        timeline.as_of(long_before).trust_policy(ROLE),
        TrustPolicy::Unknown
    ));
    assert!(matches!(
        timeline.as_of(at(10)).trust_policy(ROLE),
        TrustPolicy::Known(_)
    ));
    assert!(matches!(
        timeline.as_of(at(95)).trust_policy(ROLE),
        TrustPolicy::NoRole(_)
    ));
}

#[test]
fn a_change_is_not_in_force_for_the_call_that_makes_it() {
    let detach = iam(
        40,
        "DetachRolePolicy",
        json!({"roleName": "deploy", "policyArn": POLICY}),
    );
    let create = call(
        10,
        "iam",
        "CreatePolicy",
        json!({"policyName": "tools", "policyDocument": allow("iam:*")}),
        json!({"policy": {"arn": POLICY}}),
    );
    let attach = iam(
        30,
        "AttachRolePolicy",
        json!({"roleName": "deploy", "policyArn": POLICY}),
    );
    let timeline = timeline(&[create_role(5), create, attach, detach.clone()]);
    let mut own = None;
    assert_eq!(
        attached(timeline.for_record(&detach, &mut own), ROLE),
        ["tools@v1"]
    );
    assert_eq!(attached(timeline.as_of(at(40)), ROLE), Vec::<String>::new());
}

#[test]
fn calls_that_failed_change_nothing() {
    let mut record = create_role(10);
    record.error_code = Some("AccessDenied".to_owned());
    let timeline = timeline(&[record]);
    assert!(timeline.is_empty());
}

/// An export of user ada, with a managed policy attached.
pub(super) fn export(version: &str, attached: bool) -> String {
    let attached = match attached {
        true => json!([{"PolicyArn": POLICY, "PolicyName": "tools"}]),
        false => json!([]),
    };
    json!({
        "UserDetailList": [{"Arn": USER, "UserId": "AIDA1", "CreateDate": "2026-01-01T00:00:00+00:00", "AttachedManagedPolicies": attached}],
        "Policies": [{"Arn": POLICY, "DefaultVersionId": version, "PolicyVersionList": [{
            "VersionId": version, "IsDefaultVersion": true, "Document": {"Version": "2012-10-17", "Statement": []}}]}],
    }).to_string()
}

pub(super) fn file(path: &str, text: String) -> PolicyFile {
    PolicyFile::new(PathBuf::from(path), text)
}

#[test]
fn an_undated_export_counts_for_all_times_except_where_records_tell_otherwise() {
    let mut timeline = Timeline::default();
    timeline.add_files(&[file("111.json", export("v1", true))]);
    timeline.add_records(&[
        iam(
            60,
            "DetachUserPolicy",
            json!({"userName": "ada", "policyArn": POLICY}),
        ),
        iam(
            70,
            "AttachUserPolicy",
            json!({"userName": "ada", "policyArn": POLICY}),
        ),
    ]);
    for (second, names) in [(0, vec!["tools@v1"]), (65, vec![]), (75, vec!["tools@v1"])] {
        assert_eq!(
            attached(timeline.as_of(at(second)), USER),
            names,
            "{second}"
        );
    }
}

#[test]
fn before_its_first_change_an_attachment_was_the_contrary_of_it() {
    let mut timeline = Timeline::default();
    // The export is from after the change.
    timeline.add_files(&[file("111.json", export("v1", true))]);
    timeline.add_records(&[iam(
        60,
        "AttachUserPolicy",
        json!({"userName": "ada", "policyArn": POLICY}),
    )]);
    assert_eq!(attached(timeline.as_of(at(59)), USER), Vec::<String>::new());
    assert_eq!(attached(timeline.as_of(at(60)), USER), ["tools@v1"]);
}

#[test]
fn of_two_dated_exports_each_counts_in_its_time() {
    let mut timeline = Timeline::default();
    let (_, problems) = timeline.add_files(&[
        file("2026-03-01T10-01-00Z/111.json", export("v1", true)),
        file("2026-03-01T10-02-00Z/111.json", export("v2", false)),
    ]);
    assert_eq!(problems, []);
    // Before the first export, what it shows and nothing has changed was so.
    for (second, names) in [
        (0, vec!["tools@v1"]),
        (60, vec!["tools@v1"]),
        (119, vec!["tools@v1"]),
        (120, vec![]),
    ] {
        assert_eq!(
            attached(timeline.as_of(at(second)), USER),
            names,
            "{second}"
        );
    }
    // Before it was made, the user was not there.
    let early = "2025-12-31T00:00:00Z".parse().unwrap();
    let gap = attached(timeline.as_of(early), USER).concat();
    assert!(
        gap.starts_with("? user ada was not there: 2026-03-01T10-01-00Z/111.json"),
        "{gap}"
    );
}

#[test]
fn what_only_changes_tell_is_known_in_part_and_said_so() {
    let inline =
        json!({"userName": "ada", "policyName": "inline", "policyDocument": allow("s3:*")});
    let timeline = timeline(&[iam(60, "PutUserPolicy", inline)]);
    let names = attached(timeline.as_of(at(70)), USER);
    assert_eq!(
        names,
        [
            "? no export or creation shows user ada as a whole; only changes of it are known",
            "inline"
        ]
    );
    let before = attached(timeline.as_of(at(50)), USER).concat();
    assert!(
        before.contains("inline policy inline of user ada is not known before PutUserPolicy at"),
        "{before}"
    );
}

#[test]
fn a_group_gives_its_members_what_it_has_while_they_are_in_it() {
    let group = json!({"groupName": "ops", "policyName": "ops", "policyDocument": allow("ec2:*")});
    let timeline = timeline(&[
        iam(5, "CreateGroup", json!({"groupName": "ops"})),
        iam(10, "CreateUser", json!({"userName": "ada"})),
        iam(
            20,
            "AddUserToGroup",
            json!({"userName": "ada", "groupName": "ops"}),
        ),
        iam(30, "PutGroupPolicy", group),
        iam(
            40,
            "RemoveUserFromGroup",
            json!({"userName": "ada", "groupName": "ops"}),
        ),
    ]);
    for (second, names) in [(25, vec![]), (35, vec!["ops"]), (45, vec![])] {
        assert_eq!(
            attached(timeline.as_of(at(second)), USER),
            names,
            "{second}"
        );
    }
}

#[test]
fn the_version_of_an_aws_managed_policy_is_the_newest_published_by_then() {
    let line = |version: &str, date: &str| {
        json!({"name": "ReadAll", "version_id": version, "create_date": date, "document": {"Version": "2012-10-17", "Statement": []}}).to_string()
    };
    let catalogue = [
        line("v1", "2026-03-01T10:01:00Z"),
        line("v2", "2026-03-01T10:02:00Z"),
    ]
    .join("\n");
    let mut timeline = Timeline::default();
    let (_, problems) = timeline.add_files(&[file("aws.jsonl", catalogue)]);
    assert_eq!(problems, []);
    let arn = "arn:aws:iam::aws:policy/service-role/ReadAll";
    timeline.add_records(&[
        iam(5, "CreateUser", json!({"userName": "ada"})),
        iam(
            6,
            "AttachUserPolicy",
            json!({"userName": "ada", "policyArn": arn}),
        ),
    ]);
    for (second, name) in [(60, "ReadAll@v1"), (119, "ReadAll@v1"), (120, "ReadAll@v2")] {
        assert_eq!(
            attached(timeline.as_of(at(second)), USER),
            [name],
            "{second}"
        );
    }
    let early = attached(timeline.as_of(at(30)), USER).concat();
    assert!(
        early.contains("is not known before published by AWS on 2026-03-01T10:01:00Z"),
        "{early}"
    );
}

#[test]
fn resource_policies_are_known_from_the_calls_that_set_them() {
    let bucket = "arn:aws:s3:::ledger";
    let function = "arn:aws:lambda:us-east-1:111111111111:function:f";
    let statement = json!({"Sid": "one", "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": function});
    let policy: Value = serde_json::from_str(&allow("s3:*")).unwrap();
    let timeline = timeline(&[
        call(
            10,
            "s3",
            "CreateBucket",
            json!({"bucketName": "ledger"}),
            json!(null),
        ),
        call(
            20,
            "s3",
            "PutBucketPolicy",
            json!({"bucketName": "ledger", "bucketPolicy": policy}),
            json!(null),
        ),
        call(
            30,
            "s3",
            "DeleteBucketPolicy",
            json!({"bucketName": "ledger"}),
            json!(null),
        ),
        call(
            15,
            "lambda",
            "AddPermission20150331v2",
            json!({"functionName": "f", "statementId": "one"}),
            json!({"statement": statement.to_string()}),
        ),
        call(
            25,
            "lambda",
            "RemovePermission20150331v2",
            json!({"functionName": "f", "statementId": "one"}),
            json!(null),
        ),
        call(
            12,
            "sqs",
            "SetQueueAttributes",
            json!({"queueUrl": "https://sqs.us-east-1.amazonaws.com/111111111111/jobs", "attributes": {"Policy": allow("sqs:*")}}),
            json!(null),
        ),
        call(
            13,
            "sqs",
            "SetQueueAttributes",
            json!({"queueUrl": "https://sqs.us-east-1.amazonaws.com/111111111111/jobs", "attributes": {"DelaySeconds": "5"}}),
            json!(null),
        ),
        call(
            14,
            "kms",
            "CreateKey",
            json!({}),
            json!({"keyMetadata": {"arn": "arn:aws:kms:us-east-1:111111111111:key/k"}}),
        ),
    ]);
    let kind = |second: u32, arn: &str| match timeline.as_of(at(second)).resource_policy(arn).0 {
        ResourcePolicy::Known(policy) => policy.id().name.clone(),
        ResourcePolicy::InPart(policy) => format!("in part: {}", policy.statements().len()),
        ResourcePolicy::None => "none".to_owned(),
        ResourcePolicy::Unknown => "unknown".to_owned(),
    };
    assert_eq!(kind(5, bucket), "unknown");
    assert_eq!(kind(15, bucket), "none");
    assert_eq!(
        kind(20, "arn:aws:s3:::ledger/key"),
        "policy of arn:aws:s3:::ledger"
    );
    assert_eq!(kind(30, bucket), "none");
    assert_eq!(kind(20, function), "in part: 1");
    assert_eq!(kind(26, function), "unknown");
    assert_eq!(
        kind(20, "arn:aws:sqs:us-east-1:111111111111:jobs"),
        "policy of arn:aws:sqs:us-east-1:111111111111:jobs"
    );
    assert_eq!(
        kind(20, "arn:aws:kms:us-east-1:111111111111:key/k"),
        "policy of arn:aws:kms:us-east-1:111111111111:key/k"
    );
}

#[test]
fn what_was_passed_with_a_session_is_known_by_its_access_key() {
    let response = json!({"credentials": {"accessKeyId": "ASIASESSION"}});
    let passed = json!({
        "roleArn": ROLE, "policy": allow("s3:*"), "policyArns": [{"arn": POLICY}],
        "tags": [{"key": "team", "value": "ops"}], "incomingTransitiveTags": {"cost": "7"},
    });
    let timeline = timeline(&[
        call(
            1,
            "iam",
            "CreatePolicy",
            json!({"policyName": "tools", "policyDocument": allow("sqs:*")}),
            json!({"policy": {"arn": POLICY}}),
        ),
        call(10, "sts", "AssumeRole", passed, response),
        call(
            11,
            "sts",
            "AssumeRole",
            json!({"roleArn": ROLE}),
            json!({"credentials": {"accessKeyId": "ASIAPLAIN"}}),
        ),
    ]);
    let state = timeline.as_of(at(20));
    let session = state.session("ASIASESSION").unwrap();
    assert_eq!(session.policies.unwrap().policies().len(), 2);
    assert_eq!(
        session.tags,
        [
            ("cost".to_owned(), "7".to_owned()),
            ("team".to_owned(), "ops".to_owned())
        ]
    );
    assert!(state.session("ASIAPLAIN").unwrap().policies.is_none());
    assert!(state.session("ASIAOTHER").is_none());
}

#[test]
fn the_organization_is_known_at_each_moment_from_an_export_and_the_calls_after_it() {
    let tree = json!({
        "Organization": {"Id": "o-1", "MasterAccountId": "999999999999"},
        "Root": {"Id": "r-1", "Policies": [{"Id": "p-FullAWSAccess", "Type": "SERVICE_CONTROL_POLICY", "Content": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}}], "Children": [
            {"Id": "ou-a", "Policies": [{"Id": "p-FullAWSAccess"}], "Children": [{"Id": ACCOUNT, "Policies": [{"Id": "p-FullAWSAccess"}]}]},
            {"Id": "ou-b", "Policies": [{"Id": "p-FullAWSAccess"}], "Children": []},
        ]},
    });
    let mut tree = tree.to_string();
    // Content stands once; the other mentions need it too.
    tree = tree.replace(r#"{"Id":"p-FullAWSAccess"}"#, r#"{"Id":"p-FullAWSAccess","Content":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}}"#);
    let mut timeline = Timeline::default();
    let (_, problems) = timeline.add_files(&[file("2026-03-01T10-00-00Z/organization.json", tree)]);
    assert_eq!(problems, []);
    let content = allow("ec2:*");
    timeline.add_records(&[
        call(60, "organizations", "MoveAccount", json!({"accountId": ACCOUNT, "sourceParentId": "ou-a", "destinationParentId": "ou-b"}), json!(null)),
        call(70, "organizations", "CreatePolicy", json!({"content": content, "name": "only-ec2", "type": "SERVICE_CONTROL_POLICY"}), json!({"policy": {"policySummary": {"id": "p-2", "arn": "arn:aws:organizations::999999999999:policy/o-1/service_control_policy/p-2"}}})),
        call(80, "organizations", "AttachPolicy", json!({"policyId": "p-2", "targetId": "ou-b"}), json!(null)),
        call(90, "organizations", "DetachPolicy", json!({"policyId": "p-FullAWSAccess", "targetId": "ou-b"}), json!(null)),
    ]);
    let levels = |second: u32| {
        let state = timeline.as_of(at(second));
        let levels = state
            .organization()
            .unwrap()
            .levels_of(ACCOUNT)
            .unwrap()
            .clone();
        assert_eq!(levels.gaps, Vec::<String>::new(), "{second}");
        let of_level = |level: &trailwright_evaluator::Level| {
            let names: Vec<_> = level
                .policies
                .policies()
                .iter()
                .map(|p| p.id().name.clone())
                .collect();
            format!("{}: {}", level.name, names.join(" "))
        };
        (
            levels.path,
            levels.scp.iter().map(of_level).collect::<Vec<_>>(),
        )
    };
    let full = "p-FullAWSAccess";
    let account = format!("{ACCOUNT}: {full}");
    assert_eq!(
        levels(30),
        (
            "o-1/r-1/ou-a/".to_owned(),
            vec![
                format!("r-1: {full}"),
                format!("ou-a: {full}"),
                account.clone()
            ]
        )
    );
    assert_eq!(levels(65).0, "o-1/r-1/ou-b/");
    assert_eq!(levels(85).1[1], format!("ou-b: only-ec2 {full}"));
    assert_eq!(levels(95).1[1], "ou-b: only-ec2");
}
