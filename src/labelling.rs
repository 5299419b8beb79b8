//! Labelling a stream of events while the timeline of policies grows with it,
//! and labelling again what a change concerns that came late.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use chrono::{DateTime, Utc};
use trailwright_enrich::policies::{Concern, Concerned, PolicyFile};
use trailwright_enrich::{LabelOptions, Labeller};
use trailwright_ingest::Parsed;
use trailwright_ingest::route::Router;
use trailwright_schemas::{Event, Label, PolicyInput, SignIn};
use trailwright_store::{Lake, LakeError, RelabelScope, Relabelled};

use crate::policies;

/// The labelling stage with its state.
pub(crate) struct Labelling {
    labeller: Labeller,
    stored: Stored,
    /// From when on stored events have to be labelled again.
    due: Option<DateTime<Utc>>,
}

impl Labelling {
    /// Begins with the timeline that the lake keeps and the files given.
    pub(crate) async fn begin(
        lake: &mut Lake,
        files: &[PolicyFile],
        options: LabelOptions,
        now: DateTime<Utc>,
    ) -> Result<Self, LakeError> {
        let stored = Stored::of(lake)?;
        let (mut timeline, mut concerns) = policies::kept(lake).await?;
        concerns.extend(policies::add_files(&mut timeline, files, lake, now).await?);
        let mut labelling = Self {
            labeller: Labeller::new(timeline, options),
            stored,
            due: None,
        };
        labelling.consider(&concerns);
        Ok(labelling)
    }

    /// Routes and labels what is about to be stored. What changes policies goes
    /// into the timeline first, and into the lake before the events whose labels
    /// rest on it.
    pub(crate) async fn label(
        &mut self,
        parsed: Vec<Parsed>,
        router: &Router,
        lake: &mut Lake,
        now: DateTime<Utc>,
    ) -> Result<Vec<Event>, LakeError> {
        let timeline = self.labeller.timeline();
        let changes = parsed.iter().filter(|one| timeline.is_change(&one.record));
        let inputs: Vec<PolicyInput> = changes
            .map(|one| {
                let source = &one.provenance.source;
                PolicyInput::of_event(&one.record, &one.received, source, now)
            })
            .collect();
        if !inputs.is_empty() {
            lake.append_policy_inputs(inputs, now).await?;
            let records = parsed.iter().map(|one| &one.record);
            let concerns = self.labeller.timeline_mut().add_records(records);
            self.consider(&concerns);
        }
        let events = in_parallel(parsed, &|one| event(one, router, &self.labeller, now));
        for event in &events {
            self.stored.note(event);
        }
        Ok(events)
    }

    /// Labels again what changes concern that came after it, and says in the
    /// lake up to which version of the timeline labels are current.
    pub(crate) async fn settle(
        &mut self,
        lake: &mut Lake,
        now: DateTime<Utc>,
    ) -> Result<Relabelled, LakeError> {
        let version = lake.policy_timeline_version();
        let current = lake.labels_current_to().await?;
        if self.due.is_none() && current.unwrap_or(0) >= version {
            return Ok(Relabelled::default());
        }
        let scope = RelabelScope {
            since: self.due.unwrap_or(DateTime::<Utc>::MAX_UTC),
            until: None,
        };
        let label = |record: &_| -> Label { self.labeller.label(record, now) };
        let relabelled = lake.relabel(&scope, version, &label, now).await?;
        self.due = None;
        Ok(relabelled)
    }

    fn consider(&mut self, concerns: &[Concern]) {
        let late = concerns
            .iter()
            .filter_map(|concern| self.stored.late(concern));
        self.due = late.chain(self.due).min();
    }
}

/// One record through routing and labelling.
fn event(parsed: Parsed, router: &Router, labeller: &Labeller, now: DateTime<Utc>) -> Event {
    let Parsed {
        record,
        received,
        provenance,
    } = parsed;
    let routing = router.route(&record);
    let label = labeller.label(&record, now);
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

/// Below this many records a thread costs more than it saves.
const RECORDS_PER_THREAD_MIN: usize = 256;

/// `work` on every record, in order, on all processors.
fn in_parallel(parsed: Vec<Parsed>, work: &(dyn Fn(Parsed) -> Event + Sync)) -> Vec<Event> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = parsed.len().div_ceil(threads).max(RECORDS_PER_THREAD_MIN);
    let mut shares = Vec::new();
    let mut rest = parsed;
    while rest.len() > share {
        let tail = rest.split_off(share);
        shares.push(std::mem::replace(&mut rest, tail));
    }
    let of_share = |share: Vec<Parsed>| share.into_iter().map(work).collect::<Vec<Event>>();
    std::thread::scope(|scope| {
        let running: Vec<_> = shares
            .into_iter()
            .map(|share| scope.spawn(move || of_share(share)))
            .collect();
        let last = of_share(rest);
        let mut events: Vec<Event> = Vec::new();
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

/// Up to which time events are stored with labels, so that a change that comes
/// after an event it concerns is recognised.
struct Stored {
    /// Of what was there before: it is not known whose events these are.
    before: Option<DateTime<Utc>>,
    newest: Option<DateTime<Utc>>,
    /// The newest event by hash of a principal, session or asked-for role: 16
    /// bytes each.
    by: HashMap<u64, DateTime<Utc>>,
}

impl Stored {
    fn of(lake: &Lake) -> Result<Self, LakeError> {
        let newest = lake.newest_event_time()?;
        Ok(Self {
            before: newest,
            newest,
            by: HashMap::new(),
        })
    }

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

    /// From when on stored labels may rest on too little; `None` when the
    /// change came before everything that it concerns.
    fn late(&self, concern: &Concern) -> Option<DateTime<Utc>> {
        let since = concern.since.unwrap_or(DateTime::<Utc>::MIN_UTC);
        let newest = match &concern.who {
            Concerned::Everyone => self.newest,
            Concerned::Principal { account, name } => {
                self.by.get(&hash(&["entity", account, name])).copied()
            }
            Concerned::Session(key) => self.by.get(&hash(&["session", key])).copied(),
        };
        newest.max(self.before).filter(|newest| *newest >= since)?;
        Some(since)
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
