//! A table whose rows carry an ID and are stored once: `rejected` and
//! `policy_timeline`. All IDs are kept in memory, 16 bytes each.

use std::collections::HashSet;

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use chrono::{DateTime, Utc};
use deltalake_core::DeltaTable;
use futures::TryStreamExt as _;

use crate::commit::{ATTEMPTS_MAX, Committed, adding, appending, commit};
use crate::data_file::DataFile;
use crate::error::LakeError;
use crate::parquet_file;
use crate::seen::Key;
use crate::stored::{self, StoredFile};
use crate::table::Definition;

/// Bytes and rows of a file that are decoded at once.
const BYTES_OPEN: usize = 64 * 1024 * 1024;
const ROWS_OPEN: usize = 1_024;

#[derive(Debug)]
pub(crate) struct KeyedTable {
    table: DeltaTable,
    name: &'static str,
    id_column: &'static str,
    /// Files whose IDs are in `ids`.
    files: HashSet<String>,
    ids: HashSet<Key>,
}

impl KeyedTable {
    pub(crate) fn new(table: DeltaTable, definition: &Definition, id_column: &'static str) -> Self {
        Self {
            table,
            name: definition.name,
            id_column,
            files: HashSet::new(),
            ids: HashSet::new(),
        }
    }

    pub(crate) fn table(&self) -> &DeltaTable {
        &self.table
    }

    pub(crate) fn table_mut(&mut self) -> &mut DeltaTable {
        &mut self.table
    }

    /// The version as of the last loading.
    pub(crate) fn version(&self) -> i64 {
        let version = self.table.version().unwrap_or_default();
        i64::try_from(version).unwrap_or(i64::MAX)
    }

    pub(crate) async fn refresh(&mut self) -> Result<(), LakeError> {
        let refreshed = self.table.update_state().await;
        refreshed.map_err(LakeError::table("reload", self.name))
    }

    /// Stores the rows whose ID is not there yet, and says how many they were.
    /// `encode` makes a batch of rows that the given version will hold first.
    pub(crate) async fn append<R>(
        &mut self,
        rows: &[R],
        id: impl Fn(&R) -> String,
        encode: impl Fn(&[&R], i64) -> Result<RecordBatch, ArrowError>,
        now: DateTime<Utc>,
    ) -> Result<usize, LakeError> {
        if rows.is_empty() {
            return Ok(0);
        }
        for _ in 0..ATTEMPTS_MAX {
            self.load_ids().await?;
            let mut in_batch = HashSet::new();
            let new: Vec<&R> = rows
                .iter()
                .filter(|row| {
                    let id = Key::of_row(id(row));
                    !self.ids.contains(&id) && in_batch.insert(id)
                })
                .collect();
            if new.is_empty() {
                return Ok(0);
            }
            let store = self.table.object_store();
            let batch = encode(&new, self.version() + 1)?;
            let add = parquet_file::write(&store, &[], &batch, now).await?;
            let path = add.path.clone();
            let actions = adding(vec![add]);
            match commit(&mut self.table, self.name, appending(), actions).await? {
                Committed::Yes => {
                    self.ids.extend(in_batch);
                    self.files.insert(path);
                    return Ok(new.len());
                }
                Committed::OthersWereFaster => {}
            }
        }
        Err(LakeError::Contention {
            table: self.name,
            attempts: ATTEMPTS_MAX,
        })
    }

    /// Whether a row is there, as far as IDs were loaded.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.ids.contains(&Key::of_row(id))
    }

    /// Makes `ids` know every row.
    pub(crate) async fn load_ids(&mut self) -> Result<(), LakeError> {
        let files = stored::files(&self.table, self.name)?;
        for file in &files {
            if self.files.contains(&file.data.name) {
                continue;
            }
            for batch in file.data.read(&[self.id_column]).await? {
                let ids = file.data.texts(&batch, self.id_column)?;
                self.ids.extend(ids.iter().flatten().map(Key::of_row));
            }
            self.files.insert(file.data.name.clone());
        }
        if self.files.len() > files.len() {
            // Compaction took some out.
            self.files = files.into_iter().map(|file| file.data.name).collect();
        }
        Ok(())
    }

    /// The rows of the files that `may_hold` wanted ones.
    pub(crate) async fn read<R>(
        &self,
        may_hold: impl Fn(&StoredFile) -> bool,
        decode: impl Fn(&DataFile, &RecordBatch) -> Result<Vec<R>, LakeError>,
    ) -> Result<Vec<R>, LakeError> {
        let mut rows = Vec::new();
        for file in stored::files(&self.table, self.name)? {
            if !may_hold(&file) {
                continue;
            }
            let (mut batches, _) = file.data.stream_all(BYTES_OPEN, ROWS_OPEN).await?;
            while let Some(batch) = batches
                .try_next()
                .await
                .map_err(|source| file.data.error(source))?
            {
                rows.extend(decode(&file.data, &batch)?);
            }
        }
        Ok(rows)
    }
}
