//! Resource policies by ARN, and policies passed with sessions: lists in a
//! form of our own, because AWS has no export of them.

use serde::Deserialize;
use serde_json::value::RawValue;
use trailwright_evaluator::PolicyId;

use super::document::Source;
use crate::policies::change::{Session, Stated};

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
    session_policies: Vec<Passed<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Passed<'a> {
    /// Access key id or ARN of the session.
    session: String,
    #[serde(borrow)]
    policies: Vec<&'a RawValue>,
}

/// Reads `[{"Resource", "Policy", "Account"}]`, such an entry by itself, or
/// the list as `{"ResourcePolicies": …}`. A policy of `null` says that the
/// resource has none.
pub(super) fn read_policies(source: &mut Source<'_>) -> serde_json::Result<()> {
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
        let none = entry.policy.get() == "null";
        let document = (!none).then(|| source.compile(id, entry.policy));
        let resource = match entry.resource.split_once(":vpc-endpoint/") {
            Some((_, endpoint)) => endpoint.into(),
            None => entry.resource.into(),
        };
        source.state(Stated::ResourcePolicy {
            resource,
            account: entry.account.map(Into::into),
            document,
        });
    }
    Ok(())
}

/// Reads `{"SessionPolicies": [{"Session", "Policies": […]}]}`.
pub(super) fn read_sessions(source: &mut Source<'_>) -> serde_json::Result<()> {
    let file: Sessions<'_> = serde_json::from_str(source.text)?;
    for passed in file.session_policies {
        let name = &passed.session;
        let documents = passed.policies.iter().enumerate().map(|(index, document)| {
            let id = PolicyId::named(format!("session policy {} of {name}", index + 1));
            source.compile(id, document)
        });
        let session = Session {
            inline: documents.collect(),
            managed: Vec::new(),
            tags: Vec::new(),
        };
        source.state(Stated::Session(passed.session.into(), session));
    }
    Ok(())
}
