//! The verdict as stored: what stays on disk for years, on purpose apart from
//! the evaluator's own types, which may change with its code.

use chrono::{DateTime, Utc};

use crate::{AgreementClass, RecordedCause, RecordedOutcome};

/// What the recomputed evaluation decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Decision {
    /// Some policy allows and none denies.
    Allow,
    /// A statement denies.
    ExplicitDeny,
    /// Nothing denies, and an allow that is needed is missing.
    ImplicitDeny,
    /// What is known does not settle it.
    Indeterminate,
    /// There was no authorization to evaluate.
    NotEvaluated,
}

impl Decision {
    /// The stored name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::ExplicitDeny => "explicit_deny",
            Self::ImplicitDeny => "implicit_deny",
            Self::Indeterminate => "indeterminate",
            Self::NotEvaluated => "not_evaluated",
        }
    }
}

/// How far the request got by our reckoning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It failed before any policy was asked.
    Authentication,
    /// Policies decide.
    Authorization,
    /// A service acted by itself; there was no request.
    ServiceEvent,
}

impl Stage {
    /// The stored name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::Authorization => "authorization",
            Self::ServiceEvent => "service_event",
        }
    }
}

/// What kind of thing decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CauseType {
    /// A policy of the user, one of its groups, or the role.
    IdentityPolicy,
    /// A policy of the resource; of a role, its trust policy.
    ResourcePolicy,
    /// A permissions boundary.
    PermissionsBoundary,
    /// A policy passed when the session was made.
    SessionPolicy,
    /// A service control policy.
    ServiceControlPolicy,
    /// A resource control policy.
    ResourceControlPolicy,
    /// A VPC endpoint policy.
    VpcEndpointPolicy,
    /// The account's root user may do everything that no policy denies.
    RootUser,
    /// An action that needs no permission.
    PermissionlessAction,
    /// The action does not work on this type of resource.
    UnsupportedResourceType,
    /// No policies are known for the principal.
    NoPoliciesKnown,
    /// Condition keys that would settle the decision are not in the record.
    UnknownKeys,
    /// The record does not say who called or what was called.
    UnmappedRequest,
    /// The credentials were not accepted.
    AuthenticationFailure,
    /// A service acted by itself.
    ServiceEvent,
    /// No policy restricts the sign-in: console authorization is off, or
    /// nothing denies.
    SignInNotRestricted,
}

impl CauseType {
    /// The stored name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IdentityPolicy => "identity_policy",
            Self::ResourcePolicy => "resource_policy",
            Self::PermissionsBoundary => "permissions_boundary",
            Self::SessionPolicy => "session_policy",
            Self::ServiceControlPolicy => "service_control_policy",
            Self::ResourceControlPolicy => "resource_control_policy",
            Self::VpcEndpointPolicy => "vpc_endpoint_policy",
            Self::RootUser => "root_user",
            Self::PermissionlessAction => "permissionless_action",
            Self::UnsupportedResourceType => "unsupported_resource_type",
            Self::NoPoliciesKnown => "no_policies_known",
            Self::UnknownKeys => "unknown_keys",
            Self::UnmappedRequest => "unmapped_request",
            Self::AuthenticationFailure => "authentication_failure",
            Self::ServiceEvent => "service_event",
            Self::SignInNotRestricted => "sign_in_not_restricted",
        }
    }
}

/// Why the decision is what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// What kind of thing decided.
    pub cause_type: CauseType,
    /// The deciding policy's ARN, or its name where it has none.
    pub policy: Option<String>,
    /// The deciding policy's version.
    pub policy_version: Option<String>,
    /// The deciding statement's Sid.
    pub statement_id: Option<String>,
    /// The deciding statement's place in its policy, from 1.
    pub statement_index: Option<u32>,
    /// One sentence for people.
    pub text: String,
}

impl Cause {
    /// A cause that is no policy.
    pub fn without_policy(cause_type: CauseType, text: impl Into<String>) -> Self {
        Self {
            cause_type,
            policy: None,
            policy_version: None,
            statement_id: None,
            statement_index: None,
            text: text.into(),
        }
    }
}

/// Whether a change of policies before the event may still arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelState {
    /// The event is recent: a record delivered late may change the label.
    Provisional,
    /// The time in which records are delivered has passed. Should one come all
    /// the same, the label is made again, and `labelled_at` tells.
    Final,
}

impl LabelState {
    /// The stored name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Provisional => "provisional",
            Self::Final => "final",
        }
    }
}

/// The verdict on one event, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The decision.
    pub decision: Decision,
    /// How far the request got.
    pub stage: Stage,
    /// Why.
    pub cause: Cause,
    /// The principal whose policies were asked, as in `aws:PrincipalArn`.
    pub principal_arn: Option<String>,
    /// The IAM actions that the call needs, such as `s3:GetObject`.
    pub actions: Vec<String>,
    /// The ARNs of the resources they were evaluated on; `*` where the record
    /// names none.
    pub resources: Vec<String>,
    /// Condition keys that would settle an indeterminate decision.
    pub unknown_keys: Vec<String>,
    /// What had to be assumed because nothing is known of it.
    pub assumptions: Vec<String>,
    /// What the record says happened.
    pub recorded_outcome: RecordedOutcome,
    /// What the record says why, if it names a policy type.
    pub recorded_cause: Option<RecordedCause>,
    /// Decision and cause against what the record says.
    pub agreement_class: AgreementClass,
    /// Why they agree, disagree or cannot be compared, in one sentence.
    pub agreement_reason: String,
    /// Whether it may still change.
    pub state: LabelState,
    /// When it was made.
    pub labelled_at: DateTime<Utc>,
}
