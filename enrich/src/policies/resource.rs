//! The policies of resources over time.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use trailwright_evaluator::{Policy, PolicyId};

use super::change::Document;
use super::moment::{Moment, Origin, When};
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

    /// The policy in force. Setting a whole policy replaces all statements;
    /// later calls add, replace and remove single ones by their Sid.
    pub(super) fn in_force(&self, arn: &str, when: When<'_>) -> ResourcePolicy {
        let start = self.policy.start();
        let whole = match self.policy.at(when, start) {
            Reading::Known(Some(Document::Unreadable { .. }), _) => return ResourcePolicy::Unknown,
            Reading::Known(document, _) => Some(document.as_ref().and_then(Document::policy)),
            Reading::Absent | Reading::Before(_) => None,
        };
        let set = self.policy.latest(when).map(|entry| &entry.at);
        let Edits { kept, edits } = self.edits(set, start, when);
        let policy = |document: Option<Policy>, in_part: bool| match document {
            Some(policy) if in_part => ResourcePolicy::InPart(policy),
            Some(policy) => ResourcePolicy::Known(policy),
            None => ResourcePolicy::Unknown,
        };
        match whole {
            Some(Some(known)) if edits.is_empty() => policy(Some(known.clone()), !kept),
            Some(None) if kept && edits.iter().all(|(_, added)| added.is_none()) => {
                ResourcePolicy::None
            }
            Some(known) => policy(edited(arn, known, &edits), !kept),
            None if edits.iter().all(|(_, statement)| statement.is_none()) => {
                ResourcePolicy::Unknown
            }
            None => policy(edited(arn, None, &edits), true),
        }
    }

    /// What single calls changed in the policy set as a whole at `set`, or
    /// shown by a file.
    fn edits(&self, set: Option<&Moment>, start: Start<'_>, when: When<'_>) -> Edits<'_> {
        let mut edits = Edits {
            kept: true,
            edits: Vec::new(),
        };
        let shown = match start {
            Start::Backwards(moment) if set.is_none() => Some(moment),
            _ => None,
        };
        for (sid, series) in &self.statements {
            let after_set = |entry: &&Entry<_>| set.is_none_or(|set| entry.at > *set);
            if let Some(entry) = series.latest(when).filter(after_set) {
                // What a call added and another removed was never in the whole.
                let mut earlier = series.dated.iter().filter(after_set);
                let was_added = earlier.any(|e| e.at < entry.at && e.value.is_some());
                if entry.value.is_some() || !was_added {
                    edits.edits.push((sid, entry.value.as_ref()));
                }
                continue;
            }
            // Between now and the time that the file shows.
            let next = series.dated.iter().find(|entry| !when.includes(&entry.at));
            let before_file = |moment: Option<&Moment>, entry: &Entry<Option<Arc<str>>>| {
                moment.is_none_or(|moment| entry.at < *moment)
            };
            match (shown, next) {
                (Some(moment), Some(next)) if before_file(moment, next) => match next.value {
                    // It was added later.
                    Some(_) => edits.edits.push((sid, None)),
                    // It was there, and what it said is shown only by a file
                    // from before its removal.
                    None => edits.kept &= self.shows(sid),
                },
                _ => {}
            }
        }
        edits
    }

    /// Whether a file without a date shows the statement.
    fn shows(&self, sid: &str) -> bool {
        let undated = self.policy.undated.as_ref();
        let document = undated.and_then(|(document, _)| document.as_ref());
        document.and_then(Document::policy).is_some_and(|policy| {
            let mut statements = policy.statements().iter();
            statements.any(|statement| statement.sid() == Some(sid))
        })
    }
}

/// Statements added (or replaced) and removed, by Sid.
type Edit<'a> = (&'a Arc<str>, Option<&'a Arc<str>>);

struct Edits<'a> {
    /// False when statements are missing whose content is not known.
    kept: bool,
    edits: Vec<Edit<'a>>,
}

/// A policy after edits. `None` when AWS's text cannot be read as one, or when
/// statements without a name leave open which of them were removed.
fn edited(arn: &str, whole: Option<&Policy>, edits: &[Edit<'_>]) -> Option<Policy> {
    let mut statements = match whole {
        Some(whole) => statements_of(whole)?,
        None => Vec::new(),
    };
    let all_named = statements.iter().all(|statement| sid(statement).is_some());
    for (name, added) in edits {
        let before = statements.len();
        statements.retain(|statement| sid(statement) != Some(name));
        if added.is_none() && statements.len() == before && !all_named {
            return None;
        }
    }
    for text in edits.iter().filter_map(|(_, text)| *text) {
        match serde_json::from_str(text).ok()? {
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
