//! The policies of resources over time.

use std::collections::BTreeMap;
use std::sync::Arc;

use trailwright_evaluator::{Policy, PolicyId};

use super::change::Document;
use super::moment::{Moment, Origin, Phase, When};
use super::series::{Entry, Reading, Series, Start};

/// All facts about a resource's policy.
#[derive(Clone, Debug, Default)]
pub(super) struct Resource {
    pub(super) account: Option<Arc<str>>,
    policy: Series<Option<Document>>,
    /// Statements that were added one by one.
    pub(super) statements: BTreeMap<Arc<str>, Series<Option<Arc<str>>>>,
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

    /// What a file without a date says of the policy.
    pub(super) fn undated(&self) -> Option<(Option<&Document>, &Arc<Origin>)> {
        let undated = self.policy.undated.as_ref();
        undated.map(|(document, origin)| (document.as_ref(), origin))
    }

    /// Every change of the policy, with what told of it, in no order.
    pub(super) fn changes(&self) -> impl Iterator<Item = (&Moment, &Arc<Origin>)> {
        let statements = self.statements.values().flat_map(Series::changes);
        self.policy.changes().chain(statements)
    }

    /// What told of the policy in force.
    pub(super) fn since(&self, when: When<'_>) -> Option<&Arc<Origin>> {
        let statements = self.statements.values().filter_map(|s| s.latest(when));
        let added = statements.map(|e| (&e.at, &e.origin));
        let whole = self.policy.latest(when);
        let whole = whole.map(|e| (&e.at, self.policy.since(&e.origin, when, None)));
        let latest = added.chain(whole).max_by_key(|(at, _)| *at);
        latest
            .map(|(_, origin)| origin)
            .or_else(|| self.policy.undated.as_ref().map(|(_, origin)| origin))
            .or_else(|| self.policy.dated.first().map(|entry| &entry.origin))
    }

    /// The policy in force. Setting a whole policy replaces all statements.
    pub(super) fn in_force(&self, arn: &str, when: When<'_>) -> ResourcePolicy {
        let latest = self.policy.latest(when);
        let whole = match self.policy.at(when, self.start()) {
            Reading::Known(document, _) => Some(document.as_ref().and_then(Document::policy)),
            Reading::Absent | Reading::Before(_) => None,
        };
        let added = self.added(latest, when);
        match (whole, added.as_slice()) {
            (Some(Some(policy)), []) => ResourcePolicy::Known(policy.clone()),
            (Some(None), []) => ResourcePolicy::None,
            (None, []) => ResourcePolicy::Unknown,
            (Some(policy), added) => match joined(arn, policy, added) {
                Some(policy) => ResourcePolicy::Known(policy),
                None => ResourcePolicy::Unknown,
            },
            (None, added) => match joined(arn, None, added) {
                Some(policy) => ResourcePolicy::InPart(policy),
                None => ResourcePolicy::Unknown,
            },
        }
    }

    fn start(&self) -> Start<'_> {
        match self.policy.dated.first() {
            Some(entry) if entry.at.phase == Phase::Snapshot => Start::Backwards(Some(&entry.at)),
            _ if self.policy.undated.is_some() => Start::Backwards(None),
            _ => Start::Partly,
        }
    }

    /// Statements added since the whole policy was set, and not removed.
    fn added(&self, whole: Option<&Entry<Option<Document>>>, when: When<'_>) -> Vec<&Arc<str>> {
        let added = self.statements.values().filter_map(|series| {
            let entry = series.latest(when)?;
            let counts = whole.is_none_or(|whole| entry.at > whole.at);
            entry.value.as_ref().filter(|_| counts)
        });
        added.collect()
    }
}

/// A policy with the statements of another and those added. `None` when AWS's
/// text cannot be read as one.
fn joined(arn: &str, whole: Option<&Policy>, added: &[&Arc<str>]) -> Option<Policy> {
    let mut statements: Vec<serde_json::Value> = Vec::new();
    if let Some(whole) = whole {
        let document: serde_json::Value = serde_json::from_str(whole.text()).ok()?;
        match document.get("Statement")? {
            serde_json::Value::Array(list) => statements.extend(list.iter().cloned()),
            one => statements.push(one.clone()),
        }
    }
    for statement in added {
        statements.push(serde_json::from_str(statement).ok()?);
    }
    let document = serde_json::json!({"Version": "2012-10-17", "Statement": statements});
    let id = PolicyId::named(format!("policy of {arn}"));
    Policy::compile(id, &document.to_string()).ok()
}
