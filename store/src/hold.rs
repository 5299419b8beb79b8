//! Legal holds: what must not be deleted, whatever retention says.

use std::collections::HashSet;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, RecordBatch};
use chrono::{DateTime, Utc};
use futures::TryStreamExt as _;

use crate::data_file::DataFile;
use crate::error::LakeError;

/// A legal hold. It covers the events for which all that it names is true; one
/// that names nothing covers every event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// What people call it.
    pub name: String,
    /// Why it is there.
    pub reason: String,
    /// Accounts that received the event or that the principal belongs to.
    pub accounts: HashSet<String>,
    /// ARNs of principals: of the caller, of the role or user that issued its
    /// session, or of whose policies decided.
    pub principals: HashSet<String>,
    /// Events from this time on.
    pub since: Option<DateTime<Utc>>,
    /// Events before this time.
    pub until: Option<DateTime<Utc>>,
}

const ACCOUNTS: [&str; 2] = ["recipient_account_id", "user_identity_account_id"];
const PRINCIPALS: [&str; 3] = ["user_identity_arn", "session_issuer_arn", "principal_arn"];

/// Columns of events that holds look at.
pub(crate) const COLUMNS: [&str; 6] = [
    "event_time",
    ACCOUNTS[0],
    ACCOUNTS[1],
    PRINCIPALS[0],
    PRINCIPALS[1],
    PRINCIPALS[2],
];

impl Hold {
    /// False when no event between these times can be covered.
    pub(crate) fn may_reach(
        &self,
        earliest: Option<DateTime<Utc>>,
        latest: Option<DateTime<Utc>>,
    ) -> bool {
        let too_late = earliest.zip(self.until).is_some_and(|(a, b)| b <= a);
        let too_early = latest.zip(self.since).is_some_and(|(a, b)| a < b);
        !too_late && !too_early
    }

    /// Whether a rejected row is covered. It may be of any account and of any
    /// time before it was rejected.
    pub(crate) fn covers_rejected(&self, rejected_at: DateTime<Utc>) -> bool {
        self.since.is_none_or(|since| since <= rejected_at)
    }

    /// Of each event of a batch whether it is covered. The batch has
    /// [`COLUMNS`].
    pub(crate) fn covers(
        &self,
        file: &DataFile,
        batch: &RecordBatch,
    ) -> Result<Vec<bool>, LakeError> {
        let times = file.times(batch, "event_time")?;
        let accounts = any_of(&self.accounts, &ACCOUNTS, batch);
        let principals = any_of(&self.principals, &PRINCIPALS, batch);
        let covered = |row: usize| {
            let micros = times.value(row);
            self.since
                .is_none_or(|since| since.timestamp_micros() <= micros)
                && self
                    .until
                    .is_none_or(|until| micros < until.timestamp_micros())
                && accounts(row)
                && principals(row)
        };
        Ok((0..batch.num_rows()).map(covered).collect())
    }
}

/// Whether one of the columns of a row has one of the values; true without any.
fn any_of<'b>(
    values: &'b HashSet<String>,
    columns: &[&str],
    batch: &'b RecordBatch,
) -> impl Fn(usize) -> bool + 'b {
    let columns: Vec<_> = columns
        .iter()
        .filter_map(|name| batch.column_by_name(name)?.as_string_opt::<i32>())
        .collect();
    move |row| {
        values.is_empty()
            || columns
                .iter()
                .any(|column| column.is_valid(row) && values.contains(column.value(row)))
    }
}

/// Whether a file of events, of which the log may say nothing any more, holds
/// one that is covered.
pub(crate) async fn any_covers(holds: &[Hold], file: &DataFile) -> Result<bool, LakeError> {
    let mut batches = file.stream(&COLUMNS).await?;
    while let Some(batch) = batches
        .try_next()
        .await
        .map_err(|source| file.error(source))?
    {
        for hold in holds {
            if hold.covers(file, &batch)?.contains(&true) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// As [`any_covers`], of a file of rejected rows.
pub(crate) async fn any_covers_rejected(
    holds: &[Hold],
    file: &DataFile,
) -> Result<bool, LakeError> {
    for batch in file.read(&["rejected_at"]).await? {
        let times = file.times(&batch, "rejected_at")?;
        let mut times = times.values().iter();
        let covered = |micros: &i64| {
            let time = DateTime::from_timestamp_micros(*micros);
            time.is_none_or(|time| holds.iter().any(|hold| hold.covers_rejected(time)))
        };
        if times.any(covered) {
            return Ok(true);
        }
    }
    Ok(false)
}
