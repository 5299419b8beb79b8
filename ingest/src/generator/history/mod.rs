//! A synthetic organization whose policies change: CloudTrail records of some
//! days, snapshots of its policies, and the true decision of every event.
//!
//! The truth does not come from evaluating documents. Policies are sets of
//! actions on sets of resources (`rule`); documents are written from them
//! (`document`), and the decision follows from the sets in force at the second
//! of the event (`decide`). Reading order: `accounts`, `resource`, `action`,
//! `rule`, `world`, `decide`; `setup` and `draw` for the start, `change` and
//! `schedule` for what changes, `actor`, `call` and `story` for who calls what,
//! `delivery` for how records arrive.
//!
//! What is left out, because AWS does not document it or no record tells it:
//! calls in the same second as a change they depend on, principals made anew
//! under an old name, a role's tags seen by older sessions, roles that assume
//! themselves, resources of other accounts without a policy.

mod accounts;
mod action;
mod actor;
mod call;
mod change;
mod decide;
mod delivery;
mod document;
mod draw;
mod resource;
mod rule;
mod schedule;
mod setup;
mod snapshot;
mod story;
#[cfg(test)]
mod tests;
mod world;

use std::path::PathBuf;

use chrono::NaiveDate;
use trailwright_schemas::{Agreement, CauseType, Decision};

/// Some days of the organization.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// The directory of policies, by path relative to it. A directory called
    /// like a moment (`2026-03-01T00-00-00Z`) dates what is in it.
    pub files: Vec<(PathBuf, String)>,
    /// The records in the order in which they arrive.
    pub delivered: Vec<Delivered>,
}

/// A record as it arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The record.
    pub json: String,
    /// What is true of its event; a copy has the same.
    pub truth: Truth,
}

/// What the policies in force at the time of an event say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    /// `eventID`
    pub event_id: String,
    /// The decision.
    pub decision: Decision,
    /// What kind of thing decides; `None` where several do.
    pub cause: Option<CauseType>,
    /// The decision against the outcome that the record states.
    /// [`Agreement::Propagation`]: the outcome is that of the policies before
    /// a change some seconds earlier.
    pub agreement: Agreement,
}

/// Makes a history of at least `events` events, from the first second of
/// `start` (UTC) on: 100,000 events are about six days, in which every kind of
/// change occurs at least ten times.
pub fn generate(seed: u64, start: NaiveDate, events: usize) -> History {
    let mut story = story::Story::new(seed, start);
    story.tell(events, &mut |_| {});
    let mut files = story.files;
    files.sort();
    History {
        files,
        delivered: story.delivery.arrived(),
    }
}
