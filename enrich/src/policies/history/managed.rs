//! The history of a managed policy: its versions, and which was in force.

use std::sync::Arc;

use chrono::SecondsFormat;

use super::steps::{Step, Value, Verb, Whole, steps};
use super::{Change, DocumentChange, DocumentState};
use crate::policies::change::Document;
use crate::policies::managed::ManagedPolicy;
use crate::policies::moment::{Moment, Phase, When};

pub(super) fn changes(policy: &ManagedPolicy) -> Vec<Change> {
    let mut changes = life(policy);
    for (version, series) in &policy.versions {
        let found = steps(series, &[], |when| {
            Value::of(series.at(when, policy.start(when)))
        });
        let apart = found
            .into_iter()
            .filter(|step| !put_in_force(policy, version, step.at));
        changes.extend(apart.map(|step| {
            let mut change = step.of_document(&format!("version {version}"));
            change.what.push_str(&made(policy, version));
            change
        }));
    }
    changes.extend(in_force(policy));
    changes
}

fn life(policy: &ManagedPolicy) -> Vec<Change> {
    let read = |when: When<'_>| match policy.life.latest(when) {
        Some(entry) => Value::Known(&entry.value),
        None => Value::Absent,
    };
    let told = |step: &Step<'_, bool>| match step.verb {
        Verb::Added | Verb::Set | Verb::Changed | Verb::SetAgain => {
            Some(step.change("created".to_owned()))
        }
        Verb::Removed | Verb::Missing => Some(step.change("deleted".to_owned())),
        // That there is a version tells as much.
        Verb::Shown => None,
    };
    steps(&policy.life, &[], read)
        .iter()
        .filter_map(told)
        .collect()
}

/// Which version was in force, with the documents before and after.
fn in_force(policy: &ManagedPolicy) -> Vec<Change> {
    let wholes: Vec<Whole<'_>> = policy
        .life
        .changes()
        .filter(|(at, _)| at.phase == Phase::Snapshot)
        .collect();
    let found = steps(&policy.default, &wholes, |when| {
        Value::of(policy.default.at(when, policy.start(when)))
    });
    let changes = found.into_iter().map(|step| {
        let what = match (&step.before, &step.after) {
            (_, Value::Known(Some(version))) if step.verb == Verb::Shown => {
                format!("version {version} is in force{}", made(policy, version))
            }
            (Value::Known(Some(before)), Value::Known(Some(version))) if before != version => {
                format!("version {version} put in force instead of {before}")
            }
            (_, Value::Known(Some(version))) => format!("version {version} put in force"),
            _ => "no version is in force".to_owned(),
        };
        let document = DocumentChange {
            before: document(policy, &step.before, step.at.map(When::Before)),
            after: document(policy, &step.after, step.at.map(When::Through)),
        };
        Change {
            document: Some(document),
            ..step.change(what)
        }
    });
    changes.collect()
}

fn document(
    policy: &ManagedPolicy,
    version: &Value<'_, Option<Arc<str>>>,
    when: Option<When<'_>>,
) -> DocumentState {
    let version = match version {
        Value::Known(Some(version)) => version,
        Value::Known(None) | Value::Absent => return DocumentState::None,
        Value::Unknown => return DocumentState::Unknown,
    };
    let Some(series) = policy.versions.get(version) else {
        return DocumentState::Unknown;
    };
    let found: Option<&Document> = match when {
        Some(when) => match Value::of(series.at(when, policy.start(when))) {
            Value::Known(document) => document.as_ref(),
            Value::Absent | Value::Unknown => None,
        },
        None => series
            .undated
            .as_ref()
            .and_then(|(document, _)| document.as_ref()),
    };
    found.map_or(DocumentState::Unknown, DocumentState::of)
}

/// Whether the version was put in force at that moment too: one change then
/// tells of both.
fn put_in_force(policy: &ManagedPolicy, version: &Arc<str>, at: Option<&Moment>) -> bool {
    let default = &policy.default;
    let put = match at {
        Some(at) => default.entry(at).map(|entry| &entry.value),
        None => default.undated.as_ref().map(|(value, _)| value),
    };
    put.is_some_and(|put| put.as_ref() == Some(version))
}

fn made(policy: &ManagedPolicy, version: &str) -> String {
    let made = policy.created.get(version).map(|time| {
        let time = time.to_rfc3339_opts(SecondsFormat::Secs, true);
        format!(", made at {time}")
    });
    made.unwrap_or_default()
}
