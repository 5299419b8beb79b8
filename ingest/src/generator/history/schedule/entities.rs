//! Changes of users, groups and roles.

use crate::generator::history::change::{Change, Created, EntityChange};
use crate::generator::history::draw;
use crate::generator::history::setup::{
    BOUNDARIES, GROUPS, LAMBDA, POLICIES, ROLES, WORKER_ROLE, policy_arn, trusts_service,
};
use crate::generator::history::world::{Entity, EntityKind, EntityName, World};
use crate::generator::organization::SECURITY;
use crate::generator::random::Random;

const KINDS: [EntityKind; 3] = [EntityKind::User, EntityKind::Group, EntityKind::Role];
/// How the names of users, groups and roles begin that come and go.
const TEMPORARY: &str = "temporary-";
/// An AWS managed policy that no file contains, and the user who gets it.
const UNKNOWN: &str = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3";

/// One of the users, groups or roles that always exist.
fn lasting(random: &mut Random, account: &'static str, kind: EntityKind) -> EntityName {
    let name = match kind {
        EntityKind::User => format!("worker-{}", random.between(1, 6)),
        EntityKind::Group => draw::one_of(random, &GROUPS).to_owned(),
        EntityKind::Role => match random.once_in(4) {
            true => WORKER_ROLE.to_owned(),
            false => draw::one_of(random, &ROLES).to_owned(),
        },
    };
    EntityName {
        account,
        kind,
        name,
    }
}

/// One that exists or, in the account, a temporary one.
fn some(world: &World, random: &mut Random, account: &'static str, kind: EntityKind) -> EntityName {
    match temporary(world, account, kind) {
        Some(name) if random.once_in(3) => name,
        _ => lasting(random, account, kind),
    }
}

fn temporary(world: &World, account: &'static str, kind: EntityKind) -> Option<EntityName> {
    let entities = world.accounts.get(account)?.entities(kind);
    let name = entities.keys().find(|name| name.starts_with(TEMPORARY))?;
    Some(EntityName {
        account,
        kind,
        name: name.clone(),
    })
}

fn one(of: EntityName, change: EntityChange) -> Vec<Change> {
    vec![Change::Entity(of, change)]
}

pub(super) fn attach_or_detach(
    world: &World,
    random: &mut Random,
    account: &'static str,
    kind: usize,
) -> Vec<Change> {
    let of = some(world, random, account, KINDS[kind]);
    let arn = policy_arn(account, draw::one_of(random, &POLICIES));
    let Some(entity) = world.entity(&of) else {
        return Vec::new();
    };
    let change = match entity.attached.contains(&arn) {
        true => EntityChange::Detach(arn),
        false => EntityChange::Attach(arn),
    };
    one(of, change)
}

/// A policy whose document is known to nobody but AWS comes and goes.
pub(super) fn attach_or_detach_unknown(world: &World) -> Vec<Change> {
    let of = EntityName {
        account: SECURITY,
        kind: EntityKind::User,
        name: "worker-6".to_owned(),
    };
    let attached = world
        .entity(&of)
        .is_some_and(|user| user.attached.contains(UNKNOWN));
    let change = match attached {
        true => EntityChange::Detach(UNKNOWN.to_owned()),
        false => EntityChange::Attach(UNKNOWN.to_owned()),
    };
    one(of, change)
}

pub(super) fn put_or_delete_inline(
    world: &World,
    random: &mut Random,
    account: &'static str,
    kind: usize,
) -> Vec<Change> {
    let kind = KINDS[kind];
    let of = some(world, random, account, kind);
    let name = draw::one_of(random, &["own-work", "extra"]);
    let exists = world
        .entity(&of)
        .is_some_and(|entity| entity.inline.contains_key(name));
    if exists && random.once_in(2) {
        return one(of, EntityChange::DeleteInline(name.to_owned()));
    }
    let rules = draw::rules(world, random, account, kind != EntityKind::Role);
    one(of, EntityChange::PutInline(name.to_owned(), rules))
}

pub(super) fn join_or_leave(
    world: &World,
    random: &mut Random,
    account: &'static str,
) -> Vec<Change> {
    let of = some(world, random, account, EntityKind::User);
    let group = draw::one_of(random, &GROUPS).to_owned();
    let is_member = world
        .entity(&of)
        .is_some_and(|user| user.groups.contains(&group));
    let change = match is_member {
        true => EntityChange::Leave(group),
        false => EntityChange::Join(group),
    };
    one(of, change)
}

pub(super) fn put_or_delete_boundary(
    world: &World,
    random: &mut Random,
    account: &'static str,
    of_role: bool,
) -> Vec<Change> {
    let kind = if of_role {
        EntityKind::Role
    } else {
        EntityKind::User
    };
    let of = some(world, random, account, kind);
    let has_one = world
        .entity(&of)
        .is_some_and(|entity| entity.boundary.is_some());
    if has_one && random.once_in(2) {
        return one(of, EntityChange::DeleteBoundary);
    }
    let arn = policy_arn(account, draw::one_of(random, &BOUNDARIES));
    one(of, EntityChange::PutBoundary(arn))
}

pub(super) fn trust(random: &mut Random, account: &'static str) -> Vec<Change> {
    let of = EntityName {
        account,
        kind: EntityKind::Role,
        name: draw::one_of(random, &ROLES).to_owned(),
    };
    one(of, EntityChange::Trust(draw::trust(random, account)))
}

pub(super) fn tag_or_untag(
    world: &World,
    random: &mut Random,
    account: &'static str,
    of_role: bool,
) -> Vec<Change> {
    let kind = if of_role {
        EntityKind::Role
    } else {
        EntityKind::User
    };
    let of = some(world, random, account, kind);
    let tagged = world
        .entity(&of)
        .is_some_and(|entity| entity.tags.contains_key("team"));
    if tagged && !random.once_in(3) {
        return one(of, EntityChange::Untag("team"));
    }
    let team = draw::team(random).to_owned();
    one(of, EntityChange::Tag("team", team))
}

/// A name that was never used: a principal that is made anew under an old name
/// is another one for policies that named it.
fn new_name(random: &mut Random, account: &'static str, kind: EntityKind) -> EntityName {
    EntityName {
        account,
        kind,
        name: format!("{TEMPORARY}{}", random.hex(8)),
    }
}

pub(super) fn create_user(
    world: &World,
    random: &mut Random,
    account: &'static str,
) -> Vec<Change> {
    let of = new_name(random, account, EntityKind::User);
    let boundary = policy_arn(account, draw::one_of(random, &BOUNDARIES));
    let created = Created {
        id: random.entity_id("AIDA"),
        boundary: random.once_in(2).then_some(boundary),
        tags: vec![("team", draw::team(random).to_owned())],
        ..Created::default()
    };
    let rules = draw::rules(world, random, account, true);
    let group = draw::one_of(random, &GROUPS).to_owned();
    let change = |change| Change::Entity(of.clone(), change);
    vec![
        change(EntityChange::Create(created)),
        change(EntityChange::PutInline("own-work".to_owned(), rules)),
        change(EntityChange::Join(group)),
    ]
}

pub(super) fn create_role(random: &mut Random, account: &'static str) -> Vec<Change> {
    let of = new_name(random, account, EntityKind::Role);
    let created = Created {
        id: random.entity_id("AROA"),
        trust: vec![trusts_service(LAMBDA)],
        tags: vec![("team", draw::team(random).to_owned())],
        ..Created::default()
    };
    let arn = policy_arn(account, draw::one_of(random, &POLICIES));
    let change = |change| Change::Entity(of.clone(), change);
    vec![
        change(EntityChange::Create(created)),
        change(EntityChange::Attach(arn)),
    ]
}

pub(super) fn create_group(
    world: &World,
    random: &mut Random,
    account: &'static str,
) -> Vec<Change> {
    let of = new_name(random, account, EntityKind::Group);
    let created = Created {
        id: random.entity_id("AGPA"),
        ..Created::default()
    };
    let rules = draw::rules(world, random, account, true);
    let member = lasting(random, account, EntityKind::User);
    vec![
        Change::Entity(of.clone(), EntityChange::Create(created)),
        Change::Entity(
            of.clone(),
            EntityChange::PutInline("shared".to_owned(), rules),
        ),
        Change::Entity(member, EntityChange::Join(of.name)),
    ]
}

/// IAM deletes nothing that something is attached to.
pub(super) fn delete_temporary(world: &World, account: &'static str, kind: usize) -> Vec<Change> {
    let Some(of) = temporary(world, account, KINDS[kind]) else {
        return Vec::new();
    };
    let Some(entity) = world.entity(&of) else {
        return Vec::new();
    };
    let mut changes = members_leave(world, &of);
    let mut add = |change| changes.push(Change::Entity(of.clone(), change));
    strip(entity).into_iter().for_each(&mut add);
    add(EntityChange::Delete);
    changes
}

fn strip(entity: &Entity) -> Vec<EntityChange> {
    let detach = entity.attached.iter().cloned().map(EntityChange::Detach);
    let inline = entity
        .inline
        .keys()
        .cloned()
        .map(EntityChange::DeleteInline);
    let leave = entity.groups.iter().cloned().map(EntityChange::Leave);
    detach.chain(inline).chain(leave).collect()
}

fn members_leave(world: &World, of: &EntityName) -> Vec<Change> {
    let users = world
        .accounts
        .get(of.account)
        .into_iter()
        .flat_map(|account| &account.users);
    let members =
        users.filter(|(_, user)| of.kind == EntityKind::Group && user.groups.contains(&of.name));
    members
        .map(|(name, _)| {
            let user = EntityName {
                account: of.account,
                kind: EntityKind::User,
                name: name.clone(),
            };
            Change::Entity(user, EntityChange::Leave(of.name.clone()))
        })
        .collect()
}
