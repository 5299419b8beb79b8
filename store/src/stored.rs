//! The files that a table consists of.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use deltalake_core::DeltaTable;
use deltalake_core::kernel::{LogicalFileView, Remove};
use serde_json::Value;
use trailwright_schemas::PARTITION_COLUMNS;

use crate::data_file::DataFile;
use crate::error::LakeError;
use crate::file_name;
use crate::seen::{Key, Quarter, Seen, short_content};
use crate::table::EVENTS;

/// One file that a table consists of.
#[derive(Clone)]
pub(crate) struct StoredFile {
    pub(crate) data: DataFile,
    /// What the log says of it.
    pub(crate) logged: LogicalFileView,
}

/// The files of a table as it is loaded.
pub(crate) fn files(table: &DeltaTable, name: &'static str) -> Result<Vec<StoredFile>, LakeError> {
    let snapshot = table.snapshot().map_err(LakeError::table("read", name))?;
    let store = table.object_store();
    let log = snapshot.log_data();
    let files = log.iter().map(|logged| StoredFile {
        data: DataFile {
            name: logged.path().into_owned(),
            path: logged.object_store_path(),
            size: u64::try_from(logged.size()).unwrap_or_default(),
            store: store.clone(),
        },
        logged,
    });
    Ok(files.collect())
}

impl StoredFile {
    /// Stands for the rows in it: a file that took the place of another one has
    /// the origin of that one.
    pub(crate) fn origin(&self) -> &str {
        file_name::origin_or_path(&self.data.name)
    }

    /// The partition, in path order.
    pub(crate) fn partition(&self) -> Vec<(&'static str, String)> {
        let values = self.logged.partition_values_map();
        PARTITION_COLUMNS
            .into_iter()
            .filter_map(|column| Some((column, values.get(column)?.clone()?)))
            .collect()
    }

    /// The day of its events, when it is a file of events.
    pub(crate) fn event_date(&self) -> Option<NaiveDate> {
        self.partition_value("event_date")?.parse().ok()
    }

    /// The trail region of its events, when it is a file of events.
    pub(crate) fn trail_region(&self) -> Option<String> {
        self.partition_value("trail_region")
    }

    fn partition_value(&self, column: &str) -> Option<String> {
        self.logged.partition_values_map().remove(column)?
    }

    /// The rows, as far as the log says.
    pub(crate) fn rows(&self) -> usize {
        self.logged.num_records().unwrap_or_default()
    }

    /// When it was written, by the clock of the writer.
    pub(crate) fn written_at(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.logged.modification_time())
    }

    /// True when other programs marked rows of it as gone without writing it
    /// again.
    pub(crate) fn has_deletion_vector(&self) -> bool {
        self.logged.deletion_vector_descriptor().is_some()
    }

    /// The action that takes it out. Without `data_change` its rows stay, in
    /// files that the same commit adds.
    pub(crate) fn removed(&self, data_change: bool, now: DateTime<Utc>) -> Remove {
        Remove {
            deletion_timestamp: Some(now.timestamp_millis()),
            ..self.logged.remove_action(data_change)
        }
    }

    /// The times of its events are between these, as far as the log says.
    pub(crate) fn event_times(&self) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        (self.earliest("event_time"), self.latest("event_time"))
    }

    /// No time in a column is earlier, as far as the log says.
    pub(crate) fn earliest(&self, column: &str) -> Option<DateTime<Utc>> {
        time(self.bound("minValues", column)?)
    }

    /// No time in a column is later, as far as the log says. Other writers may
    /// cut a maximum to milliseconds.
    pub(crate) fn latest(&self, column: &str) -> Option<DateTime<Utc>> {
        Some(time(self.maximum(column)?)? + TimeDelta::milliseconds(1))
    }

    /// What no value of a column is greater than, as far as the log says.
    pub(crate) fn maximum(&self, column: &str) -> Option<Value> {
        self.bound("maxValues", column)
    }

    fn bound(&self, which: &str, column: &str) -> Option<Value> {
        let stats: Value = serde_json::from_str(&self.logged.stats()?).ok()?;
        stats.get(which)?.get(column).cloned()
    }
}

fn time(bound: Value) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(bound.as_str()?).ok()?;
    Some(time.to_utc())
}

/// Makes `seen` know every event stored of some quarters. Each file is read once,
/// and only when the log says that it can hold events of a quarter that is not
/// known of it.
pub(crate) async fn load(
    events: &DeltaTable,
    seen: &mut Seen,
    quarters: &BTreeSet<Quarter>,
) -> Result<(), LakeError> {
    seen.take_up(quarters);
    let mut of_days: BTreeMap<NaiveDate, Vec<Quarter>> = BTreeMap::new();
    for quarter in quarters {
        of_days.entry(quarter.date()).or_default().push(*quarter);
    }
    for file in files(events, EVENTS)? {
        let Some(of_day) = file.event_date().and_then(|date| of_days.get(&date)) else {
            continue;
        };
        let origin = file.origin();
        let unknown = of_day.iter().filter(|quarter| !seen.has(**quarter, origin));
        let mut found: BTreeMap<Quarter, Vec<(Key, u64)>> =
            unknown.map(|quarter| (*quarter, Vec::new())).collect();
        if file.may_have_one_of(&found) {
            file.read_keys(&mut found).await?;
        }
        for (quarter, keys) in found {
            seen.add(quarter, origin, keys);
        }
    }
    Ok(())
}

impl StoredFile {
    fn may_have_one_of(&self, quarters: &BTreeMap<Quarter, Vec<(Key, u64)>>) -> bool {
        if quarters.is_empty() {
            return false;
        }
        let (earliest, latest) = self.event_times();
        let (first, last) = (earliest.map(Quarter::of), latest.map(Quarter::of));
        let is_within = |quarter: &Quarter| {
            first.is_none_or(|first| first <= *quarter) && last.is_none_or(|last| *quarter <= last)
        };
        quarters.keys().any(is_within)
    }

    /// Reads the keys of some quarters.
    async fn read_keys(
        &self,
        quarters: &mut BTreeMap<Quarter, Vec<(Key, u64)>>,
    ) -> Result<(), LakeError> {
        let data = &self.data;
        let columns = [
            "event_id",
            "recipient_account_id",
            "content_sha256",
            "event_time",
        ];
        for batch in data.read(&columns).await? {
            let ids = data.texts(&batch, "event_id")?;
            let accounts = data.texts(&batch, "recipient_account_id")?;
            let contents = data.texts(&batch, "content_sha256")?;
            let times = data.times(&batch, "event_time")?;
            let rows = ids.iter().zip(accounts).zip(contents).zip(times);
            for (((id, account), content), micros) in rows {
                let time = micros.and_then(DateTime::from_timestamp_micros);
                let time =
                    time.ok_or_else(|| data.damaged("an event without a time".to_owned()))?;
                if let Some(keys) = quarters.get_mut(&Quarter::of(time)) {
                    let content = content.unwrap_or_default();
                    keys.push((Key::of(id, account, content), short_content(content)));
                }
            }
        }
        Ok(())
    }
}
