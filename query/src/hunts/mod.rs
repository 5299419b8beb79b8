//! Hunts: questions of incident responders, one `.sql` file each under
//! `query/hunts/`, with a header that says what it answers and what it takes.

mod catalogue;
mod header;

use std::collections::BTreeMap;

pub use catalogue::hunts;

use crate::questions::{self, BindError, Parameter, Value};

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
    /// True when it asks where addresses are, and so needs databases of places.
    pub needs_geo: bool,
    /// What it takes, in the order of the header.
    pub parameters: Vec<Parameter>,
    /// The whole file: header and statement.
    pub sql: String,
}

/// The parameters that every hunt takes: the window in which events count,
/// open on the side that is not given.
pub const WINDOW: [&str; 2] = ["since", "until"];

impl Hunt {
    /// The values of all parameters, from the texts that a person gave and the
    /// defaults. The window is the caller's to add.
    pub fn bind(
        &self,
        given: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, Value>, BindError> {
        questions::bind(&self.name, &self.parameters, given)
    }

    /// Says so when a window that the hunt cannot do without is not given.
    pub fn check_since(&self, since_is_given: bool) -> Result<(), BindError> {
        if self.needs_since && !since_is_given {
            return Err(BindError::Since {
                question: self.name.clone(),
            });
        }
        Ok(())
    }

    fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters
            .iter()
            .find(|parameter| parameter.name == name)
    }
}

#[cfg(test)]
mod tests;
