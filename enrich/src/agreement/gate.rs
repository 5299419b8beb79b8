//! Gates outside IAM: what stops calls that policies allow.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use trailwright_schemas::AgreementClass;

/// A gate outside IAM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// The account's switch "IAM user and role access to Billing information".
    Billing,
    /// A quota is used up.
    Quota,
    /// The account has not signed up for the service or is on hold.
    Subscription,
    /// S3 Block Public Access.
    BlockPublicAccess,
    /// A role can only be passed to services of its own account.
    CrossAccountPassRole,
}

impl Gate {
    /// The class of what it stops.
    pub fn class(self) -> AgreementClass {
        match self {
            Self::Billing => AgreementClass::GateBilling,
            Self::Quota => AgreementClass::GateQuota,
            Self::Subscription => AgreementClass::GateSubscription,
            Self::BlockPublicAccess => AgreementClass::GateBlockPublicAccess,
            Self::CrossAccountPassRole => AgreementClass::GateCrossAccountPassRole,
        }
    }

    /// What it is, to follow "because".
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Billing => "IAM users and roles have no access to billing in this account",
            Self::Quota => "a quota is used up",
            Self::Subscription => "the account has not signed up for it or is on hold",
            Self::BlockPublicAccess => "S3 Block Public Access is on",
            Self::CrossAccountPassRole => "a role can only be passed within its own account",
        }
    }
}

/// What messages of `AccessDenied` errors say that no policy causes.
const MESSAGES: [(&str, Gate); 6] = [
    // Billing User Guide, "Managing access permissions".
    ("IAM user access not activated", Gate::Billing),
    // Seen from Glue, Transfer and Lambda; IAM User Guide, "Grant a user
    // permissions to pass a role": the role is one of the same account.
    (
        "Cross-account pass role is not allowed",
        Gate::CrossAccountPassRole,
    ),
    // S3 User Guide, "Blocking public access to your Amazon S3 storage":
    // `because public policies are prevented by the BlockPublicPolicy setting in
    // S3 Block Public Access`, and the same of ACLs; in other
    // records "blocked by".
    (" are prevented by the BlockPublic", Gate::BlockPublicAccess),
    (" are blocked by the BlockPublic", Gate::BlockPublicAccess),
    // Bedrock User Guide, "Access foundation models".
    (
        "You don't have access to the model with the specified model ID",
        Gate::Subscription,
    ),
    // Security Hub API, InvalidAccessException.
    ("is not subscribed to AWS Security Hub", Gate::Subscription),
];

/// Error codes of accounts that may not use a service whatever their policies
/// say, without EC2's `Client.`.
const NO_SUBSCRIPTION: [&str; 8] = [
    // EC2 API Reference, "Error codes for the Amazon EC2 API".
    "Blocked",
    "OptInRequired",
    "PendingVerification",
    // AWS Support API Reference.
    "SubscriptionRequiredException",
    // S3 API Reference, "Error responses".
    "AccountProblem",
    "AllAccessDisabled",
    "NotSignedUp",
    // Security Hub API Reference, DescribeHub.
    "InvalidAccessException",
];

/// Parts of the names of quota errors, in lower case: `VcpuLimitExceeded`,
/// `LimitExceededException`, `ServiceQuotaExceededException`.
const QUOTA: [&str; 2] = ["limitexceeded", "quotaexceeded"];

/// Parts of the names of throttling errors that sound like quotas:
/// `RequestLimitExceeded` comes before authorization.
const THROTTLING: [&str; 3] = ["requestlimit", "ratelimit", "throttl"];

/// What is looked for in every denial is made ready to be looked for once.
static FINDERS: LazyLock<[(Finder<'static>, Gate); 6]> =
    LazyLock::new(|| MESSAGES.map(|(words, gate)| (Finder::new(words), gate)));

/// The gate that a message states.
pub(super) fn stated_gate(message: &str) -> Option<Gate> {
    let mut stated = FINDERS.iter();
    let stated = stated.find(|(words, _)| words.find(message.as_bytes()).is_some());
    stated.map(|(_, gate)| *gate)
}

/// The gate that an error code tells of.
pub(super) fn gate_of_code(code: &str) -> Option<Gate> {
    if NO_SUBSCRIPTION
        .iter()
        .any(|known| known.eq_ignore_ascii_case(code))
    {
        return Some(Gate::Subscription);
    }
    let code = code.to_ascii_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| code.contains(part));
    (has(&QUOTA) && !has(&THROTTLING)).then_some(Gate::Quota)
}
