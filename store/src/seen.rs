//! Which events the lake already holds.
//!
//! Exact, and bounded in memory: keys are read per day of `event_time`, from
//! the files of that day only, and the days touched longest ago are forgotten
//! first (and read again if they come back). A copy of an event has the same
//! `event_time`, so it is always looked for on the right day.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use trailwright_schemas::{ContentHash, Event};

use crate::log::Exchange;

/// Keys held in memory at most, unless a single batch needs more: about 60
/// bytes each, so half a gigabyte.
const KEYS_MAX: usize = 8_000_000;

/// The identity of an event, as 128 bits of a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key(u128);

impl Key {
    /// From the stored columns. A record without an eventID is identified by
    /// its content.
    pub(crate) fn of(
        event_id: Option<&str>,
        recipient_account_id: Option<&str>,
        content_sha256: &str,
    ) -> Self {
        match event_id {
            Some(id) => Self::of_id(id, recipient_account_id),
            None => Self::of_content(content_sha256),
        }
    }

    pub(crate) fn of_event(event: &Event) -> Self {
        let record = &event.record;
        match &record.event_id {
            Some(id) => Self::of_id(id, record.recipient_account_id.as_deref()),
            None => Self::of_content(&event.received.content.to_string()),
        }
    }

    /// Of a row that carries an ID of its own.
    pub(crate) fn of_row(id: impl AsRef<str>) -> Self {
        Self::digest(&["row", id.as_ref()])
    }

    fn of_id(event_id: &str, recipient_account_id: Option<&str>) -> Self {
        Self::digest(&["id", event_id, recipient_account_id.unwrap_or_default()])
    }

    fn of_content(content_sha256: &str) -> Self {
        Self::digest(&["content", content_sha256])
    }

    fn digest(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part);
            hash.update([0]);
        }
        let digest: [u8; 32] = hash.finalize().into();
        Self(
            digest[..16]
                .iter()
                .fold(0, |bits, byte| (bits << 8) | u128::from(*byte)),
        )
    }
}

/// The first 8 bytes of a content hash as stored.
pub(crate) fn short_content(content_sha256: &str) -> u64 {
    content_sha256
        .get(..16)
        .and_then(|digits| u64::from_str_radix(digits, 16).ok())
        .unwrap_or_default()
}

/// What the lake says of an event about to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Not there.
    New,
    /// There, with the same content.
    Duplicate,
    /// There, with other content.
    Conflicting,
}

#[derive(Debug, Default)]
pub(crate) struct Day {
    /// Origins of the files whose keys are in `keys`: relabelling writes files
    /// again, which then hold the same keys.
    origins: HashSet<String>,
    keys: HashMap<Key, u64>,
    last_used: u64,
}

/// The keys of the days in use.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    days: BTreeMap<NaiveDate, Day>,
    clock: u64,
}

impl Seen {
    /// Begins work on a day: what was read of it, or nothing.
    pub(crate) fn day(&mut self, date: NaiveDate) -> &mut Day {
        self.clock += 1;
        let day = self.days.entry(date).or_default();
        day.last_used = self.clock;
        day
    }

    /// What is known of files holds for those that took their place.
    pub(crate) fn exchange(&mut self, exchange: &Exchange) {
        for day in self.days.values_mut() {
            if exchange.removed.iter().all(|file| day.has(file)) {
                day.origins.extend(exchange.added.iter().cloned());
            }
            for file in &exchange.removed {
                day.origins.remove(file);
            }
        }
    }

    /// Forgets the days used longest ago, but none of `in_use`.
    pub(crate) fn shrink(&mut self, in_use: &HashSet<NaiveDate>) {
        let mut total: usize = self.days.values().map(|day| day.keys.len()).sum();
        while total > KEYS_MAX {
            let oldest = self
                .days
                .iter()
                .filter(|(date, _)| !in_use.contains(*date))
                .min_by_key(|(_, day)| day.last_used)
                .map(|(date, _)| *date);
            let Some(day) = oldest.and_then(|date| self.days.remove(&date)) else {
                return;
            };
            total -= day.keys.len();
        }
    }
}

impl Day {
    pub(crate) fn has(&self, origin: &str) -> bool {
        self.origins.contains(origin)
    }

    pub(crate) fn add(&mut self, origin: String, keys: impl IntoIterator<Item = (Key, u64)>) {
        self.origins.insert(origin);
        self.keys.extend(keys);
    }

    pub(crate) fn look_up(&self, key: Key, content: &ContentHash) -> Known {
        match self.keys.get(&key) {
            None => Known::New,
            Some(stored) if *stored == content.short() => Known::Duplicate,
            Some(_) => Known::Conflicting,
        }
    }
}
