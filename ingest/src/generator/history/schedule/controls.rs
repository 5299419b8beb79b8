//! Changes of the organization.

use crate::generator::history::accounts::{
    CORE, DATA, LIVE, SANDBOXES, STAGING, TOOLS, TRIAL, WORKLOADS,
};
use crate::generator::history::action::{
    Action, DELETE_ITEM, DELETE_OBJECT, GET_SECRET, PUBLISH, PUT_ITEM, STOP_INSTANCES,
};
use crate::generator::history::change::{Change, ControlChange};
use crate::generator::history::draw;
use crate::generator::history::setup::{GUARD, KEEP_OBJECTS, OFFERED, REGION_LOCK};
use crate::generator::history::world::World;
use crate::generator::organization::{PRODUCTION, SANDBOX, SECURITY};
use crate::generator::random::Random;

/// How the names of service control policies begin that are made on the way.
const MADE: &str = "p-made";
/// At most so many of them.
const MADE_MAX: usize = 6;

/// What guards forbid, one set at a time.
const GUARDED: [&[Action]; 4] = [
    &[DELETE_OBJECT],
    &[DELETE_ITEM, GET_SECRET],
    &[STOP_INSTANCES, PUT_ITEM],
    &[PUBLISH],
];
/// What an allow-list offers beyond the necessary.
const OFFERS: [&[&str]; 4] = [
    &["dynamodb", "ec2"],
    &["dynamodb"],
    &["ec2", "cloudtrail"],
    &["cloudtrail"],
];
/// Where policies are attached; never at the root, which would bind all.
const TARGETS: [&str; 10] = [
    CORE, WORKLOADS, LIVE, TRIAL, SANDBOXES, PRODUCTION, STAGING, DATA, SECURITY, TOOLS,
];

pub(super) fn attach_or_detach(world: &World, random: &mut Random) -> Vec<Change> {
    let id = draw::one_of(random, &[REGION_LOCK, GUARD, KEEP_OBJECTS]);
    let target = draw::one_of(random, &TARGETS);
    vec![toggled(world, id, target)]
}

fn toggled(world: &World, id: &str, target: &'static str) -> Change {
    let node = world.organization.nodes.get(target);
    let change = match node.is_some_and(|node| node.attached.contains(id)) {
        true => ControlChange::Detach(id.to_owned(), target),
        false => ControlChange::Attach(id.to_owned(), target),
    };
    Change::Control(change)
}

pub(super) fn update(random: &mut Random) -> Vec<Change> {
    let change = match random.between(0, 2) {
        0 => {
            let offered = draw::offered(draw::one_of(random, &OFFERS));
            ControlChange::Update(OFFERED.to_owned(), offered)
        }
        1 => {
            let guard = draw::guard(draw::one_of(random, &GUARDED));
            ControlChange::Update(GUARD.to_owned(), guard)
        }
        _ => {
            let account = if random.once_in(2) { DATA } else { PRODUCTION };
            ControlChange::Update(KEEP_OBJECTS.to_owned(), draw::keep_objects(account))
        }
    };
    vec![Change::Control(change)]
}

/// A new service control policy, attached at once; once there are enough, one
/// of them is attached elsewhere or detached.
pub(super) fn create_or_update(world: &World, random: &mut Random) -> Vec<Change> {
    let policies = world.organization.policies.keys().map(String::as_str);
    let made: Vec<&str> = policies.filter(|id| id.starts_with(MADE)).collect();
    let target = draw::one_of(random, &TARGETS);
    if made.len() >= MADE_MAX {
        return vec![toggled(world, draw::one_of(random, &made), target)];
    }
    let id = format!("{MADE}{}", random.hex(8));
    let guard = draw::guard(draw::one_of(random, &GUARDED));
    let name = format!("Made{}", made.len() + 1);
    vec![
        Change::Control(ControlChange::Create(id.clone(), name, guard)),
        Change::Control(ControlChange::Attach(id, target)),
    ]
}

/// An account moves between two units.
pub(super) fn move_account(world: &World, random: &mut Random) -> Vec<Change> {
    let (account, one, other) = match random.once_in(2) {
        true => (STAGING, TRIAL, LIVE),
        false => (SANDBOX, SANDBOXES, TRIAL),
    };
    let node = world.organization.nodes.get(account);
    let is_at_one = node.is_some_and(|node| node.parent == Some(one));
    let parent = if is_at_one { other } else { one };
    vec![Change::Control(ControlChange::Move(account, parent))]
}
