//! Calls that change who may sign in to the console from where. They are made
//! in us-east-1, in the account they are about or in the management account.
//!
//! Source: AWS Sign-In API Reference; AWS Sign-In User Guide, "Controlling
//! console access with resource-based policies and resource control policies".

use serde_json::{Map, Value, json};

use super::{Call, at};
use crate::policies::change::Stated;
use crate::policies::sign_in::sign_in_key;

pub(super) fn is_change(event_name: &str) -> bool {
    matches!(
        event_name,
        "PutConsoleAuthorizationConfiguration"
            | "DeleteConsoleAuthorizationConfiguration"
            | "PutResourcePermissionStatement"
            | "DeleteResourcePermissionStatement"
    )
}

pub(super) fn read(call: &Call<'_>) -> Vec<Stated> {
    let fact = match call.record.event_name.as_str() {
        "PutConsoleAuthorizationConfiguration" => Some(switched(call, true)),
        "DeleteConsoleAuthorizationConfiguration" => Some(switched(call, false)),
        "PutResourcePermissionStatement" => added(call),
        _ => call
            .text("statementId")
            .map(|id| changed(call, id.to_owned(), None)),
    };
    fact.into_iter().collect()
}

/// Without a target the caller's account is meant.
fn switched(call: &Call<'_>, on: bool) -> Stated {
    let named = call.text("targetId").or_else(|| call.answer("targetId"));
    let stated = at(&call.response, "consoleAuthorizationEnabled").and_then(Value::as_bool);
    Stated::ConsoleAuthorization {
        target: named.unwrap_or(call.account).into(),
        on: stated.unwrap_or(on),
    }
}

fn added(call: &Call<'_>) -> Option<Stated> {
    let id = call.answer("statementId");
    let id = id.or(call.record.event_id.as_deref())?;
    let statements: Vec<Value> = PHASES
        .iter()
        .flat_map(|phase| denials(call, id, phase))
        .collect();
    if statements.is_empty() {
        return None;
    }
    let written = Value::Array(statements).to_string();
    Some(changed(call, id.to_owned(), Some(written)))
}

fn changed(call: &Call<'_>, id: String, statements: Option<String>) -> Stated {
    Stated::ResourceStatement {
        resource: sign_in_key(call.account).into(),
        account: Some(call.account.into()),
        sid: id.into(),
        statement: statements.map(Into::into),
    }
}

/// Before the credentials are checked and after: which actions, and the key
/// that names the principal.
struct Phase {
    actions: &'static [&'static str],
    principal_key: &'static str,
}

const PHASES: [Phase; 2] = [
    Phase {
        actions: &["signin:Authenticate"],
        principal_key: "signin:PrincipalArn",
    },
    Phase {
        actions: &["signin:CreateOAuth2Token", "signin:AuthorizeOAuth2Access"],
        principal_key: "aws:PrincipalArn",
    },
];

/// The statements that one call makes for one phase, as AWS writes them in its
/// examples: whoever comes from none of the networks is denied, and whoever
/// comes from the VPC by another Region or address; the excluded principal is
/// not.
fn denials(call: &Call<'_>, id: &str, phase: &Phase) -> Vec<Value> {
    let excluded = call.text("excludedPrincipal");
    let mut conditions = Vec::new();
    let outside = outside(call);
    if !outside.is_empty() {
        conditions.push(outside);
    }
    for (operator, key, member) in [
        (
            "StringNotEqualsIfExists",
            "aws:RequestedRegion",
            "requestedRegion",
        ),
        ("NotIpAddressIfExists", "aws:VpcSourceIp", "vpcSourceIp"),
    ] {
        if let Some(value) = call.text(member) {
            let mut inside = Map::new();
            insert(&mut inside, "StringEquals", vpc(call));
            inside.insert(operator.to_owned(), json!({key: value}));
            conditions.push(inside);
        }
    }
    if conditions.is_empty() && excluded.is_some() {
        conditions.push(Map::new());
    }
    let statement = |mut condition: Map<String, Value>| {
        if let Some(principal) = excluded {
            let key = phase.principal_key;
            condition.insert("ArnNotEquals".to_owned(), json!({key: principal}));
        }
        json!({
            "Sid": id, "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": phase.actions,
            "Resource": "*", "Condition": condition,
        })
    };
    conditions.into_iter().map(statement).collect()
}

/// That the request comes from none of the networks named. It has a public
/// address or a VPC, not both.
fn outside(call: &Call<'_>) -> Map<String, Value> {
    let mut condition = Map::new();
    if let Some(address) = call.text("sourceIp") {
        let test = json!({"aws:SourceIp": address});
        condition.insert("NotIpAddressIfExists".to_owned(), test);
    }
    insert(&mut condition, "StringNotEquals", vpc(call));
    condition
}

/// The VPC and the endpoints named: one for the sign-in page, one for the
/// console.
fn vpc(call: &Call<'_>) -> Map<String, Value> {
    let mut keys = Map::new();
    if let Some(id) = call.text("sourceVpc") {
        keys.insert("aws:SourceVpc".to_owned(), json!(id));
    }
    let endpoints: Vec<&str> = ["signinSourceVpce", "consoleSourceVpce"]
        .into_iter()
        .filter_map(|name| call.text(name))
        .collect();
    if !endpoints.is_empty() {
        keys.insert("aws:SourceVpce".to_owned(), json!(endpoints));
    }
    keys
}

fn insert(condition: &mut Map<String, Value>, operator: &str, keys: Map<String, Value>) {
    if !keys.is_empty() {
        condition.insert(operator.to_owned(), Value::Object(keys));
    }
}
