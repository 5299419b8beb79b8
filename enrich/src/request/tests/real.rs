//! Derivation over the shared sample records: what it reaches is held here.

use std::collections::BTreeMap;

use trailwright_schemas::Record;

use super::derive;
use crate::catalogue::Catalogue;
use crate::request::{Derived, NoRequest, Provenance};
use crate::samples;

/// How often each line occurs, one a line, most frequent first.
fn counted(lines: impl Iterator<Item = String>) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for line in lines {
        *counts.entry(line).or_default() += 1;
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let lines = counts
        .iter()
        .map(|(line, count)| format!("{count} × {line}\n"));
    lines.collect()
}

#[test]
fn every_real_record_has_actions_or_a_reason_why_not() {
    let Some(records) = samples::real() else {
        return;
    };
    let catalogue = Catalogue::embedded();
    let why = |record: &Record| {
        let call = format!("{} {}", record.event_source, record.event_name);
        match derive(record, &catalogue, &()) {
            Ok(derived) if derived.actions.is_empty() => Some(format!("{call}: no action")),
            Ok(_) => None,
            Err(NoRequest::ServiceEvent) => Some("service events: there was no request".into()),
            Err(NoRequest::NoPrincipal(why)) => Some(format!("who called: {why}")),
            Err(NoRequest::NoAction(why)) => Some(format!("{call}: {why}")),
        }
    };
    insta::assert_snapshot!(counted(records.iter().filter_map(why)));
}

#[test]
fn the_resources_of_nearly_all_real_api_calls_are_resolved() {
    let Some(records) = samples::real() else {
        return;
    };
    let catalogue = Catalogue::embedded();
    let mut services: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    let is_call = |record: &&Record| record.event_type.as_deref() == Some("AwsApiCall");
    for record in records.iter().filter(is_call) {
        let derived = derive(record, &catalogue, &());
        let counts = services.entry(&record.event_source).or_default();
        counts[0] += 1;
        counts[1] += usize::from(derived.is_ok_and(|derived| is_resolved(&derived)));
    }
    let mut worst: Vec<(&str, [usize; 2])> = services.iter().map(|(s, c)| (*s, *c)).collect();
    worst.sort_by_key(|(_, [calls, resolved])| resolved.abs_diff(*calls));
    for (service, [calls, resolved]) in worst.iter().rev().take(5) {
        eprintln!("{service}: {resolved} of {calls} API calls have all resources");
    }
    let sum = |which: usize| services.values().map(|counts| counts[which]).sum::<usize>();
    let (calls, resolved) = (sum(0), sum(1));
    eprintln!("all: {resolved} of {calls}");
    assert!(
        resolved * 100 >= calls * 95,
        "{resolved} of {calls} API calls"
    );
}

/// Every resource is known, exactly or by a rule. `*` counts where the action
/// works on no resource, or asks for all there are.
fn is_resolved(derived: &Derived<'_>) -> bool {
    let mut targets = derived.actions.iter().flat_map(|call| &call.targets);
    targets.all(|target| target.provenance != Provenance::Unknown)
}
