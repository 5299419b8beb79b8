#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use super::{NoRequest, Provenance, derive};
use crate::catalogue::Catalogue;
use crate::samples;

#[test]
fn most_real_api_calls_have_actions_and_resources() {
    let Some(records) = samples::real() else {
        return;
    };
    let catalogue = Catalogue::embedded();
    let (mut calls, mut mapped, mut resolved) = (0, 0, 0);
    let mut open: BTreeMap<String, usize> = BTreeMap::new();
    for record in &records {
        match derive(record, &catalogue, &()) {
            Err(NoRequest::ServiceEvent) => continue,
            Err(NoRequest::NoAction(why)) => {
                *open
                    .entry(format!("A {} {why}", record.event_name))
                    .or_default() += 1
            }
            Err(NoRequest::NoPrincipal(why)) => {
                *open
                    .entry(format!("P {} {why}", record.event_name))
                    .or_default() += 1
            }
            Ok(derived) => {
                mapped += 1;
                let targets = || derived.actions.iter().flat_map(|call| &call.targets);
                if targets().all(|target| target.provenance != Provenance::Unknown) {
                    resolved += 1;
                } else {
                    let list: Vec<_> = targets().map(|t| t.arn.as_str()).collect();
                    *open
                        .entry(format!(
                            "R {} {} {:?}",
                            record.event_source, record.event_name, list
                        ))
                        .or_default() += 1;
                }
            }
        }
        calls += 1;
    }
    for (what, n) in &open {
        eprintln!("{n} {what}");
    }
    eprintln!("{calls} calls, {mapped} mapped, {resolved} resolved");
    panic!();
}
