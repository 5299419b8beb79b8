//! The way of one event, from batches of parsed records to the lake. Parse,
//! route and label cannot fail; only the lake can.

use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt as _};
use tokio::time::Instant;
use trailwright_enrich::Labeller;
use trailwright_ingest::route::Router;
use trailwright_ingest::{Batch, Parsed};
use trailwright_schemas::{Event, Reason, Rejected, SignIn};
use trailwright_store::{Advance, Appended, Lake, LakeError};

use crate::config::CommitSettings;
use crate::failure::Failure;
use crate::kafka::{Kafka, Next};
use crate::patient_lake::PatientLake;
use crate::progress::Progress;

/// What happens to a record between reading and storing.
pub(crate) struct Stages {
    pub(crate) router: Router,
    pub(crate) labeller: Labeller,
    pub(crate) commit: CommitSettings,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Summary {
    pub(crate) files: u64,
    pub(crate) files_skipped: u64,
    pub(crate) records: usize,
    pub(crate) bytes_read: u64,
    pub(crate) appended: Appended,
    /// Rejected rows that mean a defect of the input, not only something that
    /// is no event (a digest, an Insight).
    pub(crate) defects: usize,
}

/// Reads to the end of `batches` and stores what is new.
pub(crate) async fn run(
    mut batches: impl Stream<Item = Batch> + Unpin,
    stages: &Stages,
    lake: &mut Lake,
    progress: &Progress,
    now: fn() -> DateTime<Utc>,
) -> Result<Summary, LakeError> {
    let mut summary = Summary::default();
    let mut waiting = Waiting::default();
    while let Some(batch) = batches.next().await {
        summary.count(&batch);
        progress.advance(summary.files, summary.records, summary.bytes_read);
        waiting.add(batch, stages);
        if waiting.is_full(&stages.commit) {
            let Waiting {
                events, rejected, ..
            } = std::mem::take(&mut waiting);
            summary.appended += lake.append(&events, &rejected, &[], now()).await?;
        }
    }
    let Waiting {
        events, rejected, ..
    } = waiting;
    summary.appended += lake.append(&events, &rejected, &[], now()).await?;
    Ok(summary)
}

/// Stores what comes from Kafka, until nothing more is wanted. `report` is told
/// of each commit.
pub(crate) async fn follow(
    mut kafka: Kafka,
    stages: &Stages,
    lake: &mut PatientLake,
    report: impl Fn(&Appended, &[Advance]),
) -> Result<Summary, Failure> {
    let mut summary = Summary::default();
    let mut waiting = Waiting::default();
    loop {
        match kafka.next(waiting.due(&stages.commit)).await? {
            Next::Batch(batch) => {
                summary.count(&batch);
                waiting.add(batch, stages);
                if waiting.is_full(&stages.commit) {
                    summary.appended += store(&mut kafka, &mut waiting, lake, &report).await?;
                }
            }
            Next::Due => summary.appended += store(&mut kafka, &mut waiting, lake, &report).await?,
            Next::Assigned(partitions) => kafka.begin(&partitions, lake).await?,
            Next::Revoked(partitions) => {
                summary.appended += store(&mut kafka, &mut waiting, lake, &report).await?;
                kafka.release(&partitions)?;
            }
            Next::Stop => {
                summary.appended += store(&mut kafka, &mut waiting, lake, &report).await?;
                kafka.leave();
                return Ok(summary);
            }
        }
    }
}

/// Stores what waits with the positions behind it. When another instance was
/// faster with any of it, what waits is forgotten and read again from where the
/// lake stands.
async fn store(
    kafka: &mut Kafka,
    waiting: &mut Waiting,
    lake: &mut PatientLake,
    report: impl Fn(&Appended, &[Advance]),
) -> Result<Appended, Failure> {
    let advances = kafka.advances();
    let Waiting {
        events, rejected, ..
    } = std::mem::take(waiting);
    if advances.is_empty() {
        return Ok(Appended::default());
    }
    match lake.append(&events, &rejected, &advances).await {
        Ok(appended) => {
            report(&appended, &advances);
            kafka.acknowledge()?;
            Ok(appended)
        }
        Err(overtaken @ LakeError::Overtaken { .. }) => {
            eprintln!("trailwright: {overtaken}");
            kafka.begin_again(lake).await?;
            Ok(Appended::default())
        }
        Err(error) => Err(error.into()),
    }
}

/// One record through routing and labelling.
fn event(parsed: Parsed, stages: &Stages) -> Event {
    let Parsed {
        record,
        received,
        provenance,
    } = parsed;
    let routing = stages.router.route(&record);
    let label = stages.labeller.label(&record);
    let sign_in = SignIn::of(&record);
    Event {
        record,
        received,
        provenance,
        routing,
        sign_in,
        label,
    }
}

/// What waits for the next commit.
#[derive(Default)]
struct Waiting {
    events: Vec<Event>,
    rejected: Vec<Rejected>,
    bytes: usize,
    /// When the first of it came.
    since: Option<Instant>,
}

impl Waiting {
    fn add(&mut self, batch: Batch, stages: &Stages) {
        self.since.get_or_insert_with(Instant::now);
        for parsed in batch.parsed {
            self.bytes += parsed.received.raw.len();
            self.events.push(event(parsed, stages));
        }
        self.bytes += batch
            .rejected
            .iter()
            .map(|row| row.original.len())
            .sum::<usize>();
        self.rejected.extend(batch.rejected);
    }

    fn is_full(&self, commit: &CommitSettings) -> bool {
        let rows = self.events.len() + self.rejected.len();
        rows >= commit.rows_max || self.bytes >= commit.bytes_max
    }

    /// When it has waited long enough.
    fn due(&self, commit: &CommitSettings) -> Option<Instant> {
        Some(self.since? + commit.time_max())
    }
}

impl Summary {
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
