//! The ledger of files that were read, and what became of rejected rows that
//! were read again.

use chrono::{DateTime, Utc};
use deltalake_core::DeltaTable;
use trailwright_schemas::{Replayed, SourceFile};

use super::Lake;
use crate::encode::{files_batch, replayed_batch};
use crate::error::LakeError;
use crate::keyed_table::KeyedTable;

impl Lake {
    /// Opens these tables, as far as they are there: what is put in first makes
    /// them.
    pub(super) async fn open_ledger(&mut self) -> Result<(), LakeError> {
        self.files.refresh(&self.location, &self.store).await?;
        self.replayed.refresh(&self.location, &self.store).await
    }

    /// The ledger of files, as of the last append, refresh or opening; `None`
    /// in a lake from before there was one.
    pub fn files(&self) -> Option<&DeltaTable> {
        self.files.table().map(KeyedTable::table)
    }

    /// What became of rejected rows that were read again, as of the last append
    /// or opening; `None` before the first of them.
    pub fn replayed(&self) -> Option<&DeltaTable> {
        self.replayed.table().map(KeyedTable::table)
    }

    /// Puts files into the ledger that are not there yet, and says how many
    /// they were. To be called when all that was read of them is stored: a file
    /// in the ledger is never read again.
    pub async fn append_files(
        &mut self,
        files: &[SourceFile],
        now: DateTime<Utc>,
    ) -> Result<usize, LakeError> {
        if files.is_empty() {
            return Ok(0);
        }
        let table = self.files.for_writing(&self.location, &self.store).await?;
        let id = |file: &SourceFile| file.file_id.clone();
        table
            .append(files, id, |new, _| files_batch(new), now)
            .await
    }

    /// Loads which files are in the ledger, also those that others put there.
    pub async fn load_files(&mut self) -> Result<(), LakeError> {
        self.files.refresh(&self.location, &self.store).await?;
        self.files.load_ids().await
    }

    /// Whether a file is in the ledger, by its ID, as of
    /// [`load_files`](Self::load_files) and what was appended since.
    pub fn knows_file(&self, file_id: &str) -> bool {
        self.files.has(file_id)
    }

    /// Notes what became of rejected rows that were read again, and says how
    /// many were not noted before. To be called when all that was read of them
    /// is stored.
    pub async fn append_replayed(
        &mut self,
        rows: &[Replayed],
        now: DateTime<Utc>,
    ) -> Result<usize, LakeError> {
        if rows.is_empty() {
            return Ok(0);
        }
        let table = self.replayed.for_writing(&self.location, &self.store);
        let id = |row: &Replayed| row.rejected_id.clone();
        let encode = |new: &[&Replayed], _| replayed_batch(new);
        table.await?.append(rows, id, encode, now).await
    }
}
