//! Which of several text patterns a text can match at once, and a text for each way.
//!
//! The patterns are followed in parallel from the empty text on, one character at a time; only
//! characters that some pattern expects next, and one that none does, lead to new states.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use crate::pattern::{ANY, ONE};

/// One pattern a text is tested against.
pub(super) struct TextTest {
    bytes: Vec<u8>,
    /// The pattern is in lower case, and so is the text before it is compared.
    ignore_case: bool,
    /// Wildcards before this position do not match `:`.
    confined_before: usize,
}

/// The positions a pattern can be at, for each pattern.
type State = Vec<Vec<usize>>;

/// More states than this are not followed.
const STATES_MAX: usize = 4_000;

/// A text for every set of patterns that some text matches and no other pattern does; `false` if
/// there may be more.
pub(super) fn witnesses(tests: &[TextTest]) -> (Vec<String>, bool) {
    let start: State = tests.iter().map(|t| t.closure(vec![0])).collect();
    let other = character_outside(tests);
    let mut seen = HashSet::from([start.clone()]);
    let mut queue = VecDeque::from([(start, String::new())]);
    let mut found: HashMap<Vec<bool>, String> = HashMap::new();
    while let Some((state, text)) = queue.pop_front() {
        let accepted = tests
            .iter()
            .zip(&state)
            .map(|(t, at)| at.contains(&t.bytes.len()))
            .collect();
        found.entry(accepted).or_insert_with(|| text.clone());
        for c in expected(tests, &state).into_iter().chain([other]) {
            let next: State = tests
                .iter()
                .zip(&state)
                .map(|(t, at)| t.step(at, c))
                .collect();
            if seen.len() < STATES_MAX && seen.insert(next.clone()) {
                queue.push_back((next, format!("{text}{c}")));
            }
        }
    }
    let mut texts: Vec<String> = found.into_values().collect();
    texts.sort_unstable();
    (texts, seen.len() < STATES_MAX)
}

/// The characters some pattern expects next, in both cases where case does not count, and the
/// colon where it matters.
fn expected(tests: &[TextTest], state: &State) -> BTreeSet<char> {
    let mut characters = BTreeSet::new();
    for (test, positions) in tests.iter().zip(state) {
        for &at in positions {
            match test.bytes.get(at) {
                None => {}
                Some(&(ANY | ONE)) if at < test.confined_before => {
                    characters.insert(':');
                }
                Some(&(ANY | ONE)) => {}
                Some(_) => {
                    let Some(c) = character_at(&test.bytes, at) else {
                        continue;
                    };
                    characters.insert(c);
                    if test.ignore_case {
                        characters.extend(c.to_uppercase());
                    }
                }
            }
        }
    }
    characters
}

/// A character that occurs in no pattern.
fn character_outside(tests: &[TextTest]) -> char {
    let occurs = |c: char| {
        let mut buffer = [0; 4];
        let encoded = c.encode_utf8(&mut buffer).as_bytes();
        tests
            .iter()
            .any(|t| t.bytes.windows(encoded.len()).any(|w| w == encoded))
    };
    ('0'..='9')
        .chain('\u{e000}'..='\u{f8ff}')
        .find(|c| !occurs(*c))
        .unwrap_or('\u{f8ff}')
}

/// The character that begins at a position of pattern bytes.
fn character_at(bytes: &[u8], at: usize) -> Option<char> {
    (1..=4)
        .filter_map(|length| bytes.get(at..at + length))
        .find_map(|b| std::str::from_utf8(b).ok()?.chars().next())
}

impl TextTest {
    pub(super) fn new(bytes: Vec<u8>, ignore_case: bool, arn: bool) -> Self {
        let fifth_colon = bytes
            .iter()
            .enumerate()
            .filter(|(_, b)| **b == b':')
            .nth(4)
            .map(|(at, _)| at);
        let lone_star = bytes == [ANY];
        let confined_before = match fifth_colon {
            _ if !arn || lone_star => 0,
            Some(at) => at,
            None => bytes.len(),
        };
        TextTest {
            bytes,
            ignore_case,
            confined_before,
        }
    }

    fn step(&self, positions: &[usize], c: char) -> Vec<usize> {
        let folded: String = if self.ignore_case {
            c.to_lowercase().collect()
        } else {
            c.to_string()
        };
        let mut next = Vec::with_capacity(positions.len() + 1);
        for &at in positions {
            let passes = c != ':' || at >= self.confined_before;
            match self.bytes.get(at) {
                Some(&ANY) if passes => next.push(at),
                Some(&ONE) if passes => next.push(at + 1),
                Some(&(ANY | ONE)) | None => {}
                Some(_) if self.bytes[at..].starts_with(folded.as_bytes()) => {
                    next.push(at + folded.len())
                }
                Some(_) => {}
            }
        }
        self.closure(next)
    }

    /// A `*` may stand for nothing.
    fn closure(&self, mut positions: Vec<usize>) -> Vec<usize> {
        let mut n = 0;
        while let Some(&at) = positions.get(n) {
            if self.bytes.get(at) == Some(&ANY) {
                positions.push(at + 1);
            }
            n += 1;
        }
        positions.sort_unstable();
        positions.dedup();
        positions
    }
}
