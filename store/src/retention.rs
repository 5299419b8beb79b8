//! What is kept for how long, and what that means for a row.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, RecordBatch};
use chrono::{DateTime, NaiveDate};
use futures::TryStreamExt as _;

use crate::data_file::DataFile;
use crate::error::LakeError;
use crate::hold::{self, Hold};
use crate::stored::StoredFile;
use crate::table::{EVENTS, REJECTED};

/// Days that rows are kept after their own day; `None`: for ever.
pub type Days = Option<u32>;

/// What is kept for how long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Events whose trails say nothing else.
    pub events: Days,
    /// Events that a trail received, by its name. Of several the longest counts.
    pub trails: BTreeMap<String, Days>,
    /// Rejected rows, after the day on which they were rejected.
    pub rejected: Days,
    /// What is kept whatever the days say.
    pub holds: Vec<Hold>,
    /// Who takes out what goes, for the history of the table.
    pub by: String,
}

/// What becomes of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Stays,
    /// It would go, and this hold keeps it.
    Held(usize),
    Goes,
}

/// What retention says of one table at one time.
pub(crate) struct Rule<'r> {
    pub(crate) table: &'static str,
    pub(crate) retention: &'r Retention,
    pub(crate) today: NaiveDate,
}

impl Rule<'_> {
    /// What becomes of all rows of a file, if the log tells.
    pub(crate) fn of_file(&self, file: &StoredFile) -> Option<Fate> {
        let retention = self.retention;
        if self.table == REJECTED {
            let (first, last) = (file.earliest("rejected_at")?, file.latest("rejected_at")?);
            if !self.is_over(retention.rejected, first.date_naive()) {
                return Some(Fate::Stays);
            }
            let none_covers = !retention
                .holds
                .iter()
                .any(|hold| hold.covers_rejected(last));
            let all_over = self.is_over(retention.rejected, last.date_naive());
            return (all_over && none_covers).then_some(Fate::Goes);
        }
        let date = file.event_date()?;
        if !self.is_over(retention.shortest(), date) {
            return Some(Fate::Stays);
        }
        let (first, last) = file.event_times();
        let none_covers = !retention
            .holds
            .iter()
            .any(|hold| hold.may_reach(first, last));
        (none_covers && self.is_over(retention.longest(), date)).then_some(Fate::Goes)
    }

    /// Whether more than the days to keep have passed since a day.
    fn is_over(&self, keep: Days, date: NaiveDate) -> bool {
        let age = (self.today - date).num_days();
        keep.is_some_and(|days| age > i64::from(days))
    }

    pub(crate) async fn of_rows(&self, file: &DataFile) -> Result<Vec<Fate>, LakeError> {
        let columns: Vec<&str> = match self.table {
            REJECTED => vec!["rejected_at"],
            _ if self.retention.holds.is_empty() => vec!["event_time", "trails"],
            _ => [&hold::COLUMNS[..], &["trails"]].concat(),
        };
        let mut fates = Vec::new();
        let mut batches = file.stream(&columns).await?;
        while let Some(batch) = batches
            .try_next()
            .await
            .map_err(|source| file.error(source))?
        {
            fates.extend(if self.table == REJECTED {
                self.fates_of_rejected(file, &batch)?
            } else {
                self.fates_of_events(file, &batch)?
            });
        }
        Ok(fates)
    }

    fn fates_of_events(
        &self,
        file: &DataFile,
        batch: &RecordBatch,
    ) -> Result<Vec<Fate>, LakeError> {
        let times = file.times(batch, "event_time")?;
        let trails = file.column(batch, "trails")?;
        let trails = trails
            .as_list_opt::<i32>()
            .ok_or_else(|| file.damaged("trails is no list".to_owned()))?;
        let covered: Result<Vec<Vec<bool>>, LakeError> = self
            .retention
            .holds
            .iter()
            .map(|hold| hold.covers(file, batch))
            .collect();
        let covered = covered?;
        let fate = |row: usize| {
            let names = trails.is_valid(row).then(|| trails.value(row));
            let names = names
                .as_deref()
                .and_then(|names| names.as_string_opt::<i32>());
            let keep = self.retention.of(names.into_iter().flatten().flatten());
            let date = date_of(times.value(row));
            if !date.is_some_and(|date| self.is_over(keep, date)) {
                return Fate::Stays;
            }
            let hold = covered.iter().position(|covered| covered[row]);
            hold.map_or(Fate::Goes, Fate::Held)
        };
        Ok((0..batch.num_rows()).map(fate).collect())
    }

    fn fates_of_rejected(
        &self,
        file: &DataFile,
        batch: &RecordBatch,
    ) -> Result<Vec<Fate>, LakeError> {
        let times = file.times(batch, "rejected_at")?;
        let holds = &self.retention.holds;
        let fate = |row: usize| {
            let Some(time) = DateTime::from_timestamp_micros(times.value(row)) else {
                return Fate::Stays;
            };
            if !self.is_over(self.retention.rejected, time.date_naive()) {
                return Fate::Stays;
            }
            let hold = holds.iter().position(|hold| hold.covers_rejected(time));
            hold.map_or(Fate::Goes, Fate::Held)
        };
        Ok((0..batch.num_rows()).map(fate).collect())
    }

    /// What goes, for the history of the table.
    pub(crate) fn text(&self) -> String {
        let retention = self.retention;
        let before = |keep: Days| {
            let date = self.today - chrono::Days::new(keep?.into());
            Some(format!("'{date}'"))
        };
        if self.table == REJECTED {
            let date = before(retention.rejected).unwrap_or_default();
            return format!("rejected_at < {date}");
        }
        let date = |keep| before(keep).unwrap_or_else(|| "never".to_owned());
        let mut rule = format!("event_date < {}", date(retention.events));
        for (trail, keep) in &retention.trails {
            rule += &format!("; if received by {trail}: {}", date(*keep));
        }
        rule
    }
}

fn date_of(micros: i64) -> Option<NaiveDate> {
    Some(DateTime::from_timestamp_micros(micros)?.date_naive())
}

impl Retention {
    /// Whether it takes anything out of a table.
    pub(crate) fn concerns(&self, table: &'static str) -> bool {
        match table {
            EVENTS => self.shortest().is_some(),
            REJECTED => self.rejected.is_some(),
            _ => false,
        }
    }

    /// How long an event is kept that these trails received.
    fn of<'t>(&self, trails: impl Iterator<Item = &'t str>) -> Days {
        let of_trail = |trail| self.trails.get(trail).copied().unwrap_or(self.events);
        trails.map(of_trail).reduce(longer).unwrap_or(self.events)
    }

    fn longest(&self) -> Days {
        self.trails.values().copied().fold(self.events, longer)
    }

    fn shortest(&self) -> Days {
        let days = self.trails.values().chain([&self.events]);
        days.copied().flatten().min()
    }
}

fn longer(one: Days, other: Days) -> Days {
    Some(one?.max(other?))
}
