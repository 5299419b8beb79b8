//! Evidence packs: a report with all that is needed to check it, in one ZIP.
//!
//! A pack follows from the state of the lake, the report and what was asked
//! alone: no clock, no order by chance. Whoever asks the same of the same state
//! gets the same bytes.

mod archive;
mod chart;
mod coverage;
mod destination;
mod html;
mod key;
mod manifest;
mod pack;
mod verify;

use std::collections::BTreeMap;

use trailwright_query::{QueryError, Report, ReportScope, Session, Table, Tables};
use trailwright_store::Lake;

pub(crate) use self::coverage::Coverage;
pub(crate) use self::destination::{Destination, Put};
pub(crate) use self::key::{PublicKey, SigningKey};
pub(crate) use self::pack::{file_name, pack};
pub(crate) use self::verify::{Signature, Verification, verify};
use crate::failure::Failure;

/// Rows of one section. A pack is made in memory, and nobody reads more.
const SECTION_ROWS_MAX: usize = 1_000_000;

/// A report, answered: all that goes into a pack.
pub(crate) struct Evidence {
    pub(crate) report: Report,
    pub(crate) scope: ReportScope,
    /// The version of the framework that was asked for.
    pub(crate) framework: Option<String>,
    /// The value of each parameter, also where it is the default.
    pub(crate) parameters: BTreeMap<String, String>,
    /// The version of each table of the lake.
    pub(crate) tables: BTreeMap<String, Option<u64>>,
    pub(crate) coverage: Coverage,
    /// The rows of each section.
    pub(crate) answers: Vec<Table>,
}

impl Evidence {
    /// Asks `report` of the state in which `lake` was last loaded.
    pub(crate) async fn of(
        lake: &Lake,
        report: &Report,
        scope: &ReportScope,
    ) -> Result<Self, Failure> {
        let usage = |error: trailwright_query::BindError| Failure::usage(error.to_string());
        let values = report.bind(scope).map_err(usage)?;
        let framework = report.framework(scope.framework.as_deref());
        let framework = framework.map_err(usage)?.map(str::to_owned);
        let session = Session::begin(lake, Tables::Whole).await?;
        let mut answers = Vec::new();
        for section in &report.sections {
            let answer = session.ask_with(&section.sql, &values).await?;
            let table = Table::read(answer, SECTION_ROWS_MAX).await;
            answers.push(table.map_err(|error| too_large(error, &section.name))?);
        }
        let value = |name: &String| values.get(name).map(ToString::to_string);
        let names = report.parameters.iter().map(|parameter| &parameter.name);
        let tables = lake.table_versions().into_iter();
        Ok(Self {
            report: report.clone(),
            scope: scope.clone(),
            framework,
            parameters: names
                .filter_map(|name| Some((name.clone(), value(name)?)))
                .collect(),
            tables: tables
                .map(|(table, version)| (table.to_owned(), version))
                .collect(),
            coverage: Coverage::of(&session, scope).await?,
            answers,
        })
    }
}

fn too_large(error: QueryError, section: &str) -> Failure {
    match error {
        QueryError::TooLarge { .. } => Failure::usage(format!(
            "section {section}: {error}; ask for a shorter period or fewer accounts"
        )),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests;
