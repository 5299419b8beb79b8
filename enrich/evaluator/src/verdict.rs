//! What an evaluation answers.

use crate::layers::IdentitySource;
use crate::policy::Policy;
use crate::statement::Statement;

/// The answer to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decision {
    /// Allowed.
    Allow,
    /// Denied by a statement that says so.
    ExplicitDeny,
    /// Denied because nothing allows it.
    ImplicitDeny,
    /// It depends on context keys that are not known.
    Indeterminate,
}

/// The types of policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PolicyType {
    /// Identity-based policy.
    Identity,
    /// Resource-based policy, role trust and KMS key policies included.
    Resource,
    /// Permissions boundary.
    Boundary,
    /// Session policy.
    Session,
    /// Service control policy.
    Scp,
    /// Resource control policy.
    Rcp,
    /// VPC endpoint policy.
    VpcEndpoint,
}

impl PolicyType {
    /// The name AWS uses in its denial messages, for example `service control policy`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            PolicyType::Identity => "identity-based policy",
            PolicyType::Resource => "resource-based policy",
            PolicyType::Boundary => "permissions boundary",
            PolicyType::Session => "session policy",
            PolicyType::Scp => "service control policy",
            PolicyType::Rcp => "resource control policy",
            PolicyType::VpcEndpoint => "VPC endpoint policy",
        }
    }
}

/// A statement that matched, and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Match<'a> {
    /// The layer.
    pub policy_type: PolicyType,
    /// The level of the organization, for SCPs and RCPs.
    pub level: Option<&'a str>,
    /// Where an identity-based policy comes from.
    pub source: Option<IdentitySource>,
    /// The policy.
    pub policy: &'a Policy,
    /// Index of the statement in its policy, from 0.
    pub index: usize,
}

impl<'a> Match<'a> {
    /// The statement.
    #[must_use]
    pub fn statement(&self) -> &'a Statement {
        &self.policy.statements()[self.index]
    }
}

/// A layer that lacked an allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing<'a> {
    /// The layer.
    pub policy_type: PolicyType,
    /// The level of the organization, for SCPs.
    pub level: Option<&'a str>,
}

/// What one layer says on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LayerResult {
    /// Allows.
    Allow,
    /// A statement denies.
    ExplicitDeny,
    /// Nothing allows.
    ImplicitDeny,
    /// It depends on unknown keys.
    Indeterminate,
}

/// What the resource-based policy says on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResourceResult {
    /// Allows the principal.
    Allow,
    /// Allows the principal's account, which delegates to that account's own policies.
    AllowAccount,
    /// A statement denies the principal.
    ExplicitDeny,
    /// A statement denies the principal's account, and with it the principal.
    DenyAccount,
    /// Nothing allows.
    ImplicitDeny,
    /// It depends on unknown keys.
    Indeterminate,
}

/// What every layer says on its own; `None`: there is no such layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerResults {
    /// Identity-based policies; there always is this layer, if only empty.
    pub identity: LayerResult,
    /// Resource-based policy.
    pub resource: Option<ResourceResult>,
    /// Permissions boundary.
    pub boundary: Option<LayerResult>,
    /// Session policy.
    pub session: Option<LayerResult>,
    /// Service control policies, all levels together.
    pub scp: Option<LayerResult>,
    /// Resource control policies, all levels together.
    pub rcp: Option<LayerResult>,
    /// VPC endpoint policy.
    pub vpc_endpoint: Option<LayerResult>,
}

/// Why the decision is what it is.
#[derive(Debug, Clone, Copy)]
pub enum Cause<'a> {
    /// This statement allows or denies.
    Statement(Match<'a>),
    /// This layer lacks an allow.
    NoAllow(Missing<'a>),
    /// The root user of the account that owns the resource needs no allow.
    Root,
    /// The action needs no permission.
    NoPermissionNeeded,
    /// S3 Block Public Access takes the effect from a public bucket policy.
    BlockPublicAccess,
    /// A statement that may or may not match decides.
    UnknownKeys,
}

/// The decision and its cause.
#[derive(Debug, Clone, Copy)]
pub struct Decided<'a> {
    /// The decision.
    pub decision: Decision,
    /// Why.
    pub cause: Cause<'a>,
}

/// The full answer.
#[derive(Debug, Clone)]
pub struct Verdict<'a> {
    /// The decision.
    pub decision: Decision,
    /// Why. Of several denies the first in AWS's order of evaluation is named: SCP, RCP,
    /// resource-based, identity-based, boundary, session, VPC endpoint.
    pub cause: Cause<'a>,
    /// Every Deny statement that matches.
    pub denies: Vec<Match<'a>>,
    /// Every Allow statement that matches.
    pub allows: Vec<Match<'a>>,
    /// What each layer says on its own.
    pub layers: LayerResults,
    /// Layers in which no statement allows. Empty unless the decision is an implicit deny.
    pub missing: Vec<Missing<'a>>,
    /// Layers that stop a request which identity-based or resource-based policies grant.
    pub blocked: Vec<PolicyType>,
    /// The keys, in lower case and sorted, that would settle the decision; none of them can be
    /// left out. Empty unless the decision is Indeterminate.
    pub unknown_keys: Vec<String>,
}

impl Verdict<'_> {
    /// The policy type that decided, if a policy did.
    #[must_use]
    pub fn policy_type(&self) -> Option<PolicyType> {
        match self.cause {
            Cause::Statement(statement) => Some(statement.policy_type),
            Cause::NoAllow(missing) => Some(missing.policy_type),
            Cause::BlockPublicAccess => Some(PolicyType::Resource),
            Cause::Root | Cause::NoPermissionNeeded | Cause::UnknownKeys => None,
        }
    }
}
