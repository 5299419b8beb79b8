//! Finds the statements that can match a request without looking at all of them.
//!
//! A statement is filed under each of its actions (the exact action, else the service, else
//! "any"), and there under the literal beginning of each of its resources. A request looks into
//! three buckets and, in each, under the few beginnings of its own resource. What it finds is a
//! superset of what matches; matching proper follows.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::policy::Policy;
use crate::request::Request;
use crate::statement::Statement;

#[derive(Debug, Default)]
pub(crate) struct Index {
    exact: HashMap<u64, Bucket, Ready>,
    service: HashMap<u64, Bucket, Ready>,
    any: Bucket,
}

/// Statements by the hash of a beginning of their resources.
#[derive(Debug, Default)]
struct Bucket {
    by_beginning: HashMap<u64, Vec<Entry>, Ready>,
    /// Which lengths of beginnings occur, in units of [`STEP`], as a bit set.
    lengths: u64,
}

/// Policy and statement by number; ordered as in the set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    policy: u32,
    statement: u32,
}

/// Beginnings are cut to a multiple of this many bytes, so that a lookup tries few lengths.
const STEP: usize = 8;
/// Longer beginnings are cut to this many steps.
const STEPS_MAX: usize = 12;
/// Below this many statements looking at all of them is faster.
const STATEMENTS_MIN: usize = 24;

impl Index {
    pub(crate) fn worth_building(policies: &[Policy]) -> bool {
        policies.iter().map(|p| p.statements().len()).sum::<usize>() >= STATEMENTS_MIN
    }

    pub(crate) fn new(policies: &[Policy]) -> Self {
        let mut index = Index::default();
        for (policy, compiled) in (0u32..).zip(policies) {
            for (statement, content) in (0u32..).zip(compiled.statements()) {
                index.file(Entry { policy, statement }, content);
            }
        }
        index
    }

    fn file(&mut self, entry: Entry, statement: &Statement) {
        let beginnings = beginnings(statement);
        if statement.actions.negated {
            return self.any.file(entry, &beginnings);
        }
        for pattern in &statement.actions.patterns {
            let (literal, exact) = pattern.literal_prefix();
            let service = literal
                .iter()
                .position(|&b| b == b':')
                .map(|at| &literal[..at]);
            let bucket = match (exact, service) {
                (true, _) => self.exact.entry(hash(literal)).or_default(),
                (false, Some(service)) => self.service.entry(hash(service)).or_default(),
                (false, None) => &mut self.any,
            };
            bucket.file(entry, &beginnings);
        }
    }

    /// Calls `visit` with every statement that can match, in the order of the set, until it says
    /// to stop.
    pub(crate) fn candidates<'a>(
        &self,
        policies: &'a [Policy],
        request: &Request<'_>,
        visit: &mut impl FnMut(&'a Policy, usize) -> bool,
    ) {
        let action = request.action.key().as_bytes();
        let service = action.split(|&b| b == b':').next().unwrap_or_default();
        let mut found = Vec::with_capacity(16);
        let resource = ResourceHashes::new(request.resource.as_bytes());
        let buckets = [
            self.exact.get(&hash(action)),
            self.service.get(&hash(service)),
            Some(&self.any),
        ];
        for bucket in buckets.into_iter().flatten() {
            bucket.find(&resource, &mut found);
        }
        found.sort_unstable();
        found.dedup();
        for entry in found {
            let Some(policy) = policies.get(entry.policy as usize) else {
                continue;
            };
            if !visit(policy, entry.statement as usize) {
                return;
            }
        }
    }
}

impl Bucket {
    fn file(&mut self, entry: Entry, beginnings: &[(usize, u64)]) {
        for &(steps, hash) in beginnings {
            self.lengths |= 1 << steps;
            let entries = self.by_beginning.entry(hash).or_default();
            if entries.last() != Some(&entry) {
                entries.push(entry);
            }
        }
    }

    fn find(&self, resource: &ResourceHashes, found: &mut Vec<Entry>) {
        for steps in (0..resource.count).filter(|steps| self.lengths & (1 << steps) != 0) {
            if let Some(entries) = self.by_beginning.get(&resource.hashes[steps]) {
                found.extend_from_slice(entries);
            }
        }
    }
}

/// The hashed beginnings of a statement's resources; one that begins with anything is the empty
/// beginning.
fn beginnings(statement: &Statement) -> Vec<(usize, u64)> {
    let Some(resources) = statement.resources.as_ref().filter(|r| !r.negated) else {
        return vec![(0, SEED)];
    };
    let beginning = |literal: &[u8]| {
        let hashes = ResourceHashes::new(literal);
        (hashes.count - 1, hashes.hashes[hashes.count - 1])
    };
    resources
        .patterns
        .iter()
        .map(|p| beginning(p.literal_prefix()))
        .collect()
}

/// The hashes of the beginnings of a text of 0, 1, 2 … steps.
struct ResourceHashes {
    hashes: [u64; STEPS_MAX + 1],
    count: usize,
}

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

impl ResourceHashes {
    fn new(text: &[u8]) -> Self {
        let mut hashes = [SEED; STEPS_MAX + 1];
        let mut count = 1;
        for (step, bytes) in text.chunks_exact(STEP).take(STEPS_MAX).enumerate() {
            hashes[step + 1] = mix(hashes[step], word(bytes));
            count = step + 2;
        }
        ResourceHashes { hashes, count }
    }
}

fn hash(bytes: &[u8]) -> u64 {
    bytes
        .chunks(STEP)
        .fold(SEED, |hash, chunk| mix(hash, word(chunk)))
}

fn word(bytes: &[u8]) -> u64 {
    let mut word = [0; STEP];
    word[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(word)
}

fn mix(hash: u64, word: u64) -> u64 {
    let product = u128::from(hash ^ word) * u128::from(SEED | 1);
    // Folding both halves lets every input bit reach every output bit.
    #[allow(clippy::cast_possible_truncation)]
    let folded = (product as u64) ^ ((product >> 64) as u64);
    folded.wrapping_add(hash.rotate_left(23))
}

/// Keys of these maps are hashes already.
type Ready = BuildHasherDefault<ReadyHasher>;

#[derive(Debug, Default, Clone, Copy)]
struct ReadyHasher(u64);

impl Hasher for ReadyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash(bytes);
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}
