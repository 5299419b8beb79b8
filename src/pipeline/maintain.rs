//! What the daemon does for its lake beside reading: compaction, checkpoints,
//! retention, vacuum. It works on a lake value of its own, so that reading never
//! waits for it; what it commits, appends by others do not mind. Nothing depends
//! on its coming to an end: whatever is broken off is done again.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use trailwright_store::{
    CHECKPOINT_VERSIONS, Compaction, Lake, LakeError, Retained, Retention, Vacuum, Vacuumed,
};

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
            let now = (self.now)();
            let compacted = self.compact(now).await;
            Self::note("compaction", compacted);
            let checkpointed = self.lake.checkpoint(CHECKPOINT_VERSIONS, now).await;
            Self::note("checkpoint", checkpointed.map(|_| Vec::new()));
            if vacuum_at <= now {
                vacuum_at = now + self.vacuum_interval;
                let retained = self.retain(now).await;
                Self::note("retention", retained);
                let vacuumed = self.vacuum(now).await;
                Self::note("vacuum", vacuumed);
            }
        }
    }

    async fn compact(&mut self, now: DateTime<Utc>) -> Result<Vec<String>, LakeError> {
        let mut done = Vec::new();
        for compacted in self.lake.compact(&self.compaction, now).await? {
            let table = compacted.table;
            if compacted.files_merged > 0 {
                done.push(format!(
                    "{table}: {} small files became {}",
                    compacted.files_merged, compacted.files_written
                ));
            }
            let damaged = compacted.damaged.iter();
            done.extend(damaged.map(|(file, why)| format!("cannot read {table}/{file}: {why}")));
        }
        Ok(done)
    }

    async fn retain(&mut self, now: DateTime<Utc>) -> Result<Vec<String>, LakeError> {
        let retained = self.lake.retain(&self.retention, now).await?;
        let gone = retained.iter().filter(|retained| retained.rows > 0);
        let line = |retained: &Retained| {
            let (table, rows) = (retained.table, retained.rows);
            format!("{table}: {rows} rows are older than wanted and went")
        };
        Ok(gone.map(line).collect())
    }

    async fn vacuum(&mut self, now: DateTime<Utc>) -> Result<Vec<String>, LakeError> {
        let vacuumed = self.lake.vacuum(&self.vacuum, now).await?;
        let gone = vacuumed.iter().filter(|vacuumed| vacuumed.files > 0);
        let line = |vacuumed: &Vacuumed| {
            let (table, files) = (vacuumed.table, vacuumed.files);
            format!("{table}: {files} files deleted that no reader needs")
        };
        Ok(gone.map(line).collect())
    }

    /// Says what was done, or why not; it is tried again when it is due again.
    fn note(what: &str, done: Result<Vec<String>, LakeError>) {
        match done {
            Err(error) => {
                tracing::warn!(target: "lake", "maintenance, {what}: {error}; nothing is lost");
            }
            Ok(lines) => {
                for line in lines {
                    tracing::info!(target: "lake", "{line}");
                }
            }
        }
    }
}
