//! The policies of resources over time.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use trailwright_evaluator::{Policy, PolicyId};

use super::change::Document;
use super::moment::{Moment, Origin, When};
use super::series::{Entry, Reading, Series};

/// All facts about a resource's policy.
#[derive(Clone, Debug, Default)]
pub(super) struct Resource {
    pub(super) account: Option<Arc<str>>,
    policy: Series<Option<Document>>,
    /// Statements that were added one by one.
    statements: BTreeMap<Arc<str>, Series<Option<Arc<str>>>>,
}

/// What is known of a resource's policy at a moment.
#[derive(Clone, Debug)]
pub enum ResourcePolicy {
    /// It has this policy.
    Known(Policy),
    /// Statements that it has; it may have others.
    InPart(Policy),
    /// It has none.
    None,
    /// Nothing tells.
    Unknown,
}

impl Resource {
    pub(super) fn set_policy(
        &mut self,
        at: Option<&Moment>,
        document: Option<Document>,
        origin: &Arc<Origin>,
    ) {
        self.policy.set(at, document, origin);
    }

    pub(super) fn set_statement(
        &mut self,
        at: Option<&Moment>,
        sid: Arc<str>,
        statement: Option<Arc<str>>,
        origin: &Arc<Origin>,
    ) {
        self.statements
            .entry(sid)
            .or_default()
            .set(at, statement, origin);
    }

    /// Every change of the policy, with what told of it, in no order.
    pub(super) fn changes(&self) -> impl Iterator<Item = (&Moment, &Arc<Origin>)> {
        let statements = self.statements.values().flat_map(Series::changes);
        self.policy.changes().chain(statements)
    }

    /// Every document it had, for a history.
    pub(super) fn documents(&self) -> &Series<Option<Document>> {
        &self.policy
    }

    pub(super) fn statements(&self) -> &BTreeMap<Arc<str>, Series<Option<Arc<str>>>> {
        &self.statements
    }

    /// What told of the policy in force.
    pub(super) fn since(&self, when: When<'_>) -> Option<&Arc<Origin>> {
        let statements = self.statements.values().filter_map(|s| s.latest(when));
        let added = statements.map(|e| (&e.at, &e.origin));
        let whole = self.policy.latest(when).map(|e| (&e.at, &e.origin));
        let latest = added.chain(whole).max_by_key(|(at, _)| *at);
        latest
            .map(|(_, origin)| origin)
            .or_else(|| self.policy.undated.as_ref().map(|(_, origin)| origin))
            .or_else(|| self.policy.dated.first().map(|entry| &entry.origin))
    }

    /// The policy in force. Setting a whole policy replaces all statements.
    pub(super) fn in_force(&self, arn: &str, when: When<'_>) -> ResourcePolicy {
        let latest = self.policy.latest(when);
        let whole = match self.policy.at(when, self.policy.start()) {
            Reading::Known(Some(Document::Unreadable { .. }), _) => return ResourcePolicy::Unknown,
            Reading::Known(document, _) => Some(document.as_ref().and_then(Document::policy)),
            Reading::Absent | Reading::Before(_) => None,
        };
        let since = self.since_whole(latest, when);
        let (added, removed): (Vec<_>, Vec<_>) =
            since.into_iter().partition(|(_, value)| value.is_some());
        match whole {
            Some(None) if added.is_empty() => ResourcePolicy::None,
            None if added.is_empty() => ResourcePolicy::Unknown,
            Some(Some(policy)) if added.is_empty() && removed.is_empty() => {
                ResourcePolicy::Known(policy.clone())
            }
            _ => match (joined(arn, whole.flatten(), &added, &removed), whole) {
                (Some(policy), Some(_)) => ResourcePolicy::Known(policy),
                (Some(policy), None) => ResourcePolicy::InPart(policy),
                (None, _) => ResourcePolicy::Unknown,
            },
        }
    }

    /// Statements added or removed since the whole policy was set.
    fn since_whole(
        &self,
        whole: Option<&Entry<Option<Document>>>,
        when: When<'_>,
    ) -> Vec<Changed<'_>> {
        let changed = self.statements.iter().filter_map(|(sid, series)| {
            let entry = series.latest(when)?;
            let counts = whole.is_none_or(|whole| entry.at > whole.at);
            counts.then_some((sid, entry.value.as_ref()))
        });
        changed.collect()
    }
}

/// A statement that was added, or removed, with its name.
type Changed<'a> = (&'a Arc<str>, Option<&'a Arc<str>>);

/// A policy with the statements of another and those added, without those
/// removed. `None` when AWS's text cannot be read as one, or when statements
/// without a name leave open which of them were removed.
fn joined(
    arn: &str,
    whole: Option<&Policy>,
    added: &[Changed<'_>],
    removed: &[Changed<'_>],
) -> Option<Policy> {
    let mut statements = match whole {
        Some(whole) => statements_of(whole)?,
        None => Vec::new(),
    };
    let all_named = statements.iter().all(|statement| sid(statement).is_some());
    for (name, _) in removed {
        let before = statements.len();
        statements.retain(|statement| sid(statement) != Some(name));
        if statements.len() == before && !all_named {
            return None;
        }
    }
    for (_, text) in added {
        match serde_json::from_str(text.as_deref()?).ok()? {
            Value::Array(list) => statements.extend(list),
            one => statements.push(one),
        }
    }
    let document = serde_json::json!({"Version": "2012-10-17", "Statement": statements});
    let id = PolicyId::named(format!("policy of {arn}"));
    Policy::compile(id, &document.to_string()).ok()
}

/// The statements of a policy as JSON.
pub(super) fn statements_of(policy: &Policy) -> Option<Vec<Value>> {
    let mut document: Value = serde_json::from_str(policy.text()).ok()?;
    match document.get_mut("Statement")?.take() {
        Value::Array(list) => Some(list),
        one => Some(vec![one]),
    }
}

fn sid(statement: &Value) -> Option<&str> {
    statement.get("Sid")?.as_str()
}
