//! What a change does to the state.

use std::collections::BTreeMap;

use super::{
    Change, ControlChange, Created, EntityChange, ManagedChange, ManagedPolicy, ResourceChange,
};
use crate::generator::history::resource::Resource;
use crate::generator::history::world::{
    Entity, EntityName, Managed, OrganizationPolicy, ResourcePolicy, World,
};

impl Change {
    /// Changes the state at `time`.
    pub(in crate::generator::history) fn apply(self, world: &mut World, time: &str) {
        match self {
            Self::Entity(of, change) => entity(world, of, change, time),
            Self::Managed(policy, change) => managed(world, &policy, change, time),
            Self::Control(change) => control(world, change),
            Self::Resource(of, change) => resource(world, of, change),
        }
    }
}

fn entity(world: &mut World, of: EntityName, change: EntityChange, time: &str) {
    let Some(account) = world.accounts.get_mut(of.account) else {
        return;
    };
    let entities = account.entities_mut(of.kind);
    match change {
        EntityChange::Create(created) => {
            entities.insert(of.name, new_entity(created, time));
        }
        EntityChange::Delete => {
            entities.remove(&of.name);
        }
        change => {
            if let Some(entity) = entities.get_mut(&of.name) {
                edit(entity, change);
            }
        }
    }
}

fn new_entity(created: Created, time: &str) -> Entity {
    let tags: BTreeMap<String, String> = created
        .tags
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect();
    Entity {
        id: created.id,
        path: "/",
        created: time.to_owned(),
        boundary: created.boundary,
        tags,
        trust: created.trust,
        ..Entity::default()
    }
}

fn edit(entity: &mut Entity, change: EntityChange) {
    match change {
        EntityChange::Attach(arn) => {
            entity.attached.insert(arn);
        }
        EntityChange::Detach(arn) => {
            entity.attached.remove(&arn);
        }
        EntityChange::PutInline(policy, rules) => {
            entity.inline.insert(policy, rules);
        }
        EntityChange::DeleteInline(policy) => {
            entity.inline.remove(&policy);
        }
        EntityChange::Join(group) => {
            entity.groups.insert(group);
        }
        EntityChange::Leave(group) => {
            entity.groups.remove(&group);
        }
        EntityChange::PutBoundary(arn) => entity.boundary = Some(arn),
        EntityChange::DeleteBoundary => entity.boundary = None,
        EntityChange::Trust(rules) => entity.trust = rules,
        EntityChange::Tag(key, value) => {
            entity.tags.insert(key.to_owned(), value);
        }
        EntityChange::Untag(key) => {
            entity.tags.remove(key);
        }
        EntityChange::Create(_) | EntityChange::Delete => {}
    }
}

fn managed(world: &mut World, policy: &ManagedPolicy, change: ManagedChange, time: &str) {
    let Some(account) = world.accounts.get_mut(policy.account) else {
        return;
    };
    let arn = policy.arn();
    match change {
        ManagedChange::Create(id, rules) => {
            account.policies.insert(arn, Managed::new(id, time, rules));
        }
        ManagedChange::Delete => {
            account.policies.remove(&arn);
        }
        change => {
            if let Some(managed) = account.policies.get_mut(&arn) {
                version(managed, change);
            }
        }
    }
}

fn version(managed: &mut Managed, change: ManagedChange) {
    match change {
        ManagedChange::CreateVersion(rules, as_default) => {
            managed.versions.insert(managed.next, rules);
            if as_default {
                managed.default = managed.next;
            }
            managed.next += 1;
        }
        ManagedChange::SetDefault(number) => managed.default = number,
        ManagedChange::DeleteVersion(number) => {
            managed.versions.remove(&number);
        }
        ManagedChange::Create(..) | ManagedChange::Delete => {}
    }
}

fn control(world: &mut World, change: ControlChange) {
    let organization = &mut world.organization;
    match change {
        ControlChange::Attach(id, target) => {
            if let Some(node) = organization.nodes.get_mut(target) {
                node.attached.insert(id);
            }
        }
        ControlChange::Detach(id, target) => {
            if let Some(node) = organization.nodes.get_mut(target) {
                node.attached.remove(&id);
            }
        }
        ControlChange::Update(id, rules) => {
            if let Some(policy) = organization.policies.get_mut(&id) {
                policy.rules = rules;
            }
        }
        ControlChange::Create(id, name, rules) => {
            let policy = OrganizationPolicy {
                name,
                controls_resources: false,
                rules,
            };
            organization.policies.insert(id, policy);
        }
        ControlChange::Move(account, parent) => {
            if let Some(node) = organization.nodes.get_mut(account) {
                node.parent = Some(parent);
            }
        }
    }
}

fn resource(world: &mut World, of: Resource, change: ResourceChange) {
    let arn = of.arn();
    let known = world.resource_policies.get(&arn);
    let mut permissions = known.map(|policy| policy.rules.clone()).unwrap_or_default();
    let rules = match change {
        ResourceChange::PutPolicy(rules) => rules,
        ResourceChange::DeletePolicy => Vec::new(),
        ResourceChange::OtherAttribute => permissions,
        ResourceChange::CreateKey(rules) => {
            world.resources.push(of.clone());
            rules
        }
        ResourceChange::AddPermission(rule) => {
            permissions.push(rule);
            permissions
        }
        ResourceChange::RemovePermission(sid) => {
            permissions.retain(|rule| rule.sid != sid);
            permissions
        }
    };
    if rules.is_empty() {
        world.resource_policies.remove(&arn);
        return;
    }
    let account = of.account;
    world
        .resource_policies
        .insert(arn, ResourcePolicy { account, rules });
}
