//! Policy documents, written from rules.

use serde_json::{Map, Value, json};

use super::action::Action;
use super::resource::{Resource, pattern};
use super::rule::{Actions, Condition, Grantee, Reach, Rule};
use crate::generator::organization::ORGANIZATION;

/// The office's network, in which [`crate::generator::organization::OFFICE`] lies.
const OFFICE_NETWORK: &str = "192.0.2.0/24";
/// The value of the resource tag in conditions.
const TEAM: &str = "blue";

pub(super) fn document(rules: &[Rule]) -> Value {
    let statements: Vec<Value> = rules.iter().map(statement).collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

pub(super) fn statement(rule: &Rule) -> Value {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    put("Sid", json!(rule.sid));
    put("Effect", json!(if rule.denies { "Deny" } else { "Allow" }));
    if let Some(grantee) = &rule.to {
        put("Principal", principal(grantee));
    }
    let services =
        |of: &[&str]| -> Vec<String> { of.iter().map(|service| format!("{service}:*")).collect() };
    match &rule.actions {
        Actions::All => put("Action", json!("*")),
        Actions::Services(of) => put("Action", json!(services(of))),
        Actions::AllBut(of) => put("NotAction", json!(services(of))),
        Actions::These(actions) => put("Action", one_or_many(actions.iter().map(action))),
    };
    // A trust policy belongs to its role and names no resource.
    let is_trust = rule.to.is_some()
        && matches!(&rule.actions, Actions::These(actions)
            if actions.iter().all(|action| action.service == "sts"));
    if !is_trust {
        put("Resource", reach(&rule.reach));
    }
    if let Some(condition) = &rule.condition {
        let (operator, key, value) = test(condition);
        put("Condition", json!({ operator: { key: value } }));
    }
    members.into()
}

/// Actions are compared without regard to case, and SQS and SNS write their
/// prefix in capitals.
fn action(action: &Action) -> String {
    let service = match action.service {
        "sqs" => "SQS",
        "sns" => "SNS",
        service => service,
    };
    format!("{service}:{}", action.name)
}

/// A list of one is written without the list.
fn one_or_many(values: impl Iterator<Item = String>) -> Value {
    let values: Vec<String> = values.collect();
    match values.as_slice() {
        [one] => json!(one),
        many => json!(many),
    }
}

fn principal(grantee: &Grantee) -> Value {
    match grantee {
        Grantee::Anyone => json!("*"),
        Grantee::Account(account) => json!({ "AWS": format!("arn:aws:iam::{account}:root") }),
        Grantee::Principal(arn) | Grantee::Session(arn) => json!({ "AWS": arn }),
        Grantee::Service(name) => json!({ "Service": name }),
    }
}

fn reach(reach: &Reach) -> Value {
    match reach {
        Reach::Everything => json!("*"),
        Reach::Every(kind, account) => json!(pattern(*kind, account)),
        Reach::Bucket(name) => json!([
            format!("arn:aws:s3:::{name}"),
            format!("arn:aws:s3:::{name}/*"),
        ]),
        Reach::Folder(bucket, folder) => json!(format!("arn:aws:s3:::{bucket}/{folder}/*")),
        Reach::One(resource) => json!(Resource::arn(resource)),
    }
}

/// Operator, key and value.
fn test(condition: &Condition) -> (&'static str, &'static str, Value) {
    match condition {
        Condition::Mfa => ("Bool", "aws:MultiFactorAuthPresent", json!("true")),
        Condition::Office => ("IpAddress", "aws:SourceIp", json!(OFFICE_NETWORK)),
        Condition::Regions(regions) => ("StringEquals", "aws:RequestedRegion", json!(regions)),
        Condition::OutsideRegions(regions) => {
            ("StringNotEquals", "aws:RequestedRegion", json!(regions))
        }
        Condition::Team(team) => ("StringEquals", "aws:PrincipalTag/team", json!(team)),
        Condition::OwnOrganization => ("StringEquals", "aws:PrincipalOrgID", json!(ORGANIZATION)),
        Condition::NotPrincipal(arn) => ("ArnNotEquals", "aws:PrincipalArn", json!(arn)),
        Condition::OwnedByTeam => ("StringEquals", "aws:ResourceTag/team", json!(TEAM)),
    }
}
