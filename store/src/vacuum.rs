//! Vacuum: deletes files that no version of a table names which a reader may
//! still need.
//!
//! A file goes when the loaded version does not name it, no commit of the last
//! hours took it out, and the object is older than these hours by the clock of
//! its store. The last also keeps the files of an append that has not committed
//! yet, and those of one that was killed until they are as old. No name is used
//! twice (see `NewFile::successor`), so a file that is deleted is not one that
//! somebody writes at the same time.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use deltalake_core::DeltaTable;
use deltalake_core::protocol::DeltaOperation;
use deltalake_core::table::config::TablePropertiesExt as _;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use object_store::path::Path;
use object_store::{Error, ObjectMeta, ObjectStore, ObjectStoreExt as _, PutPayload};
use serde_json::json;

use crate::commit::{ATTEMPTS_MAX, Committed, commit_recorded, record};
use crate::data_file::DataFile;
use crate::error::LakeError;
use crate::hold::{self, Hold};
use crate::stored;
use crate::table::{EVENTS, REJECTED};

/// Less is refused unless it is asked for by name: queries, and appends that
/// wait for their store, can take long.
pub const KEEP_HOURS_MIN: i64 = 24;

/// What vacuum may delete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vacuum {
    /// What a reader needs that began so long ago is kept.
    pub keep: TimeDelta,
    /// Whether `keep` may be shorter than [`KEEP_HOURS_MIN`].
    pub short_keep: bool,
    /// Files with a row that a hold covers are kept, replaced ones too: they
    /// hold its earlier labels.
    pub holds: Vec<Hold>,
    /// Who deletes, for the history of the table.
    pub by: String,
}

/// What vacuum did to a table, or would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vacuumed {
    /// Its name.
    pub table: &'static str,
    /// Files deleted.
    pub files: usize,
    /// Bytes of them.
    pub bytes: u64,
    /// How many of them no commit names: what was killed left them behind. (Or
    /// the log has forgotten the commit.)
    pub left_behind: usize,
    /// Files that a hold keeps, or that cannot be read while there is one.
    pub held: usize,
}

struct Candidate {
    data: DataFile,
    left_behind: bool,
}

impl Vacuum {
    /// Refuses what readers or the log's memory do not allow.
    fn check(&self, table: &DeltaTable, name: &'static str) -> Result<(), LakeError> {
        let snapshot = table.snapshot().map_err(LakeError::table("read", name))?;
        let remembered = snapshot.table_config().deleted_file_retention_duration();
        let remembered = TimeDelta::from_std(remembered).unwrap_or(TimeDelta::MAX);
        let minimum = TimeDelta::hours(KEEP_HOURS_MIN);
        if self.keep < minimum && !self.short_keep {
            return Err(LakeError::KeepTooShort {
                hours: self.keep.num_hours(),
                minimum: KEEP_HOURS_MIN,
            });
        }
        if self.keep > remembered {
            return Err(LakeError::KeepTooLong {
                table: name,
                hours: self.keep.num_hours(),
                remembered: remembered.num_hours(),
            });
        }
        Ok(())
    }

    /// What would be deleted. Writes nothing, so `now` stands for the clock of
    /// the store.
    pub(crate) async fn plan(
        &self,
        table: &DeltaTable,
        name: &'static str,
        now: DateTime<Utc>,
    ) -> Result<Vacuumed, LakeError> {
        self.check(table, name)?;
        let (candidates, held) = self.candidates(table, name, now, now).await?;
        Ok(vacuumed(name, &candidates, held))
    }

    pub(crate) async fn run(
        &self,
        table: &mut DeltaTable,
        name: &'static str,
        now: DateTime<Utc>,
    ) -> Result<Vacuumed, LakeError> {
        let refreshed = table.update_state().await;
        refreshed.map_err(LakeError::table("reload", name))?;
        self.check(table, name)?;
        let store_now = clock_of(&table.object_store()).await?;
        let (mut candidates, held) = self.candidates(table, name, store_now, now).await?;
        if candidates.is_empty() {
            return Ok(vacuumed(name, &candidates, held));
        }
        let planned = vacuumed(name, &candidates, held);
        self.note(table, name, self.start(), &planned).await?;
        // Others may have set the table back to a version that names some.
        let live = live(table, name)?;
        candidates.retain(|candidate| !live.contains(&candidate.data.path));
        let done = vacuumed(name, &candidates, held);
        delete(&table.object_store(), candidates).await?;
        let end = DeltaOperation::VacuumEnd {
            status: "COMPLETED".to_owned(),
        };
        self.note(table, name, end, &done).await?;
        Ok(done)
    }

    /// The files to delete, and how many a hold keeps.
    async fn candidates(
        &self,
        table: &DeltaTable,
        name: &'static str,
        store_now: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(Vec<Candidate>, usize), LakeError> {
        let live = live(table, name)?;
        let removed = removed(table, name).await?;
        let (written_before, removed_before) = (store_now - self.keep, now - self.keep);
        let store = table.object_store();
        let mut found = Vec::new();
        let mut objects = store.list(None);
        while let Some(object) = objects.try_next().await.map_err(storage("list", name))? {
            let removed_at = removed.get(&object.location);
            let is_old = object.last_modified <= written_before
                && removed_at.is_none_or(|at| *at <= removed_before.timestamp_millis());
            if is_old && is_data(&object) && !live.contains(&object.location) {
                found.push(Candidate {
                    data: DataFile {
                        name: object.location.to_string(),
                        path: object.location,
                        size: object.size,
                        store: store.clone(),
                    },
                    left_behind: removed_at.is_none(),
                });
            }
        }
        let (mut candidates, mut held) = (Vec::new(), 0);
        for candidate in found {
            if self.holds(name, &candidate.data).await? {
                held += 1;
            } else {
                candidates.push(candidate);
            }
        }
        Ok((candidates, held))
    }

    /// Whether a hold keeps a file.
    async fn holds(&self, table: &'static str, file: &DataFile) -> Result<bool, LakeError> {
        let covers = match table {
            _ if self.holds.is_empty() => return Ok(false),
            EVENTS => hold::any_covers(&self.holds, file).await,
            REJECTED => hold::any_covers_rejected(&self.holds, file).await,
            _ => return Ok(false),
        };
        match covers {
            // What is in it nobody can say.
            Err(LakeError::File { .. }) => Ok(true),
            covers => covers,
        }
    }

    fn start(&self) -> DeltaOperation {
        let hours = TimeDelta::hours(KEEP_HOURS_MIN);
        DeltaOperation::VacuumStart {
            retention_check_enabled: !self.short_keep,
            specified_retention_millis: Some(self.keep.num_milliseconds()),
            default_retention_millis: hours.num_milliseconds(),
        }
    }

    /// Puts a line into the history of the table.
    async fn note(
        &self,
        table: &mut DeltaTable,
        name: &'static str,
        operation: DeltaOperation,
        vacuumed: &Vacuumed,
    ) -> Result<(), LakeError> {
        let parameters = [
            ("numFilesToDelete", json!(vacuumed.files)),
            ("sizeOfDataToDelete", json!(vacuumed.bytes)),
            ("filesHeld", json!(vacuumed.held)),
        ];
        let record = record(&self.by, parameters);
        for _ in 0..ATTEMPTS_MAX {
            let (operation, record) = (operation.clone(), record.clone());
            let noted = commit_recorded(table, name, operation, record, Vec::new());
            if noted.await? == Committed::Yes {
                return Ok(());
            }
        }
        Err(LakeError::Contention {
            table: name,
            attempts: ATTEMPTS_MAX,
        })
    }
}

fn vacuumed(table: &'static str, candidates: &[Candidate], held: usize) -> Vacuumed {
    let left_behind = candidates.iter().filter(|candidate| candidate.left_behind);
    Vacuumed {
        table,
        files: candidates.len(),
        bytes: candidates.iter().map(|candidate| candidate.data.size).sum(),
        left_behind: left_behind.count(),
        held,
    }
}

fn live(table: &DeltaTable, name: &'static str) -> Result<HashSet<Path>, LakeError> {
    let files = stored::files(table, name)?;
    Ok(files.into_iter().map(|file| file.data.path).collect())
}

/// When files were taken out, in milliseconds, as far as the log remembers.
async fn removed(table: &DeltaTable, name: &'static str) -> Result<HashMap<Path, i64>, LakeError> {
    let snapshot = table.snapshot().map_err(LakeError::table("read", name))?;
    let log = table.log_store();
    let mut tombstones = snapshot.all_tombstones(log.as_ref());
    let mut removed = HashMap::new();
    while let Some(tombstone) = tombstones
        .try_next()
        .await
        .map_err(LakeError::table("read the log of", name))?
    {
        let path = Path::from(tombstone.path().as_ref());
        let at = tombstone.deletion_timestamp().unwrap_or_default();
        removed.insert(path, at);
    }
    Ok(removed)
}

/// Readers of Delta tables look at no other objects, and vacuum at none that
/// another program keeps under a name of its own.
fn is_data(object: &ObjectMeta) -> bool {
    let hidden = |part: &str| part.starts_with('_') || part.starts_with('.');
    let path = object.location.as_ref();
    path.ends_with(".parquet") && !path.split('/').any(hidden)
}

/// What the clock of the store says: when it takes in an object.
async fn clock_of(store: &dyn ObjectStore) -> Result<DateTime<Utc>, LakeError> {
    const MARK: &str = "_vacuum_clock";
    let mark = Path::from(MARK);
    let fail = |action| storage(action, MARK);
    let written = store
        .put(&mark, PutPayload::from_static(b"trailwright"))
        .await;
    written.map_err(fail("write"))?;
    let found = store.head(&mark).await.map_err(fail("read"))?;
    store.delete(&mark).await.map_err(fail("delete"))?;
    Ok(found.last_modified)
}

async fn delete(store: &dyn ObjectStore, candidates: Vec<Candidate>) -> Result<(), LakeError> {
    let paths = candidates
        .into_iter()
        .map(|candidate| Ok(candidate.data.path));
    let mut deleted = store.delete_stream(stream::iter(paths).boxed());
    while let Some(one) = deleted.next().await {
        match one {
            // Another vacuum was faster, or this is the second try.
            Ok(_) | Err(Error::NotFound { .. }) => {}
            Err(source) => return Err(storage("delete", "a file")(source)),
        }
    }
    Ok(())
}

fn storage(action: &'static str, path: &str) -> impl FnOnce(Error) -> LakeError {
    let path = path.to_owned();
    move |source| LakeError::Storage {
        action,
        path,
        source,
    }
}
