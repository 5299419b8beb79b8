//! ARNs matched component by component.

use crate::context::Context;
use crate::pattern::{ANY, Glob, ONE, matches};
use crate::template::{Expanded, Reading, Template};

/// Three-valued truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Tri {
    False,
    Unknown,
    True,
}

impl From<bool> for Tri {
    fn from(value: bool) -> Self {
        if value { Tri::True } else { Tri::False }
    }
}

impl std::ops::Not for Tri {
    type Output = Tri;
    fn not(self) -> Tri {
        match self {
            Tri::False => Tri::True,
            Tri::Unknown => Tri::Unknown,
            Tri::True => Tri::False,
        }
    }
}

/// A pattern in a `Resource` or `NotResource` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResourcePattern {
    matcher: Matcher,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Matcher {
    /// Segment borders cannot matter: no wildcard before the last component.
    Plain(Glob),
    Segmented(Box<[u8]>),
    Variable(Template),
}

impl ResourcePattern {
    /// Compiles one pattern. AWS's text has variables replaced only after the fifth colon; AWS's own
    /// managed policies use them in the account segment too, so they are replaced everywhere.
    pub(crate) fn new(text: &str, variables: bool) -> Result<Self, String> {
        let name_at = text
            .match_indices(':')
            .nth(4)
            .map_or(text.len(), |(at, _)| at + 1);
        let template = Template::new(
            text,
            Reading {
                wildcards: true,
                variables,
            },
        )?;
        let matcher = match template.as_static() {
            Some(bytes) if text == "*" || !has_wildcard(&bytes[..name_at.min(bytes.len())]) => {
                Matcher::Plain(Glob::from_bytes(bytes.to_vec()))
            }
            Some(bytes) => Matcher::Segmented(bytes.into()),
            None => Matcher::Variable(template),
        };
        Ok(ResourcePattern { matcher })
    }

    /// Whether the resource matches. `crossing`: a `*` at the end of a segment may run across `:`.
    pub(crate) fn matches(&self, resource: &str, context: &Context<'_>, crossing: bool) -> Tri {
        match &self.matcher {
            Matcher::Plain(glob) => glob.matches(resource).into(),
            Matcher::Segmented(bytes) => matches_arn(bytes, resource.as_bytes(), crossing).into(),
            Matcher::Variable(template) => {
                // The text before the first variable often decides, at no cost.
                if !resource.as_bytes().starts_with(template.literal_prefix()) {
                    return Tri::False;
                }
                match template.expand(context) {
                    Expanded::Bytes(bytes) => {
                        matches_arn(&bytes, resource.as_bytes(), crossing).into()
                    }
                    Expanded::NoValue => Tri::False,
                    Expanded::Unknown(open) if matches(&open, resource.as_bytes()) => Tri::Unknown,
                    Expanded::Unknown(_) => Tri::False,
                }
            }
        }
    }

    /// What every match begins with.
    pub(crate) fn literal_prefix(&self) -> &[u8] {
        match &self.matcher {
            Matcher::Plain(glob) => glob.literal_prefix().0,
            Matcher::Segmented(bytes) => {
                let end = bytes
                    .iter()
                    .position(|&b| b == ANY || b == ONE)
                    .unwrap_or(bytes.len());
                &bytes[..end]
            }
            Matcher::Variable(template) => template.literal_prefix(),
        }
    }

    /// The variables, for finding out which unknown keys matter.
    pub(crate) fn template(&self) -> Option<&Template> {
        match &self.matcher {
            Matcher::Variable(template) => Some(template),
            Matcher::Plain(_) | Matcher::Segmented(_) => None,
        }
    }
}

fn has_wildcard(bytes: &[u8]) -> bool {
    bytes.iter().any(|&b| b == ANY || b == ONE)
}

/// Matches an ARN pattern: component by component, or, with `crossing`, with a `*` at the end of
/// a component running across colons.
fn matches_arn(pattern: &[u8], text: &[u8], crossing: bool) -> bool {
    matches_components(pattern, text) || (crossing && matches_crossing(pattern, text))
}

/// What follows a number of colons of an ARN; `None` if it has fewer. ARNs are short: looking at
/// each byte is faster than setting up a search.
#[must_use]
pub fn after_colons(text: &str, count: usize) -> Option<&str> {
    let mut rest = text;
    for _ in 0..count {
        let at = rest.bytes().position(|byte| byte == b':')?;
        rest = &rest[at + 1..];
    }
    Some(rest)
}

/// The six components of pattern and text each match; the sixth may hold colons.
pub(crate) fn matches_components(pattern: &[u8], text: &[u8]) -> bool {
    let mut patterns = pattern.splitn(6, |&b| b == b':');
    let mut texts = text.splitn(6, |&b| b == b':');
    loop {
        match (patterns.next(), texts.next()) {
            (Some(p), Some(t)) if matches(p, t) => {}
            (None, None) => return true,
            _ => return false,
        }
    }
}

/// Matches with `*` at the end of any of the first five segments running across colons; other
/// wildcards there stay within their segment.
fn matches_crossing(pattern: &[u8], text: &[u8]) -> bool {
    let name_at = pattern
        .iter()
        .enumerate()
        .filter(|(_, b)| **b == b':')
        .nth(4)
        .map_or(pattern.len(), |(at, _)| at + 1);
    let confined = |at: usize| match pattern[at] {
        ONE => at < name_at,
        ANY => at < name_at && pattern.get(at + 1).is_some_and(|&next| next != b':'),
        _ => false,
    };
    if !(0..name_at).any(confined) {
        return matches(pattern, text);
    }
    // The rare pattern with a confined wildcard: follow all ways at once. `here[p]` says that the
    // pattern from `p` on is still to be matched; each text byte is looked at once.
    let mut here = vec![false; pattern.len() + 1];
    here[0] = true;
    skip_stars(pattern, &mut here);
    for (at, &byte) in text.iter().enumerate() {
        let mut next = vec![false; pattern.len() + 1];
        let continues = text.get(at + 1).is_some_and(|b| b & 0xc0 == 0x80);
        for p in (0..pattern.len()).filter(|&p| here[p]) {
            match pattern[p] {
                ANY if !confined(p) || byte != b':' => next[p] = true,
                ONE if !confined(p) || byte != b':' => {
                    next[if continues { p } else { p + 1 }] = true
                }
                own if own == byte => next[p + 1] = true,
                _ => {}
            }
        }
        skip_stars(pattern, &mut next);
        here = next;
    }
    here[pattern.len()]
}

fn skip_stars(pattern: &[u8], here: &mut [bool]) {
    for p in 0..pattern.len() {
        if here[p] && pattern[p] == ANY {
            here[p + 1] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::{ResourcePattern, Tri};
    use crate::Context;

    fn matches(pattern: &str, resource: &str, crossing: bool) -> bool {
        let pattern = ResourcePattern::new(pattern, true).unwrap();
        pattern.matches(resource, &Context::new(), crossing) == Tri::True
    }

    #[test]
    fn only_a_trailing_wildcard_crosses_segments() {
        let queue = "arn:aws:sqs:eu-north-1:111111111111:q";
        assert!(matches("arn:aws:sqs:*:q", queue, true));
        assert!(!matches("arn:aws:sqs:*:q", queue, false));
        assert!(matches("arn:aws:sqs:eu*:q", queue, true));
        assert!(!matches("arn:aws:sqs:*1:q", queue, true));
        assert!(matches("arn:aws:sqs:e*1:1*1:q", queue, true));
        assert!(!matches(
            "arn:aws:sqs:eu-north-1?111111111111:q",
            queue,
            true
        ));
        assert!(matches("arn:aws:s??:*:*:*", queue, true));
    }

    #[test]
    fn the_last_component_may_hold_colons() {
        let stream = "arn:aws:logs:eu-north-1:111111111111:log-group:g:log-stream:s";
        assert!(matches(
            "arn:aws:logs:*:*:log-group:*:log-stream:s",
            stream,
            false
        ));
        assert!(matches("arn:aws:logs:*:1*1:log-group:*s", stream, false));
    }

    #[test]
    fn hostile_arn_patterns_do_not_explode() {
        let pattern = format!("arn:{}x:{}", "*a".repeat(300), "*a".repeat(300));
        assert!(!matches(
            &pattern,
            &format!("arn:{}", "a".repeat(3_000)),
            true
        ));
    }
}
