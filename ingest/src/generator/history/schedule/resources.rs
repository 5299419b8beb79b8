//! Changes of the policies of resources.

use crate::generator::history::accounts::ACCOUNTS;
use crate::generator::history::action::INVOKE;
use crate::generator::history::change::{Change, ResourceChange};
use crate::generator::history::draw;
use crate::generator::history::resource::{Kind, Resource};
use crate::generator::history::rule::{Actions, Condition, Grantee, Reach, Rule};
use crate::generator::history::setup::{ROLES, SHARED_BUCKET};
use crate::generator::history::world::World;
use crate::generator::random::Random;

/// At most so many keys in an account.
const KEYS_MAX: usize = 3;
/// At most so many statements in the policy of a function.
const PERMISSIONS_MAX: usize = 3;

fn one(resource: Resource, change: ResourceChange) -> Vec<Change> {
    vec![Change::Resource(resource, change)]
}

/// A drawn policy; where none is drawn, the policy there is goes, if it may.
fn put_or_delete(
    world: &World,
    random: &mut Random,
    resource: Resource,
    deletable: bool,
) -> Vec<Change> {
    let has_one = world.resource_policies.contains_key(&resource.arn());
    match draw::resource_policy(random, &resource) {
        Some(rules) => one(resource, ResourceChange::PutPolicy(rules)),
        None if has_one && deletable => one(resource, ResourceChange::DeletePolicy),
        None => Vec::new(),
    }
}

pub(super) fn bucket(world: &World, random: &mut Random, account: &'static str) -> Vec<Change> {
    let bucket = draw::resource(world, random, Kind::Bucket, account);
    let Some(bucket) = bucket.filter(|bucket| bucket.name != SHARED_BUCKET) else {
        return Vec::new();
    };
    let has_one = world.resource_policies.contains_key(&bucket.arn());
    if has_one && random.once_in(2) {
        return one(bucket, ResourceChange::DeletePolicy);
    }
    put_or_delete(world, random, bucket, true)
}

pub(super) fn queue_or_topic(
    world: &World,
    random: &mut Random,
    account: &'static str,
) -> Vec<Change> {
    let kind = if random.once_in(2) {
        Kind::Queue
    } else {
        Kind::Topic
    };
    match draw::resource(world, random, kind, account) {
        // A topic always has a policy; only another one can take its place.
        Some(resource) => put_or_delete(world, random, resource, kind == Kind::Queue),
        None => Vec::new(),
    }
}

/// A change of a queue or topic that leaves its policy alone.
pub(super) fn other_attribute(
    world: &World,
    random: &mut Random,
    account: &'static str,
) -> Vec<Change> {
    let kind = if random.once_in(2) {
        Kind::Queue
    } else {
        Kind::Topic
    };
    let resource = draw::resource(world, random, kind, account);
    let change = |resource| Change::Resource(resource, ResourceChange::OtherAttribute);
    resource.into_iter().map(change).collect()
}

pub(super) fn secret(world: &World, random: &mut Random, account: &'static str) -> Vec<Change> {
    match draw::resource(world, random, Kind::Secret, account) {
        Some(secret) => put_or_delete(world, random, secret, true),
        None => Vec::new(),
    }
}

/// A new key, or another policy for one there is.
pub(super) fn key(world: &World, random: &mut Random, account: &'static str) -> Vec<Change> {
    let is_key = |resource: &&Resource| resource.kind == Kind::Key && resource.account == account;
    let keys = world.resources.iter().filter(is_key).count();
    if keys < KEYS_MAX && random.once_in(2) {
        let key = Resource::new(Kind::Key, account, random.uuid());
        let rules = draw::resource_policy(random, &key).unwrap_or_default();
        return one(key, ResourceChange::CreateKey(rules));
    }
    match draw::resource(world, random, Kind::Key, account) {
        Some(key) => put_or_delete(world, random, key, false),
        None => Vec::new(),
    }
}

/// A statement more or less in the policy of a function.
pub(super) fn permission(world: &World, random: &mut Random, account: &'static str) -> Vec<Change> {
    let Some(function) = draw::resource(world, random, Kind::Function, account) else {
        return Vec::new();
    };
    let policy = world.resource_policies.get(&function.arn());
    let sids: Vec<String> = policy
        .into_iter()
        .flat_map(|policy| policy.rules.iter().map(|rule| rule.sid.clone()))
        .collect();
    if sids.len() >= PERMISSIONS_MAX || (!sids.is_empty() && random.once_in(2)) {
        let sid = draw::one_of(random, &sids);
        return one(function, ResourceChange::RemovePermission(sid));
    }
    let sid = format!("invoke-{}", random.hex(6));
    let reach = Reach::One(function.clone());
    let rule = Rule::allow(&sid, Actions::These(vec![INVOKE]), reach);
    let rule = match random.between(0, 2) {
        0 => rule.to(Grantee::Account(draw::one_of(random, &ACCOUNTS).0)),
        1 => {
            let role = draw::one_of(random, &ROLES);
            rule.to(Grantee::Principal(format!(
                "arn:aws:iam::{account}:role/{role}"
            )))
        }
        _ => rule.to(Grantee::Anyone).when(Condition::OwnOrganization),
    };
    one(function, ResourceChange::AddPermission(rule))
}
