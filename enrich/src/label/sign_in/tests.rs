#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod console_authorization;
mod other_policies;
mod records;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use trailwright_schemas::{CauseType, Decision, Label};

use crate::label::{Assume, LabelOptions, Labeller};
use crate::policies::{PolicyFile, Timeline};
use crate::samples;

const OFFICE: &str = "203.0.113.7";
const HOME: &str = "198.51.100.4";

fn now() -> DateTime<Utc> {
    "2026-12-01T00:00:00Z".parse().unwrap()
}

fn labeller(files: &[Value], assume: Assume) -> Labeller {
    let files: Vec<PolicyFile> = files
        .iter()
        .enumerate()
        .map(|(at, file)| PolicyFile::new(PathBuf::from(format!("{at}.json")), file.to_string()))
        .collect();
    let mut timeline = Timeline::default();
    let (_, problems) = timeline.add_files(&files);
    assert_eq!(problems, []);
    let options = LabelOptions {
        assume,
        ..LabelOptions::default()
    };
    Labeller::new(timeline, options)
}

fn label(files: &[Value], record: Value) -> Label {
    labeller(files, Assume::default()).label(&samples::record(record), now())
}

/// A sign-in by ada from an address.
fn sign_in(address: &str) -> Value {
    json!({
        "eventTime": "2026-07-01T08:00:00Z", "awsRegion": "eu-west-1", "sourceIPAddress": address,
        "eventType": "AwsConsoleSignIn", "eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin",
        "requestParameters": null, "responseElements": {"ConsoleLogin": "Success"},
        "userIdentity": {
            "type": "IAMUser", "arn": "arn:aws:iam::111111111111:user/ada", "userName": "ada",
            "accountId": "111111111111", "principalId": "AIDAEXAMPLE"
        },
        "additionalEventData": {
            "LoginTo": "https://console.aws.amazon.com/console/home", "MobileVersion": "No", "MFAUsed": "Yes"
        }
    })
}

/// The same, refused.
fn refused(address: &str, by: &str) -> Value {
    with(
        sign_in(address),
        json!({
            "responseElements": {"ConsoleLogin": "Failure"},
            "errorMessage": format!("Authorization denied because of a {by}")
        }),
    )
}

fn with(mut record: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        record[name] = value.clone();
    }
    record
}

fn by_root(address: &str) -> Value {
    with(
        sign_in(address),
        json!({"awsRegion": "us-east-1", "userIdentity": {
            "type": "Root", "arn": "arn:aws:iam::111111111111:root", "accountId": "111111111111",
            "principalId": "111111111111"
        }}),
    )
}

/// Ada, who may nothing, and her group's policy.
fn people(document: Value) -> Value {
    json!({"UserDetailList": [{
        "Arn": "arn:aws:iam::111111111111:user/ada", "UserName": "ada",
        "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": document}]
    }]})
}

fn document(statements: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn nothing() -> Value {
    people(document(json!([])))
}

/// Console authorization of the account, and its policy.
fn console(on: bool, statements: Value) -> Value {
    json!({
        "targetId": "111111111111", "scope": "ACCOUNT", "consoleAuthorizationEnabled": on,
        "signinResourceBasedPolicy": {"Version": "2012-10-17", "Statement": statements}
    })
}

fn only_office(actions: Value, exempt_key: &str) -> Value {
    json!({
        "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": actions, "Resource": "*",
        "Condition": {
            "ArnNotEquals": {exempt_key: "arn:aws:iam::111111111111:root"},
            "NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"},
            "StringEquals": {"aws:ResourceAccount": "111111111111"}
        }
    })
}

fn perimeter() -> Value {
    json!([
        only_office(json!(["signin:Authenticate"]), "signin:PrincipalArn"),
        only_office(
            json!(["signin:CreateOAuth2Token", "signin:AuthorizeOAuth2Access"]),
            "aws:PrincipalArn"
        ),
    ])
}

/// An organization with these control policies on its root.
fn organization(scp: Value, rcp: Value) -> Value {
    let full = document(json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]));
    let full = json!({"Id": "p-FullAWSAccess", "Arn": "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess",
        "Name": "FullAWSAccess", "Type": "SERVICE_CONTROL_POLICY", "Content": full});
    let own = |id: &str, kind: &str, statements: Value| {
        json!({
            "Id": id, "Name": id, "Type": kind, "Content": document(statements),
            "Arn": format!("arn:aws:organizations::999999999999:policy/o-exampleorg1/{}/{id}", kind.to_lowercase())
        })
    };
    json!({
        "Organization": {"Id": "o-exampleorg1", "MasterAccountId": "999999999999"},
        "Root": {
            "Id": "r-ab12",
            "Policies": [full, own("p-scp00001", "SERVICE_CONTROL_POLICY", scp), own("p-rcp00001", "RESOURCE_CONTROL_POLICY", rcp)],
            "Children": [
                {"Id": "111111111111", "Policies": [full]}, {"Id": "999999999999", "Policies": [full]}
            ]
        }
    })
}

fn kind(label: &Label) -> (Decision, CauseType) {
    (label.decision, label.cause.cause_type)
}

const ALLOWED: (Decision, CauseType) = (Decision::Allow, CauseType::SignInNotRestricted);
