//! The timeline at a moment.

use std::sync::Arc;

use trailwright_evaluator::{Policy, PolicySet, account_of, after_colons};

use super::change::{Document, EntityKey, Kind};
use super::entity::Trust;
use super::life::Listings;
use super::moment::When;
use super::organization::Organization;
use super::principal::PrincipalPolicies;
use super::resource::{Resource, ResourcePolicy};
use super::sign_in::{ConsoleAuthorization, sign_in_key};
use super::timeline::{Principal, Timeline};
use crate::request::Names;

/// Policies and entities at one moment.
#[derive(Clone, Copy, Debug)]
pub struct AsOf<'a> {
    pub(super) timeline: &'a Timeline,
    pub(super) when: When<'a>,
}

/// A role's trust policy.
#[derive(Clone, Debug)]
pub enum TrustPolicy<'a> {
    /// It is this.
    Known(&'a Policy),
    /// There was no such role; in words, how that is known.
    NoRole(String),
    /// Nothing tells.
    Unknown,
}

/// What was passed to a session.
#[derive(Clone, Debug, Default)]
pub struct SessionPolicies {
    /// The policies; `None` when none were passed.
    pub policies: Option<PolicySet>,
    /// The session tags.
    pub tags: Vec<(String, String)>,
    /// What is not known of them, in words.
    pub gaps: Vec<String>,
}

impl<'a> AsOf<'a> {
    pub(super) fn new(timeline: &'a Timeline, when: When<'a>) -> Self {
        Self { timeline, when }
    }

    /// What is attached to the user or role with this ARN, with its path or
    /// without, as in session ARNs.
    pub fn principal(&self, arn: &str) -> Option<&'a PrincipalPolicies> {
        let timeline = self.timeline;
        let place = match timeline.places_by_arn.get(arn) {
            Some(place) => place,
            None => timeline.places.get(&EntityKey::of_arn(arn)?)?,
        };
        let Principal { key, policies } = timeline.principals.get(*place)?;
        Some(policies.get(self.when, |when| timeline.work_out(key, when)))
    }

    /// Whether the users and roles of the account are known.
    pub fn knows_account(&self, account: &str) -> bool {
        self.timeline.accounts.contains(account)
            || self
                .organization()
                .is_some_and(|organization| organization.levels_of(account).is_some())
    }

    /// The trust policy of a role.
    pub fn trust_policy(&self, role_arn: &str) -> TrustPolicy<'a> {
        let key = EntityKey::of_arn(role_arn).filter(|key| key.kind == Kind::Role);
        let entity = key.and_then(|key| {
            let entity = self.timeline.entities.get(&key)?;
            Some((entity, self.timeline.listings_of(&key)))
        });
        match entity.map(|(entity, listings)| entity.trust(self.when, listings)) {
            Some(Trust::Known(Document::Readable(policy), _)) => TrustPolicy::Known(policy),
            Some(Trust::NoRole(origin)) => TrustPolicy::NoRole(origin.to_string()),
            _ => TrustPolicy::Unknown,
        }
    }

    /// The policy of a resource: of its own ARN, or of the bucket, function or
    /// topic that it belongs to. With the account that owns it, if stated.
    pub fn resource_policy(&self, arn: &str) -> (&'a ResourcePolicy, Option<&'a str>) {
        let find = |arn: &str| {
            let of_resource = self.timeline.resource_policies.get(arn)?;
            let work_out = |when: When<'_>| match self.timeline.resources.get_key_value(arn) {
                Some((key, resource)) => resource.in_force(key, when),
                None => ResourcePolicy::Unknown,
            };
            let policy = of_resource.policy.get(self.when, work_out);
            Some((policy, of_resource.account.as_deref()))
        };
        find(arn)
            .or_else(|| find(owner_arn(arn)?))
            .unwrap_or((&ResourcePolicy::Unknown, None))
    }

    /// What was passed to the session with this access key ID or ARN; `None`
    /// when nothing tells.
    pub fn session(&self, key: &str) -> Option<SessionPolicies> {
        let issued = self.timeline.sessions.get(key)?;
        let session = &issued.session;
        let mut found = SessionPolicies {
            tags: session.tags.clone(),
            ..SessionPolicies::default()
        };
        if session.inline.is_empty() && session.managed.is_empty() {
            return Some(found);
        }
        let mut policies: Vec<Policy> = Vec::new();
        for document in &session.inline {
            match document {
                Document::Readable(policy) => policies.push(policy.clone()),
                Document::Unreadable { why, .. } => {
                    found
                        .gaps
                        .push(format!("the session policy cannot be read: {why}"));
                }
            }
        }
        // Managed policies passed count as they were when they were passed.
        let when = issued.at.as_ref().map_or(self.when, When::Through);
        for arn in &session.managed {
            match self.timeline.managed_policy(arn, when) {
                Ok(policy) => policies.push(policy.clone()),
                Err(gap) => found.gaps.push(format!("session policy: {gap}")),
            }
        }
        found.policies = Some(PolicySet::new(policies));
        Some(found)
    }

    /// The organization, if any is known.
    pub fn organization(&self) -> Option<&'a Organization> {
        let epochs = self.timeline.organization.as_ref()?;
        Some(epochs.get(self.when, |when| self.timeline.tree.as_of(when)))
    }

    /// Whether policies decide about sign-ins to the console of this account.
    pub fn console_authorization(&self, account: &str) -> ConsoleAuthorization {
        let organization = self.organization();
        let settings = &self.timeline.console_authorizations;
        settings.of(account, organization, self.when)
    }

    /// The policy of an account about sign-ins to its console.
    pub fn sign_in_policy(&self, account: &str) -> &'a ResourcePolicy {
        self.resource_policy(&sign_in_key(account)).0
    }

    /// The alias of an account.
    pub fn alias(&self, account: &str) -> Option<&'a str> {
        let series = self.timeline.aliases.get(account)?;
        series.latest(self.when)?.value.as_deref()
    }
}

impl Names for AsOf<'_> {
    fn arn(&self, kind: &str, account: &str, name: &str) -> Option<String> {
        if let Some(kind) = Kind::of_word(kind) {
            let entity = self
                .timeline
                .entities
                .get(&EntityKey::new(kind, account, name))?;
            let latest = entity
                .life
                .latest(self.when)
                .and_then(|entry| entry.value.as_ref());
            let undated = entity
                .life
                .undated
                .as_ref()
                .and_then(|(life, _)| life.as_ref());
            let first = entity
                .life
                .dated
                .first()
                .and_then(|entry| entry.value.as_ref());
            return latest
                .or(undated)
                .or(first)
                .map(|life| life.arn.to_string());
        }
        let key = (Arc::from(account), Arc::from(name));
        let arn = self
            .timeline
            .managed_names
            .get(&key)
            .filter(|_| kind == "policy")?;
        Some(arn.to_string())
    }
}

impl Timeline {
    /// The resource with this ARN, or the one that has its policy.
    pub(super) fn resource_of(&self, arn: &str) -> Option<(&Arc<str>, &Resource)> {
        let find = |arn: &str| self.resources.get_key_value(arn);
        find(arn).or_else(|| find(owner_arn(arn)?))
    }

    pub(super) fn listings_of(&self, key: &EntityKey) -> &Listings {
        const NONE: &Listings = &Vec::new();
        self.listings
            .get(&(key.account.clone(), key.kind))
            .unwrap_or(NONE)
    }
}

/// The resource that has the policy for a part of it.
fn owner_arn(arn: &str) -> Option<&str> {
    let service = after_colons(arn, 2)?;
    let service = &service[..service.bytes().position(|byte| byte == b':')?];
    let end = match service {
        // An object of a bucket.
        "s3" if account_of(arn).is_none() => arn.find('/')?,
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
