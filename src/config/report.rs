//! `[[report]]`: reports that the daemon makes on schedule.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use trailwright_query::{Report, ReportScope, reports};

use crate::accounts;
use crate::schedule::{Period, Schedule};

/// `[[report]]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportSettings {
    /// Which report.
    name: String,
    /// When it is made: a cron expression, in UTC.
    schedule: String,
    /// What it is about.
    pub(crate) period: Period,
    /// Only these accounts; all when left out.
    #[serde(default)]
    accounts: Vec<String>,
    /// The version of a framework; the report's default when left out.
    framework: Option<String>,
    /// Values for what the report takes.
    #[serde(default)]
    parameters: BTreeMap<String, String>,
    /// Directory or `s3://bucket/prefix` of the packs. A relative directory
    /// begins at the configuration file.
    pub(crate) to: String,
    /// Private key that signs the packs; a relative path begins at the
    /// configuration file.
    pub(crate) key: Option<PathBuf>,
}

impl ReportSettings {
    /// Paths begin at the configuration file, which lies in `base`.
    pub(super) fn resolve(&mut self, base: &Path) {
        if !self.to.contains("://") {
            self.to = base.join(&self.to).to_string_lossy().into_owned();
        }
        if let Some(key) = &mut self.key {
            *key = base.join(&*key);
        }
    }

    /// The report and when it is made.
    pub(crate) fn report(&self) -> Result<(Report, Schedule), String> {
        let mut known = reports()?;
        let place = known.iter().position(|report| report.name == self.name);
        let Some(place) = place else {
            return Err(format!(
                "name: there is no report {:?}; `trailwright report list` shows all",
                self.name
            ));
        };
        let schedule = Schedule::parse(&self.schedule).map_err(|why| format!("schedule: {why}"))?;
        Ok((known.swap_remove(place), schedule))
    }

    /// What it is asked about when it is made for `time`.
    pub(crate) fn scope(&self, time: chrono::DateTime<chrono::Utc>) -> ReportScope {
        let (since, until) = self.period.before(time);
        ReportScope {
            since,
            until,
            accounts: accounts::sorted(&self.accounts),
            framework: self.framework.clone(),
            parameters: self.parameters.clone(),
        }
    }

    fn check(&self) -> Result<(), String> {
        let (report, _) = self.report()?;
        accounts::check(&self.accounts).map_err(|why| format!("accounts: {why}"))?;
        let scope = self.scope(chrono::DateTime::UNIX_EPOCH);
        report.bind(&scope).map_err(|error| error.to_string())?;
        Ok(())
    }
}

/// What is wrong with them, by key. Two that would write packs of one name are
/// told apart by `to`.
pub(super) fn check(reports: &[ReportSettings]) -> Result<(), String> {
    let mut names = HashSet::new();
    for (index, report) in reports.iter().enumerate() {
        let fail = |why: String| format!("report[{index}].{why}");
        report.check().map_err(fail)?;
        if !names.insert((&report.name, report.period.to_string(), &report.to)) {
            return Err(fail(format!(
                "to: another {} of the {} goes to {} too, and their packs would have the same names",
                report.name, report.period, report.to
            )));
        }
    }
    Ok(())
}
