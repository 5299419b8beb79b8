//! Calls that issue credentials: what is passed to a session with them.
//!
//! Source: STS API Reference; CloudTrail User Guide, "Example AWS STS API
//! events in CloudTrail log file".

use serde_json::Value;
use trailwright_evaluator::PolicyId;

use super::{Call, at, document_text, tags};
use crate::policies::change::{Document, Session, Stated};

pub(super) fn is_change(event_name: &str) -> bool {
    matches!(
        event_name,
        "AssumeRole"
            | "AssumeRoleWithSAML"
            | "AssumeRoleWithWebIdentity"
            | "AssumeRoot"
            | "GetFederationToken"
            | "GetSigninToken"
    )
}

pub(super) fn read(call: &Call<'_>) -> Vec<Stated> {
    let Some(key) = call.answer("credentials.accessKeyId") else {
        return Vec::new();
    };
    if call.record.event_name == "GetSigninToken" {
        let before = call.record.user_identity.access_key_id.as_deref();
        let goes_on = |before: &str| Stated::SessionGoesOn {
            key: key.into(),
            before: before.into(),
        };
        return before.map(goes_on).into_iter().collect();
    }
    vec![Stated::Session(key.into(), session(call, key))]
}

fn session(call: &Call<'_>, key: &str) -> Session {
    let passed = at(&call.parameters, "policy").and_then(document_text);
    let inline = passed.map(|text| {
        let id = PolicyId::named(format!("session policy of {key}"));
        Document::compile(id, &text)
    });
    let list = at(&call.parameters, "policyArns").and_then(Value::as_array);
    let arn = |entry: &Value| Some(at(entry, "arn").unwrap_or(entry).as_str()?.into());
    let mut managed: Vec<_> = list.into_iter().flatten().filter_map(arn).collect();
    managed.extend(
        call.text("taskPolicyArn.arn")
            .or(call.text("taskPolicyArn"))
            .map(Into::into),
    );
    let mut all = Vec::new();
    for name in ["incomingTransitiveTags", "principalTags"] {
        let map = at(&call.parameters, name).and_then(Value::as_object);
        let pairs = map.into_iter().flatten();
        all.extend(
            pairs.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))),
        );
    }
    all.extend(tags(at(&call.parameters, "tags")));
    Session {
        inline: inline.into_iter().collect(),
        managed,
        tags: all,
    }
}
