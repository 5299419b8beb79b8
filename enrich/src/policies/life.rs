//! Whether something existed, and from when on all about it is known.

use std::sync::Arc;

use chrono::TimeDelta;

use super::change::Life;
use super::moment::{Moment, Origin, Phase, When};
use super::series::{Entry, Series, Start};

/// What is known of the existence of something at a moment.
#[derive(Debug)]
pub(super) enum Existence<'a> {
    /// It is there, from when on all about it is known, and what told of it.
    There(Start<'a>, &'a Arc<Origin>),
    /// It may be there: no export and no creation shows it as a whole.
    InPart,
    /// It was not there, because of what this tells.
    Gone(&'a Arc<Origin>),
}

/// The snapshots that list all things of a kind, in order.
pub(super) type Listings = Vec<(Moment, Arc<Origin>)>;

pub(super) fn existence<'a>(
    life: &'a Series<Option<Life>>,
    listings: &'a Listings,
    when: When<'_>,
) -> Existence<'a> {
    let Some(entry) = life.latest(when) else {
        return backwards(life, when);
    };
    let Some(lives) = &entry.value else {
        return Existence::Gone(&entry.origin);
    };
    let listed = listings.partition_point(|(moment, _)| when.includes(moment));
    match listings[..listed].last() {
        Some((moment, origin)) if *moment > entry.at => Existence::Gone(origin),
        _ => there(life, lives, entry),
    }
}

fn there<'a>(
    life: &'a Series<Option<Life>>,
    lives: &Life,
    entry: &'a Entry<Option<Life>>,
) -> Existence<'a> {
    if lives.with_unseen_policies {
        return Existence::InPart;
    }
    let undated = life
        .undated
        .as_ref()
        .and_then(|(undated, _)| undated.as_ref());
    let same = |undated: &Life| undated.unique_id.is_some() && undated.unique_id == lives.unique_id;
    Existence::There(
        Start::From {
            moment: &entry.at,
            undated: undated.is_some_and(same),
        },
        &entry.origin,
    )
}

/// How long before the first creation of a name nothing had it. Earlier, another
/// may have had it: one that was deleted before all that is known leaves no trace.
/// This bounds how far back a creation that is learned of concerns events.
pub(super) const NAME_FREE: TimeDelta = TimeDelta::hours(1);

/// From when on nothing had the name of what was created.
pub(super) fn name_free_from(created: &Moment) -> Moment {
    Moment::snapshot(created.time - NAME_FREE)
}

/// Before the first moment that tells of it.
fn backwards<'a>(life: &'a Series<Option<Life>>, when: When<'_>) -> Existence<'a> {
    let first = life.dated.first();
    let (lives, start, origin) = match (first, &life.undated) {
        (Some(entry), _) if entry.at.phase == Phase::Creation => {
            return match when.includes(&name_free_from(&entry.at)) {
                true => Existence::Gone(&entry.origin),
                false => Existence::InPart,
            };
        }
        (Some(entry), _) if entry.at.phase == Phase::Snapshot => match &entry.value {
            Some(lives) => (lives, Start::Backwards(Some(&entry.at)), &entry.origin),
            None => return Existence::InPart,
        },
        (_, Some((Some(lives), origin))) => (lives, Start::Backwards(None), origin),
        _ => return Existence::InPart,
    };
    match lives.created {
        Some(created) if !when.includes(&Moment::snapshot(created)) => Existence::Gone(origin),
        _ => Existence::There(start, origin),
    }
}
