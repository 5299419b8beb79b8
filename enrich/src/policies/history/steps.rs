//! The changes of one fact, from its series.

use std::sync::Arc;

use super::{Change, DocumentChange, DocumentState};
use crate::policies::change::Document;
use crate::policies::moment::{Moment, Origin, When};
use crate::policies::series::{Fact, Reading, Series};

/// What a fact was.
#[derive(Debug, PartialEq)]
pub(super) enum Value<'a, T> {
    Known(&'a T),
    Absent,
    Unknown,
}

impl<T: Fact> Value<'_, T> {
    pub(super) fn of(reading: Reading<'_, T>) -> Value<'_, T> {
        match reading {
            Reading::Known(value, _) => Value::Known(value),
            Reading::Absent => Value::Absent,
            Reading::Before(_) => Value::Unknown,
        }
    }

    fn is_set(&self) -> bool {
        matches!(self, Value::Known(value) if value.is_set())
    }

    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Unknown, _) | (_, Value::Unknown) => false,
            _ if !self.is_set() => !other.is_set(),
            _ => self == other,
        }
    }
}

/// How a fact changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    /// A file shows it.
    Shown,
    /// A file that would show it does not any more.
    Missing,
    Added,
    /// It is not known whether there was one before.
    Set,
    Changed,
    SetAgain,
    Removed,
}

/// One change of a fact.
pub(super) struct Step<'a, T> {
    pub(super) at: Option<&'a Moment>,
    pub(super) origin: &'a Arc<Origin>,
    pub(super) verb: Verb,
    pub(super) before: Value<'a, T>,
    pub(super) after: Value<'a, T>,
}

/// A snapshot that shows all of something, with its file.
pub(super) type Whole<'a> = (&'a Moment, &'a Arc<Origin>);

/// The changes of a series: `read` tells its value at a moment. What a file
/// shows counts only if it is new; what it does not show any more is told by
/// the snapshots of the `wholes`.
pub(super) fn steps<'a, T: Fact>(
    series: &'a Series<T>,
    wholes: &[Whole<'a>],
    read: impl Fn(When<'_>) -> Value<'a, T>,
) -> Vec<Step<'a, T>> {
    let mut steps = Vec::new();
    if let Some((value, origin)) = series.undated.as_ref().filter(|(value, _)| value.is_set()) {
        steps.push(Step {
            at: None,
            origin,
            verb: Verb::Shown,
            before: Value::Unknown,
            after: Value::Known(value),
        });
    }
    let mut moments: Vec<Whole<'a>> = series.changes().collect();
    moments.extend(wholes.iter().filter(|(at, _)| series.entry(at).is_none()));
    moments.sort_unstable_by_key(|(at, _)| *at);
    for (at, origin) in moments {
        let by_file = !matches!(**origin, Origin::Event { .. });
        let before = match by_file && steps.is_empty() {
            true => Value::Unknown,
            false => read(When::Before(at)),
        };
        let after = match series.entry(at) {
            Some(entry) => Value::Known(&entry.value),
            None => read(When::Through(at)),
        };
        let first = steps.is_empty() && !after.is_set();
        if by_file && (first || before.same(&after)) {
            continue;
        }
        let verb = match (by_file, after.is_set()) {
            (true, true) => Verb::Shown,
            (true, false) => Verb::Missing,
            (false, false) => Verb::Removed,
            (false, true) if before.same(&after) => Verb::SetAgain,
            (false, true) if before.is_set() => Verb::Changed,
            (false, true) if matches!(before, Value::Unknown) => Verb::Set,
            (false, true) => Verb::Added,
        };
        steps.push(Step {
            at: Some(at),
            origin,
            verb,
            before,
            after,
        });
    }
    steps
}

impl<T> Step<'_, T> {
    pub(super) fn change(&self, what: String) -> Change {
        Change {
            at: self.at.cloned(),
            origin: self.origin.clone(),
            what,
            document: None,
        }
    }
}

impl Step<'_, Option<Document>> {
    /// A change of the document called `name`.
    pub(super) fn of_document(&self, name: &str) -> Change {
        let state = |value: &Value<'_, Option<Document>>| match value {
            Value::Known(Some(document)) => DocumentState::of(document),
            Value::Known(None) | Value::Absent => DocumentState::None,
            Value::Unknown => DocumentState::Unknown,
        };
        Change {
            document: Some(DocumentChange {
                before: state(&self.before),
                after: state(&self.after),
            }),
            ..self.change(format!("{name} {}", self.verb.of_document()))
        }
    }
}

impl Verb {
    fn of_document(self) -> &'static str {
        match self {
            Self::Shown => "is there",
            Self::Missing => "is no longer there",
            Self::Added => "added",
            Self::Set => "set",
            Self::Changed => "changed",
            Self::SetAgain => "set again without a change",
            Self::Removed => "deleted",
        }
    }

    pub(super) fn of_attachment(self) -> &'static str {
        match self {
            Self::Shown => "is attached",
            Self::Missing => "is no longer attached",
            Self::Added | Self::Set | Self::Changed => "attached",
            Self::SetAgain => "attached again",
            Self::Removed => "detached",
        }
    }

    pub(super) fn of_membership(self) -> &'static str {
        match self {
            Self::Shown => "is in",
            Self::Missing => "is no longer in",
            Self::Added | Self::Set | Self::Changed => "added to",
            Self::SetAgain => "added again to",
            Self::Removed => "removed from",
        }
    }
}
