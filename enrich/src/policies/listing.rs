//! What was in force at a moment, for people: every policy with its version,
//! and what told of it.

mod organization;
mod principal;
mod resource;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use trailwright_evaluator::Policy;

use super::as_of::AsOf;
use super::change::{Document, Kind};
use super::entity::Entity;
use super::moment::Origin;

pub use organization::{LevelListing, OrganizationListing};
pub use principal::{Membership, Presence, PrincipalListing, Tag};
pub use resource::ResourceListing;

/// How a policy takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyKind {
    /// Inline in the user, group or role itself.
    Inline,
    /// Attached to it.
    Managed,
    /// Inline in a group of the user.
    GroupInline,
    /// Attached to a group of the user.
    GroupManaged,
    /// A permissions boundary.
    Boundary,
    /// A role's trust policy.
    Trust,
    /// Passed when the session was made.
    Session,
    /// The policy of a resource or VPC endpoint.
    Resource,
    /// A service control policy.
    ServiceControl,
    /// A resource control policy.
    ResourceControl,
}

impl PolicyKind {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Managed => "managed",
            Self::GroupInline => "group_inline",
            Self::GroupManaged => "group_managed",
            Self::Boundary => "boundary",
            Self::Trust => "trust",
            Self::Session => "session",
            Self::Resource => "resource",
            Self::ServiceControl => "scp",
            Self::ResourceControl => "rcp",
        }
    }

    /// What people call it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Inline => "inline policy",
            Self::Managed => "managed policy",
            Self::GroupInline => "group's inline policy",
            Self::GroupManaged => "group's managed policy",
            Self::Boundary => "permissions boundary",
            Self::Trust => "trust policy",
            Self::Session => "session policy",
            Self::Resource => "resource-based policy",
            Self::ServiceControl => "service control policy",
            Self::ResourceControl => "resource control policy",
        }
    }
}

/// A policy in force, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyInForce {
    /// How it takes part.
    pub kind: PolicyKind,
    /// The user, group, role, level of the organization, session or resource
    /// that has it.
    pub attached_to: String,
    /// Its ARN, or its name where it has none.
    pub name: String,
    /// The version in force of a managed policy.
    pub version: Option<String>,
    /// What attached it or set its document; `None` for what AWS attaches to
    /// everything.
    pub since: Option<Arc<Origin>>,
    /// What put the version of a managed policy or the content of a control
    /// policy in force.
    pub version_since: Option<Arc<Origin>>,
    /// When the version was made, where a file tells.
    pub version_created: Option<DateTime<Utc>>,
    /// The document, or why it is not known.
    pub document: Result<String, String>,
}

impl PolicyInForce {
    fn new(kind: PolicyKind, attached_to: &str, name: &str, since: &Arc<Origin>) -> Self {
        Self {
            kind,
            attached_to: attached_to.to_owned(),
            name: name.to_owned(),
            version: None,
            since: Some(since.clone()),
            version_since: None,
            version_created: None,
            document: Err("it is not known".to_owned()),
        }
    }

    fn with_document(mut self, document: &Document) -> Self {
        match document {
            Document::Readable(policy) => self.with_policy(policy),
            Document::Unreadable { why, .. } => {
                self.document = Err(format!("it cannot be read: {why}"));
                self
            }
        }
    }

    fn with_policy(mut self, policy: &Policy) -> Self {
        self.name = name_of(policy).to_owned();
        self.version.clone_from(&policy.id().version_id);
        self.document = Ok(policy.text().to_owned());
        self
    }

    /// Whether this tells of that policy.
    pub(crate) fn is(&self, policy: &Policy) -> bool {
        self.name == name_of(policy)
            && self.version == policy.id().version_id
            && self.document.as_deref() == Ok(policy.text())
    }
}

fn name_of(policy: &Policy) -> &str {
    let id = policy.id();
    id.arn.as_deref().unwrap_or(&id.name)
}

/// All that was in force at a moment, in the order of names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Users, groups and roles by ARN.
    pub principals: Vec<PrincipalListing>,
    /// The organization, if one is known.
    pub organization: Option<OrganizationListing>,
    /// Resources by ARN whose policies are known.
    pub resources: Vec<ResourceListing>,
}

impl AsOf<'_> {
    /// All that was in force. Users, groups and roles that are known not to
    /// have been there are left out, and those of which nothing is known before
    /// they were made.
    pub fn listing(&self) -> Listing {
        let is_known = |(key, entity): (_, &Entity)| {
            let free = entity.name_free();
            free.is_none_or(|from| self.when.includes(&from))
                .then_some(key)
        };
        let entities = self.timeline.entities.iter();
        let mut principals: Vec<PrincipalListing> = entities
            .filter_map(is_known)
            .filter_map(|key| self.listing_of(key))
            .filter(|listing| !matches!(listing.presence, Presence::Gone(_)))
            .collect();
        principals.sort_by(|a, b| a.arn.cmp(&b.arn));
        let mut resources: Vec<ResourceListing> = self
            .timeline
            .resources
            .keys()
            .filter_map(|arn| self.resource_listing(arn))
            .collect();
        resources.sort_by(|a, b| a.arn.cmp(&b.arn));
        Listing {
            principals,
            organization: self.organization_listing(),
            resources,
        }
    }
}

impl Listing {
    /// How many of a kind (`user`, `group`, `role`) there are.
    pub fn count(&self, kind: &str) -> usize {
        let of_kind = |listing: &&PrincipalListing| listing.kind == kind;
        self.principals.iter().filter(of_kind).count()
    }
}

/// What the two inline and managed policies of an entity count as for the one
/// that is asked about.
fn kinds(of_group_of_user: bool) -> [PolicyKind; 2] {
    match of_group_of_user {
        true => [PolicyKind::GroupInline, PolicyKind::GroupManaged],
        false => [PolicyKind::Inline, PolicyKind::Managed],
    }
}

/// The ARN that a user, group or role has if its path is not known.
pub(super) fn plain_arn(kind: Kind, account: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:{}/{name}", kind.word())
}
