//! Checkpoints: the state of a table in one file, so that opening it does not
//! mean reading its log from the beginning.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use deltalake_core::DeltaTable;
use deltalake_core::checkpoints::{cleanup_expired_logs_for, create_checkpoint};
use deltalake_core::table::config::TablePropertiesExt as _;
use object_store::path::Path;
use object_store::{Error, ObjectStoreExt as _};
use serde_json::Value;

use crate::error::LakeError;
use crate::stored;

/// Versions between two checkpoints: with a commit every five seconds one is
/// written every eight minutes, and who opens the table reads a hundred small
/// files of the log at most.
pub const CHECKPOINT_VERSIONS: u64 = 100;

/// What was done to the log of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpointed {
    /// Its name.
    pub table: &'static str,
    /// The version whose state was written; `None` when it was not due.
    pub version: Option<u64>,
    /// Files of the log that were deleted, because they were older than
    /// `delta.logRetentionDuration` says and the checkpoint holds what they did.
    pub log_files_deleted: usize,
}

/// Writes a checkpoint if the last one is so many versions back, and deletes
/// what it makes superfluous of the log and is older than the table wants to
/// keep.
pub(crate) async fn checkpoint(
    table: &mut DeltaTable,
    name: &'static str,
    versions: u64,
    now: DateTime<Utc>,
) -> Result<Checkpointed, LakeError> {
    let refreshed = table.update_state().await;
    refreshed.map_err(LakeError::table("reload", name))?;
    let mut done = Checkpointed {
        table: name,
        version: None,
        log_files_deleted: 0,
    };
    let loaded = table.version().unwrap_or_default();
    if loaded < last(table, name).await?.unwrap_or_default() + versions {
        return Ok(done);
    }
    let written = create_checkpoint(table, None).await;
    written.map_err(LakeError::table("write a checkpoint of", name))?;
    done.version = Some(loaded);
    if opens_the_same(table, name).await? {
        done.log_files_deleted = clean_up(table, name, loaded, now).await?;
        // From now on by the checkpoint, not by what was deleted.
        let refreshed = table.update_state().await;
        refreshed.map_err(LakeError::table("reload", name))?;
    }
    Ok(done)
}

/// The version of the last checkpoint, as the table's own note of it says.
async fn last(table: &DeltaTable, name: &'static str) -> Result<Option<u64>, LakeError> {
    let path = Path::from("_delta_log/_last_checkpoint");
    let note = match table.object_store().get(&path).await {
        Ok(note) => note.bytes().await,
        Err(Error::NotFound { .. }) => return Ok(None),
        Err(error) => Err(error),
    };
    let note = note.map_err(|source| LakeError::Storage {
        action: "read",
        path: format!("{name}/{path}"),
        source,
    })?;
    let note: Option<Value> = serde_json::from_slice(&note).ok();
    Ok(note.and_then(|note| note.get("version")?.as_u64()))
}

/// Whether the table, opened anew and so from the checkpoint, has the files it
/// has here. Nothing is deleted on the word of a checkpoint that was not read.
async fn opens_the_same(table: &DeltaTable, name: &'static str) -> Result<bool, LakeError> {
    let version = table.version().unwrap_or_default();
    let mut opened = DeltaTable::new(table.log_store());
    let read = opened.load_version(version).await;
    read.map_err(LakeError::table("open", name))?;
    let names = |table: &DeltaTable| -> Result<BTreeSet<String>, LakeError> {
        let files = stored::files(table, name)?;
        Ok(files.into_iter().map(|file| file.data.name).collect())
    };
    Ok(names(table)? == names(&opened)?)
}

async fn clean_up(
    table: &DeltaTable,
    name: &'static str,
    version: u64,
    now: DateTime<Utc>,
) -> Result<usize, LakeError> {
    let snapshot = table.snapshot().map_err(LakeError::table("read", name))?;
    let keep = snapshot.table_config().log_retention_duration();
    let keep = TimeDelta::from_std(keep).unwrap_or(TimeDelta::MAX);
    let Some(cutoff) = now.checked_sub_signed(keep) else {
        return Ok(0);
    };
    let log = table.log_store();
    let cleaned = cleanup_expired_logs_for(version, log.as_ref(), cutoff.timestamp_millis(), None);
    cleaned
        .await
        .map_err(LakeError::table("clean up the log of", name))
}
