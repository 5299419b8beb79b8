//! The state of IAM, Organizations and the policies of resources at one moment.

use std::collections::{BTreeMap, BTreeSet};

use super::resource::Resource;
use super::rule::Rule;

/// Everything that policies say, now.
#[derive(Clone, Debug, Default)]
pub(super) struct World {
    pub(super) accounts: BTreeMap<&'static str, Account>,
    pub(super) organization: Organization,
    /// What can be called upon, users and roles aside.
    pub(super) resources: Vec<Resource>,
    /// The policy of each resource that has one, by ARN.
    pub(super) resource_policies: BTreeMap<String, ResourcePolicy>,
}

/// The policy of a bucket, queue, topic, secret, function or key.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ResourcePolicy {
    pub(super) account: &'static str,
    pub(super) rules: Vec<Rule>,
}

/// IAM of one account.
#[derive(Clone, Debug, Default)]
pub(super) struct Account {
    pub(super) users: BTreeMap<String, Entity>,
    pub(super) groups: BTreeMap<String, Entity>,
    pub(super) roles: BTreeMap<String, Entity>,
    /// Managed policies by ARN, those of AWS that are attached included.
    pub(super) policies: BTreeMap<String, Managed>,
}

/// A user, group or role; each uses the part that it has.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entity {
    /// `AIDA…`, `AGPA…` or `AROA…`
    pub(super) id: String,
    /// Begins and ends with a slash.
    pub(super) path: &'static str,
    pub(super) created: String,
    pub(super) inline: BTreeMap<String, Vec<Rule>>,
    /// ARNs of managed policies.
    pub(super) attached: BTreeSet<String>,
    /// Names of a user's groups.
    pub(super) groups: BTreeSet<String>,
    /// The ARN of the permissions boundary.
    pub(super) boundary: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
    /// Who may assume a role.
    pub(super) trust: Vec<Rule>,
}

/// A managed policy.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Managed {
    pub(super) id: String,
    pub(super) created: String,
    pub(super) versions: BTreeMap<u32, Vec<Rule>>,
    pub(super) default: u32,
    /// The number of the next version: numbers are not used twice.
    pub(super) next: u32,
}

impl Managed {
    pub(super) fn new(id: String, created: &str, rules: Vec<Rule>) -> Self {
        Self {
            id,
            created: created.to_owned(),
            versions: BTreeMap::from([(1, rules)]),
            default: 1,
            next: 2,
        }
    }

    /// The rules in force.
    pub(super) fn rules(&self) -> &[Rule] {
        self.versions.get(&self.default).map_or(&[], Vec::as_slice)
    }
}

/// The organization's tree with its policies.
#[derive(Clone, Debug, Default)]
pub(super) struct Organization {
    /// Root, units and accounts.
    pub(super) nodes: BTreeMap<&'static str, Node>,
    /// By `p-…`.
    pub(super) policies: BTreeMap<String, OrganizationPolicy>,
}

/// A root, unit or account.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    pub(super) name: &'static str,
    /// None of the root.
    pub(super) parent: Option<&'static str>,
    /// The ids of the attached policies.
    pub(super) attached: BTreeSet<String>,
}

/// A service or resource control policy.
#[derive(Clone, Debug)]
pub(super) struct OrganizationPolicy {
    pub(super) name: String,
    pub(super) controls_resources: bool,
    pub(super) rules: Vec<Rule>,
}

pub(super) const FULL_ACCESS: &str = "p-FullAWSAccess";

impl OrganizationPolicy {
    pub(super) fn kind(&self) -> &'static str {
        match self.controls_resources {
            true => "RESOURCE_CONTROL_POLICY",
            false => "SERVICE_CONTROL_POLICY",
        }
    }

    pub(super) fn arn(&self, id: &str) -> String {
        use crate::generator::organization::{rcp_arn, scp_arn};
        match (id, self.controls_resources) {
            (FULL_ACCESS, _) => {
                format!("arn:aws:organizations::aws:policy/service_control_policy/{id}")
            }
            (_, true) => rcp_arn(id),
            (_, false) => scp_arn(id),
        }
    }
}

impl Organization {
    /// The nodes from an account, or any node, up to the root.
    pub(super) fn up_from(&self, id: &str) -> Vec<&Node> {
        let mut nodes = Vec::new();
        let mut at = self.nodes.get(id);
        while let Some(node) = at {
            nodes.push(node);
            at = node.parent.and_then(|parent| self.nodes.get(parent));
        }
        nodes
    }

    /// The policies of one type at a node, with their ids.
    pub(super) fn at<'a>(
        &'a self,
        node: &'a Node,
        controls_resources: bool,
    ) -> impl Iterator<Item = (&'a str, &'a OrganizationPolicy)> {
        node.attached.iter().filter_map(move |id| {
            let policy = self.policies.get(id)?;
            (policy.controls_resources == controls_resources).then_some((id.as_str(), policy))
        })
    }
}

/// The kinds of IAM entities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum EntityKind {
    User,
    Group,
    Role,
}

impl EntityKind {
    /// As in the names of calls: `AttachUserPolicy`.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::Role => "Role",
        }
    }
}

/// An entity by account, kind and name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EntityName {
    pub(super) account: &'static str,
    pub(super) kind: EntityKind,
    pub(super) name: String,
}

impl Account {
    pub(super) fn entities(&self, kind: EntityKind) -> &BTreeMap<String, Entity> {
        match kind {
            EntityKind::User => &self.users,
            EntityKind::Group => &self.groups,
            EntityKind::Role => &self.roles,
        }
    }

    pub(super) fn entities_mut(&mut self, kind: EntityKind) -> &mut BTreeMap<String, Entity> {
        match kind {
            EntityKind::User => &mut self.users,
            EntityKind::Group => &mut self.groups,
            EntityKind::Role => &mut self.roles,
        }
    }
}

impl World {
    pub(super) fn entity(&self, name: &EntityName) -> Option<&Entity> {
        let account = self.accounts.get(name.account)?;
        account.entities(name.kind).get(&name.name)
    }

    /// The entity as the resource of a call.
    pub(super) fn as_resource(&self, name: &EntityName) -> Resource {
        use super::resource::Kind;
        let kind = match name.kind {
            EntityKind::User => Kind::User,
            EntityKind::Group => Kind::Group,
            EntityKind::Role => Kind::Role,
        };
        let path = self.entity(name).map_or("/", |entity| entity.path);
        let folder = if path == "/" { "" } else { path };
        Resource::new(kind, name.account, name.name.clone()).at(folder)
    }

    pub(super) fn arn_of(&self, name: &EntityName) -> String {
        self.as_resource(name).arn()
    }
}
