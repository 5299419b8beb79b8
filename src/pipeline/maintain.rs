//! What the daemon does for its lake beside reading: compaction, checkpoints,
//! retention, vacuum. It works on a lake value of its own, so that reading never
//! waits for it; what it commits, appends by others do not mind. Nothing depends
//! on its coming to an end: whatever is broken off is done again.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use trailwright_store::{CHECKPOINT_VERSIONS, Compaction, Lake, LakeError, Retention, Vacuum};

/// How the lake is kept small and fast.
pub(crate) struct Maintain {
    pub(crate) lake: Lake,
    pub(crate) compaction: Compaction,
    pub(crate) retention: Retention,
    pub(crate) vacuum: Vacuum,
    /// Between looks for small files and due checkpoints.
    pub(crate) interval: Duration,
    /// Between retention and vacuum; the first are soon after the start.
    pub(crate) vacuum_interval: TimeDelta,
    pub(crate) now: fn() -> DateTime<Utc>,
}

impl Maintain {
    /// Works until it is aborted.
    pub(crate) async fn run(mut self) {
        let mut vacuum_at = (self.now)();
        loop {
            tokio::time::sleep(self.interval).await;
            let due = vacuum_at <= (self.now)();
            match self.step(due).await {
                Ok(()) if due => vacuum_at = (self.now)() + self.vacuum_interval,
                Ok(()) => {}
                Err(error) => tracing::warn!(
                    target: "lake",
                    "maintenance: {error}; nothing is lost, trying again in {:?}",
                    self.interval
                ),
            }
        }
    }

    async fn step(&mut self, with_vacuum: bool) -> Result<(), LakeError> {
        let now = (self.now)();
        for compacted in self.lake.compact(&self.compaction, now).await? {
            if compacted.files_merged > 0 {
                tracing::info!(
                    target: "lake",
                    table = compacted.table,
                    files_merged = compacted.files_merged,
                    files_written = compacted.files_written,
                    "{}: {} small files became {}",
                    compacted.table,
                    compacted.files_merged,
                    compacted.files_written
                );
            }
        }
        self.lake.checkpoint(CHECKPOINT_VERSIONS, now).await?;
        if with_vacuum {
            for retained in self.lake.retain(&self.retention, now).await? {
                if retained.rows > 0 {
                    tracing::info!(
                        target: "lake",
                        table = retained.table,
                        rows = retained.rows,
                        "{}: {} rows are older than wanted and went",
                        retained.table,
                        retained.rows
                    );
                }
            }
            for vacuumed in self.lake.vacuum(&self.vacuum, now).await? {
                if vacuumed.files > 0 {
                    tracing::info!(
                        target: "lake",
                        table = vacuumed.table,
                        files = vacuumed.files,
                        "{}: {} files deleted that no reader needs",
                        vacuumed.table,
                        vacuumed.files
                    );
                }
            }
        }
        Ok(())
    }
}
