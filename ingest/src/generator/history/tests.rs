#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod known;
mod records;
mod replay;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::Value;
use trailwright_schemas::{Agreement, CauseType, Decision};

use super::{Delivered, History, Truth, generate};

const EVENTS: usize = 12_000;

pub(super) fn start() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 1).unwrap()
}

/// One history for all tests.
pub(super) fn history() -> &'static History {
    static HISTORY: OnceLock<History> = OnceLock::new();
    HISTORY.get_or_init(|| generate(7, start(), EVENTS))
}

/// Each event once, by eventID.
pub(super) fn events() -> BTreeMap<&'static str, &'static Delivered> {
    let delivered = history().delivered.iter();
    delivered
        .map(|one| (one.truth.event_id.as_str(), one))
        .collect()
}

pub(super) fn parsed(delivered: &Delivered) -> Value {
    serde_json::from_str(&delivered.json).unwrap()
}

#[test]
fn the_same_seed_gives_the_same_history() {
    let small = |seed| generate(seed, start(), 1_200);
    assert_eq!(small(3), small(3));
    assert_ne!(small(3).delivered, small(4).delivered);
}

#[test]
fn there_are_as_many_events_as_asked_for() {
    let count = events().len();
    assert!((EVENTS..EVENTS + 10).contains(&count), "{count} events");
}

#[test]
fn copies_arrive_with_the_same_record_and_the_same_truth() {
    let mut copies: BTreeMap<&str, Vec<&Delivered>> = BTreeMap::new();
    for one in &history().delivered {
        copies.entry(&one.truth.event_id).or_default().push(one);
    }
    let twice: Vec<_> = copies.values().filter(|copies| copies.len() == 2).collect();
    assert!(copies.values().all(|copies| copies.len() <= 2));
    assert!(twice.iter().all(|pair| pair[0] == pair[1]));
    let percent = 100 * twice.len() / copies.len();
    assert!((4..=6).contains(&percent), "{percent} % arrive twice");
}

#[test]
fn records_arrive_out_of_order_and_some_days_late() {
    let times: Vec<String> = history()
        .delivered
        .iter()
        .map(|one| parsed(one)["eventTime"].as_str().unwrap().to_owned())
        .collect();
    let back = times.windows(2).filter(|pair| pair[1] < pair[0]).count();
    assert!(back * 3 > times.len(), "{back} of {} go back", times.len());
    let times: Vec<DateTime<Utc>> = times.iter().map(|time| time.parse().unwrap()).collect();
    let mut newest = times[0];
    let mut late = 0;
    for time in times {
        late += usize::from(newest - time > TimeDelta::hours(2));
        newest = newest.max(time);
    }
    assert!(late > 20, "{late} records are hours late");
}

#[test]
fn every_decision_and_every_kind_of_cause_occurs_often() {
    let mut counts: BTreeMap<(Decision, Option<CauseType>), usize> = BTreeMap::new();
    for one in events().values() {
        *counts
            .entry((one.truth.decision, one.truth.cause))
            .or_default() += 1;
    }
    let kinds = [
        (Decision::Allow, Some(CauseType::IdentityPolicy), 2_500),
        (Decision::Allow, Some(CauseType::ResourcePolicy), 200),
        (Decision::Allow, Some(CauseType::RootUser), 50),
        (Decision::Allow, Some(CauseType::PermissionlessAction), 50),
        (Decision::Allow, Some(CauseType::SignInNotRestricted), 30),
        (Decision::Allow, None, 100),
        (Decision::ExplicitDeny, Some(CauseType::IdentityPolicy), 30),
        (Decision::ExplicitDeny, Some(CauseType::ResourcePolicy), 30),
        (
            Decision::ExplicitDeny,
            Some(CauseType::PermissionsBoundary),
            30,
        ),
        (Decision::ExplicitDeny, Some(CauseType::SessionPolicy), 30),
        (
            Decision::ExplicitDeny,
            Some(CauseType::ServiceControlPolicy),
            30,
        ),
        (
            Decision::ExplicitDeny,
            Some(CauseType::ResourceControlPolicy),
            30,
        ),
        (Decision::ExplicitDeny, None, 30),
        (Decision::ImplicitDeny, Some(CauseType::IdentityPolicy), 100),
        (Decision::ImplicitDeny, Some(CauseType::ResourcePolicy), 30),
        (
            Decision::ImplicitDeny,
            Some(CauseType::PermissionsBoundary),
            30,
        ),
        (Decision::ImplicitDeny, Some(CauseType::SessionPolicy), 30),
        (
            Decision::ImplicitDeny,
            Some(CauseType::ServiceControlPolicy),
            30,
        ),
        (Decision::ImplicitDeny, None, 100),
        (Decision::Indeterminate, Some(CauseType::UnknownKeys), 30),
        (
            Decision::Indeterminate,
            Some(CauseType::NoPoliciesKnown),
            30,
        ),
        (Decision::NotEvaluated, Some(CauseType::ServiceEvent), 30),
    ];
    for (decision, cause, least) in kinds {
        let count = counts.get(&(decision, cause)).copied().unwrap_or_default();
        assert!(count >= least, "{decision:?} {cause:?}: {count} of {least}");
    }
    let known: BTreeSet<_> = kinds.map(|(decision, cause, _)| (decision, cause)).into();
    let other = counts
        .keys()
        .filter(|kind| !known.contains(kind))
        .collect::<Vec<_>>();
    assert!(other.is_empty(), "{other:?}");
}

#[test]
fn most_outcomes_agree_and_a_known_few_do_not() {
    let truths: Vec<&Truth> = events().values().map(|one| &one.truth).collect();
    let count = |agreement| truths.iter().filter(|t| t.agreement == agreement).count();
    assert!(count(Agreement::Agrees) * 10 > truths.len() * 8);
    assert!((20..EVENTS / 50).contains(&count(Agreement::Disagrees)));
    assert!((20..EVENTS / 50).contains(&count(Agreement::Propagation)));
    assert!(count(Agreement::OtherGate) > 0);
    let comparable = |truth: &Truth| {
        matches!(
            truth.decision,
            Decision::Allow | Decision::ExplicitDeny | Decision::ImplicitDeny
        )
    };
    for truth in truths {
        let settled = truth.agreement != Agreement::NotComparable;
        assert!(comparable(truth) || !settled, "{truth:?}");
    }
}

#[test]
fn files_lie_in_directories_that_date_them_but_for_one_account() {
    let paths: Vec<&str> = history()
        .files
        .iter()
        .map(|(path, _)| path.to_str().unwrap())
        .collect();
    let first = "2026-03-01T00-00-00Z/";
    let of_first = paths.iter().filter(|path| path.starts_with(first)).count();
    assert_eq!(of_first, 8, "{paths:?}");
    let undated: Vec<_> = paths.iter().filter(|path| !path.contains('/')).collect();
    assert_eq!(undated, [&"555566667777.json"]);
    let later = paths
        .iter()
        .filter(|path| path.contains('/') && !path.starts_with(first));
    let later: Vec<_> = later.collect();
    assert_eq!(later.len(), 1);
    assert!(later[0].ends_with("/777788889999.json"));
}
