//! Resource policies by ARN, and policies passed with sessions: lists in a
//! form of our own, because AWS has no export of them.

use serde::Deserialize;
use serde_json::value::RawValue;
use trailwright_evaluator::{PolicyId, PolicySet};

use super::document::Source;
use super::{ResourcePolicy, State};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'a> {
    resource: String,
    #[serde(borrow)]
    policy: &'a RawValue,
    account: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wrapped<'a> {
    #[serde(borrow)]
    resource_policies: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sessions<'a> {
    #[serde(borrow)]
    session_policies: Vec<Session<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Session<'a> {
    /// Access key id or ARN of the session.
    session: String,
    #[serde(borrow)]
    policies: Vec<&'a RawValue>,
}

/// Reads `[{"Resource", "Policy", "Account"}]`, such an entry by itself, or
/// the list as `{"ResourcePolicies": …}`.
pub(super) fn read_policies(source: &mut Source<'_>, state: &mut State) -> serde_json::Result<()> {
    let text = source.text;
    let entries = match text.trim_start().as_bytes().first() {
        Some(b'[') => serde_json::from_str(text)?,
        _ => match serde_json::from_str::<Wrapped<'_>>(text) {
            Ok(wrapped) => wrapped.resource_policies,
            Err(_) => vec![serde_json::from_str::<Entry<'_>>(text)?],
        },
    };
    for entry in entries {
        let id = PolicyId::named(format!("policy of {}", entry.resource));
        let Some(policy) = source.compile(id, entry.policy) else {
            continue;
        };
        let key = match entry.resource.split_once(":vpc-endpoint/") {
            Some((_, endpoint)) => endpoint.to_owned(),
            None => entry.resource,
        };
        let account = entry.account;
        state
            .resources
            .insert(key, ResourcePolicy { policy, account });
    }
    Ok(())
}

/// Reads `{"SessionPolicies": [{"Session", "Policies": […]}]}`.
pub(super) fn read_sessions(source: &mut Source<'_>, state: &mut State) -> serde_json::Result<()> {
    let file: Sessions<'_> = serde_json::from_str(source.text)?;
    for session in file.session_policies {
        let mut policies = Vec::new();
        for (index, document) in session.policies.iter().enumerate() {
            let id = PolicyId::named(format!(
                "session policy {} of {}",
                index + 1,
                session.session
            ));
            policies.extend(source.compile(id, document));
        }
        // What cannot be read allows nothing, so a session stays restricted.
        state
            .sessions
            .insert(session.session, PolicySet::new(policies));
    }
    Ok(())
}
