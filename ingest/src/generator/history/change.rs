//! Changes of policies: what there is to change, and what it does.

mod apply;
mod iam;
mod organization;
mod resources;

use super::action::Action;
use super::resource::Resource;
use super::rule::Rule;
use super::world::{EntityName, World};
use crate::generator::call::Call;
use crate::generator::organization::MANAGEMENT;

/// One call that changes policies.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Entity(EntityName, EntityChange),
    Managed(ManagedPolicy, ManagedChange),
    Control(ControlChange),
    Resource(Resource, ResourceChange),
}

/// Of a user, group or role.
#[derive(Clone, Debug)]
pub(super) enum EntityChange {
    /// With the boundary, tags and trust policy that the call passes.
    Create(Created),
    /// Nothing is attached to it any more.
    Delete,
    Attach(String),
    Detach(String),
    PutInline(String, Vec<Rule>),
    DeleteInline(String),
    /// A user and a group.
    Join(String),
    Leave(String),
    PutBoundary(String),
    DeleteBoundary,
    Trust(Vec<Rule>),
    Tag(&'static str, String),
    Untag(&'static str),
}

/// A new user, group or role.
#[derive(Clone, Debug, Default)]
pub(super) struct Created {
    pub(super) id: String,
    pub(super) boundary: Option<String>,
    pub(super) tags: Vec<(&'static str, String)>,
    pub(super) trust: Vec<Rule>,
}

/// A managed policy by account and name.
#[derive(Clone, Debug)]
pub(super) struct ManagedPolicy {
    pub(super) account: &'static str,
    pub(super) name: String,
}

impl ManagedPolicy {
    pub(super) fn arn(&self) -> String {
        super::setup::policy_arn(self.account, &self.name)
    }
}

#[derive(Clone, Debug)]
pub(super) enum ManagedChange {
    /// With its unique id.
    Create(String, Vec<Rule>),
    Delete,
    /// Whether it becomes the default one.
    CreateVersion(Vec<Rule>, bool),
    SetDefault(u32),
    DeleteVersion(u32),
}

/// What the management account changes in the organization.
#[derive(Clone, Debug)]
pub(super) enum ControlChange {
    /// A policy and where it is attached.
    Attach(String, &'static str),
    Detach(String, &'static str),
    Update(String, Vec<Rule>),
    /// Id, name and rules of a service control policy.
    Create(String, String, Vec<Rule>),
    /// An account and its new parent.
    Move(&'static str, &'static str),
}

/// Of a bucket, queue, topic, secret, function or key.
#[derive(Clone, Debug)]
pub(super) enum ResourceChange {
    PutPolicy(Vec<Rule>),
    /// Of a bucket, queue or secret.
    DeletePolicy,
    CreateKey(Vec<Rule>),
    /// Another attribute of a queue or topic: the policy stays as it is.
    OtherAttribute,
    /// Of a function.
    AddPermission(Rule),
    RemovePermission(String),
}

/// The call that makes a change.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) action: Action,
    pub(super) resource: Resource,
    pub(super) call: Call,
}

impl Change {
    /// The account in which the call is made.
    pub(super) fn account(&self) -> &'static str {
        match self {
            Self::Entity(of, _) => of.account,
            Self::Managed(policy, _) => policy.account,
            Self::Control(_) => MANAGEMENT,
            Self::Resource(resource, _) => resource.account,
        }
    }

    /// The call, as it is made in this state; `moment` is the time as IAM
    /// writes it in responses.
    pub(super) fn request(&self, world: &World, moment: &str) -> Request {
        match self {
            Self::Entity(of, change) => iam::entity(world, of, change, moment),
            Self::Managed(policy, change) => iam::managed(world, policy, change, moment),
            Self::Control(change) => organization::request(world, change),
            Self::Resource(resource, change) => resources::request(resource, change, moment),
        }
    }
}
