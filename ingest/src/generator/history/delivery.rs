//! How records arrive: out of order, some of them days late, some twice.
//!
//! Source: CloudTrail User Guide, "Getting and viewing your CloudTrail log
//! files": about five minutes on average, without order, now and then a copy.

use serde_json::Value;

use super::{Delivered, Truth};
use crate::generator::random::Random;

const DAY: u32 = 24 * 3600;
/// One record of so many is days late.
const LATE: u32 = 200;
/// One record of so many arrives once more.
const TWICE: u32 = 20;

/// The records on their way.
#[derive(Debug, Default)]
pub(super) struct Delivery {
    /// When each arrives, in seconds since the start.
    records: Vec<(u32, Delivered)>,
    events: usize,
}

impl Delivery {
    /// How many events there are, copies not counted.
    pub(super) fn events(&self) -> usize {
        self.events
    }

    /// Sends the record of an event that ended at `at`.
    pub(super) fn add(&mut self, random: &mut Random, at: u32, record: &Value, truth: Truth) {
        let delivered = Delivered {
            json: record.to_string(),
            truth,
        };
        let arrives = arrival(random, at);
        if random.once_in(TWICE) {
            let again = arrival(random, at);
            self.records.push((again, delivered.clone()));
        }
        self.records.push((arrives, delivered));
        self.events += 1;
    }

    /// The events in the order in which they happened, copies included.
    #[cfg(test)]
    pub(super) fn sent(&self) -> impl Iterator<Item = &Delivered> {
        self.records.iter().map(|(_, delivered)| delivered)
    }

    /// All of them, in the order in which they arrive.
    pub(super) fn arrived(mut self) -> Vec<Delivered> {
        self.records.sort_by_key(|(arrives, _)| *arrives);
        let records = self.records.into_iter();
        records.map(|(_, delivered)| delivered).collect()
    }
}

fn arrival(random: &mut Random, at: u32) -> u32 {
    match random.once_in(LATE) {
        true => at + random.between(DAY, 3 * DAY),
        false => at + random.between(60, 900),
    }
}
