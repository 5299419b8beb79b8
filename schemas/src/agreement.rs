//! What a record says of its own authorization, and how the recomputed decision
//! stands to it.

use crate::CauseType;

/// What the record itself says happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordedOutcome {
    /// The call was authorized.
    Allowed,
    /// The call was denied.
    Denied,
    /// The credentials were not accepted.
    AuthenticationFailed,
    /// An error that proves neither.
    OtherError,
    /// There was no request.
    NoRequest,
}

impl RecordedOutcome {
    /// The stored name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::AuthenticationFailed => "authentication_failed",
            Self::OtherError => "other_error",
            Self::NoRequest => "no_request",
        }
    }
}

/// The cause that a record states for its denial.
///
/// Source: IAM User Guide, "Troubleshoot access denied error messages".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedCause {
    /// The type of the policy; one of the first seven cause types.
    pub policy_type: CauseType,
    /// The policy's ARN, which AWS states for explicit denies only. It ends in
    /// `...` where CloudTrail cut it with the rest of the message.
    pub policy: Option<String>,
}

/// The recomputed decision against the recorded outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Agreement {
    /// Both allow or both deny.
    Agrees,
    /// One allows, the other denies.
    Disagrees,
    /// A change of policies shortly before explains the difference.
    Propagation,
    /// A gate outside IAM explains the denial.
    OtherGate,
    /// One of the two is not known.
    NotComparable,
}

impl Agreement {
    /// The stored name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Disagrees => "disagrees",
            Self::Propagation => "propagation",
            Self::OtherGate => "other_gate",
            Self::NotComparable => "not_comparable",
        }
    }
}

/// Why decision and record agree, disagree or cannot be compared. The class
/// settles the [`Agreement`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AgreementClass {
    /// Both allow.
    BothAllow,
    /// Both deny; the record does not say why.
    BothDeny,
    /// Both deny, and what the record names is among what denies.
    BothDenySameCause,
    /// The call was allowed, and the policies known deny it.
    RecordedAllowedComputedDeny,
    /// The call was denied, and the policies known allow it.
    RecordedDeniedComputedAllow,
    /// Both deny, and what the record names is not among what denies.
    BothDenyOtherCause,
    /// The record fits the policies before a change shortly before the call.
    Propagation,
    /// Access to billing data is off for IAM users and roles of the account.
    GateBilling,
    /// A quota was used up.
    GateQuota,
    /// The account has not signed up for what it called, or is on hold.
    GateSubscription,
    /// S3 Block Public Access.
    GateBlockPublicAccess,
    /// A role can only be passed within its own account.
    GateCrossAccountPassRole,
    /// Condition keys that would settle the decision are not known.
    UnknownKeys,
    /// Policies that would settle the decision are not known.
    NoPolicies,
    /// The record does not tell what was called on what by whom.
    UnmappedRequest,
    /// There was no request.
    NoRequest,
    /// The credentials were not accepted.
    NotAuthenticated,
    /// The recorded error does not prove that the call was authorized.
    AuthorizationNotProven,
}

impl AgreementClass {
    /// All classes, in the order of the page docs/reference/labels.md.
    pub const ALL: [Self; 18] = [
        Self::BothAllow,
        Self::BothDeny,
        Self::BothDenySameCause,
        Self::RecordedAllowedComputedDeny,
        Self::RecordedDeniedComputedAllow,
        Self::BothDenyOtherCause,
        Self::Propagation,
        Self::GateBilling,
        Self::GateQuota,
        Self::GateSubscription,
        Self::GateBlockPublicAccess,
        Self::GateCrossAccountPassRole,
        Self::UnknownKeys,
        Self::NoPolicies,
        Self::UnmappedRequest,
        Self::NoRequest,
        Self::NotAuthenticated,
        Self::AuthorizationNotProven,
    ];

    /// The stored name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BothAllow => "both_allow",
            Self::BothDeny => "both_deny",
            Self::BothDenySameCause => "both_deny_same_cause",
            Self::BothDenyOtherCause => "both_deny_other_cause",
            Self::RecordedDeniedComputedAllow => "recorded_denied_computed_allow",
            Self::RecordedAllowedComputedDeny => "recorded_allowed_computed_deny",
            Self::Propagation => "propagation",
            Self::GateBilling => "gate_billing",
            Self::GateQuota => "gate_quota",
            Self::GateSubscription => "gate_subscription",
            Self::GateBlockPublicAccess => "gate_block_public_access",
            Self::GateCrossAccountPassRole => "gate_cross_account_pass_role",
            Self::UnknownKeys => "unknown_keys",
            Self::NoPolicies => "no_policies",
            Self::UnmappedRequest => "unmapped_request",
            Self::NoRequest => "no_request",
            Self::NotAuthenticated => "not_authenticated",
            Self::AuthorizationNotProven => "authorization_not_proven",
        }
    }

    /// What the class amounts to.
    pub fn agreement(self) -> Agreement {
        match self {
            Self::BothAllow | Self::BothDeny | Self::BothDenySameCause => Agreement::Agrees,
            Self::BothDenyOtherCause
            | Self::RecordedDeniedComputedAllow
            | Self::RecordedAllowedComputedDeny => Agreement::Disagrees,
            Self::Propagation => Agreement::Propagation,
            Self::GateBilling
            | Self::GateQuota
            | Self::GateSubscription
            | Self::GateBlockPublicAccess
            | Self::GateCrossAccountPassRole => Agreement::OtherGate,
            Self::UnknownKeys
            | Self::NoPolicies
            | Self::UnmappedRequest
            | Self::NoRequest
            | Self::NotAuthenticated
            | Self::AuthorizationNotProven => Agreement::NotComparable,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::AgreementClass;

    const PAGE: &str = include_str!("../../docs/reference/labels.md");

    /// The rows of the table of classes: agreement, which stands in the first
    /// of its rows only, and class.
    fn rows() -> Vec<(&'static str, &'static str)> {
        let (_, table) = PAGE
            .split_once("| `agreement` | `agreement_class` |")
            .unwrap();
        let mut agreement = "";
        let rows = table
            .lines()
            .skip(2)
            .take_while(|line| line.starts_with('|'));
        let row = |line: &'static str| {
            let mut cells = line
                .split('|')
                .skip(1)
                .map(|cell| cell.trim().trim_matches('`'));
            let first = cells.next().unwrap();
            if !first.is_empty() {
                agreement = first;
            }
            (agreement, cells.next().unwrap())
        };
        rows.map(row).collect()
    }

    #[test]
    fn the_page_of_labels_explains_every_class() {
        let names = |class: &AgreementClass| (class.agreement().as_str(), class.as_str());
        let classes: Vec<_> = AgreementClass::ALL.iter().map(names).collect();
        assert_eq!(rows(), classes);
    }

    #[test]
    fn the_list_of_classes_is_whole() {
        for (place, class) in AgreementClass::ALL.iter().enumerate() {
            assert_eq!(*class as usize, place);
        }
        let last = AgreementClass::AuthorizationNotProven as usize;
        assert_eq!(AgreementClass::ALL.len(), last + 1);
    }
}
