//! Reports: questions of auditors, one `.sql` file each under `query/reports/`,
//! with a header that says what it answers and a statement for each section.

mod catalogue;
mod header;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

pub use catalogue::reports;

use crate::questions::{self, BindError, Kind, Parameter, Value};

/// One report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its name on the command line: the name of its file.
    pub name: String,
    /// What it is, in a few words.
    pub title: String,
    /// The question it answers.
    pub question: String,
    /// Its number in the catalogue, such as `R1`.
    pub catalogue: String,
    /// The versions of a framework it knows, the default last; empty when it
    /// follows none.
    pub frameworks: Vec<String>,
    /// What the answer does not say, and how to read it.
    pub notes: Vec<String>,
    /// What it takes, in the order of the header.
    pub parameters: Vec<Parameter>,
    /// Its parts, in order.
    pub sections: Vec<Section>,
    /// The whole file: headers and statements.
    pub sql: String,
}

/// One part of a report: a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its name: the name of its CSV file.
    pub name: String,
    /// What it shows, in a few words.
    pub title: String,
    /// How its rows are drawn; not at all without.
    pub chart: Option<Chart>,
    /// What it means when there are no rows.
    pub empty: Option<String>,
    /// How to read it.
    pub notes: Vec<String>,
    /// The statement.
    pub sql: String,
}

/// How the rows of a section are drawn: a value for each label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// Bars or a line.
    pub kind: ChartKind,
    /// The column of the labels; of a line, of times or days.
    pub label: String,
    /// The column of the values: whole numbers.
    pub value: String,
}

/// Bars or a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartKind {
    /// A bar for each row.
    Bar,
    /// A point for each row, over time.
    Line,
}

/// What a report is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportScope {
    /// The beginning of the period.
    pub since: DateTime<Utc>,
    /// The end of the period, not part of it.
    pub until: DateTime<Utc>,
    /// Only these accounts; all when empty.
    pub accounts: Vec<String>,
    /// The version of the framework; the report's default without.
    pub framework: Option<String>,
    /// Values for its parameters, as a person wrote them.
    pub parameters: BTreeMap<String, String>,
}

/// What is bound in every report. `$framework` is bound besides where the
/// report follows one.
const SCOPE: [&str; 3] = ["since", "until", "accounts"];
const FRAMEWORK: &str = "framework";

impl Report {
    /// What stands for each `$name` of its statements.
    pub fn bind(&self, scope: &ReportScope) -> Result<BTreeMap<String, Value>, BindError> {
        let mut values = questions::bind(&self.name, &self.parameters, &scope.parameters)?;
        let accounts = match scope.accounts.as_slice() {
            [] => Value::Absent(Kind::Text),
            accounts => Value::Text(accounts.join(",")),
        };
        let bound = [Value::Time(scope.since), Value::Time(scope.until), accounts];
        let names = SCOPE.map(str::to_owned);
        values.extend(names.into_iter().zip(bound));
        if let Some(framework) = self.framework(scope.framework.as_deref())? {
            values.insert(FRAMEWORK.to_owned(), Value::Text(framework.to_owned()));
        }
        Ok(values)
    }

    /// The version of the framework that `given` means: the default without
    /// one, and none for a report that follows none.
    pub fn framework<'r>(&'r self, given: Option<&str>) -> Result<Option<&'r str>, BindError> {
        let Some(given) = given else {
            return Ok(self.frameworks.last().map(String::as_str));
        };
        let known = self.frameworks.iter().find(|one| *one == given);
        known.map(|one| Some(one.as_str())).ok_or_else(|| {
            let known = match self.frameworks.as_slice() {
                [] => "none".to_owned(),
                known => known.join(", "),
            };
            BindError::Framework {
                question: self.name.clone(),
                given: given.to_owned(),
                known,
            }
        })
    }
}

#[cfg(test)]
mod tests;
