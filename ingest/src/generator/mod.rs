//! A synthetic organization's day: CloudTrail log files and the policies that
//! were in force, made from a seed. This is what `trailwright demo` shows.
//!
//! Nothing here reads a file, a clock or the system's randomness: the same
//! seed and day give the same bytes. Every event's decision and its cause are
//! known because the story says them, so that labels can be tested against
//! the truth instead of against themselves.
//!
//! [`history`] makes another organization, whose policies change over days.

pub mod history;
mod random;

mod organization;
mod policies;

mod answer;
mod call;
mod caller;
mod day;
mod record;
mod story;

mod configuration;
mod delivery;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::Value;
use trailwright_schemas::{CauseType, Decision};

/// A day of the organization.
#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    /// What CloudTrail delivered, sorted by path.
    pub log_files: Vec<LogFile>,
    /// The policies in force, as people export them.
    pub policy_files: Vec<PolicyFile>,
    /// A configuration that fits: aliases, trails and where the policies are.
    pub trailwright_toml: String,
    /// By eventID, what the policies say of every event.
    pub expected: BTreeMap<String, Expected>,
    /// The eventID of the one event whose record contradicts the policies: it
    /// succeeded although the policies given deny it.
    pub contradicting_event: String,
}

/// One object in the bucket of a trail.
#[derive(Clone, Debug, PartialEq)]
pub struct LogFile {
    /// The object's key, as CloudTrail lays it out; it ends in `.json.gz`.
    pub path: String,
    /// What is in it once decompressed: `{"Records": […]}`, or a digest.
    pub document: Value,
}

impl LogFile {
    /// The records, as far as they are; a digest has none.
    pub fn records(&self) -> &[Value] {
        self.document["Records"]
            .as_array()
            .map_or(&[], Vec::as_slice)
    }
}

/// One file of the policy directory.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyFile {
    /// Relative to the policy directory.
    pub path: String,
    /// The output of `aws iam get-account-authorization-details`, the tree of
    /// the organization, a list of resource policies, or one of session
    /// policies.
    pub document: Value,
}

/// What the policies say of one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The decision.
    pub decision: Decision,
    /// What kind of thing decided.
    pub cause_type: CauseType,
}

impl Expected {
    fn new(decision: Decision, cause_type: CauseType) -> Self {
        Self {
            decision,
            cause_type,
        }
    }
}

/// Makes the day `day` (UTC) from `seed`: about 500 events of four accounts.
pub fn generate(seed: u64, day: NaiveDate) -> Generated {
    let mut events = day::Day::new(seed, day);
    let contradicting_event = story::tell(&mut events);
    let log_files = delivery::deliver(&mut events);
    Generated {
        log_files,
        policy_files: policies::files(day),
        trailwright_toml: configuration::text(),
        expected: events.expected,
        contradicting_event,
    }
}
