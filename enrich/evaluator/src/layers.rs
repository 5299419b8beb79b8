//! The policies in force for one request, by type.

use std::sync::Arc;

use crate::index::Index;
use crate::policy::Policy;

/// Several policies of one layer, with an index over their statements. Build it once per set of
/// attached policies; cloning is cheap and clones share everything.
#[derive(Debug, Clone, Default)]
pub struct PolicySet(Arc<Set>);

#[derive(Debug, Default)]
struct Set {
    policies: Vec<Policy>,
    index: Option<Index>,
}

impl PolicySet {
    /// A set of policies. An empty set is a layer that is there and allows nothing.
    #[must_use]
    pub fn new(policies: impl IntoIterator<Item = Policy>) -> Self {
        let policies: Vec<Policy> = policies.into_iter().collect();
        let index = Index::worth_building(&policies).then(|| Index::new(&policies));
        PolicySet(Arc::new(Set { policies, index }))
    }

    /// The policies in the order given.
    #[must_use]
    pub fn policies(&self) -> &[Policy] {
        &self.0.policies
    }

    /// The same policies without an index: every statement is looked at. For comparing.
    #[must_use]
    pub fn without_index(&self) -> Self {
        PolicySet(Arc::new(Set {
            policies: self.0.policies.clone(),
            index: None,
        }))
    }

    pub(crate) fn index(&self) -> Option<&Index> {
        self.0.index.as_ref()
    }
}

impl From<Policy> for PolicySet {
    fn from(policy: Policy) -> Self {
        PolicySet::new([policy])
    }
}

impl FromIterator<Policy> for PolicySet {
    fn from_iter<T: IntoIterator<Item = Policy>>(policies: T) -> Self {
        PolicySet::new(policies)
    }
}

/// Where identity-based policies come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdentitySource {
    /// Inline in the user.
    UserInline,
    /// Attached to the user.
    UserManaged,
    /// Inline in a group of the user.
    GroupInline,
    /// Attached to a group of the user.
    GroupManaged,
    /// Inline in the role.
    RoleInline,
    /// Attached to the role.
    RoleManaged,
    /// Not told apart.
    Unspecified,
}

/// Identity-based policies from one source.
#[derive(Debug, Clone)]
pub struct IdentityPolicies {
    /// Where they come from.
    pub source: IdentitySource,
    /// Name of the user, group or role they are attached to, where it matters to a reader.
    pub attached_to: Option<Arc<str>>,
    /// The policies.
    pub policies: PolicySet,
}

/// One level of an organization: the root, an organizational unit, or the account.
#[derive(Debug, Clone)]
pub struct Level {
    /// Its id, for example `r-ab12` or `ou-ab12-11111111`.
    pub name: Arc<str>,
    /// The policies attached there.
    pub policies: PolicySet,
}

/// All policies that apply to a request. A layer that is `None` does not restrict; a layer that is
/// there and empty allows nothing.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>
#[derive(Debug, Clone, Default)]
pub struct Layers {
    /// Identity-based policies of the principal and its groups.
    pub identity: Vec<IdentityPolicies>,
    /// The resource's own policy: bucket, queue, key, role trust policy.
    pub resource: Option<Policy>,
    /// The principal's permissions boundary.
    pub boundary: Option<PolicySet>,
    /// The policies passed when the session was made. What any of them allows, the session policy
    /// allows.
    pub session: Option<PolicySet>,
    /// Service control policies of the principal's account, root first.
    pub scp: Option<Vec<Level>>,
    /// Resource control policies of the resource's account, root first. `RCPFullAWSAccess` is
    /// always attached, so only what denies need be here.
    pub rcp: Option<Vec<Level>>,
    /// The policy of the VPC endpoint the request came through.
    pub vpc_endpoint: Option<PolicySet>,
}

impl Layers {
    /// Identity-based policies whose source is not told apart, and nothing else.
    #[must_use]
    pub fn identity(policies: PolicySet) -> Self {
        Layers::default().with_identity(IdentitySource::Unspecified, policies)
    }

    /// Adds identity-based policies.
    #[must_use]
    pub fn with_identity(mut self, source: IdentitySource, policies: PolicySet) -> Self {
        self.identity.push(IdentityPolicies {
            source,
            attached_to: None,
            policies,
        });
        self
    }
}
