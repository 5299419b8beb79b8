//! Policy variables: text with `${key}`, `${key, 'default'}` and the escapes `${*}`, `${?}`, `${$}`.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>

use crate::context::{Context, Lookup, key_hash};
use crate::pattern::{ANY, ONE, wildcard};

/// A text that may hold variables. Without any it is plain bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// Pattern bytes; wildcards are [`ANY`] and [`ONE`].
    Text(Vec<u8>),
    Variable {
        key: String,
        hash: u64,
        default: Option<String>,
    },
}

/// How text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    /// `*` and `?` are wildcards.
    pub(crate) wildcards: bool,
    /// `${...}` is a variable: the document's version is 2012-10-17 and the operator takes them.
    pub(crate) variables: bool,
}

/// A template with its variables replaced.
pub(crate) enum Expanded {
    Bytes(Vec<u8>),
    /// A variable has no value and no default: the text matches nothing.
    NoValue,
    /// A variable's value is not known. The pattern bytes with `*` in its place: what they do not
    /// match, no value makes the text match.
    Unknown(Vec<u8>),
}

impl Template {
    /// Reads `text`. The error says what is wrong with a variable.
    pub(crate) fn new(text: &str, reading: Reading) -> Result<Self, String> {
        let mut template = Template { parts: Vec::new() };
        let mut rest = text;
        while let Some(open) = rest.find("${").filter(|_| reading.variables) {
            let Some(length) = rest[open..].find('}') else {
                return Err(format!("the variable in `{text}` has no closing brace"));
            };
            template.text(&rest[..open], reading);
            template.variable(&rest[open + 2..open + length])?;
            rest = &rest[open + length + 1..];
        }
        template.text(rest, reading);
        Ok(template)
    }

    fn text(&mut self, text: &str, reading: Reading) {
        let bytes = text
            .bytes()
            .map(|b| if reading.wildcards { wildcard(b) } else { b });
        self.literal(bytes);
    }

    fn variable(&mut self, inside: &str) -> Result<(), String> {
        if let "*" | "?" | "$" = inside {
            self.literal(inside.bytes());
            return Ok(());
        }
        let (key, default) = match inside.split_once(',') {
            None => (inside.trim(), None),
            Some((key, default)) => {
                let default = default.trim();
                let quoted = default
                    .strip_prefix('\'')
                    .and_then(|d| d.strip_suffix('\''));
                let quoted = quoted.ok_or_else(|| {
                    format!("the default in `${{{inside}}}` is not in single quotes")
                })?;
                (key.trim(), Some(quoted.to_owned()))
            }
        };
        if key.is_empty() {
            return Err("a variable without a name".to_owned());
        }
        let key = key.to_lowercase();
        self.parts.push(Part::Variable {
            hash: key_hash(&key),
            key,
            default,
        });
        Ok(())
    }

    fn literal(&mut self, more: impl Iterator<Item = u8>) {
        if let Some(Part::Text(bytes)) = self.parts.last_mut() {
            bytes.extend(more);
        } else {
            self.parts.push(Part::Text(more.collect()));
        }
    }

    /// The bytes, if there is no variable.
    pub(crate) fn as_static(&self) -> Option<&[u8]> {
        match self.parts.as_slice() {
            [] => Some(&[]),
            [Part::Text(bytes)] => Some(bytes),
            _ => None,
        }
    }

    /// The bytes before the first wildcard or variable.
    pub(crate) fn literal_prefix(&self) -> &[u8] {
        match self.parts.first() {
            Some(Part::Text(bytes)) => {
                let end = bytes
                    .iter()
                    .position(|&b| b == ANY || b == ONE)
                    .unwrap_or(bytes.len());
                &bytes[..end]
            }
            _ => &[],
        }
    }

    /// Where in a matching text the first variable's value begins, if that is always the same place.
    pub(crate) fn variable_at(&self) -> Option<usize> {
        match self.parts.as_slice() {
            [Part::Variable { .. }, ..] => Some(0),
            [Part::Text(bytes), Part::Variable { .. }, ..]
                if self.literal_prefix().len() == bytes.len() =>
            {
                Some(bytes.len())
            }
            _ => None,
        }
    }

    /// The keys its variables name, in lower case.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (u64, &str)> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Variable { key, hash, .. } => Some((*hash, key.as_str())),
        })
    }

    /// Replaces the variables. Values are literal: a `*` in a value is no wildcard. Multivalued keys
    /// cannot be variables.
    pub(crate) fn expand(&self, context: &Context<'_>) -> Expanded {
        let mut bytes = Vec::new();
        let mut unknown = false;
        for part in &self.parts {
            match part {
                Part::Text(text) => bytes.extend_from_slice(text),
                Part::Variable { key, hash, default } => {
                    match (context.lookup(*hash, key), default) {
                        (Lookup::One(value), _) => bytes.extend_from_slice(value.as_bytes()),
                        (Lookup::Unknown, _) => {
                            unknown = true;
                            bytes.push(ANY);
                        }
                        (Lookup::Absent | Lookup::Many(_), Some(default)) => {
                            bytes.extend_from_slice(default.as_bytes())
                        }
                        (Lookup::Absent | Lookup::Many(_), None) => return Expanded::NoValue,
                    }
                }
            }
        }
        if unknown {
            Expanded::Unknown(bytes)
        } else {
            Expanded::Bytes(bytes)
        }
    }
}
