//! What of each account × Region × hour arrived, and what did not.
//!
//! An hour is one of delivery: the time in the names of files. An hour without
//! a file is a gap, unless digests, which CloudTrail delivers every hour and
//! which name the log files of that hour, say that there was none to deliver.

mod digest;
pub(crate) mod read;
pub(crate) mod show;

use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};

use self::digest::Digests;

/// An account and a Region; neither for files with other names than
/// CloudTrail's.
pub(crate) type Place = (Option<String>, Option<String>);

/// The files of one hour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Arrived {
    pub(crate) files: u64,
    /// Records in them.
    pub(crate) records: u64,
    /// Records that the lake had from another file.
    pub(crate) duplicates: u64,
    /// What in them could not be used.
    pub(crate) rejected: u64,
    /// Files with an event that is older than it should be.
    pub(crate) late: u64,
}

/// What is to be said of an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Files came, and no digest names another one.
    Delivered,
    /// Digests name files that did not come.
    Missing,
    /// No file came, and digests say that there was none.
    Quiet,
    /// No file came, and nothing says why.
    Gap,
}

impl State {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Missing => "missing",
            Self::Quiet => "quiet",
            Self::Gap => "gap",
        }
    }
}

/// One hour, or several without a file in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) place: Place,
    /// Its first hour.
    pub(crate) begin: DateTime<Utc>,
    pub(crate) hours: i64,
    pub(crate) state: State,
    pub(crate) arrived: Arrived,
    /// Names of files that did not come.
    pub(crate) missing: Vec<String>,
}

/// The files of each hour, by where they belong.
pub(crate) type Hours = BTreeMap<Place, BTreeMap<DateTime<Utc>, Arrived>>;

pub(crate) const HOUR: TimeDelta = TimeDelta::hours(1);

/// The hour of a time.
pub(crate) fn hour_of(time: DateTime<Utc>) -> DateTime<Utc> {
    time.duration_trunc(HOUR).unwrap_or(time)
}

/// All stretches, each account × Region from its first file on to `until`, or
/// to the last file of any.
pub(crate) fn stretches(
    mut hours: Hours,
    digests: &Digests,
    until: Option<DateTime<Utc>>,
) -> Vec<Stretch> {
    for (place, hour) in digests.missing.keys() {
        hours
            .entry(place.clone())
            .or_default()
            .entry(*hour)
            .or_default();
    }
    let newest = hours.values().flat_map(BTreeMap::keys).max();
    let end = until.or(newest.map(|newest| *newest + HOUR));
    let mut all = Vec::new();
    for (place, arrived) in hours {
        let first = arrived.keys().next().copied();
        let (Some(mut hour), Some(end)) = (first, end) else {
            continue;
        };
        let named = place != (None, None);
        let mut arrived = arrived;
        while hour < end {
            let missing = digests.missing.get(&(place.clone(), hour));
            let state = match (arrived.contains_key(&hour), missing) {
                (_, Some(_)) => State::Missing,
                (true, None) => State::Delivered,
                (false, None) if digests.cover(&place, hour) => State::Quiet,
                (false, None) => State::Gap,
            };
            let stretch = Stretch {
                place: place.clone(),
                begin: hour,
                hours: 1,
                state,
                arrived: arrived.remove(&hour).unwrap_or_default(),
                missing: missing.cloned().unwrap_or_default(),
            };
            if named || state == State::Delivered {
                add(&mut all, stretch);
            }
            hour += HOUR;
        }
    }
    all
}

/// Hours without a file are joined.
fn add(all: &mut Vec<Stretch>, stretch: Stretch) {
    let empty = matches!(stretch.state, State::Gap | State::Quiet);
    match all.last_mut() {
        Some(last) if empty && last.state == stretch.state && last.place == stretch.place => {
            last.hours += 1;
        }
        _ => all.push(stretch),
    }
}

#[cfg(test)]
mod tests;
