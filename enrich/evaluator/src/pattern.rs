//! Text patterns with `*` and `?`.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html#reference_policies_elements_resource_wildcards>

/// Stands for `*` in pattern bytes. The byte cannot occur in UTF-8, so no text collides with it.
pub(crate) const ANY: u8 = 0xff;
/// Stands for `?` in pattern bytes.
pub(crate) const ONE: u8 = 0xfe;

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Glob {
    /// `*`
    Anything,
    /// No wildcard.
    Exact(Box<[u8]>),
    /// A text and one `*` at its end.
    Prefix(Box<[u8]>),
    /// Anything else.
    General(Box<[u8]>),
}

impl Glob {
    /// Compiles text in which `*` and `?` are wildcards.
    pub(crate) fn new(text: &str) -> Self {
        Self::from_bytes(text.bytes().map(wildcard).collect())
    }

    /// Compiles bytes in which [`ANY`] and [`ONE`] are the wildcards.
    pub(crate) fn from_bytes(mut bytes: Vec<u8>) -> Self {
        bytes.dedup_by(|a, b| *a == ANY && *b == ANY);
        match bytes.iter().position(|&b| b == ANY || b == ONE) {
            None => Glob::Exact(bytes.into()),
            Some(0) if bytes == [ANY] => Glob::Anything,
            Some(at) if bytes[at] == ANY && at + 1 == bytes.len() => {
                bytes.pop();
                Glob::Prefix(bytes.into())
            }
            Some(_) => Glob::General(bytes.into()),
        }
    }

    /// Whether the pattern matches the whole text.
    pub(crate) fn matches(&self, text: &str) -> bool {
        match self {
            Glob::Anything => true,
            Glob::Exact(bytes) => **bytes == *text.as_bytes(),
            Glob::Prefix(bytes) => text.as_bytes().starts_with(bytes),
            Glob::General(bytes) => matches(bytes, text.as_bytes()),
        }
    }

    /// The pattern bytes, wildcards as [`ANY`] and [`ONE`].
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Glob::Anything => vec![ANY],
            Glob::Exact(bytes) | Glob::General(bytes) => bytes.to_vec(),
            Glob::Prefix(bytes) => [bytes, &[ANY][..]].concat(),
        }
    }

    /// The text before the first wildcard, which every match begins with, and whether that is all.
    pub(crate) fn literal_prefix(&self) -> (&[u8], bool) {
        match self {
            Glob::Anything => (&[], false),
            Glob::Exact(bytes) => (bytes, true),
            Glob::Prefix(bytes) => (bytes, false),
            Glob::General(bytes) => {
                let end = bytes
                    .iter()
                    .position(|&b| b == ANY || b == ONE)
                    .unwrap_or(bytes.len());
                (&bytes[..end], false)
            }
        }
    }
}

/// The pattern byte for a byte of pattern text.
pub(crate) fn wildcard(byte: u8) -> u8 {
    match byte {
        b'*' => ANY,
        b'?' => ONE,
        other => other,
    }
}

/// Matches pattern bytes against a whole text without recursion: after a mismatch only the last
/// `*` takes one character more, which is enough because an earlier `*` that took more could not
/// help. The time is at most pattern length × text length, however many wildcards there are.
pub(crate) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where to resume: the pattern after the last `*`, and the text it was tried at.
    let mut resume: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(&ANY) => {
                p += 1;
                if p == pattern.len() {
                    return true;
                }
                resume = Some((p, t));
                continue;
            }
            Some(&ONE) => {
                p += 1;
                t += char_len(text[t]);
                continue;
            }
            Some(&byte) if byte == text[t] => {
                p += 1;
                t += 1;
                continue;
            }
            _ => {}
        }
        match resume {
            Some((after, from)) => {
                p = after;
                t = from + 1;
                resume = Some((after, t));
            }
            None => return false,
        }
    }
    pattern[p..].iter().all(|&b| b == ANY)
}

/// Length in bytes of the character that begins with `first`.
fn char_len(first: u8) -> usize {
    match first {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xff => 4,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use proptest::prelude::*;

    use super::{ANY, Glob, ONE, wildcard};

    /// The definition, by trying everything.
    fn by_definition(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some(('*', rest)), _) => (0..=text.len()).any(|n| by_definition(rest, &text[n..])),
            (Some(('?', rest)), Some((_, more))) => by_definition(rest, more),
            (Some((p, rest)), Some((t, more))) => p == t && by_definition(rest, more),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn a_pattern_matches_what_its_definition_says(pattern in "[ab*?é]{0,7}", text in "[abé]{0,8}") {
            let chars = |t: &str| t.chars().collect::<Vec<_>>();
            prop_assert_eq!(Glob::new(&pattern).matches(&text), by_definition(&chars(&pattern), &chars(&text)));
        }

        #[test]
        fn a_match_begins_with_the_literal_prefix(pattern in "[ab*?]{0,7}", text in "[ab]{0,8}") {
            let glob = Glob::new(&pattern);
            if glob.matches(&text) {
                prop_assert!(text.as_bytes().starts_with(glob.literal_prefix().0));
            }
        }
    }

    #[test]
    fn hostile_patterns_take_time_proportional_to_the_text() {
        let pattern = "*a".repeat(2_000) + "*b";
        let text = "a".repeat(1_000_000);
        assert!(!Glob::new(&pattern).matches(&text));
    }

    #[test]
    fn wildcard_bytes_cannot_occur_in_text() {
        assert_eq!((wildcard(b'*'), wildcard(b'?')), (ANY, ONE));
        assert!(std::str::from_utf8(&[ANY]).is_err() && std::str::from_utf8(&[ONE]).is_err());
    }
}
