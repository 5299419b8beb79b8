//! All that changed about one thing, in order.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::over_time::{
    POLICY, ROLE, USER, allow, at, call, create_role, export, file, iam, timeline,
};
use crate::policies::{DocumentState, Timeline};

fn document(state: &DocumentState) -> String {
    let actions = |text: &str| -> String {
        let tree: Value = serde_json::from_str(text).unwrap();
        let statements = tree["Statement"].as_array().unwrap().iter();
        let actions: Vec<String> = statements.map(|s| s["Action"].to_string()).collect();
        format!("[{}]", actions.join(" ").replace('"', ""))
    };
    match state {
        DocumentState::None => "none".to_owned(),
        DocumentState::Text(text) => actions(text),
        DocumentState::Unreadable(why) => format!("unreadable: {why}"),
        DocumentState::Unknown => "?".to_owned(),
    }
}

/// The history in lines: time, what, documents, what told of it.
fn shown(timeline: &Timeline, name: &str) -> String {
    let line = |change: &crate::policies::Change| {
        let time = change.at.as_ref().map_or("always".to_owned(), |at| {
            at.time.to_rfc3339_opts(SecondsFormat::Secs, true)
        });
        let documents = change.document.as_ref().map(|change| {
            format!(
                " {} → {}",
                document(&change.before),
                document(&change.after)
            )
        });
        format!(
            "{time} {}{} ({})",
            change.what,
            documents.unwrap_or_default(),
            change.origin
        )
    };
    let changes = timeline.history(name).unwrap();
    changes.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn role_and_policy() -> Timeline {
    let inline = |second, action: &str| {
        iam(
            second,
            "PutRolePolicy",
            json!({"roleName": "deploy", "policyName": "inline", "policyDocument": allow(action)}),
        )
    };
    let named = |second, name: &str, more: Value| {
        let mut parameters = json!({"roleName": "deploy"});
        for (key, value) in more.as_object().unwrap() {
            parameters[key] = value.clone();
        }
        iam(second, name, parameters)
    };
    timeline(&[
        create_role(10),
        inline(20, "s3:GetObject"),
        inline(21, "s3:GetObject"),
        inline(22, "s3:*"),
        call(
            30,
            "iam",
            "CreatePolicy",
            json!({"policyName": "tools", "policyDocument": allow("sqs:*")}),
            json!({"policy": {"arn": POLICY, "defaultVersionId": "v1"}}),
        ),
        named(40, "AttachRolePolicy", json!({"policyArn": POLICY})),
        call(
            50,
            "iam",
            "CreatePolicyVersion",
            json!({"policyArn": POLICY, "policyDocument": allow("sns:*"), "setAsDefault": true}),
            json!({"policyVersion": {"versionId": "v2", "isDefaultVersion": true}}),
        ),
        call(
            51,
            "iam",
            "CreatePolicyVersion",
            json!({"policyArn": POLICY, "policyDocument": allow("ses:*")}),
            json!({"policyVersion": {"versionId": "v3", "isDefaultVersion": false}}),
        ),
        iam(
            60,
            "SetDefaultPolicyVersion",
            json!({"policyArn": POLICY, "versionId": "v1"}),
        ),
        iam(
            61,
            "DeletePolicyVersion",
            json!({"policyArn": POLICY, "versionId": "v3"}),
        ),
        named(
            62,
            "PutRolePermissionsBoundary",
            json!({"permissionsBoundary": POLICY}),
        ),
        named(63, "DeleteRolePermissionsBoundary", json!({})),
        named(
            64,
            "TagRole",
            json!({"tags": [{"key": "team", "value": "a"}]}),
        ),
        named(65, "UntagRole", json!({"tagKeys": ["team"]})),
        named(
            66,
            "UpdateAssumeRolePolicy",
            json!({"policyDocument": allow("sts:AssumeRole").replace("\"Resource\":\"*\"", "\"Principal\":\"*\"")}),
        ),
        named(70, "DeleteRolePolicy", json!({"policyName": "inline"})),
        named(80, "DetachRolePolicy", json!({"policyArn": POLICY})),
        named(90, "DeleteRole", json!({})),
        iam(95, "DeletePolicy", json!({"policyArn": POLICY})),
        create_role(99),
    ])
}

#[test]
fn the_history_of_a_role_is_every_change_of_it() {
    let timeline = role_and_policy();
    insta::assert_snapshot!(shown(&timeline, ROLE));
    let session = "arn:aws:sts::111111111111:assumed-role/deploy/run-7";
    assert_eq!(shown(&timeline, session), shown(&timeline, ROLE));
}

#[test]
fn the_history_of_a_managed_policy_is_its_versions_and_which_was_in_force() {
    insta::assert_snapshot!(shown(&role_and_policy(), POLICY));
}

#[test]
fn exports_tell_only_what_they_show_anew_or_no_longer() {
    let mut timeline = Timeline::default();
    timeline.add_files(&[
        file("2026-03-01T10-01-00Z/111.json", export("v1", true)),
        file("2026-03-01T10-02-00Z/111.json", export("v1", true)),
        file("2026-03-01T10-03-00Z/111.json", export("v2", false)),
        file(
            "2026-03-01T10-04-00Z/111.json",
            export("v2", false).replace("/ada", "/bob"),
        ),
    ]);
    insta::assert_snapshot!(format!(
        "{}\n\n{}",
        shown(&timeline, USER),
        shown(&timeline, POLICY)
    ));
}

#[test]
fn before_a_change_that_a_newer_undated_export_shows_the_document_is_not_known() {
    let put = |second, action: &str| {
        iam(
            second,
            "PutUserPolicy",
            json!({"userName": "ada", "policyName": "p", "policyDocument": allow(action)}),
        )
    };
    let exported = json!({"UserDetailList": [{"Arn": USER, "UserId": "AIDA1", "UserPolicyList": [
        {"PolicyName": "p", "PolicyDocument": serde_json::from_str::<Value>(&allow("s3:*")).unwrap()}]}]});
    let mut timeline = Timeline::default();
    timeline.add_files(&[file("111.json", exported.to_string())]);
    timeline.add_records(&[put(60, "s3:*")]);
    insta::assert_snapshot!(shown(&timeline, USER));
}

#[test]
fn a_group_has_the_history_of_its_members() {
    let timeline = timeline(&[
        iam(5, "CreateGroup", json!({"groupName": "ops"})),
        iam(10, "CreateUser", json!({"userName": "ada"})),
        iam(
            20,
            "AddUserToGroup",
            json!({"userName": "ada", "groupName": "ops"}),
        ),
        iam(
            40,
            "RemoveUserFromGroup",
            json!({"userName": "ada", "groupName": "ops"}),
        ),
        iam(50, "DeleteGroup", json!({"groupName": "ops"})),
    ]);
    insta::assert_snapshot!(shown(&timeline, "arn:aws:iam::111111111111:group/ops"));
}

#[test]
fn a_resource_has_its_documents_and_the_statements_added_to_them() {
    let topic = "arn:aws:sns:us-east-1:111111111111:alerts";
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "all", "Effect": "Allow", "Principal": "*", "Action": "sns:Subscribe", "Resource": topic}]});
    let sns =
        |second, name: &str, parameters: Value| call(second, "sns", name, parameters, json!(null));
    let timeline = timeline(&[
        sns(
            10,
            "SetTopicAttributes",
            json!({"topicArn": topic, "attributeName": "Policy", "attributeValue": policy.to_string()}),
        ),
        sns(
            20,
            "AddPermission",
            json!({"topicArn": topic, "label": "logs", "aWSAccountIds": ["222222222222"], "actionName": ["Publish"]}),
        ),
        sns(
            30,
            "RemovePermission",
            json!({"topicArn": topic, "label": "logs"}),
        ),
    ]);
    insta::assert_snapshot!(shown(&timeline, topic));
    assert_eq!(
        timeline.history("arn:aws:sns:us-east-1:111111111111:other"),
        None
    );
}

#[test]
fn accounts_and_control_policies_have_histories_by_id_or_arn() {
    let mut timeline = super::fixtures();
    let organizations = |second, name: &str, parameters: Value, response: Value| {
        call(second, "organizations", name, parameters, response)
    };
    let content = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}]});
    timeline.add_records(&[
        organizations(
            10,
            "UpdatePolicy",
            json!({"policyId": "p-regions1", "content": content.to_string()}),
            json!({"policy": {"policySummary": {"id": "p-regions1", "type": "SERVICE_CONTROL_POLICY"}}}),
        ),
        organizations(
            20,
            "DetachPolicy",
            json!({"policyId": "p-regions1", "targetId": "ou-ab12-work1234"}),
            json!(null),
        ),
        organizations(
            30,
            "MoveAccount",
            json!({"accountId": "222222222222", "sourceParentId": "ou-ab12-work1234", "destinationParentId": "r-ab12"}),
            json!(null),
        ),
        organizations(
            40,
            "DisablePolicyType",
            json!({"rootId": "r-ab12", "policyType": "SERVICE_CONTROL_POLICY"}),
            json!(null),
        ),
    ]);
    let arn = "arn:aws:organizations::999999999999:policy/o-exampleorg1/service_control_policy/p-regions1";
    assert_eq!(shown(&timeline, arn), shown(&timeline, "p-regions1"));
    insta::assert_snapshot!(format!(
        "{}\n\n{}\n\n{}",
        shown(&timeline, arn),
        shown(&timeline, "222222222222"),
        shown(&timeline, "r-ab12"),
    ));
    let listing = timeline.as_of(at(50)).organization_listing().unwrap();
    let moved = listing
        .levels
        .iter()
        .find(|level| level.id == "222222222222");
    assert_eq!(moved.unwrap().below.as_deref(), Some("r-ab12"));
}

#[test]
fn every_name_has_a_history() {
    let timeline = super::fixtures();
    let names: Vec<String> = timeline.names().collect();
    assert!(names.len() > 20, "{names:#?}");
    for name in names {
        assert!(!timeline.history(&name).unwrap().is_empty(), "{name}");
    }
}
