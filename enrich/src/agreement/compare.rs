//! The decision against what the record says.

use trailwright_schemas::{AgreementClass, Cause, CauseType, Decision, RecordedOutcome};

use super::message::{Reason, StatedPolicy};
use super::policy_type::words;
use super::recorded::Recorded;

/// A policy that takes part in a denial, as far as records name policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denier {
    /// The type of the policy.
    pub policy_type: CauseType,
    /// Its ARN, if it has one.
    pub arn: Option<String>,
}

/// What evaluation found, as far as agreement needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// The decision.
    pub decision: Decision,
    /// The policies that deny, all of them.
    pub denies: &'a [Denier],
    /// The types of policies that lack an allow.
    pub missing: &'a [CauseType],
    /// Why the decision is what it is.
    pub cause: &'a Cause,
}

/// What the comparison came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Which of the known reasons it is; it settles the agreement.
    pub class: AgreementClass,
    /// The reason in one sentence.
    pub reason: String,
}

impl Compared {
    pub(super) fn new(class: AgreementClass, reason: impl Into<String>) -> Self {
        Self {
            class,
            reason: reason.into(),
        }
    }
}

/// Compares, and says in words why.
pub fn compare(recorded: &Recorded<'_>, found: &Found<'_>) -> Compared {
    match recorded.outcome {
        RecordedOutcome::NoRequest => {
            Compared::new(AgreementClass::NoRequest, "there was no request")
        }
        RecordedOutcome::AuthenticationFailed => Compared::new(
            AgreementClass::NotAuthenticated,
            "the credentials were not accepted, so nothing was authorized",
        ),
        RecordedOutcome::Allowed => allowed(found),
        RecordedOutcome::Denied => denied(recorded, found),
        RecordedOutcome::OtherError => other_error(recorded, found),
    }
}

fn allowed(found: &Found<'_>) -> Compared {
    match found.decision {
        Decision::Allow => Compared::new(AgreementClass::BothAllow, "both allow"),
        Decision::ExplicitDeny | Decision::ImplicitDeny => Compared::new(
            AgreementClass::RecordedAllowedComputedDeny,
            "the call was allowed, and the policies known deny it",
        ),
        Decision::Indeterminate | Decision::NotEvaluated => open(found.cause),
    }
}

fn denied(recorded: &Recorded<'_>, found: &Found<'_>) -> Compared {
    if let Some(gate) = recorded.stated_gate() {
        let reason = format!(
            "no policy denied the call: {}; the record says \"{}\"",
            gate.words(),
            recorded.message.as_deref().unwrap_or_default()
        );
        return Compared::new(gate.class(), reason);
    }
    match found.decision {
        Decision::Allow => Compared::new(
            AgreementClass::RecordedDeniedComputedAllow,
            "the call was denied, and the policies known allow it",
        ),
        Decision::ExplicitDeny | Decision::ImplicitDeny => both_deny(recorded, found),
        Decision::Indeterminate | Decision::NotEvaluated => open(found.cause),
    }
}

/// "Other error codes do not prove that authorization was reached": validation
/// and throttling may come first. Gates come after it.
fn other_error(recorded: &Recorded<'_>, found: &Found<'_>) -> Compared {
    let error = recorded.error();
    match (found.decision, recorded.gate_of_code()) {
        (Decision::Indeterminate | Decision::NotEvaluated, _) => open(found.cause),
        (Decision::Allow, Some(gate)) => Compared::new(
            gate.class(),
            format!("policies allow; {error}: {}", gate.words()),
        ),
        _ => Compared::new(
            AgreementClass::AuthorizationNotProven,
            format!("{error} does not tell whether the call was authorized"),
        ),
    }
}

fn open(cause: &Cause) -> Compared {
    let class = match cause.cause_type {
        CauseType::UnknownKeys => AgreementClass::UnknownKeys,
        CauseType::NoPoliciesKnown => AgreementClass::NoPolicies,
        CauseType::ServiceEvent => AgreementClass::NoRequest,
        CauseType::AuthenticationFailure => AgreementClass::NotAuthenticated,
        _ => AgreementClass::UnmappedRequest,
    };
    Compared::new(class, format!("the decision is open: {}", cause.text))
}

/// Of several policies that deny, a message names one: it has to be among those
/// found, not the only one.
fn both_deny(recorded: &Recorded<'_>, found: &Found<'_>) -> Compared {
    let denies = |policy_type| {
        let mut types = found.denies.iter().map(|denier| denier.policy_type);
        types.any(|found| found == policy_type)
    };
    match &recorded.reason {
        Some(Reason::Explicit {
            policy_type: None, ..
        }) => cause(found.decision == Decision::ExplicitDeny, "an explicit deny"),
        Some(Reason::Explicit {
            policy_type: Some(policy_type),
            through,
            policy,
        }) => cause(
            is_among(found.denies, *policy_type, policy.as_ref()) || through.is_some_and(denies),
            &explicit_words(*policy_type, *through, policy.as_ref()),
        ),
        Some(Reason::Implicit { policy_type }) => cause(
            found.missing.contains(policy_type),
            &format!("the lack of an allow in {}", a(*policy_type)),
        ),
        Some(Reason::Named { policy_type }) => cause(
            denies(*policy_type) || found.missing.contains(policy_type),
            &a(*policy_type),
        ),
        Some(Reason::Encoded) => Compared::new(
            AgreementClass::BothDeny,
            "both deny; the record says why in an encoded message only",
        ),
        Some(Reason::Withheld | Reason::Gate(_)) | None => Compared::new(
            AgreementClass::BothDeny,
            "both deny; the record does not say why",
        ),
    }
}

/// A policy whose ARN is not known may be the one that the record names.
fn is_among(denies: &[Denier], policy_type: CauseType, stated: Option<&StatedPolicy>) -> bool {
    denies.iter().any(|denier| {
        let same = match (stated, &denier.arn) {
            (Some(stated), Some(ours)) => stated.is(ours),
            _ => true,
        };
        denier.policy_type == policy_type && same
    })
}

fn explicit_words(
    policy_type: CauseType,
    through: Option<CauseType>,
    policy: Option<&StatedPolicy>,
) -> String {
    let mut said = format!("an explicit deny in {}", a(policy_type));
    if let Some(through) = through {
        said.push_str(" through ");
        said.push_str(&a(through));
    }
    if let Some(policy) = policy {
        said.push_str(", ");
        said.push_str(&policy.arn);
    }
    said
}

/// With its article.
fn a(policy_type: CauseType) -> String {
    let words = words(policy_type);
    let article = if words.starts_with('i') { "an" } else { "a" };
    format!("{article} {words}")
}

fn cause(is_found: bool, what: &str) -> Compared {
    if is_found {
        Compared::new(
            AgreementClass::BothDenySameCause,
            format!("both deny; the record names {what}, and so do we"),
        )
    } else {
        Compared::new(
            AgreementClass::BothDenyOtherCause,
            format!(
                "both deny, for different causes: the record names {what}, which we do not find"
            ),
        )
    }
}

#[cfg(test)]
mod tests;
