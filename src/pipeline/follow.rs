//! The pipeline of the daemon: from Kafka and places to the lake, until nothing
//! more is wanted.

use tokio::time::Instant;
use trailwright_store::{Advance, Appended, Lake, LakeError, Relabelled};

use super::{Stages, Summary, Waiting, read_to_the_end};
use crate::config::CommitSettings;
use crate::failure::Failure;
use crate::patient_lake::PatientLake;
use crate::sources::{Next, Sources};

/// What happened.
pub(crate) enum Done<'d> {
    /// What was read up to these positions is stored, and so many files.
    Stored(&'d Appended, &'d [Advance], usize),
    /// Labels changed, by what came later.
    Relabelled(&'d Relabelled),
}

/// Stores what comes from the sources. `report` is told what happened.
pub(crate) async fn follow(
    sources: Sources,
    stages: Stages,
    lake: PatientLake,
    report: impl Fn(Done<'_>),
) -> Result<Summary, Failure> {
    let settle_at = Instant::now() + stages.commit.relabel_interval();
    let mut following = Following {
        sources,
        stages,
        lake,
        report,
        waiting: Waiting::default(),
        summary: Summary::default(),
        settle_at,
    };
    while following.step().await? {}
    following.sources.leave();
    Ok(following.summary)
}

struct Following<R> {
    sources: Sources,
    stages: Stages,
    lake: PatientLake,
    report: R,
    waiting: Waiting,
    summary: Summary,
    /// When labels are to know what came late.
    settle_at: Instant,
}

impl<R: Fn(Done<'_>)> Following<R> {
    /// False at the end.
    async fn step(&mut self) -> Result<bool, Failure> {
        let store_at = self.waiting.due(&self.stages.commit);
        let due = store_at.map_or(self.settle_at, |at| at.min(self.settle_at));
        match self.sources.next(due, &self.lake).await? {
            Next::Batch(batch) => {
                self.summary.count(&batch);
                self.waiting.add(batch);
                if self.waiting.is_full(&self.stages.commit) {
                    self.store().await?;
                }
            }
            Next::Due => {
                if store_at == Some(due) {
                    self.store().await?;
                }
                if self.settle_at == due {
                    self.settle().await?;
                }
            }
            Next::Assigned(partitions) => self.sources.begin(&partitions, &mut self.lake).await?,
            Next::Revoked(partitions) => {
                self.store().await?;
                self.sources.release(&partitions)?;
            }
            Next::LookDue => self.sources.look(&mut self.lake).await?,
            Next::Stop => {
                self.store().await?;
                self.settle().await?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Stores what waits with the positions behind it. When another instance
    /// was faster with any of it, what waits is forgotten and read again from
    /// where the lake stands.
    async fn store(&mut self) -> Result<(), Failure> {
        let advances = self.sources.advances();
        let Waiting {
            parsed,
            rejected,
            files,
            ..
        } = std::mem::take(&mut self.waiting);
        let nothing = parsed.is_empty() && rejected.is_empty() && files.is_empty();
        if nothing && advances.is_empty() {
            return Ok(());
        }
        self.sources.bury().await?;
        let Stages {
            router, labelling, ..
        } = &mut self.stages;
        let learn = async |lake: &mut _, now| labelling.learn(&parsed, lake, now).await;
        self.lake.call(learn).await?;
        let events = labelling.label(parsed, router, self.lake.now());
        let append =
            async |lake: &mut Lake, now| lake.append(&events, &rejected, &advances, now).await;
        match self.lake.call(append).await {
            Ok(appended) => {
                let ledger = read_to_the_end(&files);
                let append = async |lake: &mut Lake, now| lake.append_files(&ledger, now).await;
                self.lake.call(append).await?;
                self.summary.appended += appended;
                (self.report)(Done::Stored(&appended, &advances, ledger.len()));
                self.sources.acknowledge(&files)?;
            }
            Err(overtaken @ LakeError::Overtaken { .. }) => {
                eprintln!("trailwright: {overtaken}");
                return self.sources.begin_again(&mut self.lake).await;
            }
            Err(error) => return Err(error.into()),
        }
        let check = async |lake: &mut _, now| labelling.after_append(lake, now).await;
        let relabelled = self.lake.call(check).await?;
        self.note(relabelled);
        Ok(())
    }

    /// Labels again what came before what it depends on.
    async fn settle(&mut self) -> Result<(), Failure> {
        let labelling = &mut self.stages.labelling;
        let settle = async |lake: &mut _, now| labelling.settle(lake, now).await;
        let relabelled = self.lake.call(settle).await?;
        self.note(relabelled);
        self.settle_at = Instant::now() + self.stages.commit.relabel_interval();
        Ok(())
    }

    fn note(&mut self, relabelled: Relabelled) {
        if relabelled.changed > 0 {
            (self.report)(Done::Relabelled(&relabelled));
        }
        self.summary.relabelled += relabelled;
    }
}

impl Waiting {
    /// When it has waited long enough.
    fn due(&self, commit: &CommitSettings) -> Option<Instant> {
        Some(self.since? + commit.time_max())
    }
}
