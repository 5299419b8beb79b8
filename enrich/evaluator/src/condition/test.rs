//! The values of a condition, compiled for comparison.

use super::{Compare, Family, Operator};
use crate::arn::{Tri, matches_components};
use crate::context::Context;
use crate::pattern::Glob;
use crate::template::{Expanded, Reading, Template};
use crate::value::{Instant, IpRange, Number};

/// What a request value is compared with: any of the policy's values may match.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    Text {
        patterns: Vec<TextPattern>,
        ignore_case: bool,
    },
    Arn(Vec<TextPattern>),
    Numeric(Compare, Vec<Number>),
    Date(Compare, Vec<Instant>),
    Bool {
        accepts_true: bool,
        accepts_false: bool,
    },
    Binary(Vec<Box<str>>),
    Ip(Vec<IpRange>),
    Null {
        when_absent: bool,
        when_present: bool,
    },
}

/// A text or ARN value.
#[derive(Debug, Clone)]
pub(crate) enum TextPattern {
    Static(Glob),
    /// An ARN pattern, matched component by component.
    Components(Box<[u8]>),
    Variable(Template),
}

impl Test {
    /// Compiles values for an operator. `values` are paired with what is wrong with each that
    /// cannot be compared; such a value matches nothing.
    pub(crate) fn new(
        operator: Operator,
        values: &[&str],
        variables: bool,
    ) -> (Self, Vec<(usize, String)>) {
        let mut wrong = Vec::new();
        let variables = variables && operator.takes_variables();
        let test = match operator.family {
            Family::StringEquals | Family::StringEqualsIgnoreCase | Family::StringLike => {
                let ignore_case = operator.family == Family::StringEqualsIgnoreCase;
                let reading = Reading {
                    wildcards: operator.family == Family::StringLike,
                    variables,
                };
                let compile = |text: &str| text_pattern(text, reading, ignore_case);
                Test::Text {
                    patterns: each(values, &mut wrong, compile),
                    ignore_case,
                }
            }
            Family::Arn => Test::Arn(each(values, &mut wrong, |text| {
                arn_pattern(text, variables)
            })),
            Family::Numeric(how) => Test::Numeric(
                how,
                each(values, &mut wrong, |text| {
                    Number::parse(text).ok_or_else(|| format!("`{text}` is not a number"))
                }),
            ),
            Family::Date(how) => Test::Date(
                how,
                each(values, &mut wrong, |text| {
                    Instant::parse(text).ok_or_else(|| {
                        format!("`{text}` is neither an ISO 8601 date nor seconds since 1970")
                    })
                }),
            ),
            Family::Ip => Test::Ip(each(values, &mut wrong, |text| {
                IpRange::parse(text)
                    .ok_or_else(|| format!("`{text}` is not an IP address or CIDR range"))
            })),
            Family::Binary => Test::Binary(
                values
                    .iter()
                    .map(|v| v.trim_end_matches('=').into())
                    .collect(),
            ),
            Family::Bool => {
                let flags = each(values, &mut wrong, boolean);
                Test::Bool {
                    accepts_true: flags.contains(&true),
                    accepts_false: flags.contains(&false),
                }
            }
            Family::Null => {
                let flags = each(values, &mut wrong, boolean);
                Test::Null {
                    when_absent: flags.contains(&true),
                    when_present: flags.contains(&false),
                }
            }
        };
        (test, wrong)
    }

    /// Whether any of the policy's values matches a value of the request.
    pub(crate) fn matches(&self, value: &str, context: &Context<'_>) -> Tri {
        match self {
            Test::Text {
                patterns,
                ignore_case: false,
            } => any(patterns, |p| p.matches(value, context, false)),
            Test::Text {
                patterns,
                ignore_case: true,
            } => {
                let folded = value.to_lowercase();
                any(patterns, |p| p.matches(&folded, context, true))
            }
            Test::Arn(patterns) => any(patterns, |p| p.matches_arn(value, context)),
            Test::Numeric(how, values) => Number::parse(value)
                .is_some_and(|n| values.iter().any(|v| how.accepts(n.compare(*v))))
                .into(),
            Test::Date(how, values) => Instant::parse(value)
                .is_some_and(|i| values.iter().any(|v| how.accepts(i.cmp(v))))
                .into(),
            Test::Ip(ranges) => value
                .trim()
                .parse()
                .is_ok_and(|address| ranges.iter().any(|r| r.contains(address)))
                .into(),
            Test::Binary(values) => values
                .iter()
                .any(|v| **v == *value.trim_end_matches('='))
                .into(),
            Test::Bool {
                accepts_true,
                accepts_false,
            } => {
                let is = |word: &str| value.eq_ignore_ascii_case(word);
                ((*accepts_true && is("true")) || (*accepts_false && is("false"))).into()
            }
            Test::Null { when_present, .. } => (*when_present).into(),
        }
    }

    /// The text patterns, if it has any.
    pub(crate) fn patterns(&self) -> &[TextPattern] {
        match self {
            Test::Text { patterns, .. } | Test::Arn(patterns) => patterns,
            _ => &[],
        }
    }
}

impl TextPattern {
    /// The template, if the pattern has variables.
    pub(crate) fn template(&self) -> Option<&Template> {
        match self {
            TextPattern::Variable(template) => Some(template),
            TextPattern::Static(_) | TextPattern::Components(_) => None,
        }
    }

    fn matches(&self, value: &str, context: &Context<'_>, ignore_case: bool) -> Tri {
        match self {
            TextPattern::Static(glob) => glob.matches(value).into(),
            TextPattern::Components(bytes) => matches_components(bytes, value.as_bytes()).into(),
            TextPattern::Variable(template) => match template.expand(context) {
                Expanded::Bytes(bytes) if ignore_case => {
                    (String::from_utf8_lossy(&bytes).to_lowercase() == value).into()
                }
                Expanded::Bytes(bytes) => crate::pattern::matches(&bytes, value.as_bytes()).into(),
                Expanded::NoValue => Tri::False,
                // Letter case may hide a match here, so the text decides only where case counts.
                Expanded::Unknown(open)
                    if ignore_case || crate::pattern::matches(&open, value.as_bytes()) =>
                {
                    Tri::Unknown
                }
                Expanded::Unknown(_) => Tri::False,
            },
        }
    }

    fn matches_arn(&self, value: &str, context: &Context<'_>) -> Tri {
        match self {
            TextPattern::Variable(template) => match template.expand(context) {
                Expanded::Bytes(bytes) => matches_components(&bytes, value.as_bytes()).into(),
                Expanded::NoValue => Tri::False,
                Expanded::Unknown(open) if crate::pattern::matches(&open, value.as_bytes()) => {
                    Tri::Unknown
                }
                Expanded::Unknown(_) => Tri::False,
            },
            other => other.matches(value, context, false),
        }
    }
}

fn text_pattern(text: &str, reading: Reading, ignore_case: bool) -> Result<TextPattern, String> {
    let template = Template::new(text, reading)?;
    Ok(match template.as_static() {
        Some(bytes) if ignore_case => {
            let folded = String::from_utf8_lossy(bytes).to_lowercase();
            TextPattern::Static(Glob::from_bytes(folded.into_bytes()))
        }
        Some(bytes) => TextPattern::Static(Glob::from_bytes(bytes.to_vec())),
        None => TextPattern::Variable(template),
    })
}

fn arn_pattern(text: &str, variables: bool) -> Result<TextPattern, String> {
    let template = Template::new(
        text,
        Reading {
            wildcards: true,
            variables,
        },
    )?;
    Ok(match template.as_static() {
        // A lone `*` means every ARN.
        Some(_) if text == "*" => TextPattern::Static(Glob::Anything),
        Some(bytes) => match Glob::from_bytes(bytes.to_vec()) {
            exact @ Glob::Exact(_) => TextPattern::Static(exact),
            _ => TextPattern::Components(bytes.into()),
        },
        None => TextPattern::Variable(template),
    })
}

fn boolean(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(format!("`{text}` is neither true nor false")),
    }
}

/// Compiles each value, and notes those that cannot be.
fn each<T>(
    values: &[&str],
    wrong: &mut Vec<(usize, String)>,
    compile: impl Fn(&str) -> Result<T, String>,
) -> Vec<T> {
    let mut compiled = Vec::with_capacity(values.len());
    for (at, text) in values.iter().enumerate() {
        match compile(text) {
            Ok(value) => compiled.push(value),
            Err(message) => wrong.push((at, message)),
        }
    }
    compiled
}

fn any(patterns: &[TextPattern], mut matches: impl FnMut(&TextPattern) -> Tri) -> Tri {
    let mut best = Tri::False;
    for pattern in patterns {
        best = best.max(matches(pattern));
        if best == Tri::True {
            break;
        }
    }
    best
}
