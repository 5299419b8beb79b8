//! The ways one unknown key can turn out.

use std::collections::HashSet;

use super::automaton::{TextTest, witnesses};
use crate::arn::ResourcePattern;
use crate::condition::{Condition, Quantifier, Test, TextPattern};
use crate::context::{ContextValue, Lookup};
use crate::pattern::matches;
use crate::template::{Expanded, Template};
use crate::value::{Instant, Number};
use crate::{Context, Options, Request};

/// Where a statement looks at a key.
pub(super) enum Use<'s> {
    Condition(&'s Condition),
    VariableInCondition {
        condition: &'s Condition,
        template: &'s Template,
    },
    VariableInResource {
        pattern: &'s ResourcePattern,
        template: &'s Template,
    },
}

/// The values to try for a key: one for each way its conditions can turn out.
pub(super) struct Domain {
    pub(super) key: String,
    pub(super) values: Vec<ContextValue>,
    /// Every way is among the values.
    pub(super) complete: bool,
}

/// Beyond this many distinct values not all sets of values are tried.
const SET_MEMBERS_MAX: usize = 5;
/// A value no sensible policy compares with.
const OTHER: &str = "\u{2205}";

impl Domain {
    pub(super) fn of(
        key: &str,
        uses: &[Use<'_>],
        request: &Request<'_>,
        options: &Options,
    ) -> Self {
        let conditions: Vec<&Condition> = uses
            .iter()
            .filter_map(|u| match u {
                Use::Condition(condition) => Some(*condition),
                Use::VariableInCondition { .. } | Use::VariableInResource { .. } => None,
            })
            .collect();
        let (fitting, variables_complete) = variable_values(key, uses, request);
        let (texts, conditions_complete) =
            condition_values(&conditions, &fitting, &request.context);
        let mut complete = variables_complete && conditions_complete;
        let multivalued = conditions
            .iter()
            .any(|c| c.operator.quantifier != Quantifier::None);
        // Ways that nothing tells apart are one.
        let mut probe = request.context.clone();
        let crossing = options.trailing_wildcard_crosses_segments;
        let mut outcome = |value: &ContextValue| {
            probe.set(key, value.clone());
            let outcome = |u: &Use<'_>| match u {
                Use::Condition(condition) | Use::VariableInCondition { condition, .. } => {
                    condition.holds(&probe)
                }
                Use::VariableInResource { pattern, .. } => {
                    pattern.matches(&request.resource, &probe, crossing)
                }
            };
            uses.iter().map(outcome).collect::<Vec<_>>()
        };
        let mut singles: Vec<ContextValue> = texts.iter().cloned().map(ContextValue::One).collect();
        if complete {
            let by_value = |value: &ContextValue| match value {
                ContextValue::One(text) => conditions
                    .iter()
                    .map(|c| c.test.matches(text, &request.context))
                    .collect(),
                _ => Vec::new(),
            };
            distinct_by(&mut singles, |value| (by_value(value), outcome(value)));
        }
        let mut values = vec![ContextValue::Absent];
        if multivalued {
            complete &= singles.len() <= SET_MEMBERS_MAX;
            values.extend(sets(&singles));
            // As a variable a key has one value.
            let variable = uses.len() > conditions.len();
            values.extend(singles.into_iter().filter(|_| variable));
        } else {
            values.extend(singles);
        }
        if complete {
            distinct_by(&mut values, outcome);
        }
        Domain {
            key: key.to_owned(),
            values,
            complete,
        }
    }
}

fn distinct_by<T, K: std::hash::Hash + Eq>(items: &mut Vec<T>, mut key: impl FnMut(&T) -> K) {
    let mut seen = HashSet::new();
    items.retain(|item| seen.insert(key(item)));
}

/// All sets of up to [`SET_MEMBERS_MAX`] values; of more values, those of one or two.
fn sets(singles: &[ContextValue]) -> Vec<ContextValue> {
    let texts: Vec<&String> = singles
        .iter()
        .filter_map(|v| {
            if let ContextValue::One(t) = v {
                Some(t)
            } else {
                None
            }
        })
        .collect();
    let set = |members: Vec<&String>| ContextValue::Many(members.into_iter().cloned().collect());
    if texts.len() <= SET_MEMBERS_MAX {
        let chosen = |bits: u32| {
            texts
                .iter()
                .enumerate()
                .filter(move |(n, _)| bits & (1 << n) != 0)
                .map(|(_, t)| *t)
        };
        return (1..1u32 << texts.len())
            .map(|bits| set(chosen(bits).collect()))
            .collect();
    }
    let pairs = texts
        .iter()
        .enumerate()
        .flat_map(|(n, a)| texts[n..].iter().map(move |b| (*a, *b)));
    pairs
        .map(|(a, b)| set(if a == b { vec![a] } else { vec![a, b] }))
        .collect()
}

/// Values of which every way the conditions can turn out has one, and whether that holds.
/// `fitting`: values that matter besides.
fn condition_values(
    conditions: &[&Condition],
    fitting: &[String],
    context: &Context<'_>,
) -> (Vec<String>, bool) {
    let mut values = vec![OTHER.to_owned()];
    let (mut texts, mut numbers, mut instants) = (Vec::new(), Vec::new(), Vec::new());
    let mut complete = true;
    let mut kinds = HashSet::new();
    for text in fitting {
        texts.push(TextTest::new(text.clone().into_bytes(), false, false));
        kinds.insert(TEXT);
    }
    for condition in conditions {
        match &condition.test {
            Test::Null { .. } => continue,
            Test::Text {
                patterns,
                ignore_case,
            } => {
                complete &= collect_texts(patterns, context, *ignore_case, false, &mut texts);
            }
            Test::Arn(patterns) => {
                complete &= collect_texts(patterns, context, false, true, &mut texts)
            }
            Test::Numeric(_, thresholds) => numbers.extend_from_slice(thresholds),
            Test::Date(_, thresholds) => instants.extend_from_slice(thresholds),
            Test::Bool { .. } => values.extend(["true".to_owned(), "false".to_owned()]),
            Test::Binary(given) => values.extend(given.iter().map(|v| (**v).to_owned())),
            Test::Ip(ranges) => {
                let borders = ranges
                    .iter()
                    .flat_map(|r| r.borders())
                    .map(|a| a.to_string());
                values.extend(borders.chain(["0.0.0.0".to_owned(), "::".to_owned()]));
            }
        }
        kinds.insert(kind(&condition.test));
    }
    values.extend(number_values(numbers));
    values.extend(instant_values(instants));
    if !texts.is_empty() {
        let (found, all) = witnesses(&texts);
        values.extend(found);
        complete &= all;
    }
    // A value may mean one thing as text and another as a number; not every pair is tried.
    (values, complete && kinds.len() <= 1)
}

const TEXT: u8 = 0;

fn kind(test: &Test) -> u8 {
    match test {
        Test::Text { .. } | Test::Arn(_) => TEXT,
        Test::Numeric(..) => 1,
        Test::Date(..) => 2,
        Test::Bool { .. } => 3,
        Test::Binary(_) => 4,
        Test::Ip(_) => 5,
        Test::Null { .. } => 6,
    }
}

/// Adds the patterns; `false` if one depends on another unknown key.
fn collect_texts(
    patterns: &[TextPattern],
    context: &Context<'_>,
    ignore_case: bool,
    arn: bool,
    texts: &mut Vec<TextTest>,
) -> bool {
    let mut all_known = true;
    for pattern in patterns {
        let bytes = match pattern {
            TextPattern::Static(glob) => glob.to_bytes(),
            TextPattern::Components(bytes) => bytes.to_vec(),
            TextPattern::Variable(template) => match template.expand(context) {
                Expanded::Bytes(bytes) if ignore_case => {
                    String::from_utf8_lossy(&bytes).to_lowercase().into_bytes()
                }
                Expanded::Bytes(bytes) => bytes,
                Expanded::NoValue => continue,
                Expanded::Unknown(open) => {
                    all_known = false;
                    open
                }
            },
        };
        texts.push(TextTest::new(bytes, ignore_case, arn));
    }
    all_known
}

/// Every threshold, and a number between each two, below and above all.
fn number_values(mut thresholds: Vec<Number>) -> Vec<String> {
    thresholds.sort_by(|a, b| a.compare(*b));
    let numbers: Vec<f64> = thresholds.iter().map(|n| n.decimal()).collect();
    let between = numbers
        .windows(2)
        .map(|pair| f64::midpoint(pair[0], pair[1]));
    let ends = [
        numbers.first().map(|n| n - 1.0),
        numbers.last().map(|n| n + 1.0),
    ];
    let exact = thresholds.iter().map(|n| match n {
        Number::Integer(integer) => integer.to_string(),
        Number::Decimal(decimal) => decimal.to_string(),
    });
    exact
        .chain(
            between
                .chain(ends.into_iter().flatten())
                .map(|n| n.to_string()),
        )
        .collect()
}

/// Every threshold, and an instant between each two, before and after all.
fn instant_values(mut thresholds: Vec<Instant>) -> Vec<String> {
    const SECOND: i128 = 1_000_000_000;
    thresholds.sort_unstable();
    let between = thresholds
        .windows(2)
        .map(|pair| Instant((pair[0].0 + pair[1].0) / 2));
    let first = thresholds.first().map(|i| Instant(i.0 - SECOND));
    let last = thresholds.last().map(|i| Instant(i.0 + SECOND));
    let more: Vec<Instant> = between.chain(first).chain(last).collect();
    thresholds
        .into_iter()
        .chain(more)
        .map(|i| i.to_text())
        .collect()
}

/// The values with which the key, as a variable, makes a pattern match: parts of what the pattern is
/// compared with. `false` if there may be more.
fn variable_values(key: &str, uses: &[Use<'_>], request: &Request<'_>) -> (Vec<String>, bool) {
    let mut values = Vec::new();
    let mut complete = true;
    for variable in uses {
        match variable {
            Use::Condition(_) => {}
            Use::VariableInResource { template, .. } => {
                complete &= fitting(key, template, &request.resource, request, &mut values)
            }
            Use::VariableInCondition {
                condition,
                template,
            } => {
                // Where case does not count, the parts of the text are not all that fits.
                complete &= !matches!(
                    condition.test,
                    Test::Text {
                        ignore_case: true,
                        ..
                    }
                );
                match request.context.lookup(condition.hash, &condition.key) {
                    Lookup::Absent => {}
                    Lookup::Unknown => complete = false,
                    Lookup::One(text) => {
                        complete &= fitting(key, template, &text, request, &mut values)
                    }
                    Lookup::Many(texts) => {
                        for text in texts.iter() {
                            complete &= fitting(key, template, text, request, &mut values);
                        }
                    }
                }
            }
        }
    }
    (values, complete)
}

/// Longer texts are not taken apart.
const TEXT_MAX: usize = 160;
/// More values for a variable are not told apart from one another.
const FITTING_MAX: usize = 64;

/// Adds the parts of a text with which the variable makes the template match it; `false` if another
/// unknown key matters too, or there are too many.
fn fitting(
    key: &str,
    template: &Template,
    text: &str,
    request: &Request<'_>,
    values: &mut Vec<String>,
) -> bool {
    let mut context = request.context.clone();
    let starts = match template.variable_at() {
        Some(at) => at..at + 1,
        None => template.literal_prefix().len()..text.len().min(TEXT_MAX) + 1,
    };
    for start in starts {
        for end in start..=text.len().min(start + TEXT_MAX) {
            let Some(part) = text.get(start..end) else {
                continue;
            };
            context.set(key, ContextValue::One(part.to_owned()));
            match template.expand(&context) {
                Expanded::Bytes(bytes) if matches(&bytes, text.as_bytes()) => {
                    values.push(part.to_owned())
                }
                Expanded::Unknown(_) => return false,
                Expanded::Bytes(_) | Expanded::NoValue => {}
            }
        }
    }
    text.len() <= TEXT_MAX && values.len() <= FITTING_MAX
}
