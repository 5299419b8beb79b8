//! What the record says happened, against what evaluation finds.

mod message;
mod outcome;

use trailwright_schemas::{Agreement, CauseType, Decision, Record, RecordedOutcome};

pub use message::{Denial, Reason, parse};
pub use outcome::{recorded_outcome, refused_by_policy};

/// A policy that takes part in a denial, as far as records name policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denier {
    /// The type of the policy.
    pub policy_type: CauseType,
    /// Its ARN, if it has one.
    pub arn: Option<String>,
}

/// What evaluation found, as far as agreement needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// The decision.
    pub decision: Decision,
    /// The policies that deny, all of them.
    pub denies: &'a [Denier],
    /// The types of policies that lack an allow.
    pub missing: &'a [CauseType],
    /// One sentence on why the decision is open or was not made.
    pub cause: &'a str,
}

/// Compares, and says in words why.
pub fn compare(record: &Record, found: &Found<'_>) -> (Agreement, String) {
    let outcome = recorded_outcome(record);
    match (found.decision, outcome) {
        (Decision::NotEvaluated, _) => (
            Agreement::NotComparable,
            format!("nothing was evaluated: {}", found.cause),
        ),
        (Decision::Indeterminate, _) => (
            Agreement::NotComparable,
            format!("the decision is open: {}", found.cause),
        ),
        (Decision::Allow, RecordedOutcome::Allowed) => (Agreement::Agrees, "both allow".to_owned()),
        (Decision::ExplicitDeny | Decision::ImplicitDeny, RecordedOutcome::Allowed) => (
            Agreement::Disagrees,
            "the call was allowed, and the policies known deny it".to_owned(),
        ),
        (_, RecordedOutcome::Denied) => denied(record, found),
        (Decision::Allow, RecordedOutcome::OtherError) if outcome::is_gate(record) => (
            Agreement::OtherGate,
            format!("policies allow; {} stopped the call", said(record)),
        ),
        (_, RecordedOutcome::OtherError) => (
            Agreement::NotComparable,
            format!(
                "{} does not tell whether the call was authorized",
                said(record)
            ),
        ),
        (_, RecordedOutcome::AuthenticationFailed) => (
            Agreement::NotComparable,
            "the credentials were not accepted, so nothing was authorized".to_owned(),
        ),
        (_, RecordedOutcome::NoRequest) => {
            (Agreement::NotComparable, "there was no request".to_owned())
        }
    }
}

fn denied(record: &Record, found: &Found<'_>) -> (Agreement, String) {
    let message = record.error_message.as_deref().unwrap_or_default();
    let denial = parse(message);
    if let Some(Reason::OtherGate) = denial.as_ref().map(|denial| &denial.reason) {
        return (
            Agreement::OtherGate,
            format!("a gate outside IAM denied the call: {message}"),
        );
    }
    if found.decision == Decision::Allow {
        return (
            Agreement::Disagrees,
            "the call was denied, and the policies known allow it".to_owned(),
        );
    }
    match denial.map(|denial| denial.reason) {
        Some(Reason::Explicit { policy_type, arn }) => explicit(found, policy_type, arn),
        Some(Reason::Implicit { policy_type }) => implicit(found, policy_type),
        Some(Reason::Named { policy_type }) => {
            let denies = found
                .denies
                .iter()
                .any(|denier| denier.policy_type == policy_type);
            let what = format!("a {}", words(policy_type));
            verdict(denies || found.missing.contains(&policy_type), &what)
        }
        Some(Reason::Withheld | Reason::Encoded | Reason::OtherGate) | None => (
            Agreement::Agrees,
            "both deny; the record does not say why".to_owned(),
        ),
    }
}

/// Of several policies that deny, a message names one: ours has to be among
/// those found, not the only one.
fn explicit(
    found: &Found<'_>,
    policy_type: Option<CauseType>,
    arn: Option<String>,
) -> (Agreement, String) {
    let Some(named) = policy_type else {
        let explicit = found.decision == Decision::ExplicitDeny;
        return verdict(explicit, "an explicit deny");
    };
    let is_named = |denier: &Denier| {
        let same_arn = match (&arn, &denier.arn) {
            (Some(named), Some(ours)) => ours.starts_with(named.as_str()),
            _ => true,
        };
        denier.policy_type == named && same_arn
    };
    let what = match &arn {
        Some(arn) => format!("an explicit deny in a {}, {arn}", words(named)),
        None => format!("an explicit deny in a {}", words(named)),
    };
    verdict(found.denies.iter().any(is_named), &what)
}

fn implicit(found: &Found<'_>, policy_type: CauseType) -> (Agreement, String) {
    let what = format!("that no {} allows", words(policy_type));
    verdict(found.missing.contains(&policy_type), &what)
}

fn verdict(agrees: bool, what: &str) -> (Agreement, String) {
    if agrees {
        (
            Agreement::Agrees,
            format!("both deny; the record names {what}, and so do we"),
        )
    } else {
        (
            Agreement::Disagrees,
            format!(
                "both deny, for different causes: the record names {what}, which we do not find"
            ),
        )
    }
}

fn said(record: &Record) -> &str {
    record
        .error_code
        .as_deref()
        .or(record.error_message.as_deref())
        .unwrap_or("an error")
}

/// AWS's words for a type of policy.
pub(crate) fn words(policy_type: CauseType) -> &'static str {
    match policy_type {
        CauseType::IdentityPolicy => "identity-based policy",
        CauseType::ResourcePolicy => "resource-based policy",
        CauseType::PermissionsBoundary => "permissions boundary",
        CauseType::SessionPolicy => "session policy",
        CauseType::ServiceControlPolicy => "service control policy",
        CauseType::ResourceControlPolicy => "resource control policy",
        CauseType::VpcEndpointPolicy => "VPC endpoint policy",
        _ => "policy",
    }
}

#[cfg(test)]
mod tests;
