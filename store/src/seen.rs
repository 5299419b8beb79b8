//! Which events the lake already holds.
//!
//! Exact, and bounded in memory: keys are read per quarter of an hour of
//! `event_time`, from the files that may hold some of it only, and the quarters
//! used longest ago are forgotten first (and read again if they come back). A copy
//! of an event has the same `event_time`, so it is always looked for in the right
//! quarter.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use sha2::{Digest, Sha256};
use trailwright_schemas::{ContentHash, Event};

use crate::log::Exchange;

/// Keys held in memory at most, unless a single batch needs more: about 60
/// bytes each, so half a gigabyte.
const KEYS_MAX: usize = 8_000_000;

/// A quarter of an hour, counted from 1970: CloudTrail delivers most events within
/// one, so that few are in use at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Quarter(i64);

impl Quarter {
    const SECONDS: i64 = 15 * 60;

    pub(crate) fn of(time: DateTime<Utc>) -> Self {
        Self(time.timestamp().div_euclid(Self::SECONDS))
    }

    /// The UTC day it is in.
    pub(crate) fn date(self) -> NaiveDate {
        let begin = DateTime::from_timestamp(self.0 * Self::SECONDS, 0);
        begin.unwrap_or_default().date_naive()
    }
}

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
struct Keys {
    /// Origins of the files whose keys are in `contents`, as far as they are of this
    /// quarter: relabelling writes files again, which then hold the same keys.
    origins: HashSet<String>,
    contents: HashMap<Key, u64>,
    last_used: u64,
}

/// The keys of the quarters in use.
#[derive(Debug)]
pub(crate) struct Seen {
    quarters: BTreeMap<Quarter, Keys>,
    clock: u64,
    keys_max: usize,
}

impl Default for Seen {
    fn default() -> Self {
        Self::keeping(KEYS_MAX)
    }
}

impl Seen {
    fn keeping(keys_max: usize) -> Self {
        Self {
            quarters: BTreeMap::new(),
            clock: 0,
            keys_max,
        }
    }

    /// Begins work on some quarters: with what was read of them, or nothing.
    pub(crate) fn take_up(&mut self, quarters: &BTreeSet<Quarter>) {
        self.clock += 1;
        for quarter in quarters {
            self.quarters.entry(*quarter).or_default().last_used = self.clock;
        }
    }

    /// Whether all keys of a quarter in a file are known.
    pub(crate) fn has(&self, quarter: Quarter, origin: &str) -> bool {
        let keys = self.quarters.get(&quarter);
        keys.is_some_and(|keys| keys.origins.contains(origin))
    }

    /// Takes in what a file has of a quarter, all of it.
    pub(crate) fn add(
        &mut self,
        quarter: Quarter,
        origin: &str,
        contents: impl IntoIterator<Item = (Key, u64)>,
    ) {
        let keys = self.quarters.entry(quarter).or_default();
        keys.origins.insert(origin.to_owned());
        keys.contents.extend(contents);
    }

    pub(crate) fn look_up(&self, quarter: Quarter, key: Key, content: &ContentHash) -> Known {
        let keys = self.quarters.get(&quarter);
        match keys.and_then(|keys| keys.contents.get(&key)) {
            None => Known::New,
            Some(stored) if *stored == content.short() => Known::Duplicate,
            Some(_) => Known::Conflicting,
        }
    }

    /// What is known of files holds for those that took their place.
    pub(crate) fn exchange(&mut self, exchange: &Exchange) {
        for Keys { origins, .. } in self.quarters.values_mut() {
            if exchange.removed.iter().all(|file| origins.contains(file)) {
                origins.extend(exchange.added.iter().cloned());
            }
            for file in &exchange.removed {
                origins.remove(file);
            }
        }
    }

    /// Forgets the quarters used longest ago, but none of `in_use`.
    pub(crate) fn shrink(&mut self, in_use: &BTreeSet<Quarter>) {
        let sizes = self.quarters.values().map(|keys| keys.contents.len());
        let mut total: usize = sizes.sum();
        while total > self.keys_max {
            let oldest = self
                .quarters
                .iter()
                .filter(|(quarter, _)| !in_use.contains(*quarter))
                .min_by_key(|(_, keys)| keys.last_used)
                .map(|(quarter, _)| *quarter);
            let Some(forgotten) = oldest.and_then(|quarter| self.quarters.remove(&quarter)) else {
                return;
            };
            total -= forgotten.contents.len();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn quarters_begin_with_the_day_before_1970_too() {
        let quarter = |time: &str| Quarter::of(time.parse().unwrap_or_default());
        for (first, last) in [
            ("2026-03-09T00:00:00Z", "2026-03-09T00:14:59.999Z"),
            ("1969-12-31T23:45:00Z", "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(quarter(first), quarter(last));
            assert_eq!(quarter(first).date().to_string(), first[..10]);
        }
        assert_ne!(
            quarter("1969-12-31T23:59:59Z"),
            quarter("1970-01-01T00:00:00Z")
        );
    }

    /// A batch with one event in each of some quarters, from one file each.
    fn batch(seen: &mut Seen, quarters: &[i64]) {
        let quarters: BTreeSet<Quarter> = quarters.iter().copied().map(Quarter).collect();
        seen.take_up(&quarters);
        for quarter in &quarters {
            let key = Key::of_row(quarter.0.to_string());
            seen.add(*quarter, "file", [(key, 0)]);
        }
        seen.shrink(&quarters);
    }

    fn known(seen: &Seen) -> Vec<i64> {
        let known = (0..10).filter(|quarter| seen.has(Quarter(*quarter), "file"));
        known.collect()
    }

    #[test]
    fn what_was_used_longest_ago_is_forgotten_and_has_to_be_read_again() {
        let mut seen = Seen::keeping(3);
        for quarters in [[0, 1], [2, 3], [0, 4]] {
            batch(&mut seen, &quarters);
        }
        assert_eq!(known(&seen), [0, 3, 4]);
        let content = ContentHash::of("{}").unwrap();
        let look_up = |quarter: i64| {
            let key = Key::of_row(quarter.to_string());
            seen.look_up(Quarter(quarter), key, &content)
        };
        assert_eq!(look_up(2), Known::New, "the memory is freed, too");
        assert_eq!(look_up(3), Known::Conflicting);
    }

    #[test]
    fn what_a_batch_needs_is_kept_whatever_it_takes() {
        let mut seen = Seen::keeping(1);
        batch(&mut seen, &[0]);
        batch(&mut seen, &[1, 2, 3]);
        assert_eq!(known(&seen), [1, 2, 3]);
        batch(&mut seen, &[4]);
        assert_eq!(known(&seen), [4]);
    }
}
