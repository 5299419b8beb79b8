//! The request context: condition keys and their values.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

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

/// Condition keys that are worked out when a policy asks for them: of the many keys that a request
/// has, its policies read few.
pub trait Keys: fmt::Debug + Send + Sync {
    /// What the request has under `key`, which is in lower case; `hash` is its [`key_hash`]. `None`:
    /// it is not among these keys.
    fn look_up(&self, hash: u64, key: &str) -> Option<Lookup<'_>>;

    /// All of them.
    fn list(&self) -> Vec<(String, ContextValue)>;
}

/// What a condition key holds, borrowed where it can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// A single-valued key.
    One(Cow<'a, str>),
    /// A multivalued key; an empty list counts as absent.
    Many(Cow<'a, [String]>),
    /// The request does not carry the key.
    Absent,
    /// Nobody can say whether the request carried the key, or with which value.
    Unknown,
}

impl Lookup<'_> {
    /// The same, owned.
    #[must_use]
    pub fn into_value(self) -> ContextValue {
        match self {
            Lookup::One(value) => ContextValue::One(value.into_owned()),
            Lookup::Many(values) => ContextValue::Many(values.into_owned()),
            Lookup::Absent => ContextValue::Absent,
            Lookup::Unknown => ContextValue::Unknown,
        }
    }
}

impl<'a> From<&'a ContextValue> for Lookup<'a> {
    fn from(value: &'a ContextValue) -> Self {
        match value {
            ContextValue::One(value) => Lookup::One(Cow::Borrowed(value)),
            ContextValue::Many(values) => Lookup::Many(Cow::Borrowed(values)),
            ContextValue::Absent => Lookup::Absent,
            ContextValue::Unknown => Lookup::Unknown,
        }
    }
}

/// The condition keys of a request: those listed here, then those that [`Keys`] work out, then what
/// unlisted keys are said to be. Names are case-insensitive, tag keys included.
#[derive(Debug, Clone, Default)]
pub struct Context<'a> {
    hashes: Vec<u64>,
    keys: Vec<(String, ContextValue)>,
    further: Option<&'a dyn Keys>,
    unlisted: Unlisted,
    unlisted_exceptions: HashMap<String, Unlisted>,
}

impl<'a> Context<'a> {
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

    /// Adds keys that are worked out when asked for. Listed keys win.
    #[must_use]
    pub fn with_keys(mut self, keys: &'a dyn Keys) -> Self {
        self.further = Some(keys);
        self
    }

    /// The same with every key worked out and listed.
    #[must_use]
    pub fn into_owned(self) -> Context<'static> {
        let mut context = Context {
            hashes: self.hashes,
            keys: self.keys,
            further: None,
            unlisted: self.unlisted,
            unlisted_exceptions: self.unlisted_exceptions,
        };
        for (key, value) in self.further.map(Keys::list).unwrap_or_default() {
            let lower = key.to_lowercase();
            if context.find(key_hash(&lower), &lower).is_none() {
                context.set(&key, value);
            }
        }
        context
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
        let hash = key_hash(&key);
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
        self.lookup(key_hash(&key), &key).into_value()
    }

    /// The listed keys, in lower case, with their values, in the order they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ContextValue)> {
        self.keys.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// `key` must be in lower case and `hash` its [`key_hash`].
    pub(crate) fn lookup(&self, hash: u64, key: &str) -> Lookup<'_> {
        let listed = self
            .find(hash, key)
            .map(|at| Lookup::from(&self.keys[at].1));
        let further = || self.further.and_then(|keys| keys.look_up(hash, key));
        match listed.or_else(further) {
            Some(Lookup::Many(values)) if values.is_empty() => Lookup::Absent,
            Some(found) => found,
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

/// FNV-1a over the name of a condition key, letters of ASCII taken in lower case: what a table of
/// known keys can be searched by without comparing texts.
#[must_use]
pub const fn key_hash(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at].to_ascii_lowercase() as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::{Context, ContextValue, Keys, Lookup, Unlisted, key_hash};

    #[derive(Debug)]
    struct Session;

    impl Keys for Session {
        fn look_up(&self, hash: u64, key: &str) -> Option<Lookup<'_>> {
            let found = match hash {
                hash if hash == key_hash("aws:SourceIp") => Lookup::One("203.0.113.7".into()),
                hash if hash == key_hash("aws:TagKeys") => Lookup::Many(Vec::new().into()),
                _ => return None,
            };
            assert!(key.bytes().all(|byte| !byte.is_ascii_uppercase()));
            Some(found)
        }

        fn list(&self) -> Vec<(String, ContextValue)> {
            let address = ContextValue::One("203.0.113.7".into());
            vec![
                ("aws:SourceIp".into(), address),
                ("aws:TagKeys".into(), ContextValue::Many(Vec::new())),
            ]
        }
    }

    #[test]
    fn keys_are_listed_then_worked_out_then_what_unlisted_keys_are() {
        let mut context = Context::with_unlisted(Unlisted::Unknown).with_keys(&Session);
        assert_eq!(
            context.get("AWS:sourceip"),
            ContextValue::One("203.0.113.7".into())
        );
        assert_eq!(
            context.get("aws:TagKeys"),
            ContextValue::Absent,
            "an empty list"
        );
        assert_eq!(context.get("aws:UserAgent"), ContextValue::Unknown);
        context.absent("aws:SourceIp");
        assert_eq!(context.get("aws:SourceIp"), ContextValue::Absent);
        let owned = context.into_owned();
        let keys: Vec<&str> = owned.iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["aws:sourceip", "aws:tagkeys"]);
        assert_eq!(
            owned.get("aws:SourceIp"),
            ContextValue::Absent,
            "listed keys win"
        );
    }
}
