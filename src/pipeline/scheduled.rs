//! Reports that the daemon makes on schedule, beside reading, on a lake value of
//! its own.
//!
//! What was made is seen from the packs that are there: a pack's name says its
//! report and period, and one that is there is not written again. So restarts
//! and other daemons do no harm, and what was missed while nothing ran is made
//! up when something runs again.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use trailwright_query::Report;
use trailwright_store::Lake;

use crate::config::{Config, ReportSettings};
use crate::evidence::{Destination, Evidence, Put, SigningKey, file_name, pack};
use crate::failure::Failure;
use crate::schedule::Schedule;
use crate::telemetry::Telemetry;

/// Between looks at the clock.
const LOOK: Duration = Duration::from_secs(20);
/// From a failure to the next attempt.
const AGAIN: TimeDelta = TimeDelta::minutes(15);
/// Missed packs that are made up, of one report.
const MADE_UP_MAX: usize = 31;

/// All of them.
pub(crate) struct Scheduled {
    pub(crate) lake: Lake,
    pub(crate) reports: Vec<ScheduledReport>,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) now: fn() -> DateTime<Utc>,
}

/// One of them.
pub(crate) struct ScheduledReport {
    settings: ReportSettings,
    report: Report,
    schedule: Schedule,
    destination: Destination,
    key: Option<Arc<SigningKey>>,
    /// The last time for which all is made.
    done: Option<DateTime<Utc>>,
    /// Nothing is tried before, after a failure.
    not_before: Option<DateTime<Utc>>,
}

impl ScheduledReport {
    /// Those of a configuration, with their keys.
    pub(crate) fn all(config: &Config) -> Result<Vec<Self>, Failure> {
        let reports = config.report.iter();
        reports.map(|settings| Self::of(settings, config)).collect()
    }

    fn of(settings: &ReportSettings, config: &Config) -> Result<Self, Failure> {
        let (report, schedule) = settings.report().map_err(Failure::usage)?;
        let key = settings.key.as_deref().map(SigningKey::read).transpose()?;
        Ok(Self {
            report,
            schedule,
            destination: Destination::open(&settings.to, &config.s3)?,
            key: key.map(Arc::new),
            settings: settings.clone(),
            done: None,
            not_before: None,
        })
    }
}

impl Scheduled {
    /// Works until it is aborted.
    pub(crate) async fn run(mut self) {
        loop {
            let now = (self.now)();
            for report in &mut self.reports {
                report.look(&self.lake, &self.telemetry, now).await;
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

impl ScheduledReport {
    /// Makes what is due, and says so.
    async fn look(&mut self, lake: &Lake, telemetry: &Telemetry, now: DateTime<Utc>) {
        if self.not_before.is_some_and(|time| now < time) {
            return;
        }
        let last = self.schedule.back_from(now).next();
        if last <= self.done {
            return;
        }
        self.not_before = None;
        match self.make_due(lake, telemetry, now).await {
            Ok(()) => self.done = last,
            Err(failure) => {
                self.not_before = Some(now + AGAIN);
                telemetry.report_failed(&self.report.name);
                let (name, minutes) = (&self.report.name, AGAIN.num_minutes());
                tracing::error!(
                    target: "reports",
                    report = name,
                    "report {name} could not be made and is tried again in {minutes} minutes: {failure}"
                );
            }
        }
    }

    async fn make_due(
        &self,
        lake: &Lake,
        telemetry: &Telemetry,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for time in self.due(now).await? {
            self.make(lake, telemetry, time).await?;
        }
        Ok(())
    }

    /// The times without a pack, the first first: those after the newest pack
    /// that is there. If there is none this is the beginning, and only the last
    /// time counts.
    async fn due(&self, now: DateTime<Utc>) -> Result<Vec<DateTime<Utc>>, Failure> {
        let mut due = Vec::new();
        for time in self.schedule.back_from(now).take(MADE_UP_MAX) {
            if Some(time) <= self.done || self.destination.has(&self.name(time)).await? {
                due.reverse();
                return Ok(due);
            }
            due.push(time);
        }
        due.truncate(1);
        Ok(due)
    }

    fn name(&self, time: DateTime<Utc>) -> String {
        file_name(&self.report.name, &self.settings.scope(time))
    }

    async fn make(
        &self,
        lake: &Lake,
        telemetry: &Telemetry,
        time: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let name = self.name(time);
        // Several times of a schedule can have the same period.
        if self.destination.has(&name).await? {
            return Ok(());
        }
        let lake = lake.reopen().await?;
        let evidence = Evidence::of(&lake, &self.report, &self.settings.scope(time)).await?;
        let key = self.key.clone();
        let packed = tokio::task::spawn_blocking(move || pack(&evidence, key.as_deref())).await;
        let packed = packed.map_err(|error| Failure::internal(error.to_string()))??;
        let bytes = packed.len();
        if self.destination.put(&name, packed).await? == Put::Written {
            telemetry.report_written(&self.report.name);
            let to = &self.destination;
            tracing::info!(target: "reports", report = self.report.name, bytes, "wrote {name} to {to}");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
