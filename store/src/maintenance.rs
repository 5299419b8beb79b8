//! Keeping a lake small and fast while it grows. None of this is needed for
//! what the lake promises, and all of it may be broken off at any moment.

use chrono::{DateTime, Utc};
use deltalake_core::DeltaTable;

use crate::checkpoint::{self, Checkpointed};
use crate::compact::{self, Compacted, Compaction};
use crate::error::LakeError;
use crate::lake::Lake;
use crate::retain::{Retained, Retaining};
use crate::retention::Retention;
use crate::table::{
    Definition, EVENTS_TABLE, FILES_TABLE, POLICY_TIMELINE_TABLE, REJECTED_TABLE, REPLAYED_TABLE,
};
use crate::vacuum::{Vacuum, Vacuumed};

impl Lake {
    /// Merges small files of each table.
    ///
    /// Memory per merge: what is merged, compressed (at most
    /// [`target_bytes`](Compaction::target_bytes)); about 200 MiB of rows; and
    /// the new file, compressed.
    pub async fn compact(
        &mut self,
        compaction: &Compaction,
        now: DateTime<Utc>,
    ) -> Result<Vec<Compacted>, LakeError> {
        let mut done = Vec::new();
        for (definition, table) in self.tables_mut() {
            done.push(compact::compact(table, definition, compaction, now).await?);
        }
        Ok(done)
    }

    /// What the first round of [`compact`](Self::compact) would do.
    pub fn planned_compaction(
        &self,
        compaction: &Compaction,
        now: DateTime<Utc>,
    ) -> Result<Vec<Compacted>, LakeError> {
        let planned = |(definition, table)| compact::planned(table, definition, compaction, now);
        self.tables().into_iter().map(planned).collect()
    }

    /// Writes a checkpoint of each table whose last is so many versions back,
    /// [`CHECKPOINT_VERSIONS`](crate::CHECKPOINT_VERSIONS) as a rule, and cleans
    /// up its log.
    pub async fn checkpoint(
        &mut self,
        versions: u64,
        now: DateTime<Utc>,
    ) -> Result<Vec<Checkpointed>, LakeError> {
        let mut done = Vec::new();
        for (definition, table) in self.tables_mut() {
            done.push(checkpoint::checkpoint(table, definition.name, versions, now).await?);
        }
        Ok(done)
    }

    /// Takes out the events and rejected rows that are older than wanted, one
    /// commit per table. The files stay until [`vacuum`](Self::vacuum).
    /// `policy_timeline` is kept: labels rest on it.
    ///
    /// Memory: a byte per row of a file of which only a part goes, 64 MiB of
    /// its rows, and its successor, compressed.
    pub async fn retain(
        &mut self,
        retention: &Retention,
        now: DateTime<Utc>,
    ) -> Result<Vec<Retained>, LakeError> {
        let mut done = Vec::new();
        for (definition, table) in self.tables_mut() {
            if retention.concerns(definition.name) {
                done.push(
                    Retaining::new(definition.name, retention, now)
                        .run(table)
                        .await?,
                );
            }
        }
        Ok(done)
    }

    /// What [`retain`](Self::retain) would do.
    pub async fn planned_retention(
        &self,
        retention: &Retention,
        now: DateTime<Utc>,
    ) -> Result<Vec<Retained>, LakeError> {
        let mut planned = Vec::new();
        for (definition, table) in self.tables() {
            if retention.concerns(definition.name) {
                planned.push(
                    Retaining::new(definition.name, retention, now)
                        .plan(table)
                        .await?,
                );
            }
        }
        Ok(planned)
    }

    /// Deletes the files that neither the tables nor readers need.
    pub async fn vacuum(
        &mut self,
        vacuum: &Vacuum,
        now: DateTime<Utc>,
    ) -> Result<Vec<Vacuumed>, LakeError> {
        let mut done = Vec::new();
        for (definition, table) in self.tables_mut() {
            done.push(vacuum.run(table, definition.name, now).await?);
        }
        Ok(done)
    }

    /// What [`vacuum`](Self::vacuum) would do.
    pub async fn planned_vacuum(
        &self,
        vacuum: &Vacuum,
        now: DateTime<Utc>,
    ) -> Result<Vec<Vacuumed>, LakeError> {
        let mut planned = Vec::new();
        for (definition, table) in self.tables() {
            planned.push(vacuum.plan(table, definition.name, now).await?);
        }
        Ok(planned)
    }

    fn tables(&self) -> Vec<(&'static Definition, &DeltaTable)> {
        [
            Some((&EVENTS_TABLE, self.events())),
            Some((&REJECTED_TABLE, self.rejected())),
            self.policy_timeline()
                .map(|table| (&POLICY_TIMELINE_TABLE, table)),
            self.files().map(|table| (&FILES_TABLE, table)),
            self.replayed().map(|table| (&REPLAYED_TABLE, table)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
