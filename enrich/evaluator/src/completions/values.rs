//! The ways one unknown key can turn out.

use std::collections::HashSet;

use super::automaton::{TextTest, witnesses};
use crate::condition::{Condition, Quantifier, Test, TextPattern};
use crate::context::{ContextValue, Lookup};
use crate::pattern::ANY;
use crate::template::{Expanded, Template};
use crate::value::{Instant, Number};
use crate::{Context, Request};

/// Where a statement looks at a key.
pub(super) enum Use<'s> {
    Condition(&'s Condition),
    VariableInCondition(&'s Condition),
    VariableInResource(&'s Template),
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
    pub(super) fn of(key: &str, uses: &[Use<'_>], request: &Request) -> Self {
        let conditions: Vec<&Condition> = uses.iter().filter_map(|u| match u {
            Use::Condition(condition) => Some(*condition),
            _ => None,
        }).collect();
        let (mut texts, mut complete) = condition_values(&conditions, &request.context);
        for variable in uses {
            match variable {
                Use::Condition(_) => continue,
                Use::VariableInCondition(condition) => texts.extend(known_values(condition, &request.context)),
                Use::VariableInResource(template) => texts.extend(resource_values(template, request)),
            }
            texts.push(OTHER.to_owned());
            complete = false;
        }
        // Values that no condition tells apart are one; but as a variable each is its own.
        if complete {
            distinct_by(&mut texts, |text| {
                conditions.iter().map(|c| c.test.matches(text, &request.context)).collect::<Vec<_>>()
            });
        } else {
            distinct_by(&mut texts, String::clone);
        }
        let multivalued = conditions.iter().any(|c| c.operator.quantifier != Quantifier::None);
        let mut values = vec![ContextValue::Absent];
        if multivalued {
            complete &= texts.len() <= SET_MEMBERS_MAX;
            values.extend(sets(&texts));
        } else {
            values.extend(texts.into_iter().map(ContextValue::One));
        }
        if complete {
            let mut probe = request.context.clone();
            distinct_by(&mut values, |value| {
                probe.set(key, value.clone());
                conditions.iter().map(|c| c.holds(&probe)).collect::<Vec<_>>()
            });
        }
        Domain { key: key.to_owned(), values, complete }
    }
}

fn distinct_by<T, K: std::hash::Hash + Eq>(items: &mut Vec<T>, mut key: impl FnMut(&T) -> K) {
    let mut seen = HashSet::new();
    items.retain(|item| seen.insert(key(item)));
}

/// All sets of up to [`SET_MEMBERS_MAX`] values; of more values, those of one or two.
fn sets(texts: &[String]) -> Vec<ContextValue> {
    if texts.len() <= SET_MEMBERS_MAX {
        let chosen = |set: u32| texts.iter().enumerate().filter(move |(n, _)| set & (1 << n) != 0);
        return (1..1u32 << texts.len()).map(|set| ContextValue::Many(chosen(set).map(|(_, t)| t.clone()).collect())).collect();
    }
    let pairs = texts.iter().enumerate().flat_map(|(n, a)| texts[n..].iter().map(move |b| (a, b)));
    pairs.map(|(a, b)| ContextValue::Many(if a == b { vec![a.clone()] } else { vec![a.clone(), b.clone()] })).collect()
}

/// Values of which every way the conditions can turn out has one, and whether that holds.
fn condition_values(conditions: &[&Condition], context: &Context) -> (Vec<String>, bool) {
    let mut values = vec![OTHER.to_owned()];
    let (mut texts, mut numbers, mut instants) = (Vec::new(), Vec::new(), Vec::new());
    let mut complete = true;
    let mut kinds = HashSet::new();
    for condition in conditions {
        match &condition.test {
            Test::Null { .. } => continue,
            Test::Text { patterns, ignore_case } => {
                complete &= collect_texts(patterns, context, *ignore_case, false, &mut texts);
            }
            Test::Arn(patterns) => complete &= collect_texts(patterns, context, false, true, &mut texts),
            Test::Numeric(_, thresholds) => numbers.extend_from_slice(thresholds),
            Test::Date(_, thresholds) => instants.extend_from_slice(thresholds),
            Test::Bool { .. } => values.extend(["true".to_owned(), "false".to_owned()]),
            Test::Binary(given) => values.extend(given.iter().map(|v| (**v).to_owned())),
            Test::Ip(ranges) => {
                let borders = ranges.iter().flat_map(|r| r.borders()).map(|a| a.to_string());
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

fn kind(test: &Test) -> u8 {
    match test {
        Test::Text { .. } | Test::Arn(_) => 0,
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
    context: &Context,
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
                Expanded::Bytes(bytes) if ignore_case => String::from_utf8_lossy(&bytes).to_lowercase().into_bytes(),
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
    let between = numbers.windows(2).map(|pair| f64::midpoint(pair[0], pair[1]));
    let ends = [numbers.first().map(|n| n - 1.0), numbers.last().map(|n| n + 1.0)];
    let exact = thresholds.iter().map(|n| match n {
        Number::Integer(integer) => integer.to_string(),
        Number::Decimal(decimal) => decimal.to_string(),
    });
    exact.chain(between.chain(ends.into_iter().flatten()).map(|n| n.to_string())).collect()
}

/// Every threshold, and an instant between each two, before and after all.
fn instant_values(mut thresholds: Vec<Instant>) -> Vec<String> {
    const SECOND: i128 = 1_000_000_000;
    thresholds.sort_unstable();
    let between = thresholds.windows(2).map(|pair| Instant((pair[0].0 + pair[1].0) / 2));
    let first = thresholds.first().map(|i| Instant(i.0 - SECOND));
    let last = thresholds.last().map(|i| Instant(i.0 + SECOND));
    let more: Vec<Instant> = between.chain(first).chain(last).collect();
    thresholds.into_iter().chain(more).map(|i| i.to_text()).collect()
}

/// What a variable must be for a condition on a known key to compare equal.
fn known_values(condition: &Condition, context: &Context) -> Vec<String> {
    match context.lookup(condition.hash, &condition.key) {
        Lookup::One(value) => vec![value.to_owned()],
        Lookup::Many(values) => values.to_vec(),
        Lookup::Absent | Lookup::Unknown => Vec::new(),
    }
}

/// What a variable may be for a resource pattern to match: the parts of the resource that follow
/// the text before the variable.
fn resource_values(template: &Template, request: &Request) -> Vec<String> {
    let prefix = template.literal_prefix().len();
    let rest = request.resource.get(prefix..).unwrap_or_default();
    let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8());
    let open_ended = matches!(template.expand(&request.context), Expanded::Unknown(open) if open.last() == Some(&ANY));
    // A variable mostly ends where a delimiter or the resource does.
    ends.filter(|&end| open_ended || end == rest.len() || !rest.as_bytes()[end].is_ascii_alphanumeric())
        .filter_map(|end| rest.get(..end))
        .map(str::to_owned)
        .collect()
}
