//! The policies in force for one request, by type.

use std::sync::Arc;

use crate::index::Index;
use crate::policy::Policy;
use crate::request::Request;
use crate::statement::Statement;

/// Several policies of one layer, with an index over their statements. Build it once per set of
/// attached policies; cloning is cheap and clones share everything.
#[derive(Debug, Clone, Default)]
pub struct PolicySet(Arc<Set>);

#[derive(Debug, Default)]
struct Set {
    policies: Vec<Policy>,
    search: Search,
}

/// How the statements are found that a request may match.
#[derive(Debug)]
enum Search {
    /// Few statements: one after the other.
    Outline(Box<[Outlined]>),
    /// Many.
    Index(Index),
}

/// What of a statement rules it out for most requests. These stand side by side, so that a
/// statement that is ruled out is not read from memory.
#[derive(Debug)]
struct Outlined {
    /// Bits of the actions that it may match.
    actions: u64,
    policy: u32,
    statement: u32,
}

impl Default for Search {
    fn default() -> Self {
        Search::Outline(Box::default())
    }
}

impl PolicySet {
    /// A set of policies. An empty set is a layer that is there and allows nothing.
    #[must_use]
    pub fn new(policies: impl IntoIterator<Item = Policy>) -> Self {
        let policies: Vec<Policy> = policies.into_iter().collect();
        let search = match Index::worth_building(&policies) {
            true => Search::Index(Index::new(&policies)),
            false => Search::Outline(outline(&policies, |statement| statement.actions.bits())),
        };
        PolicySet(Arc::new(Set { policies, search }))
    }

    /// The policies in the order given.
    #[must_use]
    pub fn policies(&self) -> &[Policy] {
        &self.0.policies
    }

    /// The same policies without an index: every statement is looked at. For comparing.
    #[must_use]
    pub fn without_index(&self) -> Self {
        let policies = self.0.policies.clone();
        let search = Search::Outline(outline(&policies, |_| u64::MAX));
        PolicySet(Arc::new(Set { policies, search }))
    }

    /// Calls `visit` with every statement that can match, in the order of the set, until it says
    /// to stop.
    pub(crate) fn candidates<'a>(
        &'a self,
        request: &Request<'_>,
        mut visit: impl FnMut(&'a Policy, usize) -> bool,
    ) {
        let policies = self.policies();
        match &self.0.search {
            Search::Index(index) => index.candidates(policies, request, &mut visit),
            Search::Outline(lines) => {
                let bits = request.action.bits();
                for line in lines.iter().filter(|line| line.actions & bits != 0) {
                    if !visit(&policies[line.policy as usize], line.statement as usize) {
                        return;
                    }
                }
            }
        }
    }
}

fn outline(policies: &[Policy], actions: impl Fn(&Statement) -> u64) -> Box<[Outlined]> {
    let mut lines = Vec::new();
    for (policy, compiled) in (0u32..).zip(policies) {
        for (statement, content) in (0u32..).zip(compiled.statements()) {
            let actions = actions(content);
            lines.push(Outlined {
                actions,
                policy,
                statement,
            });
        }
    }
    lines.into()
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
/// there and empty allows nothing. Cloning is cheap; clones share everything.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>
#[derive(Debug, Clone, Default)]
pub struct Layers {
    /// Identity-based policies of the principal and its groups.
    pub identity: Arc<[IdentityPolicies]>,
    /// The resource's own policy: bucket, queue, key, role trust policy.
    pub resource: Option<Policy>,
    /// The principal's permissions boundary.
    pub boundary: Option<PolicySet>,
    /// The policies passed when the session was made. What any of them allows, the session policy
    /// allows.
    pub session: Option<PolicySet>,
    /// Service control policies of the principal's account, root first.
    pub scp: Option<Arc<[Level]>>,
    /// Resource control policies of the resource's account, root first. `RCPFullAWSAccess` is
    /// always attached, so only what denies need be here.
    pub rcp: Option<Arc<[Level]>>,
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
        let added = IdentityPolicies {
            source,
            attached_to: None,
            policies,
        };
        self.identity = self.identity.iter().cloned().chain([added]).collect();
        self
    }
}
