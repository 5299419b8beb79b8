//! Changes of managed policies.

use crate::generator::history::change::{Change, EntityChange, ManagedChange, ManagedPolicy};
use crate::generator::history::draw;
use crate::generator::history::rule::Rule;
use crate::generator::history::setup::{BOUNDARIES, POLICIES};
use crate::generator::history::snapshot::last_part;
use crate::generator::history::world::{EntityKind, EntityName, Managed, World};
use crate::generator::random::Random;

/// IAM keeps at most so many versions.
const VERSIONS_MAX: usize = 5;
/// How the names of policies begin that come and go.
const PROJECT: &str = "Project";

fn one_of_account(random: &mut Random, account: &'static str) -> ManagedPolicy {
    let name = match random.once_in(4) {
        true => draw::one_of(random, &BOUNDARIES),
        false => draw::one_of(random, &POLICIES),
    };
    let name = (*name).to_owned();
    ManagedPolicy { account, name }
}

fn known<'a>(world: &'a World, policy: &ManagedPolicy) -> Option<&'a Managed> {
    world
        .accounts
        .get(policy.account)?
        .policies
        .get(&policy.arn())
}

fn rules(world: &World, random: &mut Random, policy: &ManagedPolicy) -> Vec<Rule> {
    if policy.name.starts_with("Boundary") {
        return draw::boundary(world, random, policy.account);
    }
    draw::rules(world, random, policy.account, false)
}

/// A new version, for which the oldest one makes room.
pub(super) fn create_version(
    world: &World,
    random: &mut Random,
    account: &'static str,
    as_default: bool,
) -> Vec<Change> {
    let policy = one_of_account(random, account);
    let Some(managed) = known(world, &policy) else {
        return Vec::new();
    };
    let mut changes = Vec::new();
    let mut others = managed
        .versions
        .keys()
        .filter(|number| **number != managed.default);
    if managed.versions.len() >= VERSIONS_MAX
        && let Some(oldest) = others.next()
    {
        changes.push(ManagedChange::DeleteVersion(*oldest));
    }
    let rules = rules(world, random, &policy);
    changes.push(ManagedChange::CreateVersion(rules, as_default));
    let change = |change| Change::Managed(policy.clone(), change);
    changes.into_iter().map(change).collect()
}

/// Another version becomes the default one.
pub(super) fn set_default(
    world: &World,
    random: &mut Random,
    account: &'static str,
) -> Vec<Change> {
    with_another_version(world, random, account, ManagedChange::SetDefault)
}

/// A version that is not the default one goes.
pub(super) fn delete_version(
    world: &World,
    random: &mut Random,
    account: &'static str,
) -> Vec<Change> {
    with_another_version(world, random, account, ManagedChange::DeleteVersion)
}

/// Where there is no other version, one is made for the next time.
fn with_another_version(
    world: &World,
    random: &mut Random,
    account: &'static str,
    change: impl Fn(u32) -> ManagedChange,
) -> Vec<Change> {
    let policies = world
        .accounts
        .get(account)
        .into_iter()
        .flat_map(|known| &known.policies);
    let mut choices = Vec::new();
    for (arn, managed) in policies {
        let others = managed
            .versions
            .keys()
            .filter(|number| **number != managed.default);
        choices.extend(others.map(|number| (last_part(arn).to_owned(), *number)));
    }
    if choices.is_empty() {
        return create_version(world, random, account, false);
    }
    let (name, number) = draw::one_of(random, &choices);
    vec![Change::Managed(
        ManagedPolicy { account, name },
        change(number),
    )]
}

/// A policy of a project comes with an attachment, or goes.
pub(super) fn create_or_delete(
    world: &World,
    random: &mut Random,
    account: &'static str,
) -> Vec<Change> {
    let policies = world
        .accounts
        .get(account)
        .into_iter()
        .flat_map(|known| &known.policies);
    let mut names = policies.filter_map(|(arn, managed)| {
        let name = last_part(arn);
        name.starts_with(PROJECT).then_some((name, managed))
    });
    match names.next() {
        Some((name, managed)) => {
            let name = name.to_owned();
            delete(world, &ManagedPolicy { account, name }, managed)
        }
        None => create(world, random, account),
    }
}

fn create(world: &World, random: &mut Random, account: &'static str) -> Vec<Change> {
    let policy = ManagedPolicy {
        account,
        name: format!("{PROJECT}{}", random.hex(6)),
    };
    let id = random.entity_id("ANPA");
    let rules = draw::rules(world, random, account, false);
    let user = worker(random, account);
    vec![
        Change::Managed(policy.clone(), ManagedChange::Create(id, rules)),
        Change::Entity(user, EntityChange::Attach(policy.arn())),
    ]
}

fn worker(random: &mut Random, account: &'static str) -> EntityName {
    EntityName {
        account,
        kind: EntityKind::User,
        name: format!("worker-{}", random.between(1, 6)),
    }
}

/// IAM deletes no policy that is attached, and no default version.
fn delete(world: &World, policy: &ManagedPolicy, managed: &Managed) -> Vec<Change> {
    let arn = policy.arn();
    let mut changes = Vec::new();
    for kind in [EntityKind::User, EntityKind::Group, EntityKind::Role] {
        let account = world.accounts.get(policy.account);
        let entities = account
            .into_iter()
            .flat_map(|account| account.entities(kind));
        for (name, _) in entities.filter(|(_, entity)| entity.attached.contains(&arn)) {
            let of = EntityName {
                account: policy.account,
                kind,
                name: name.clone(),
            };
            changes.push(Change::Entity(of, EntityChange::Detach(arn.clone())));
        }
    }
    let others = managed
        .versions
        .keys()
        .filter(|number| **number != managed.default);
    for number in others {
        let change = ManagedChange::DeleteVersion(*number);
        changes.push(Change::Managed(policy.clone(), change));
    }
    changes.push(Change::Managed(policy.clone(), ManagedChange::Delete));
    changes
}
