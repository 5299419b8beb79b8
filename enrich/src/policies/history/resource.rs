//! The history of a resource's policy.

use super::{Change, DocumentChange, DocumentState};
use crate::policies::moment::{Moment, Origin, When};
use crate::policies::resource::{Resource, ResourcePolicy};

pub(super) fn changes(arn: &str, resource: &Resource) -> Vec<Change> {
    let undated = resource.undated().map(|(document, origin)| Change {
        at: None,
        origin: origin.clone(),
        what: match document {
            Some(_) => "the policy is there".to_owned(),
            None => "there is no policy".to_owned(),
        },
        document: Some(DocumentChange {
            before: DocumentState::Unknown,
            after: document.map_or(DocumentState::None, DocumentState::of),
        }),
    });
    let mut moments: Vec<_> = resource.changes().collect();
    moments.sort_unstable_by_key(|(at, _)| *at);
    let mut changes: Vec<Change> = undated.into_iter().collect();
    for (at, origin) in moments {
        let by_file = !matches!(**origin, Origin::Event { .. });
        let before = match by_file && changes.is_empty() {
            true => DocumentState::Unknown,
            false => state(resource.in_force(arn, When::Before(at))),
        };
        let after = state(resource.in_force(arn, When::Through(at)));
        if by_file && before == after {
            continue;
        }
        changes.push(Change {
            at: Some(at.clone()),
            origin: origin.clone(),
            what: what(resource, at, by_file, &before, &after),
            document: Some(DocumentChange { before, after }),
        });
    }
    changes
}

fn state(policy: ResourcePolicy) -> DocumentState {
    match policy {
        ResourcePolicy::Known(policy) | ResourcePolicy::InPart(policy) => {
            DocumentState::Text(policy.text().to_owned())
        }
        ResourcePolicy::None => DocumentState::None,
        ResourcePolicy::Unknown => DocumentState::Unknown,
    }
}

fn what(
    resource: &Resource,
    at: &Moment,
    by_file: bool,
    before: &DocumentState,
    after: &DocumentState,
) -> String {
    let statement = resource.statements.iter().find_map(|(sid, series)| {
        let entry = series.entry(at)?;
        Some((sid, entry.value.is_some()))
    });
    match (statement, before, after) {
        (Some((sid, true)), ..) => format!("statement {sid} added"),
        (Some((sid, false)), ..) => format!("statement {sid} removed"),
        (_, _, DocumentState::None) if by_file => "there is no policy".to_owned(),
        _ if by_file => "the policy is there".to_owned(),
        (_, DocumentState::None | DocumentState::Unknown, DocumentState::None) => {
            "there is no policy".to_owned()
        }
        (_, _, DocumentState::None) => "the policy deleted".to_owned(),
        (_, DocumentState::None, _) => "the policy added".to_owned(),
        (_, DocumentState::Unknown, _) => "the policy set".to_owned(),
        _ if before == after => "the policy set again without a change".to_owned(),
        _ => "the policy changed".to_owned(),
    }
}
