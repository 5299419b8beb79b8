//! A verdict in the shape of a case's `exp`.

use serde_json::{Map, Value, json};

use crate::{Decision, LayerResult, Match, Missing, PolicyType, ResourceResult, Verdict};

/// Renders a verdict: decision, every matching statement, what each layer says, what was missing,
/// what blocked. An indeterminate verdict also lists the keys that would settle it (`unknown`).
#[must_use]
pub fn render(verdict: &Verdict<'_>) -> Value {
    let mut out = Map::new();
    out.insert("d".to_owned(), json!(decision(verdict.decision)));
    out.insert("deny".to_owned(), statements(&verdict.denies));
    out.insert("allow".to_owned(), statements(&verdict.allows));
    out.insert("layers".to_owned(), layers(verdict));
    if verdict.decision == Decision::ImplicitDeny {
        let mut missing: Vec<String> = verdict.missing.iter().map(missing_name).collect();
        missing.sort();
        out.insert("missing".to_owned(), json!(missing));
    }
    if !verdict.blocked.is_empty() {
        let mut blocked: Vec<&str> = verdict.blocked.iter().map(|layer| short(*layer)).collect();
        blocked.sort_unstable();
        out.insert("blocked".to_owned(), json!(blocked));
    }
    if verdict.decision == Decision::Indeterminate {
        out.insert("unknown".to_owned(), json!(verdict.unknown_keys));
    }
    Value::Object(out)
}

fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Allow => "Allow",
        Decision::ExplicitDeny => "ExplicitDeny",
        Decision::ImplicitDeny => "ImplicitDeny",
        Decision::Indeterminate => "Indeterminate",
    }
}

/// `[type, policy, level, sid, index from 1]`, sorted by type, level, name (in any case) and index.
fn statements(matches: &[Match<'_>]) -> Value {
    let mut matches: Vec<&Match<'_>> = matches.iter().collect();
    matches.sort_by_cached_key(|m| {
        (
            short(m.policy_type),
            m.level,
            m.policy.id().name.to_lowercase(),
            m.index,
        )
    });
    let row = |m: &&Match<'_>| {
        json!([
            short(m.policy_type),
            m.policy.id().name,
            m.level,
            m.statement().sid(),
            m.index + 1
        ])
    };
    Value::Array(matches.iter().map(row).collect())
}

fn layers(verdict: &Verdict<'_>) -> Value {
    let results = verdict.layers;
    let rest = [
        (PolicyType::Boundary, results.boundary),
        (PolicyType::Session, results.session),
        (PolicyType::Scp, results.scp),
        (PolicyType::Rcp, results.rcp),
        (PolicyType::VpcEndpoint, results.vpc_endpoint),
    ];
    let mut out = Map::new();
    out.insert("identity".to_owned(), json!(layer(results.identity)));
    if let Some(resource) = results.resource {
        out.insert("resource".to_owned(), json!(resource_layer(resource)));
    }
    for (policy_type, result) in rest {
        if let Some(result) = result {
            out.insert(short(policy_type).to_owned(), json!(layer(result)));
        }
    }
    Value::Object(out)
}

fn layer(result: LayerResult) -> &'static str {
    match result {
        LayerResult::Allow => "Allow",
        LayerResult::ExplicitDeny => "ExplicitDeny",
        LayerResult::ImplicitDeny => "ImplicitDeny",
        LayerResult::Indeterminate => "Indeterminate",
    }
}

fn resource_layer(result: ResourceResult) -> &'static str {
    match result {
        ResourceResult::Allow => "Allow",
        ResourceResult::AllowAccount => "AllowAccount",
        ResourceResult::ExplicitDeny => "ExplicitDeny",
        ResourceResult::DenyAccount => "DenyAccount",
        ResourceResult::ImplicitDeny => "ImplicitDeny",
        ResourceResult::Indeterminate => "Indeterminate",
    }
}

fn missing_name(missing: &Missing<'_>) -> String {
    match missing.level {
        Some(level) => format!("{}:{level}", short(missing.policy_type)),
        None => short(missing.policy_type).to_owned(),
    }
}

fn short(policy_type: PolicyType) -> &'static str {
    match policy_type {
        PolicyType::Identity => "identity",
        PolicyType::Resource => "resource",
        PolicyType::Boundary => "boundary",
        PolicyType::Session => "session",
        PolicyType::Scp => "scp",
        PolicyType::Rcp => "rcp",
        PolicyType::VpcEndpoint => "vpce",
    }
}
