//! Whether policies decide about sign-ins to the console of an account, and
//! its policy about them: what `aws signin get-console-authorization-configuration`
//! and `aws signin get-resource-policy` print, put together.
//!
//! Source: AWS Sign-In API Reference. The AWS CLI prints the elements of the
//! policy in lower case, the API itself sends them as in any policy.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use trailwright_evaluator::PolicyId;

use super::document::Source;
use crate::policies::change::Stated;
use crate::policies::sign_in::sign_in_key;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    target_id: String,
    console_authorization_enabled: Option<bool>,
    #[serde(borrow, default, deserialize_with = "present")]
    signin_resource_based_policy: Option<&'a RawValue>,
    permission_statements: Option<Vec<Value>>,
}

/// `null` is a value here: there is no policy.
fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(from).map(Some)
}

/// Whether an entry looks like one of this file.
pub(super) fn is_entry(entry: &Value) -> bool {
    let has = |name: &str| entry.get(name).is_some();
    has("targetId")
        && (has("consoleAuthorizationEnabled")
            || has("signinResourceBasedPolicy")
            || has("permissionStatements"))
}

/// Reads one entry or a list of them.
pub(super) fn read(source: &mut Source<'_>) -> serde_json::Result<()> {
    let text = source.text;
    let entries: Vec<Entry<'_>> = match text.trim_start().as_bytes().first() {
        Some(b'[') => serde_json::from_str(text)?,
        _ => vec![serde_json::from_str(text)?],
    };
    for entry in entries {
        take(source, entry);
    }
    Ok(())
}

fn take(source: &mut Source<'_>, entry: Entry<'_>) {
    let target = entry.target_id;
    if !is_target(&target) {
        let message = format!(
            "targetId {target} is neither an account (twelve digits) nor an organization (o-…) or its root (r-…)"
        );
        source.problem_with(&target, message);
        return;
    }
    if let Some(on) = entry.console_authorization_enabled {
        source.state(Stated::ConsoleAuthorization {
            target: target.as_str().into(),
            on,
        });
    }
    let none_listed = entry.permission_statements.as_ref().map(Vec::is_empty);
    let document = match (entry.signin_resource_based_policy, none_listed) {
        (Some(policy), _) if policy.get() == "null" => None,
        (Some(policy), _) => Some(policy),
        (None, Some(true)) => None,
        (None, Some(false)) => {
            let message = format!(
                "permissionStatements of {target} do not say what they deny; add what `aws signin \
                 get-resource-policy` prints"
            );
            source.problem_with(&target, message);
            return;
        }
        (None, None) => return,
    };
    if target.contains('-') {
        let message = format!("{target} has no sign-in policy: only accounts have one; remove it");
        source.problem_with(&target, message);
        return;
    }
    let key = sign_in_key(&target);
    let document = document.map(|policy| {
        let id = PolicyId::named(format!("policy of {key}"));
        source.compile_as(id, policy, with_policy_names(policy.get()))
    });
    source.state(Stated::ResourcePolicy {
        resource: key.into(),
        account: Some(target.into()),
        document,
    });
}

fn is_target(target: &str) -> bool {
    let is_account = target.len() == 12 && target.bytes().all(|byte| byte.is_ascii_digit());
    is_account || target.starts_with("o-") || target.starts_with("r-")
}

/// The document with the names of its elements as policies have them; `None`
/// when they are so.
fn with_policy_names(text: &str) -> Option<String> {
    let Value::Object(document) = serde_json::from_str(text).ok()? else {
        return None;
    };
    if !document.contains_key("statement") {
        return None;
    }
    let mut renamed = capitalized(document);
    if let Some(Value::Array(statements)) = renamed.get_mut("Statement") {
        for statement in statements {
            if let Value::Object(members) = statement.take() {
                *statement = Value::Object(capitalized(members));
            }
        }
    }
    Some(Value::Object(renamed).to_string())
}

fn capitalized(members: Map<String, Value>) -> Map<String, Value> {
    let capital = |(name, value): (String, Value)| {
        let mut letters = name.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        (first.into_iter().chain(letters).collect(), value)
    };
    members.into_iter().map(capital).collect()
}
