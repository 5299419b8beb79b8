//! The way of one event, from batches of parsed records to the lake. Parse,
//! route and label cannot fail; only the lake can.

mod follow;
mod maintain;
mod replay;
mod scheduled;
#[cfg(test)]
pub(crate) mod simulation;

use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt as _};
use tokio::time::Instant;
use trailwright_ingest::route::Router;
use trailwright_ingest::{Batch, FileEnd, Parsed};
use trailwright_schemas::{Reason, Rejected, SourceFile};
use trailwright_store::{Appended, Lake, LakeError, Relabelled};

use self::follow::Shown;
pub(crate) use self::follow::follow;
pub(crate) use self::maintain::Maintain;
pub(crate) use self::replay::Replaying;
pub(crate) use self::scheduled::{Scheduled, ScheduledReport};
use crate::config::CommitSettings;
use crate::labelling::Labelling;
use crate::progress::Progress;

/// What happens to a record between reading and storing.
pub(crate) struct Stages {
    pub(crate) router: Router,
    pub(crate) labelling: Labelling,
    pub(crate) commit: CommitSettings,
}

/// What a run did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Summary {
    pub(crate) files: u64,
    pub(crate) files_skipped: u64,
    pub(crate) records: usize,
    pub(crate) bytes_read: u64,
    pub(crate) appended: Appended,
    /// Labels that changes altered which came after their events.
    pub(crate) relabelled: Relabelled,
    /// Rejected rows that mean a defect of the input, not only something that
    /// is no event (a digest, an Insight).
    pub(crate) defects: usize,
}

/// Reads to the end of `batches` and stores what is new: what one commit takes is
/// read while the one before it is made.
pub(crate) async fn run(
    mut batches: impl Stream<Item = Batch> + Unpin,
    stages: &mut Stages,
    lake: &mut Lake,
    progress: &Progress,
    now: fn() -> DateTime<Utc>,
) -> Result<Summary, LakeError> {
    let mut summary = Summary::default();
    let mut waiting = Waiting::default();
    let most = stages.commit;
    let mut fill = async |waiting: &mut Waiting, summary: &mut Summary| {
        while !waiting.is_full(&most) {
            let Some(batch) = batches.next().await else {
                return;
            };
            summary.count(&batch);
            progress.advance(summary.files, summary.records, summary.bytes_read);
            waiting.add(batch);
        }
    };
    fill(&mut waiting, &mut summary).await;
    while !waiting.is_empty() {
        let mut next = Waiting::default();
        let commit = waiting.commit(stages, lake, now());
        let (committed, ()) = futures::join!(commit, fill(&mut next, &mut summary));
        summary.add(committed?);
        waiting = next;
    }
    summary.relabelled += stages.labelling.settle(lake, now()).await?;
    Ok(summary)
}

/// What waits for the next commit.
#[derive(Default)]
struct Waiting {
    parsed: Vec<Parsed>,
    /// What the daemon labelled before it is stored, to show it.
    shown: Vec<Shown>,
    rejected: Vec<Rejected>,
    files: Vec<FileEnd>,
    bytes: usize,
    /// When the first of it came.
    since: Option<Instant>,
    /// When the first came of what is not labelled.
    parsed_since: Option<Instant>,
}

impl Waiting {
    fn add(&mut self, batch: Batch) {
        self.since.get_or_insert_with(Instant::now);
        self.parsed_since.get_or_insert_with(Instant::now);
        let raw = batch.parsed.iter().map(|parsed| parsed.received.raw.len());
        self.bytes += raw.sum::<usize>();
        self.parsed.extend(batch.parsed);
        self.bytes += batch
            .rejected
            .iter()
            .map(|row| row.original.len())
            .sum::<usize>();
        self.rejected.extend(batch.rejected);
        self.files.extend(batch.file.map(|file| *file));
    }

    fn is_full(&self, commit: &CommitSettings) -> bool {
        let shown = self.shown.iter().map(|shown| shown.events.len());
        let events = self.parsed.len() + shown.sum::<usize>();
        let rows = events + self.rejected.len() + self.files.len();
        rows >= commit.rows_max || self.bytes >= commit.bytes_max
    }

    fn is_empty(&self) -> bool {
        // What is added has a time.
        self.since.is_none()
    }

    /// Labels late, when all changes of the batch are known, and stores.
    async fn commit(
        self,
        stages: &mut Stages,
        lake: &mut Lake,
        now: DateTime<Utc>,
    ) -> Result<Committed, LakeError> {
        let Self {
            parsed,
            rejected,
            files,
            ..
        } = self;
        let Stages {
            router, labelling, ..
        } = stages;
        labelling.learn(&parsed, lake, now).await?;
        let events = labelling.label(parsed, router, now);
        labelling.storing(&events);
        let known = labelling.policies_version();
        let appended = lake.append(&events, &rejected, &[], known, now).await?;
        lake.append_files(&read_to_the_end(&files), now).await?;
        Ok(Committed {
            appended,
            relabelled: labelling.after_append(lake, now).await?,
        })
    }
}

/// What a commit did.
struct Committed {
    appended: Appended,
    relabelled: Relabelled,
}

/// The rows for the ledger.
fn read_to_the_end(files: &[FileEnd]) -> Vec<SourceFile> {
    files.iter().filter_map(|file| file.read.clone()).collect()
}

impl Summary {
    fn add(&mut self, committed: Committed) {
        self.appended += committed.appended;
        self.relabelled += committed.relabelled;
    }

    fn count(&mut self, batch: &Batch) {
        self.files += batch.sources_done;
        self.files_skipped += batch.files_skipped;
        self.records += batch.parsed.len() + batch.rejected.len();
        self.bytes_read += batch.bytes_read;
        self.defects += batch
            .rejected
            .iter()
            .filter(|row| is_defect(row.reason))
            .count();
    }
}

fn is_defect(reason: Reason) -> bool {
    !matches!(
        reason,
        Reason::Digest
            | Reason::Insight
            | Reason::Aggregated
            | Reason::Notification
            | Reason::ConflictingEventId
    )
}

#[cfg(test)]
mod tests;
