//! Labelling a stream of events while the timeline of policies grows with it,
//! and labelling again what a change concerns that came late.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use trailwright_enrich::policies::{Concern, Concerned, PolicyFile, Timeline};
use trailwright_enrich::{LabelOptions, Labeller};
use trailwright_ingest::Parsed;
use trailwright_ingest::route::Router;
use trailwright_schemas::{Event, Label, PolicyInput, Record, SignIn};
use trailwright_store::{Lake, LakeError, RelabelScope, Relabelled};

use crate::policies;

/// The labelling stage with its state. Several may work on one lake: each takes
/// in what the others put into the lake's timeline.
pub(crate) struct Labelling {
    labeller: Labeller,
    /// The version of the lake's timeline that the labeller knows.
    known: i64,
    stored: Stored,
    /// What came to be known after [`Lake::labels_current_to`].
    open: Vec<Open>,
    /// What was learned since events were last handed over to be stored: versions of
    /// the lake's timeline, and from when on each concerns events.
    learned: Vec<(i64, DateTime<Utc>)>,
}

/// A concern that stored labels may not know.
struct Open {
    /// The version of the lake's timeline that brought it.
    version: i64,
    /// From when on it concerns events.
    since: DateTime<Utc>,
    /// Whether this instance had stored events that it concerns.
    late: bool,
}

impl Labelling {
    /// Begins with the timeline that the lake keeps and the files given.
    pub(crate) async fn begin(
        lake: &mut Lake,
        files: &[PolicyFile],
        options: LabelOptions,
        now: DateTime<Utc>,
    ) -> Result<Self, LakeError> {
        let snapshots = policies::snapshots(files, now);
        let mut labelling = Self {
            labeller: Labeller::new(Timeline::default(), options),
            known: 0,
            stored: Stored::default(),
            open: Vec::new(),
            learned: Vec::new(),
        };
        labelling.add_inputs(snapshots, lake, now).await?;
        Ok(labelling)
    }

    /// Labels by other options from now on. What is stored keeps its labels and
    /// the assumptions that they name.
    pub(crate) fn set_options(&mut self, options: LabelOptions) {
        self.labeller.set_options(options);
    }

    /// Puts exports of policies into the lake and takes them in; says how many
    /// it did not have yet.
    pub(crate) async fn add_inputs(
        &mut self,
        inputs: Vec<PolicyInput>,
        lake: &mut Lake,
        now: DateTime<Utc>,
    ) -> Result<usize, LakeError> {
        let added = lake.append_policy_inputs(inputs, now).await?;
        self.take_in(lake).await?;
        Ok(added)
    }

    /// Puts what changes policies into the lake, before the events whose labels
    /// rest on it, and takes in what others put there.
    pub(crate) async fn learn(
        &mut self,
        parsed: &[Parsed],
        lake: &mut Lake,
        now: DateTime<Utc>,
    ) -> Result<(), LakeError> {
        let timeline = self.labeller.timeline();
        let changes = parsed.iter().filter(|one| timeline.is_change(&one.record));
        let inputs = changes.map(|one| {
            let source = &one.provenance.source;
            PolicyInput::of_event(&one.record, &one.received, source, now)
        });
        lake.append_policy_inputs(inputs.collect(), now).await?;
        lake.refresh().await?;
        self.take_in(lake).await
    }

    async fn take_in(&mut self, lake: &mut Lake) -> Result<(), LakeError> {
        let current = lake.labels_current_to().await?.unwrap_or(0);
        self.open.retain(|open| open.version > current);
        let version = lake.policy_timeline_version();
        if version == self.known {
            return Ok(());
        }
        let inputs = lake.policy_inputs_after(self.known).await?;
        for (version, inputs) in policies::by_version(&inputs) {
            let concerns = policies::add(self.labeller.timeline_mut(), inputs);
            let opened = concerns.iter().map(|concern| Open {
                version,
                since: concern.since.unwrap_or(DateTime::<Utc>::MIN_UTC),
                late: self.stored.is_late(concern),
            });
            let opened: Vec<Open> = opened.collect();
            let since = opened.iter().map(|open| open.since).min();
            self.learned.extend(since.map(|since| (version, since)));
            if version > current {
                self.open.extend(opened);
            }
        }
        self.known = version;
        Ok(())
    }

    /// True when one of the records changes policies.
    pub(crate) fn has_to_learn(&self, parsed: &[Parsed]) -> bool {
        let timeline = self.labeller.timeline();
        parsed.iter().any(|one| timeline.is_change(&one.record))
    }

    /// Routes and labels by what was learned.
    pub(crate) fn label(
        &self,
        parsed: Vec<Parsed>,
        router: &Router,
        now: DateTime<Utc>,
    ) -> Vec<Arc<Event>> {
        in_parallel(parsed, &|share| {
            let events = events(share, router, &self.labeller, now);
            events.into_iter().map(Arc::new).collect()
        })
    }

    /// Labels those of events that are not stored yet again which may be concerned by
    /// what was learned after this version of the lake's timeline.
    pub(crate) fn label_again(
        &self,
        events: Vec<Arc<Event>>,
        labelled_with: i64,
        now: DateTime<Utc>,
    ) -> Vec<Arc<Event>> {
        let learned = self.learned.iter();
        let later = learned.filter(|(version, _)| *version > labelled_with);
        match later.map(|(_, since)| *since).min() {
            Some(since) => in_parallel(events, &|share| again(share, since, &self.labeller, now)),
            None => events,
        }
    }

    /// To be called with everything that was labelled when it is about to be stored,
    /// so that a change that comes after it is recognised as late.
    pub(crate) fn storing<'e>(&mut self, events: impl IntoIterator<Item = &'e Arc<Event>>) {
        self.learned.clear();
        for event in events {
            self.stored.note(event);
        }
    }

    /// The version of the lake's timeline that labels know which are made now.
    pub(crate) fn policies_version(&self) -> i64 {
        self.known
    }

    /// To be called when a batch is stored: if others relabelled with what it
    /// does not know, they could not see it.
    pub(crate) async fn after_append(
        &mut self,
        lake: &mut Lake,
        now: DateTime<Utc>,
    ) -> Result<Relabelled, LakeError> {
        if !lake.labels_are_behind().await? {
            return Ok(Relabelled::default());
        }
        self.settle(lake, now).await
    }

    /// Labels again what changes concern that came after it, and says in the
    /// lake up to which version of the timeline labels are current.
    pub(crate) async fn settle(
        &mut self,
        lake: &mut Lake,
        now: DateTime<Utc>,
    ) -> Result<Relabelled, LakeError> {
        loop {
            lake.refresh().await?;
            self.take_in(lake).await?;
            let current = lake.labels_current_to().await?.unwrap_or(0);
            if current >= self.known && !lake.labels_are_behind().await? {
                return Ok(Relabelled::default());
            }
            let scope = self.scope();
            let label = |record: &_| -> Label { self.labeller.label(record, now) };
            match lake.relabel(&scope, self.known, &label, now).await {
                Err(LakeError::LabelledSince { .. }) => {}
                relabelled => {
                    let relabelled = relabelled?;
                    self.open.clear();
                    return Ok(relabelled);
                }
            }
        }
    }

    /// What may have a label that does not know enough. How others labelled
    /// their events, or will have until the commit, is not known here.
    fn scope(&self) -> RelabelScope {
        let late = self.open.iter().filter(|open| open.late);
        let since = late.map(|open| open.since).min();
        RelabelScope {
            since: since.unwrap_or(DateTime::<Utc>::MAX_UTC),
            others_since: self.open.iter().map(|open| open.since).min(),
            until: None,
        }
    }
}

/// Records through routing and labelling.
pub(crate) fn events(
    parsed: Vec<Parsed>,
    router: &Router,
    labeller: &Labeller,
    now: DateTime<Utc>,
) -> Vec<Event> {
    let records: Vec<&Record> = parsed.iter().map(|one| &*one.record).collect();
    let labels = labeller.label_all(&records, now);
    let with_label = |(one, label): (Parsed, Label)| Event {
        routing: router.route(&one.record),
        sign_in: SignIn::of(&one.record),
        record: one.record,
        received: one.received,
        provenance: one.provenance,
        label: Box::new(label),
    };
    parsed.into_iter().zip(labels).map(with_label).collect()
}

/// Labels events again from a time on. What others still hold is copied.
fn again(
    mut events: Vec<Arc<Event>>,
    since: DateTime<Utc>,
    labeller: &Labeller,
    now: DateTime<Utc>,
) -> Vec<Arc<Event>> {
    let concerned = |event: &&Arc<Event>| event.record.event_time >= since;
    let records = events.iter().filter(concerned);
    let records: Vec<&Record> = records.map(|event| &*event.record).collect();
    let labels = labeller.label_all(&records, now);
    let concerned = |event: &&mut Arc<Event>| event.record.event_time >= since;
    for (event, label) in events.iter_mut().filter(concerned).zip(labels) {
        *Arc::make_mut(event).label = label;
    }
    events
}

/// Below this many records a thread costs more than it saves.
const RECORDS_PER_THREAD_MIN: usize = 256;

/// `work` on shares of the records, in order, on all processors.
fn in_parallel<R: Send>(
    records: Vec<R>,
    work: &(dyn Fn(Vec<R>) -> Vec<Arc<Event>> + Sync),
) -> Vec<Arc<Event>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = records.len().div_ceil(threads).max(RECORDS_PER_THREAD_MIN);
    let mut shares = Vec::new();
    let mut rest = records;
    while rest.len() > share {
        let tail = rest.split_off(share);
        shares.push(std::mem::replace(&mut rest, tail));
    }
    std::thread::scope(|scope| {
        let running: Vec<_> = shares
            .into_iter()
            .map(|share| scope.spawn(move || work(share)))
            .collect();
        let last = work(rest);
        let mut events = Vec::new();
        for thread in running {
            match thread.join() {
                Ok(done) => events.extend(done),
                // A defect in labelling is one here too.
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        events.extend(last);
        events
    })
}

/// Up to which time this instance stored events with labels, so that a change
/// that comes after an event it concerns is recognised.
#[derive(Default)]
struct Stored {
    newest: Option<DateTime<Utc>>,
    /// The newest event by hash of a principal, session or asked-for role: 16
    /// bytes each.
    by: HashMap<u64, DateTime<Utc>>,
}

impl Stored {
    fn note(&mut self, event: &Event) {
        let time = event.record.event_time;
        self.newest = self.newest.max(Some(time));
        let label = &event.label;
        let entities = label.principal_arn.iter().chain(&label.resources);
        let entities = entities.filter_map(|arn| hash_of_arn(arn));
        let identity = &event.record.user_identity;
        let sessions = [&identity.access_key_id, &identity.arn];
        let sessions = sessions
            .into_iter()
            .flatten()
            .map(|key| hash(&["session", key]));
        for hash in entities.chain(sessions) {
            let newest = self.by.entry(hash).or_insert(time);
            *newest = time.max(*newest);
        }
    }

    /// Whether a change came after something that it concerns.
    fn is_late(&self, concern: &Concern) -> bool {
        let newest = match &concern.who {
            Concerned::Everyone => self.newest,
            Concerned::Principal { account, name } => {
                self.by.get(&hash(&["entity", account, name])).copied()
            }
            Concerned::Session(key) => self.by.get(&hash(&["session", key])).copied(),
        };
        newest.is_some_and(|newest| concern.since.is_none_or(|since| newest >= since))
    }
}

/// Users, groups and roles by account and name, whatever their path.
fn hash_of_arn(arn: &str) -> Option<u64> {
    let mut parts = arn.splitn(6, ':').skip(2);
    let iam = parts.next()? == "iam";
    let (account, resource) = (parts.nth(1)?, parts.next()?);
    iam.then(|| Some(hash(&["entity", account, resource.rsplit('/').next()?])))?
}

fn hash(parts: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
pub(crate) mod records;
#[cfg(test)]
mod tests;
