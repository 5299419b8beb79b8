//! Which change comes next: every kind in turn, there and back again.

mod controls;
mod entities;
mod managed;
mod resources;

use super::accounts::{ACCOUNTS, TOOLS};
use super::change::Change;
use super::draw;
use super::world::World;
use crate::generator::random::Random;

/// How many turns there are until the first comes again.
const TURNS: usize = 37;

/// The changes of a turn, each a call of its own, in order. None where there
/// is nothing to change just then.
pub(super) fn next(world: &World, random: &mut Random, turn: usize) -> Vec<Change> {
    let account = an_account(random);
    match turn % TURNS {
        at @ 0..=2 => entities::attach_or_detach(world, random, account, at),
        at @ 3..=5 => entities::put_or_delete_inline(world, random, account, at - 3),
        6 | 7 => entities::join_or_leave(world, random, account),
        at @ 8..=9 => entities::put_or_delete_boundary(world, random, account, at == 9),
        10 => entities::trust(random, account),
        at @ 11..=12 => entities::tag_or_untag(world, random, account, at == 12),
        13 => entities::create_user(world, random, account),
        14 => entities::create_role(random, account),
        15 => entities::create_group(world, random, account),
        at @ 16..=18 => entities::delete_temporary(world, account, at - 16),
        19 => entities::attach_or_detach_unknown(world),
        20 | 21 => managed::create_version(world, random, account, true),
        22 => managed::create_version(world, random, account, false),
        23 => managed::set_default(world, random, account),
        24 => managed::delete_version(world, random, account),
        25 => managed::create_or_delete(world, random, account),
        26 | 27 => controls::attach_or_detach(world, random),
        28 => controls::update(random),
        29 => controls::create_or_update(world, random),
        30 => controls::move_account(world, random),
        31 => resources::bucket(world, random, account),
        32 => resources::key(world, random, account),
        33 => resources::queue_or_topic(world, random, account),
        34 => resources::secret(world, random, account),
        35 => resources::permission(world, random, account),
        _ => resources::other_attribute(world, random, account),
    }
}

/// An account whose IAM may change.
fn an_account(random: &mut Random) -> &'static str {
    let changing: Vec<&'static str> = ACCOUNTS
        .iter()
        .map(|(account, _)| *account)
        .filter(|account| *account != TOOLS)
        .collect();
    draw::one_of(random, &changing)
}
