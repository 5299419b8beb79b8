//! What hunts and reports have in common: questions in `.sql` files with a
//! header, and typed values for what they take.

mod header;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

pub(crate) use header::{Entry, check_placeholders, entries, parameter};
pub use value::{Kind, Value, duration};

/// What a question takes.
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
    /// The question cannot be asked without a value.
    Required,
    /// The question does not restrict by it.
    Optional,
    /// This value holds.
    Default(Value),
}

/// What is wrong with the values given for a question.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum BindError {
    /// A value that the question needs is not given.
    #[error("{question} needs {name} ({meaning}): give --param {name}={example}")]
    Missing {
        /// The hunt or report.
        question: String,
        /// The parameter.
        name: String,
        /// Its meaning.
        meaning: String,
        /// What kind of value goes there.
        example: &'static str,
    },
    /// A value for something that the question does not take.
    #[error("{question} takes no {name:?}; it takes {known}")]
    Unknown {
        /// The hunt or report.
        question: String,
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
    #[error("{question} compares a window with the time before it: give --since, as in --since 7d")]
    Since {
        /// The hunt.
        question: String,
    },
    /// A framework that the report does not know.
    #[error("{question} knows no framework {given:?}; it knows {known}")]
    Framework {
        /// The report.
        question: String,
        /// What was given.
        given: String,
        /// What it knows.
        known: String,
    },
}

/// The values of `parameters`, from the texts that a person gave and the
/// defaults. `question` is the name for errors.
pub(crate) fn bind(
    question: &str,
    parameters: &[Parameter],
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Value>, BindError> {
    let known: BTreeSet<&str> = parameters.iter().map(|one| one.name.as_str()).collect();
    if let Some(name) = given.keys().find(|name| !known.contains(name.as_str())) {
        return Err(BindError::Unknown {
            question: question.to_owned(),
            name: name.clone(),
            known: listed(parameters.iter().map(|one| one.name.as_str())),
        });
    }
    let mut values = BTreeMap::new();
    for parameter in parameters {
        let value = match (given.get(&parameter.name), &parameter.presence) {
            (Some(text), _) => parameter.read(text)?,
            (None, Presence::Default(value)) => value.clone(),
            (None, Presence::Optional) => Value::Absent(parameter.kind),
            (None, Presence::Required) => {
                return Err(BindError::Missing {
                    question: question.to_owned(),
                    name: parameter.name.clone(),
                    meaning: parameter.meaning.clone(),
                    example: parameter.kind.example(),
                });
            }
        };
        values.insert(parameter.name.clone(), value);
    }
    Ok(values)
}

/// Names in a sentence.
fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.collect();
    match names.is_empty() {
        true => "no parameters".to_owned(),
        false => names.join(", "),
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
