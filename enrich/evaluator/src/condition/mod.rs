//! One condition: an operator, a key and values.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

mod operator;
mod test;

pub(crate) use operator::{Compare, Family, Operator, Quantifier};
pub(crate) use test::{Test, TextPattern};

use crate::arn::Tri;
use crate::context::{Context, Lookup};
use crate::diagnostic::Position;

/// A compiled condition.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    pub(crate) operator: Operator,
    /// The key in lower case.
    pub(crate) key: Box<str>,
    pub(crate) hash: u64,
    pub(crate) test: Test,
    /// Apart, so that a decision does not read over it.
    pub(crate) source: Box<Source>,
}

/// A condition as written, for people.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) operator: Box<str>,
    pub(crate) key: Box<str>,
    pub(crate) position: Position,
}

impl Condition {
    /// Whether the condition holds in a context.
    pub(crate) fn holds(&self, context: &Context<'_>) -> Tri {
        let value = context.lookup(self.hash, &self.key);
        if let Test::Null {
            when_absent,
            when_present,
        } = self.test
        {
            return match value {
                Lookup::Absent => when_absent.into(),
                Lookup::One(_) | Lookup::Many(_) => when_present.into(),
                Lookup::Unknown if when_absent == when_present => when_absent.into(),
                Lookup::Unknown => Tri::Unknown,
            };
        }
        match value {
            Lookup::Unknown => Tri::Unknown,
            Lookup::Absent => self.holds_when_absent().into(),
            Lookup::One(value) => self.holds_for(&value, context),
            Lookup::Many(values) => self.holds_for_all(&values, context),
        }
    }

    /// A missing key fails a positive operator and satisfies a negated one; `IfExists` and
    /// `ForAllValues` are satisfied, `ForAnyValue` is not.
    fn holds_when_absent(&self) -> bool {
        if self.operator.if_exists {
            return true;
        }
        match self.operator.quantifier {
            Quantifier::All => true,
            Quantifier::Any => false,
            Quantifier::None => self.operator.negated,
        }
    }

    fn holds_for(&self, value: &str, context: &Context<'_>) -> Tri {
        let matched = self.test.matches(value, context);
        if self.operator.negated {
            !matched
        } else {
            matched
        }
    }

    fn holds_for_all(&self, values: &[String], context: &Context<'_>) -> Tri {
        let mut each = values.iter().map(|value| self.holds_for(value, context));
        match (self.operator.quantifier, self.operator.negated) {
            (Quantifier::All, _) | (Quantifier::None, true) => each.min().unwrap_or(Tri::True),
            (Quantifier::Any, _) | (Quantifier::None, false) => {
                // The common case ends early.
                let mut best = Tri::False;
                while let (true, Some(next)) = (best != Tri::True, each.next()) {
                    best = best.max(next);
                }
                best
            }
        }
    }
}
