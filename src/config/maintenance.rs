//! `[compaction]`, `[retention]`, `[[hold]]`, `[vacuum]` and `[maintenance]`:
//! how the lake stays small and fast while it grows.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::Deserialize;
use trailwright_store::{Compaction, Days, Hold, KEEP_HOURS_MIN, Retention, Vacuum};

use crate::accounts;

/// `[compaction]`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CompactionSettings {
    /// Bytes of a file, at most.
    target_bytes: u64,
    /// How many small files of about one size are worth a larger one.
    files_min: usize,
    /// How long the daemon leaves a new file alone.
    quiet_seconds: u32,
}

impl Default for CompactionSettings {
    fn default() -> Self {
        let default = Compaction::default();
        Self {
            target_bytes: default.target_bytes,
            files_min: default.files_min,
            quiet_seconds: 600,
        }
    }
}

impl CompactionSettings {
    /// For a person, who waits for it: all that is worth it, and on demand all.
    pub(crate) fn at_once(&self, full: bool) -> Compaction {
        Compaction {
            target_bytes: self.target_bytes,
            files_min: self.files_min,
            quiet: TimeDelta::zero(),
            full,
        }
    }

    /// For the daemon, whose newest files are still relabelled.
    pub(crate) fn beside_appends(&self) -> Compaction {
        Compaction {
            quiet: TimeDelta::seconds(self.quiet_seconds.into()),
            ..self.at_once(false)
        }
    }
}

/// `[retention]`
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RetentionSettings {
    /// Events.
    days: Keep,
    /// Rejected rows.
    rejected_days: Keep,
    /// Events by the trail that received them.
    trails: BTreeMap<String, Keep>,
}

/// `2557` or `"forever"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "Written")]
struct Keep(Days);

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(i64),
    Text(String),
}

impl TryFrom<Written> for Keep {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::Number(days) => match u32::try_from(days) {
                Ok(days) => Ok(Self(Some(days))),
                Err(_) => Err(format!("{days} is no number of days")),
            },
            Written::Text(text) if text == "forever" => Ok(Self(None)),
            Written::Text(text) => Err(format!(
                "{text:?} is neither a number of days nor \"forever\""
            )),
        }
    }
}

/// `[[hold]]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HoldSettings {
    name: String,
    reason: String,
    #[serde(default)]
    accounts: Vec<String>,
    #[serde(default)]
    principals: Vec<String>,
    since: Option<String>,
    until: Option<String>,
}

impl HoldSettings {
    fn hold(&self) -> Result<Hold, String> {
        let fail = |key: &str, why: String| Err(format!("{key}: {why}"));
        for (key, text) in [("name", &self.name), ("reason", &self.reason)] {
            if text.trim().is_empty() {
                return fail(
                    key,
                    "say it, for whoever finds the hold in years".to_owned(),
                );
            }
        }
        if let Err(why) = accounts::check(&self.accounts) {
            return fail("accounts", why);
        }
        for principal in &self.principals {
            if !principal.starts_with("arn:") || principal.contains('*') {
                return fail(
                    "principals",
                    format!("{principal:?} is not the ARN of a principal"),
                );
            }
        }
        let since = point("since", self.since.as_deref())?;
        let until = point("until", self.until.as_deref())?;
        if since
            .zip(until)
            .is_some_and(|(since, until)| until <= since)
        {
            return fail(
                "until",
                "it is not after since, so the hold covers nothing".to_owned(),
            );
        }
        Ok(Hold {
            name: self.name.clone(),
            reason: self.reason.clone(),
            accounts: self.accounts.iter().cloned().collect(),
            principals: self.principals.iter().cloned().collect(),
            since,
            until,
        })
    }
}

fn point(key: &str, text: Option<&str>) -> Result<Option<DateTime<Utc>>, String> {
    let Some(text) = text else { return Ok(None) };
    let midnight = |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc();
    let point = DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .or_else(|_| text.parse().map(midnight));
    point.map(Some).map_err(|_| {
        format!("{key}: {text:?} is no time: write 2026-03-09 or 2026-03-09T08:00:00Z")
    })
}

/// `[vacuum]`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct VacuumSettings {
    /// What a reader needs that began so long ago is kept.
    pub(crate) keep_hours: u32,
}

impl Default for VacuumSettings {
    fn default() -> Self {
        Self { keep_hours: 168 }
    }
}

/// `[maintenance]`: what the daemon does beside reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MaintenanceSettings {
    /// Whether it does anything.
    pub(crate) enabled: bool,
    /// Seconds between looks for small files and due checkpoints.
    seconds: u32,
    /// Hours between retention and vacuum.
    vacuum_hours: u32,
}

impl Default for MaintenanceSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            seconds: 60,
            vacuum_hours: 24,
        }
    }
}

impl MaintenanceSettings {
    pub(crate) fn interval(&self) -> Duration {
        Duration::from_secs(self.seconds.max(1).into())
    }

    pub(crate) fn vacuum_interval(&self) -> TimeDelta {
        TimeDelta::hours(self.vacuum_hours.into())
    }
}

/// All of it.
#[derive(Clone, Copy)]
pub(crate) struct Maintenance<'c> {
    pub(crate) compaction: &'c CompactionSettings,
    pub(crate) retention: &'c RetentionSettings,
    pub(crate) hold: &'c [HoldSettings],
    pub(crate) vacuum: &'c VacuumSettings,
}

impl Maintenance<'_> {
    /// What is wrong with it, by key. `trails` are the names of those
    /// configured.
    pub(crate) fn check(&self, trails: &[String]) -> Result<(), String> {
        if self.compaction.target_bytes == 0 {
            return Err("compaction.target_bytes: a file cannot have 0 bytes".to_owned());
        }
        if self.compaction.files_min < 2 {
            return Err("compaction.files_min: it takes 2 files to make one of them".to_owned());
        }
        let hours = i64::from(self.vacuum.keep_hours);
        if hours < KEEP_HOURS_MIN {
            return Err(format!(
                "vacuum.keep_hours: {hours} is less than {KEEP_HOURS_MIN}, and a query that runs longer would fail"
            ));
        }
        for trail in self.retention.trails.keys() {
            if !trails.is_empty() && !trails.contains(trail) {
                return Err(format!(
                    "retention.trails.{trail}: no trail has this name; there are {}",
                    trails.join(", ")
                ));
            }
        }
        let mut names = HashSet::new();
        for (index, hold) in self.holds()?.iter().enumerate() {
            if !names.insert(hold.name.clone()) {
                return Err(format!(
                    "hold[{index}].name: {:?} is there twice",
                    hold.name
                ));
            }
        }
        Ok(())
    }

    fn holds(&self) -> Result<Vec<Hold>, String> {
        let hold = |(index, hold): (usize, &HoldSettings)| {
            hold.hold().map_err(|why| format!("hold[{index}].{why}"))
        };
        self.hold.iter().enumerate().map(hold).collect()
    }

    pub(crate) fn retention(&self, by: String) -> Result<Retention, String> {
        let trails = self.retention.trails.iter();
        Ok(Retention {
            events: self.retention.days.0,
            trails: trails
                .map(|(trail, keep)| (trail.clone(), keep.0))
                .collect(),
            rejected: self.retention.rejected_days.0,
            holds: self.holds()?,
            by,
        })
    }

    pub(crate) fn vacuum(&self, by: String) -> Result<Vacuum, String> {
        Ok(Vacuum {
            keep: TimeDelta::hours(self.vacuum.keep_hours.into()),
            short_keep: false,
            holds: self.holds()?,
            by,
        })
    }
}
