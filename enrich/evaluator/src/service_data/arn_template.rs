//! ARN templates such as `arn:${Partition}:s3:::${BucketName}/${ObjectName}`.

use crate::arn::{after_colons, matches_components};
use crate::pattern::{ANY, wildcard};

/// A part of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text that every ARN of the type has. A `*` in it stands for any text.
    Literal(&'static str),
    /// A variable's name.
    Variable(&'static str),
}

/// The form of the ARNs of one resource type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArnTemplate {
    text: &'static str,
    service: &'static str,
    /// What the last component of every ARN begins with.
    beginning: &'static str,
    /// The whole ARN with [`ANY`] for variables.
    pattern: Box<[u8]>,
    literal_len: usize,
}

impl ArnTemplate {
    /// Reads what follows `arn:${Partition}:`.
    #[must_use]
    pub fn new(text: &'static str) -> Self {
        let mut pattern = b"arn:\xff:".to_vec();
        let mut literal_len = 0;
        for piece in pieces(text) {
            match piece {
                Piece::Literal(literal) => {
                    pattern.extend(literal.bytes().map(wildcard));
                    literal_len += literal.bytes().filter(|byte| *byte != b'*').count();
                }
                Piece::Variable(_) => pattern.push(ANY),
            }
        }
        let mut components = text.splitn(4, ':');
        let service = components.next().unwrap_or_default();
        let resource = components.nth(2).unwrap_or_default();
        ArnTemplate {
            text,
            service,
            beginning: resource.split(['$', '*']).next().unwrap_or_default(),
            pattern: pattern.into(),
            literal_len,
        }
    }

    /// The parts, in order, without the leading `arn:partition:`.
    pub fn pieces(&self) -> impl Iterator<Item = Piece> + use<> {
        pieces(self.text)
    }

    /// The variables that only the request can fill: not Region and account.
    pub fn variables(&self) -> impl Iterator<Item = &'static str> + use<> {
        pieces(self.text).filter_map(|piece| match piece {
            Piece::Variable("Partition" | "Region" | "Account") | Piece::Literal(_) => None,
            Piece::Variable(name) => Some(name),
        })
    }

    /// How many characters every ARN of this type shares: of two templates
    /// that fit an ARN, the one with more is the ARN's type.
    #[must_use]
    pub fn literal_len(&self) -> usize {
        self.literal_len
    }

    /// Whether `arn` has this form.
    #[must_use]
    pub fn matches(&self, arn: &str) -> bool {
        self.begins(arn) && matches_components(&self.pattern, arn.as_bytes())
    }

    /// Whether service and beginning are those of every ARN of this form; this rules most ARNs out
    /// at little cost.
    fn begins(&self, arn: &str) -> bool {
        let resource = || {
            let rest = after_colons(arn, 2)?.strip_prefix(self.service)?;
            after_colons(rest.strip_prefix(':')?, 2)
        };
        resource().is_some_and(|resource| resource.starts_with(self.beginning))
    }

    /// Whether this template is the other one with more after a colon.
    pub(super) fn qualifies(&self, other: &ArnTemplate) -> bool {
        let rest = self.text.strip_prefix(other.text);
        rest.is_some_and(|rest| rest.starts_with(':'))
    }

    /// Whether some ARN can have both forms.
    pub(super) fn meets(&self, other: &ArnTemplate) -> bool {
        let (ours, theirs) = (self.beginning, other.beginning);
        (ours.starts_with(theirs) || theirs.starts_with(ours)) && self.overlaps(&other.pattern)
    }

    /// Whether some ARN has both this form and that of a pattern whose only wildcard is [`ANY`].
    pub(super) fn overlaps(&self, pattern: &[u8]) -> bool {
        let colons = self
            .pattern
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b':');
        let name_at = colons.map(|(at, _)| at).nth(4).unwrap_or_default();
        overlap(&self.pattern, name_at, pattern)
    }
}

/// The template as written, from its service on.
impl std::fmt::Display for ArnTemplate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "arn:${{Partition}}:{}", self.text)
    }
}

fn pieces(text: &'static str) -> impl Iterator<Item = Piece> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let variable = rest
            .strip_prefix("${")
            .and_then(|after| after.split_once('}'));
        if let Some((name, after)) = variable {
            rest = after;
            return Some(Piece::Variable(name));
        }
        let end = rest
            .match_indices("${")
            .map(|(at, _)| at)
            .find(|at| *at > 0);
        let (literal, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        Some(Piece::Literal(literal))
    })
}

/// Whether two patterns have a text in common. The first `confined` bytes of `left` are those in
/// which [`ANY`] covers no colon. The time is the product of the lengths.
fn overlap(left: &[u8], confined: usize, right: &[u8]) -> bool {
    // `here[r]` says that what was read of `left` and `right[..r]` have a text in common.
    let mut here = vec![false; right.len() + 1];
    here[0] = true;
    for (r, byte) in right.iter().enumerate() {
        here[r + 1] = here[r] && *byte == ANY;
    }
    for (at, l) in left.iter().enumerate() {
        let mut next = vec![false; right.len() + 1];
        next[0] = here[0] && *l == ANY;
        for (r, byte) in right.iter().enumerate() {
            let covers = at >= confined || *byte != b':';
            next[r + 1] = match (*l == ANY, *byte == ANY) {
                (false, false) => here[r] && l == byte,
                (true, false) => here[r + 1] || (covers && next[r]),
                (_, true) => here[r + 1] || next[r],
            };
        }
        here = next;
    }
    here[right.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ArnTemplate, Piece, overlap};
    use crate::pattern::{matches, wildcard};

    #[test]
    fn a_template_falls_into_literals_and_variables() {
        let template = ArnTemplate::new("health:*::event/${Service}/x${Id}");
        let pieces: Vec<Piece> = template.pieces().collect();
        assert_eq!(
            pieces,
            [
                Piece::Literal("health:*::event/"),
                Piece::Variable("Service"),
                Piece::Literal("/x"),
                Piece::Variable("Id"),
            ]
        );
        assert_eq!(template.literal_len(), "health:::event//x".len());
        assert_eq!(
            template.to_string(),
            "arn:${Partition}:health:*::event/${Service}/x${Id}"
        );
    }

    #[test]
    fn a_region_or_account_holds_no_colon() {
        let bucket = ArnTemplate::new("s3:::${BucketName}");
        let overlaps =
            |pattern: &str| bucket.overlaps(&pattern.bytes().map(wildcard).collect::<Vec<u8>>());
        assert!(overlaps("arn:aws:s3:::b*") && overlaps("arn:aws:s3:*") && overlaps("*"));
        assert!(!overlaps("arn:aws:sns:*:*:t"));
    }

    proptest! {
        #[test]
        fn patterns_overlap_exactly_if_a_text_matches_both(left in "[ab*]{0,5}", right in "[ab*]{0,5}") {
            let bytes = |text: &str| text.bytes().map(wildcard).collect::<Vec<u8>>();
            let (left, right) = (bytes(&left), bytes(&right));
            // Where there is a common text, there is one no longer than both patterns together.
            let common = (0..=10u32).flat_map(|length| (0..1u32 << length).map(move |bits| {
                (0..length).map(|at| if bits >> at & 1 == 0 { b'a' } else { b'b' }).collect::<Vec<u8>>()
            })).any(|text| matches(&left, &text) && matches(&right, &text));
            prop_assert_eq!(overlap(&left, 0, &right), common);
        }
    }
}
