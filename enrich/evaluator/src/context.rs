//! The request context: condition keys and their values.

use std::collections::HashMap;

/// What a condition key holds in one request.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextValue {
    /// A single-valued key.
    One(String),
    /// A multivalued key; an empty list counts as absent.
    Many(Vec<String>),
    /// The request does not carry the key.
    Absent,
    /// Nobody can say whether the request carried the key, or with which value.
    Unknown,
}

/// What a key is that the context does not list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unlisted {
    /// Not in the request: the context is complete.
    #[default]
    Absent,
    /// Not known: the context was derived from a record that does not tell everything.
    Unknown,
}

/// The condition keys of a request. Names are case-insensitive, tag keys included.
#[derive(Debug, Clone, Default)]
pub struct Context {
    hashes: Vec<u64>,
    keys: Vec<(String, ContextValue)>,
    unlisted: Unlisted,
    unlisted_exceptions: HashMap<String, Unlisted>,
}

/// What a lookup finds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Lookup<'a> {
    One(&'a str),
    Many(&'a [String]),
    Absent,
    Unknown,
}

impl Context {
    /// An empty context whose unlisted keys are absent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty context whose unlisted keys are what `unlisted` says.
    #[must_use]
    pub fn with_unlisted(unlisted: Unlisted) -> Self {
        Context {
            unlisted,
            ..Self::default()
        }
    }

    /// Says what unlisted keys are whose name begins with `prefix` and a `/` or `:`, for example
    /// `aws:PrincipalTag` when all tags of the principal are known.
    pub fn set_unlisted_under(&mut self, prefix: &str, unlisted: Unlisted) {
        self.unlisted_exceptions
            .insert(prefix.to_lowercase(), unlisted);
    }

    /// Sets a key, whatever its value was before.
    pub fn set(&mut self, key: &str, value: ContextValue) {
        let key = key.to_lowercase();
        let hash = hash_key(&key);
        match self.find(hash, &key) {
            Some(at) => self.keys[at].1 = value,
            None => {
                self.hashes.push(hash);
                self.keys.push((key, value));
            }
        }
    }

    /// Sets a single-valued key.
    pub fn one(&mut self, key: &str, value: impl Into<String>) {
        self.set(key, ContextValue::One(value.into()));
    }

    /// Sets a multivalued key.
    pub fn many(&mut self, key: &str, values: impl IntoIterator<Item = impl Into<String>>) {
        self.set(
            key,
            ContextValue::Many(values.into_iter().map(Into::into).collect()),
        );
    }

    /// Says that the request does not carry the key.
    pub fn absent(&mut self, key: &str) {
        self.set(key, ContextValue::Absent);
    }

    /// Says that the key is not known.
    pub fn unknown(&mut self, key: &str) {
        self.set(key, ContextValue::Unknown);
    }

    /// The value of a key; an unlisted key is what the context says of unlisted keys.
    #[must_use]
    pub fn get(&self, key: &str) -> ContextValue {
        let key = key.to_lowercase();
        match self.lookup(hash_key(&key), &key) {
            Lookup::One(value) => ContextValue::One(value.to_owned()),
            Lookup::Many(values) => ContextValue::Many(values.to_vec()),
            Lookup::Absent => ContextValue::Absent,
            Lookup::Unknown => ContextValue::Unknown,
        }
    }

    /// The listed keys, in lower case, with their values, in the order they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ContextValue)> {
        self.keys.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// `key` must be in lower case and `hash` its [`hash_key`].
    pub(crate) fn lookup(&self, hash: u64, key: &str) -> Lookup<'_> {
        match self.find(hash, key).map(|at| &self.keys[at].1) {
            Some(ContextValue::One(value)) => Lookup::One(value),
            Some(ContextValue::Many(values)) if values.is_empty() => Lookup::Absent,
            Some(ContextValue::Many(values)) => Lookup::Many(values),
            Some(ContextValue::Absent) => Lookup::Absent,
            Some(ContextValue::Unknown) => Lookup::Unknown,
            None => self.unlisted(key),
        }
    }

    fn find(&self, hash: u64, key: &str) -> Option<usize> {
        let at = self.hashes.iter().position(|&h| h == hash)?;
        if self.keys[at].0 == key {
            return Some(at);
        }
        // Two keys with one hash: rare enough for a plain search.
        self.keys.iter().position(|(k, _)| k == key)
    }

    fn unlisted(&self, key: &str) -> Lookup<'_> {
        let rule = match key.find('/').or_else(|| key.rfind(':')) {
            Some(end) if !self.unlisted_exceptions.is_empty() => self
                .unlisted_exceptions
                .get(&key[..end])
                .copied()
                .unwrap_or(self.unlisted),
            _ => self.unlisted,
        };
        match rule {
            Unlisted::Absent => Lookup::Absent,
            Unlisted::Unknown => Lookup::Unknown,
        }
    }
}

/// FNV-1a over a key in lower case.
pub(crate) fn hash_key(key: &str) -> u64 {
    key.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
