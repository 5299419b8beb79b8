//! The pipeline of rejected rows that are read again.

use chrono::{DateTime, Utc};
use trailwright_ingest::Batch;
use trailwright_schemas::Replayed;
use trailwright_store::{Lake, LakeError};

use super::{Stages, Summary, Waiting};

/// Rows whose bytes gave records, on their way into the lake.
pub(crate) struct Replaying<'l> {
    stages: &'l mut Stages,
    lake: &'l mut Lake,
    now: fn() -> DateTime<Utc>,
    waiting: Waiting,
    passed: Vec<Replayed>,
    summary: Summary,
}

impl<'l> Replaying<'l> {
    pub(crate) fn new(
        stages: &'l mut Stages,
        lake: &'l mut Lake,
        now: fn() -> DateTime<Utc>,
    ) -> Self {
        Self {
            stages,
            lake,
            now,
            waiting: Waiting::default(),
            passed: Vec::new(),
            summary: Summary::default(),
        }
    }

    /// What a row gave.
    pub(crate) async fn add(&mut self, rejected_id: String, batch: Batch) -> Result<(), LakeError> {
        self.passed.push(Replayed {
            rejected_id,
            replayed_at: (self.now)(),
            records: batch.parsed.len() as u64,
            rejected: batch.rejected.len() as u64,
            trailwright_version: env!("CARGO_PKG_VERSION").to_owned(),
        });
        self.summary.count(&batch);
        self.waiting.add(batch);
        if self.waiting.is_full(&self.stages.commit) {
            self.store().await?;
        }
        Ok(())
    }

    /// Stores what is left, and says what was done.
    pub(crate) async fn end(mut self) -> Result<Summary, LakeError> {
        self.store().await?;
        let now = (self.now)();
        let settled = self.stages.labelling.settle(self.lake, now).await?;
        self.summary.relabelled += settled;
        Ok(self.summary)
    }

    /// The events first: a row is noted as replayed when what it gave is there.
    async fn store(&mut self) -> Result<(), LakeError> {
        let now = (self.now)();
        let Self {
            stages,
            lake,
            waiting,
            passed,
            summary,
            ..
        } = self;
        let committed = std::mem::take(waiting).commit(stages, lake, now).await?;
        summary.add(committed);
        lake.append_replayed(passed, now).await?;
        passed.clear();
        Ok(())
    }
}
