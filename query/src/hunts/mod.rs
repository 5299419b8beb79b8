//! Hunts: questions of incident responders, one `.sql` file each under
//! `query/hunts/`, with a header that says what it answers and what it takes.

mod catalogue;
mod header;
mod value;

use std::collections::BTreeMap;

use thiserror::Error;

pub use catalogue::hunts;
pub use value::{Kind, Value, duration};

/// One hunt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunt {
    /// Its name on the command line: the name of its file.
    pub name: String,
    /// What it is, in a few words.
    pub title: String,
    /// The question it answers.
    pub question: String,
    /// Its numbers in the catalogue of questions, such as `Q1`.
    pub catalogue: String,
    /// Where the idea comes from.
    pub idea: String,
    /// What the answer does not say, and how to read it.
    pub notes: Vec<String>,
    /// True when it compares a window with the time before, and so needs the
    /// beginning of the window.
    pub needs_since: bool,
    /// What it takes, in the order of the header.
    pub parameters: Vec<Parameter>,
    /// The whole file: header and statement.
    pub sql: String,
}

/// What a hunt takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name; `$name` in the statement.
    pub name: String,
    /// What kind of value it takes.
    pub kind: Kind,
    /// What holds when nobody gives a value.
    pub presence: Presence,
    /// What it means.
    pub meaning: String,
}

/// What holds when nobody gives a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// The hunt cannot be asked without a value.
    Required,
    /// The hunt does not restrict by it.
    Optional,
    /// This value holds.
    Default(Value),
}

/// The parameters that every hunt takes: the window in which events count,
/// open on the side that is not given.
pub const WINDOW: [&str; 2] = ["since", "until"];

/// What is wrong with the values given for a hunt.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum BindError {
    /// A value that the hunt needs is not given.
    #[error("{hunt} needs {name} ({meaning}): give --param {name}={example}")]
    Missing {
        /// The hunt.
        hunt: String,
        /// The parameter.
        name: String,
        /// Its meaning.
        meaning: String,
        /// What kind of value goes there.
        example: &'static str,
    },
    /// A value for something that the hunt does not take.
    #[error("{hunt} takes no {name:?}; it takes {known}")]
    Unknown {
        /// The hunt.
        hunt: String,
        /// What was given.
        name: String,
        /// What it takes.
        known: String,
    },
    /// A value of another kind.
    #[error("{name}={text}: {expected}")]
    Kind {
        /// The parameter.
        name: String,
        /// What was given.
        text: String,
        /// What would be right.
        expected: &'static str,
    },
    /// The hunt compares with the time before a window that was not given.
    #[error("{hunt} compares a window with the time before it: give --since, as in --since 7d")]
    Since {
        /// The hunt.
        hunt: String,
    },
}

impl Hunt {
    /// The values of all parameters, from the texts that a person gave and the
    /// defaults. The window is the caller's to add.
    pub fn bind(
        &self,
        given: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, Value>, BindError> {
        if let Some(name) = given.keys().find(|name| self.parameter(name).is_none()) {
            return Err(self.unknown(name));
        }
        let mut values = BTreeMap::new();
        for parameter in &self.parameters {
            let value = match (given.get(&parameter.name), &parameter.presence) {
                (Some(text), _) => parameter.read(text)?,
                (None, Presence::Default(value)) => value.clone(),
                (None, Presence::Optional) => Value::Absent(parameter.kind),
                (None, Presence::Required) => return Err(self.missing(parameter)),
            };
            values.insert(parameter.name.clone(), value);
        }
        Ok(values)
    }

    /// Says so when a window that the hunt cannot do without is not given.
    pub fn check_since(&self, since_is_given: bool) -> Result<(), BindError> {
        if self.needs_since && !since_is_given {
            return Err(BindError::Since {
                hunt: self.name.clone(),
            });
        }
        Ok(())
    }

    fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters
            .iter()
            .find(|parameter| parameter.name == name)
    }

    fn missing(&self, parameter: &Parameter) -> BindError {
        BindError::Missing {
            hunt: self.name.clone(),
            name: parameter.name.clone(),
            meaning: parameter.meaning.clone(),
            example: parameter.kind.example(),
        }
    }

    fn unknown(&self, name: &str) -> BindError {
        let known: Vec<&str> = self
            .parameters
            .iter()
            .map(|parameter| parameter.name.as_str())
            .collect();
        BindError::Unknown {
            hunt: self.name.clone(),
            name: name.to_owned(),
            known: if known.is_empty() {
                "no parameters".to_owned()
            } else {
                known.join(", ")
            },
        }
    }
}

impl Parameter {
    fn read(&self, text: &str) -> Result<Value, BindError> {
        Value::read(self.kind, text).ok_or_else(|| BindError::Kind {
            name: self.name.clone(),
            text: text.to_owned(),
            expected: self.kind.expected(),
        })
    }
}

#[cfg(test)]
mod tests;
