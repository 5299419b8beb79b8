#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use trailwright_schemas::Record;

use crate::policies::{AsOf, ConsoleAuthorization, PolicyFile, Problem, ResourcePolicy, Timeline};
use crate::samples;

/// A call of the Sign-In API on a day of July 2026.
fn call(day: u32, name: &str, parameters: Value, response: Value) -> Record {
    samples::record(json!({
        "eventTime": format!("2026-07-{day:02}T10:00:00Z"), "eventID": format!("e-{day}-{name}"),
        "awsRegion": "us-east-1", "eventSource": "signin.amazonaws.com", "eventName": name, "readOnly": false,
        "requestParameters": parameters, "responseElements": response
    }))
}

fn switched(day: u32, on: bool, target: &str) -> Record {
    let name = if on { "Put" } else { "Delete" };
    let answer = json!({"targetId": target, "scope": "ACCOUNT", "consoleAuthorizationEnabled": on});
    let name = format!("{name}ConsoleAuthorizationConfiguration");
    call(day, &name, json!({"targetId": target}), answer)
}

fn added(day: u32, id: &str, parameters: Value) -> Record {
    call(
        day,
        "PutResourcePermissionStatement",
        parameters,
        json!({"statementId": id}),
    )
}

fn removed(day: u32, id: &str) -> Record {
    call(
        day,
        "DeleteResourcePermissionStatement",
        json!({"statementId": id}),
        Value::Null,
    )
}

fn file(path: &str, content: Value) -> PolicyFile {
    PolicyFile::new(PathBuf::from(path), content.to_string())
}

fn timeline(files: &[PolicyFile], records: &[Record]) -> (Timeline, Vec<Problem>) {
    let mut timeline = Timeline::default();
    let (_, problems) = timeline.add_files(files);
    timeline.add_records(records);
    (timeline, problems)
}

/// At noon.
fn on(timeline: &Timeline, day: u32) -> AsOf<'_> {
    let time: DateTime<Utc> = format!("2026-07-{day:02}T12:00:00Z").parse().unwrap();
    timeline.as_of(time)
}

/// `on`, `off` or `?`.
fn authorization(timeline: &Timeline, day: u32, account: &str) -> &'static str {
    match on(timeline, day).console_authorization(account) {
        ConsoleAuthorization::On(_) => "on",
        ConsoleAuthorization::Off(_) => "off",
        ConsoleAuthorization::Unknown(_) => "?",
    }
}

/// What is known of the policy, and its statements.
fn policy(timeline: &Timeline, day: u32) -> (&'static str, Value) {
    match on(timeline, day).sign_in_policy("111111111111") {
        ResourcePolicy::Known(policy) => ("known", statements(policy.text())),
        ResourcePolicy::InPart(policy) => ("in part", statements(policy.text())),
        ResourcePolicy::None => ("none", Value::Null),
        ResourcePolicy::Unknown => ("unknown", Value::Null),
    }
}

fn statements(text: &str) -> Value {
    let document: Value = serde_json::from_str(text).unwrap();
    document["Statement"].clone()
}

fn tree(accounts: &[&str]) -> PolicyFile {
    let children: Vec<Value> = accounts
        .iter()
        .map(|id| json!({"Id": id, "Policies": []}))
        .collect();
    let root = json!({"Id": "r-ab12", "Policies": [], "Children": children});
    let organization = json!({"Id": "o-exampleorg1", "MasterAccountId": "999999999999"});
    file(
        "tree.json",
        json!({"Organization": organization, "Root": root}),
    )
}

#[test]
fn console_authorization_goes_on_and_off_at_its_times() {
    let whole = switched(1, false, "o-exampleorg1");
    let records = [
        whole,
        switched(5, true, "111111111111"),
        switched(9, false, "111111111111"),
    ];
    let (timeline, _) = timeline(&[tree(&["111111111111"])], &records);
    for (day, expected) in [
        (2, "off"),
        (4, "off"),
        (5, "on"),
        (8, "on"),
        (9, "off"),
        (30, "off"),
    ] {
        assert_eq!(
            authorization(&timeline, day, "111111111111"),
            expected,
            "{day}"
        );
    }
    assert_eq!(authorization(&timeline, 6, "222222222222"), "?");
}

#[test]
fn a_call_without_a_target_means_the_account_of_the_caller() {
    let call = call(
        5,
        "PutConsoleAuthorizationConfiguration",
        Value::Null,
        Value::Null,
    );
    let (timeline, _) = timeline(&[], &[call]);
    assert_eq!(authorization(&timeline, 6, "111111111111"), "on");
}

#[test]
fn a_call_that_failed_changes_nothing() {
    let failed = samples::record(json!({
        "eventSource": "signin.amazonaws.com", "eventName": "PutConsoleAuthorizationConfiguration",
        "errorCode": "AccessDeniedException", "requestParameters": {"targetId": "111111111111"}
    }));
    let (timeline, _) = timeline(&[], &[failed]);
    assert_eq!(authorization(&timeline, 6, "111111111111"), "?");
}

#[test]
fn the_setting_of_an_organization_counts_for_its_members() {
    let own = |account| switched(1, false, account);
    for target in ["o-exampleorg1", "r-ab12"] {
        let records = [
            switched(5, true, target),
            own("111111111111"),
            own("333333333333"),
        ];
        let (timeline, _) = timeline(&[tree(&["111111111111", "222222222222"])], &records);
        assert_eq!(
            authorization(&timeline, 4, "111111111111"),
            "off",
            "{target}"
        );
        assert_eq!(
            authorization(&timeline, 6, "111111111111"),
            "on",
            "{target}"
        );
        assert_eq!(
            authorization(&timeline, 6, "222222222222"),
            "on",
            "{target}"
        );
        assert_eq!(authorization(&timeline, 6, "333333333333"), "?", "{target}");
    }
    let (without_tree, _) = timeline(&[], &[switched(5, true, "o-exampleorg1")]);
    assert_eq!(authorization(&without_tree, 6, "111111111111"), "?");
}

#[test]
fn a_permission_statement_is_written_as_aws_writes_its_examples() {
    let office = json!({
        "sourceIp": "203.0.113.0/24", "excludedPrincipal": "arn:aws:iam::111111111111:role/BreakGlass",
        "clientToken": "t-1"
    });
    let (timeline, _) = timeline(&[], &[added(5, "S1", office)]);
    assert_eq!(policy(&timeline, 4).0, "unknown");
    let denies = |actions: Value, key: &str| {
        json!({
            "Sid": "S1", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": actions, "Resource": "*",
            "Condition": {
                "ArnNotEquals": {key: "arn:aws:iam::111111111111:role/BreakGlass"},
                "NotIpAddressIfExists": {"aws:SourceIp": "203.0.113.0/24"}
            }
        })
    };
    let expected = json!([
        denies(json!(["signin:Authenticate"]), "signin:PrincipalArn"),
        denies(
            json!(["signin:CreateOAuth2Token", "signin:AuthorizeOAuth2Access"]),
            "aws:PrincipalArn"
        ),
    ]);
    assert_eq!(policy(&timeline, 5), ("in part", expected));
}

#[test]
fn a_vpc_is_pinned_to_its_region_and_a_principal_may_be_the_only_condition() {
    let vpc = json!({"sourceVpc": "vpc-0abc123def4567890", "requestedRegion": "us-west-2"});
    let only = json!({"excludedPrincipal": "arn:aws:iam::111111111111:root"});
    let (timeline, _) = timeline(&[], &[added(5, "S1", vpc), added(7, "S2", only)]);
    let conditions = |day| -> Vec<Value> {
        let (_, statements) = policy(&timeline, day);
        let list = statements.as_array().unwrap().iter();
        list.map(|statement| statement["Condition"].clone())
            .collect()
    };
    let outside = json!({"StringNotEquals": {"aws:SourceVpc": "vpc-0abc123def4567890"}});
    let elsewhere = json!({
        "StringEquals": {"aws:SourceVpc": "vpc-0abc123def4567890"},
        "StringNotEqualsIfExists": {"aws:RequestedRegion": "us-west-2"}
    });
    let before = [outside.clone(), elsewhere.clone(), outside, elsewhere];
    assert_eq!(conditions(5), before);
    let exempt = |key: &str| json!({"ArnNotEquals": {key: "arn:aws:iam::111111111111:root"}});
    assert_eq!(
        conditions(7)[4..],
        [exempt("signin:PrincipalArn"), exempt("aws:PrincipalArn")]
    );
}

#[test]
fn a_statement_that_is_deleted_counts_until_then() {
    let none = json!({"targetId": "111111111111", "signinResourceBasedPolicy": null});
    let office = json!({"sourceIp": "203.0.113.0/24"});
    let records = [
        added(5, "S1", office.clone()),
        added(6, "S2", office),
        removed(8, "S1"),
        removed(9, "S2"),
    ];
    let (timeline, problems) = timeline(&[file("2026-07-01/console.json", none)], &records);
    assert_eq!(problems, []);
    let counts: Vec<(&str, usize)> = [4, 5, 6, 8, 9]
        .map(|day| policy(&timeline, day))
        .map(|(known, statements)| (known, statements.as_array().map_or(0, Vec::len)))
        .to_vec();
    assert_eq!(
        counts,
        [
            ("none", 0),
            ("known", 2),
            ("known", 4),
            ("known", 2),
            ("none", 0)
        ]
    );
}

#[test]
fn which_statement_of_an_exported_policy_was_deleted_is_not_known() {
    let deny = json!({"effect": "Deny", "principal": {"AWS": "*"}, "action": ["signin:Authenticate"], "resource": "*"});
    let exported = json!({
        "targetId": "111111111111", "scope": "ACCOUNT", "consoleAuthorizationEnabled": true,
        "signinResourceBasedPolicy": {"version": "2012-10-17", "statement": [deny]}
    });
    let (timeline, problems) = timeline(
        &[file("2026-07-01/console.json", exported)],
        &[removed(8, "S1")],
    );
    assert_eq!(problems, []);
    let named = json!([{
        "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": ["signin:Authenticate"], "Resource": "*"
    }]);
    assert_eq!(policy(&timeline, 2), ("known", named));
    assert_eq!(policy(&timeline, 9).0, "unknown");
    assert_eq!(authorization(&timeline, 2, "111111111111"), "on");
}

#[test]
fn a_statement_of_a_policy_with_names_can_be_taken_out() {
    let statement = |sid: &str| json!({"Sid": sid, "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": "*"});
    let arn = "arn:aws:lambda:eu-west-1:111111111111:function:jobs";
    let whole = json!([{
        "Resource": arn, "Policy": {"Version": "2012-10-17", "Statement": [statement("a"), statement("b")]}
    }]);
    let remove = samples::record(json!({
        "eventTime": "2026-07-05T10:00:00Z", "eventSource": "lambda.amazonaws.com",
        "eventName": "RemovePermission20150331v2",
        "requestParameters": {"functionName": "jobs", "statementId": "a"}
    }));
    let (timeline, _) = timeline(&[file("2026-07-01/lambda.json", whole)], &[remove]);
    let sids = |day| match on(&timeline, day).resource_policy(arn).0 {
        ResourcePolicy::Known(policy) => {
            let list = policy.statements().iter();
            list.filter_map(|statement| statement.sid().map(str::to_owned))
                .collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(sids(2), ["a", "b"]);
    assert_eq!(sids(6), ["b"]);
}

#[test]
fn an_export_that_says_too_little_or_the_wrong_thing_is_reported() {
    for (content, beginning) in [
        (
            json!({"targetId": "111111111111", "permissionStatements": [{"sid": "S1", "condition": {}}]}),
            "x.json:1:66: permissionStatements of 111111111111 do not say what they deny; add what",
        ),
        (
            json!({"targetId": "acme", "consoleAuthorizationEnabled": true}),
            "x.json:1:48: targetId acme is neither an account",
        ),
        (
            json!({"targetId": "o-exampleorg1", "signinResourceBasedPolicy": null}),
            "x.json:1:46: o-exampleorg1 has no sign-in policy",
        ),
        (
            json!({"targetId": "111111111111", "signinResourceBasedPolicy": {"version": "2012-10-17"}}),
            "x.json:1:30: policy policy of sign-in to 111111111111 cannot be read",
        ),
    ] {
        let (_, problems) = timeline(&[file("x.json", content)], &[]);
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 1, "{said:#?}");
        assert!(said[0].starts_with(beginning), "{}", said[0]);
    }
    let none = json!({"targetId": "111111111111", "permissionStatements": []});
    let (timeline, problems) = timeline(&[file("x.json", none)], &[]);
    assert_eq!((problems.len(), policy(&timeline, 1).0), (0, "none"));
}
