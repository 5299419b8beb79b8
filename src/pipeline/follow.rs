//! The pipeline of the daemon: from Kafka and places to the lake, until nothing
//! more is wanted.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use trailwright_ingest::Parsed;
use trailwright_schemas::Event;
use trailwright_store::{Advance, Appended, Lake, LakeError, Relabelled};

use super::{Stages, Summary, Waiting, read_to_the_end};
use crate::config::CommitSettings;
use crate::failure::Failure;
use crate::labelling::Labelling;
use crate::live::Feed;
use crate::patient_lake::PatientLake;
use crate::policies;
use crate::reload::Reloaded;
use crate::sources::{Next, Sources};
use crate::telemetry::{Held, Telemetry};

/// Positions named in the line about a commit.
const POSITIONS_SHOWN: usize = 8;

/// How long an event may wait to be shown to those who look on.
const SHOW_WITHIN: Duration = Duration::from_millis(200);

/// Stores what comes from the sources, and shows it to those who look on.
/// `beside` works beside it, until the end; `reloads` brings what a person
/// changed.
pub(crate) async fn follow(
    sources: Sources,
    stages: Stages,
    lake: PatientLake,
    beside: JoinSet<()>,
    reloads: watch::Receiver<Option<Arc<Reloaded>>>,
    telemetry: Arc<Telemetry>,
    feed: Arc<Feed>,
) -> Result<Summary, Failure> {
    let settle_at = Instant::now() + stages.commit.relabel_interval();
    let mut following = Following {
        sources,
        stages,
        lake,
        reloads,
        telemetry,
        feed,
        waiting: Waiting::default(),
        next: None,
        summary: Summary::default(),
        settle_at,
    };
    while following.step().await? {}
    following.sources.leave();
    drop(beside);
    Ok(following.summary)
}

/// Events that were labelled to show them, and are not stored yet.
pub(super) struct Shown {
    pub(super) events: Arc<Vec<Arc<Event>>>,
    /// The version of the policy timeline that their labels know.
    labelled_with: i64,
}

struct Following {
    sources: Sources,
    stages: Stages,
    lake: PatientLake,
    reloads: watch::Receiver<Option<Arc<Reloaded>>>,
    telemetry: Arc<Telemetry>,
    feed: Arc<Feed>,
    waiting: Waiting,
    /// What came while a commit was made, and has to wait for its end.
    next: Option<Result<Next, Failure>>,
    summary: Summary,
    /// When labels are to know what came late.
    settle_at: Instant,
}

impl Following {
    /// False at the end.
    async fn step(&mut self) -> Result<bool, Failure> {
        let store_at = self.waiting.due(&self.stages.commit);
        let show_at = match self.feed.is_read() {
            true => self.waiting.parsed_since.map(|since| since + SHOW_WITHIN),
            false => None,
        };
        let due = [store_at, show_at].into_iter().flatten();
        let due = due.fold(self.settle_at, Instant::min);
        let next = match self.next.take() {
            Some(next) => next?,
            None => tokio::select! {
                biased;
                Ok(()) = self.reloads.changed() => return self.reload().await,
                next = self.sources.next(due, &self.lake) => next?,
            },
        };
        match next {
            Next::Batch(batch) => {
                self.summary.count(&batch);
                self.waiting.add(batch);
                if self.waiting.is_full(&self.stages.commit) {
                    self.store(Meanwhile::ReadOn).await?;
                }
            }
            Next::Due => {
                if store_at == Some(due) {
                    self.store(Meanwhile::ReadOn).await?;
                } else if show_at == Some(due) {
                    self.show().await?;
                }
                if self.settle_at == due {
                    self.settle().await?;
                }
            }
            Next::Assigned(partitions) => self.sources.begin(&partitions, &mut self.lake).await?,
            Next::Revoked(partitions) => {
                self.store(Meanwhile::Wait).await?;
                self.sources.release(&partitions)?;
            }
            Next::LookDue => self.sources.look(&mut self.lake).await?,
            Next::Stop => {
                self.store(Meanwhile::Wait).await?;
                self.settle().await?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Labels what waits, and shows it before it is stored.
    async fn show(&mut self) -> Result<(), Failure> {
        self.waiting.parsed_since = None;
        let parsed = std::mem::take(&mut self.waiting.parsed);
        let shown = self.label(parsed, Learn::WhenThereIsMore).await?;
        self.waiting.shown.push(shown);
        Ok(())
    }

    /// Labels records and shows them to those who look on.
    async fn label(&mut self, parsed: Vec<Parsed>, learn: Learn) -> Result<Shown, Failure> {
        let Stages {
            router, labelling, ..
        } = &mut self.stages;
        if learn == Learn::Always || labelling.has_to_learn(&parsed) {
            let learn = async |lake: &mut _, now| labelling.learn(&parsed, lake, now).await;
            self.lake.call(learn).await?;
        }
        let events = Arc::new(labelling.label(parsed, router, self.lake.now()));
        self.feed.publish(&events);
        Ok(Shown {
            events,
            labelled_with: labelling.policies_version(),
        })
    }

    /// Stores what waits with the positions behind it. When another instance
    /// was faster with any of it, what waits is forgotten and read again from
    /// where the lake stands.
    async fn store(&mut self, meanwhile: Meanwhile) -> Result<(), Failure> {
        let advances = self.sources.advances();
        let Waiting {
            parsed,
            mut shown,
            rejected,
            files,
            ..
        } = std::mem::take(&mut self.waiting);
        let nothing = parsed.is_empty() && shown.is_empty();
        if nothing && rejected.is_empty() && files.is_empty() && advances.is_empty() {
            return Ok(());
        }
        let telemetry = Arc::clone(&self.telemetry);
        let _step = telemetry.health.begin("storing");
        self.sources.bury().await?;
        shown.push(self.label(parsed, Learn::Always).await?);
        let labelling = &mut self.stages.labelling;
        let known = labelling.policies_version();
        for shown in &mut shown {
            shown.label_again(labelling, self.lake.now());
        }
        let events = shown.iter().flat_map(|shown| shown.events.iter().cloned());
        let events: Vec<Arc<Event>> = events.collect();
        labelling.storing(&events);
        let held = Held::of(&events, &rejected);
        let began = Instant::now();
        let append = async |lake: &mut Lake, now| {
            let append = lake.append(&events, &rejected, &advances, known, now);
            Ok((append.await?, lake.version()))
        };
        let stored = match meanwhile {
            Meanwhile::Wait => self.lake.call(append).await,
            Meanwhile::ReadOn => self.call_and_read_on(append).await,
        };
        match stored {
            Ok((appended, version)) => {
                self.feed.committed(version);
                let ledger = read_to_the_end(&files);
                let append = async |lake: &mut Lake, now| lake.append_files(&ledger, now).await;
                self.lake.call(append).await?;
                self.telemetry.stored(held, &appended, began.elapsed());
                say_stored(&appended, &advances, ledger.len());
                self.summary.appended += appended;
                self.sources.acknowledge(&files)?;
            }
            Err(overtaken @ LakeError::Overtaken { .. }) => {
                self.feed.given_up();
                self.telemetry.overtaken();
                self.waiting = Waiting::default();
                tracing::warn!(target: "lake", "{overtaken}");
                return self.sources.begin_again(&mut self.lake).await;
            }
            Err(error) => return Err(error.into()),
        }
        let labelling = &mut self.stages.labelling;
        let check = async |lake: &mut _, now| labelling.after_append(lake, now).await;
        let relabelled = self.lake.call(check).await?;
        self.note(relabelled);
        Ok(())
    }

    /// Makes a call of the lake and reads on meanwhile, up to what one commit takes.
    /// Whatever else comes waits.
    async fn call_and_read_on<T>(
        &mut self,
        call: impl AsyncFnMut(&mut Lake, DateTime<Utc>) -> Result<T, LakeError>,
    ) -> Result<T, LakeError> {
        let Self {
            sources,
            stages,
            lake,
            waiting,
            next,
            summary,
            ..
        } = self;
        let read_on = async {
            while next.is_none() && !waiting.is_full(&stages.commit) {
                // There may be more without an end.
                tokio::task::coop::consume_budget().await;
                match sources.next_without_lake().await {
                    Ok(Next::Batch(batch)) => {
                        summary.count(&batch);
                        waiting.add(batch);
                    }
                    other => *next = Some(other),
                }
            }
            std::future::pending().await
        };
        tokio::select! {
            biased;
            done = lake.call(call) => done,
            never = read_on => match never {},
        }
    }

    /// Labels again what came before what it depends on.
    async fn settle(&mut self) -> Result<(), Failure> {
        let telemetry = Arc::clone(&self.telemetry);
        let _step = telemetry.health.begin("labelling again");
        let labelling = &mut self.stages.labelling;
        let settle = async |lake: &mut _, now| labelling.settle(lake, now).await;
        let relabelled = self.lake.call(settle).await?;
        self.note(relabelled);
        self.settle_at = Instant::now() + self.stages.commit.relabel_interval();
        Ok(())
    }

    fn note(&mut self, relabelled: Relabelled) {
        let events = relabelled.changed;
        if events > 0 {
            self.telemetry.relabelled(events);
            tracing::info!(target: "labels", events, "{events} labels changed by what came later");
        }
        self.summary.relabelled += relabelled;
    }

    /// What a person changed holds from the next batch on; what waits was read
    /// before, and is stored as it would have been.
    async fn reload(&mut self) -> Result<bool, Failure> {
        let Some(reloaded) = self.reloads.borrow_and_update().clone() else {
            return Ok(true);
        };
        self.store(Meanwhile::Wait).await?;
        let Stages {
            router,
            labelling,
            commit,
        } = &mut self.stages;
        *router = reloaded.router.clone();
        *commit = reloaded.commit;
        labelling.set_options(reloaded.options.clone());
        let inputs = policies::snapshots(&reloaded.policies, self.lake.now());
        let add = async |lake: &mut _, now| labelling.add_inputs(inputs.clone(), lake, now).await;
        let inputs_new = self.lake.call(add).await?;
        // What is new concerns events that are stored.
        self.settle_at = Instant::now();
        self.telemetry.reloaded();
        tracing::info!(
            target: "service",
            policy_files_new = inputs_new,
            "the configuration is in force; {inputs_new} policy files are new"
        );
        Ok(true)
    }
}

/// What is done while a commit is made.
enum Meanwhile {
    /// Records are read that the next commit will store.
    ReadOn,
    /// Nothing: after this commit nothing may be left that was read before it.
    Wait,
}

/// When records are learned from, which asks the lake what others learned, too.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Learn {
    Always,
    WhenThereIsMore,
}

impl Shown {
    /// What is stored knows all that is known when it is stored; what was shown is
    /// not shown again for that.
    fn label_again(&mut self, labelling: &Labelling, now: DateTime<Utc>) {
        if self.labelled_with != labelling.policies_version() {
            let events = std::mem::take(Arc::make_mut(&mut self.events));
            self.events = Arc::new(labelling.label_again(events, self.labelled_with, now));
        }
    }
}

fn say_stored(appended: &Appended, advances: &[Advance], files: usize) {
    let read = match files {
        0 => None,
        1 => Some("1 file".to_owned()),
        _ => Some(format!("{files} files")),
    };
    let shown = (!advances.is_empty()).then(|| list(advances, POSITIONS_SHOWN));
    let said = [Some(appended.to_string()), read, shown];
    let said: Vec<String> = said.into_iter().flatten().collect();
    tracing::info!(
        target: "lake",
        events = appended.new,
        duplicates = appended.duplicates,
        rejected = appended.rejected,
        bytes_written = appended.bytes_written,
        files,
        positions = %list(advances, advances.len()),
        "{}",
        said.join("; ")
    );
}

/// Where the first sources stand now.
fn list(advances: &[Advance], most: usize) -> String {
    let one = |advance: &Advance| format!("{} at {}", advance.source, advance.to);
    let shown: Vec<String> = advances.iter().take(most).map(one).collect();
    match advances.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

impl Waiting {
    /// When it has waited long enough.
    fn due(&self, commit: &CommitSettings) -> Option<Instant> {
        Some(self.since? + commit.time_max())
    }
}
