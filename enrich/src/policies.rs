//! The policies in force: what a directory of exports says about principals,
//! resources, sessions and the organization.
//!
//! Today that is one state for all times; [`Policies::as_of`] is where a
//! timeline of states takes its place.

mod authorization_details;
mod directory;
mod document;
mod organization;
mod resources;

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use trailwright_evaluator::{IdentityPolicies, Policy, PolicySet};

pub use directory::{Loaded, Problem, load, read};
pub use organization::Organization;

use crate::request::Names;

/// The policies in force, by time.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    state: Arc<State>,
}

impl Policies {
    /// Policies that have always been and will be these.
    pub fn unchanging(state: State) -> Self {
        Self {
            state: Arc::new(state),
        }
    }

    /// The state in which a request at `time` was evaluated.
    pub fn as_of(&self, _time: DateTime<Utc>) -> &State {
        &self.state
    }
}

/// What is attached to a user or role.
#[derive(Clone, Debug, Default)]
pub struct PrincipalPolicies {
    /// Inline and managed policies, of a user's groups too.
    pub identity: Vec<IdentityPolicies>,
    /// The permissions boundary.
    pub boundary: Option<PolicySet>,
    /// Tags of the user or role.
    pub tags: Vec<(String, String)>,
    /// Policies that are attached and whose document is not known, in words.
    pub gaps: Vec<String>,
}

/// The policy of one resource.
#[derive(Clone, Debug)]
pub struct ResourcePolicy {
    /// The document.
    pub policy: Policy,
    /// The account that owns the resource, if stated.
    pub account: Option<String>,
}

/// Policies and entities at one moment. Every look-up is one in a hash map;
/// documents are compiled once and shared.
#[derive(Clone, Debug, Default)]
pub struct State {
    principals: HashMap<String, PrincipalPolicies>,
    /// ARNs with their path, by kind, account and name.
    arns: HashMap<(String, String, String), String>,
    /// Accounts whose users and roles are known.
    accounts: Vec<String>,
    trust: HashMap<String, Policy>,
    resources: HashMap<String, ResourcePolicy>,
    sessions: HashMap<String, PolicySet>,
    organization: Option<Organization>,
}

impl State {
    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.principals.is_empty()
            && self.resources.is_empty()
            && self.accounts.is_empty()
            && self.organization.is_none()
    }

    /// How many users and roles are known.
    pub fn principal_count(&self) -> usize {
        self.principals.len()
    }

    /// How many resources have a known policy, trust policies included.
    pub fn resource_count(&self) -> usize {
        self.resources.len() + self.trust.len()
    }

    /// What is attached to the user or role with this ARN. A role's ARN may
    /// lack its path, as session ARNs do.
    pub fn principal(&self, arn: &str) -> Option<&PrincipalPolicies> {
        self.principals.get(arn).or_else(|| {
            let (kind, account, name) = entity(arn)?;
            let key = (kind.to_owned(), account.to_owned(), name.to_owned());
            self.principals.get(self.arns.get(&key)?)
        })
    }

    /// Whether the users and roles of the account are known.
    pub fn knows_account(&self, account: &str) -> bool {
        self.accounts.iter().any(|known| known == account)
            || self
                .organization
                .as_ref()
                .is_some_and(|organization| organization.levels_of(account).is_some())
    }

    /// The trust policy of a role.
    pub fn trust_policy(&self, role_arn: &str) -> Option<&Policy> {
        self.trust.get(role_arn)
    }

    /// The policy of a resource: of its own ARN, or of the bucket, function or
    /// topic that it belongs to.
    pub fn resource_policy(&self, arn: &str) -> Option<&ResourcePolicy> {
        self.resources
            .get(arn)
            .or_else(|| self.resources.get(owner_arn(arn)?))
    }

    /// The policy of a VPC endpoint, by its id (`vpce-…`).
    pub fn vpc_endpoint_policy(&self, id: &str) -> Option<&Policy> {
        Some(&self.resources.get(id)?.policy)
    }

    /// The policies passed when a session was made, by its access key id or
    /// its ARN.
    pub fn session_policy(&self, key: &str) -> Option<&PolicySet> {
        self.sessions.get(key)
    }

    /// The organization.
    pub fn organization(&self) -> Option<&Organization> {
        self.organization.as_ref()
    }
}

impl Names for State {
    fn arn(&self, kind: &str, account: &str, name: &str) -> Option<String> {
        let key = (kind.to_owned(), account.to_owned(), name.to_owned());
        self.arns.get(&key).cloned()
    }
}

/// Kind, account and name of an IAM entity's ARN.
fn entity(arn: &str) -> Option<(&str, &str, &str)> {
    let mut parts = arn.splitn(6, ':').skip(4);
    let (account, resource) = (parts.next()?, parts.next()?);
    let (kind, path) = resource.split_once('/')?;
    Some((kind, account, path.rsplit('/').next()?))
}

/// The resource that has the policy for a part of it.
fn owner_arn(arn: &str) -> Option<&str> {
    let service = arn.split(':').nth(2)?;
    let end = match service {
        // An object of a bucket.
        "s3" if arn.split(':').nth(4) == Some("") => arn.find('/')?,
        // An alias or version of a function; a subscription of a topic.
        "lambda" => nth_colon(arn, 7)?,
        "sns" => nth_colon(arn, 6)?,
        // An index, stream or backup of a table; a stream of a log group.
        "dynamodb" => arn.match_indices('/').nth(1)?.0,
        "logs" => nth_colon(arn, 7)?,
        _ => return None,
    };
    arn.get(..end)
}

fn nth_colon(arn: &str, number: usize) -> Option<usize> {
    arn.match_indices(':').nth(number - 1).map(|(at, _)| at)
}

#[cfg(test)]
mod tests;
