//! Appending to the lake: each event once, all files of a commit or none.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use deltalake_core::kernel::{Action, Add};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use object_store::ObjectStore;
use sha2::{Digest, Sha256};
use trailwright_schemas::{Agreement, Decision, Event, Reason, Rejected, Scope};

use crate::behind::Behind;
use crate::beside::beside;
use crate::commit::{ATTEMPTS_MAX, Committed, adding, appending, commit};
use crate::encode::{event_batch, rejected_batch};
use crate::error::LakeError;
use crate::file_name;
use crate::lake::Lake;
use crate::parquet_file::{FinishedFile, NewFile};
use crate::positions::Advance;
use crate::seen::{Key, Known, Quarter};
use crate::stored;
use crate::table::EVENTS;

/// Rows that become arrays at once: arrays of a whole commit would be so large that
/// the system gives and takes their memory each time.
const ROWS_AT_ONCE: usize = 4096;

/// Files that are encoded and stored at once: a batch may have one for each Region,
/// and a store may be far away.
const FILES_AT_ONCE: usize = 4;

/// What an append did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// Events that were not in the lake before.
    pub new: usize,
    /// The new events by scope, decision and agreement.
    pub by_label: BTreeMap<(Scope, Decision, Agreement), usize>,
    /// Events the lake already held, with the same content.
    pub duplicates: usize,
    /// Rows added to `rejected`.
    pub rejected: usize,
    /// Rows that `rejected` already held.
    pub rejected_before: usize,
    /// Bytes of Parquet written.
    pub bytes_written: u64,
}

impl fmt::Display for Appended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            new,
            duplicates,
            rejected,
            ..
        } = self;
        write!(
            f,
            "stored {new} new events, {duplicates} duplicates, {rejected} rejected"
        )
    }
}

impl std::ops::AddAssign for Appended {
    fn add_assign(&mut self, other: Self) {
        self.new += other.new;
        for (label, count) in other.by_label {
            *self.by_label.entry(label).or_default() += count;
        }
        self.duplicates += other.duplicates;
        self.rejected += other.rejected;
        self.rejected_before += other.rejected_before;
        self.bytes_written += other.bytes_written;
    }
}

impl Lake {
    /// Stores what the lake does not hold yet, and the new positions of the
    /// sources it was read from, in one commit. `labelled_with` is the version of
    /// the policy timeline that the labels of the events know; `now` is the time
    /// of the commit.
    ///
    /// Running it again with the same input changes nothing. An event whose key
    /// is stored with other content goes to `rejected`, so that neither of the
    /// two is lost. Rejected rows are stored first: a position never passes
    /// something that is neither in `events` nor in `rejected`.
    ///
    /// [`LakeError::Overtaken`] says that a source does not stand where reading
    /// began, because another instance stored the same stretch: no event was
    /// stored, and reading has to begin again at [`Self::position`].
    pub async fn append<E: SharedEvent>(
        &mut self,
        events: &[E],
        rejected: &[Rejected],
        advances: &[Advance],
        labelled_with: i64,
        now: DateTime<Utc>,
    ) -> Result<Appended, LakeError> {
        let mut appended = self.append_rejected(rejected, now).await?;
        let stored = self.append_events(events, advances, labelled_with, now);
        appended += stored.await?;
        Ok(appended)
    }

    async fn append_events<E: SharedEvent>(
        &mut self,
        events: &[E],
        advances: &[Advance],
        labelled_with: i64,
        now: DateTime<Utc>,
    ) -> Result<Appended, LakeError> {
        let quarters = events.iter().map(|event| quarter(event.borrow()));
        let quarters: BTreeSet<Quarter> = quarters.collect();
        let mut appended = Appended::default();
        let mut conflicts = HashSet::new();
        for _ in 0..ATTEMPTS_MAX {
            self.catch_up().await?;
            self.hold_to(advances).await?;
            stored::load(&self.events, &mut self.seen, &quarters).await?;
            let sorted = self.sort_out(events);
            let mut rows: Vec<Rejected> = sorted.conflicting.into_iter().map(conflict).collect();
            rows.retain(|row| conflicts.insert(row.id()));
            appended += self.append_rejected(&rows, now).await?;
            let written = self.write_events(&sorted.new, now).await?;
            let new = sorted.new.iter().map(|(event, _)| (*event).borrow());
            let new: Vec<&Event> = new.collect();
            let mut actions = adding(written.iter().map(|file| file.add.clone()).collect());
            actions.extend(advances.iter().map(Advance::action));
            actions.extend(self.note_behind(&new, labelled_with).await?);
            if !actions.is_empty() {
                match commit(&mut self.events, EVENTS, appending(), actions).await? {
                    Committed::Yes => {}
                    Committed::OthersWereFaster => continue,
                }
            }
            appended.new = new.len();
            appended.by_label = by_label(&new);
            appended.duplicates = sorted.duplicates;
            for file in written {
                appended.bytes_written += u64::try_from(file.add.size).unwrap_or_default();
                let origin = file_name::origin_or_path(&file.add.path);
                self.own.insert(file.add.path.clone());
                for (quarter, keys) in file.keys {
                    self.seen.add(quarter, origin, keys);
                }
            }
            self.seen.shrink(&quarters);
            return Ok(appended);
        }
        Err(LakeError::Contention {
            table: EVENTS,
            attempts: ATTEMPTS_MAX,
        })
    }

    /// The note that the labels of `new` are behind, if they are.
    async fn note_behind(
        &mut self,
        new: &[&Event],
        labelled_with: i64,
    ) -> Result<Vec<Action>, LakeError> {
        let current = self.labels_current_to().await?.unwrap_or(0);
        if new.is_empty() || current <= labelled_with {
            return Ok(Vec::new());
        }
        let times = new.iter().map(|event| event.record.event_time);
        let behind = times.fold(self.behind().await?, Behind::with);
        Ok(behind.actions().into())
    }

    /// Makes sure that every source stands where the reading of this batch
    /// began.
    async fn hold_to(&mut self, advances: &[Advance]) -> Result<(), LakeError> {
        for advance in advances {
            let found = self.position(&advance.source).await?;
            if found != advance.from {
                return Err(LakeError::Overtaken {
                    position_of: advance.source.clone(),
                    expected: advance.from,
                    found,
                });
            }
        }
        Ok(())
    }

    /// Compares the batch with the lake, and with itself.
    fn sort_out<'e, E: SharedEvent>(&self, events: &'e [E]) -> Sorted<'e, E> {
        let (mut new, mut conflicting, mut duplicates) = (Vec::new(), Vec::new(), 0);
        let mut in_batch: HashMap<Key, u64> = HashMap::new();
        for shared in events {
            let event: &Event = shared.borrow();
            let key = Key::of_event(event);
            let content = &event.received.content;
            let known = match in_batch.get(&key) {
                None => self.seen.look_up(quarter(event), key, content),
                Some(other) if *other == content.short() => Known::Duplicate,
                Some(_) => Known::Conflicting,
            };
            match known {
                Known::New => {
                    in_batch.insert(key, content.short());
                    new.push((shared, key));
                }
                Known::Duplicate => duplicates += 1,
                Known::Conflicting => conflicting.push(event),
            }
        }
        Sorted {
            new,
            conflicting,
            duplicates,
        }
    }

    /// One file per partition, sorted so that the events of one principal lie
    /// together.
    async fn write_events<E: SharedEvent>(
        &self,
        events: &[(&E, Key)],
        now: DateTime<Utc>,
    ) -> Result<Vec<Written>, LakeError> {
        let mut partitions: BTreeMap<(&str, NaiveDate), Vec<(E, Key)>> = BTreeMap::new();
        for (shared, key) in events {
            let event: &Event = (*shared).borrow();
            partitions
                .entry((event.trail_region(), event.event_date()))
                .or_default()
                .push(((*shared).clone(), *key));
        }
        let store = self.events.object_store();
        let files = partitions
            .into_iter()
            .map(|((trail_region, date), events)| {
                let partition = [
                    ("trail_region", trail_region.to_owned()),
                    ("event_date", date.to_string()),
                ];
                write_file(&store, partition, events, now)
            });
        let files: Vec<_> = files.collect();
        let written = stream::iter(files).buffered(FILES_AT_ONCE);
        written.try_collect().await
    }

    async fn append_rejected(
        &mut self,
        rows: &[Rejected],
        now: DateTime<Utc>,
    ) -> Result<Appended, LakeError> {
        let encode = |new: &[&Rejected], _| rejected_batch(new);
        let new = self.rejected.append(rows, Rejected::id, encode, now);
        let new = new.await?;
        Ok(Appended {
            rejected: new,
            rejected_before: rows.len() - new,
            ..Appended::default()
        })
    }
}

/// An event that may be read elsewhere while this thread does something else.
pub trait SharedEvent: Borrow<Event> + Clone + Send + Sync + 'static {}

impl<E: Borrow<Event> + Clone + Send + Sync + 'static> SharedEvent for E {}

async fn write_file<E: SharedEvent>(
    store: &Arc<dyn ObjectStore>,
    partition: [(&str, String); 2],
    events: Vec<(E, Key)>,
    now: DateTime<Utc>,
) -> Result<Written, LakeError> {
    let (file, keys) = beside(move || encode(&events)).await?;
    let add = file.store(store, &partition, None, now).await?;
    Ok(Written { add, keys })
}

type Keys = HashMap<Quarter, Vec<(Key, u64)>>;

fn encode<E: SharedEvent>(events: &[(E, Key)]) -> Result<(FinishedFile, Keys), LakeError> {
    let mut rows: Vec<&Event> = events.iter().map(|(event, _)| event.borrow()).collect();
    rows.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
    let mut file = NewFile::begin(event_batch(&[])?.schema(), rows.len())?;
    for some in rows.chunks(ROWS_AT_ONCE) {
        file.write(&event_batch(some)?)?;
    }
    Ok((file.finish()?, keys_of(events)))
}

/// A file of events, and what it holds, which need not be read back.
struct Written {
    add: Add,
    keys: Keys,
}

fn by_label(events: &[&Event]) -> BTreeMap<(Scope, Decision, Agreement), usize> {
    let mut counts = BTreeMap::new();
    for event in events {
        let agreement = event.label.agreement_class.agreement();
        let label = (event.routing.scope, event.label.decision, agreement);
        *counts.entry(label).or_default() += 1;
    }
    counts
}

fn quarter(event: &Event) -> Quarter {
    Quarter::of(event.record.event_time)
}

fn keys_of<E: SharedEvent>(events: &[(E, Key)]) -> Keys {
    let mut keys = Keys::new();
    for (event, key) in events {
        let event: &Event = event.borrow();
        let key = (*key, event.received.content.short());
        keys.entry(quarter(event)).or_default().push(key);
    }
    keys
}

/// A batch, compared with the lake.
struct Sorted<'e, E> {
    new: Vec<(&'e E, Key)>,
    conflicting: Vec<&'e Event>,
    duplicates: usize,
}

fn sort_key(event: &Event) -> (Option<&str>, Option<&str>, DateTime<Utc>, Option<&str>) {
    let record = &event.record;
    let identity = &record.user_identity;
    let principal = identity.issuer().and_then(|issuer| issuer.arn.as_deref());
    (
        record.recipient_account_id.as_deref(),
        principal.or(identity.arn.as_deref()),
        record.event_time,
        record.event_id.as_deref(),
    )
}

fn conflict(event: &Event) -> Rejected {
    let record = &event.record;
    let original = event.received.raw.clone().into_bytes();
    Rejected {
        source: event.provenance.source.clone(),
        offset: event.provenance.offset,
        reason: Reason::ConflictingEventId,
        detail: format!(
            "eventID {} of account {} is stored with other content; both are kept, this one here",
            record.event_id.as_deref().unwrap_or("(none)"),
            record.recipient_account_id.as_deref().unwrap_or("(none)"),
        ),
        original_sha256: if event.received.redacted_fields.is_empty() {
            Sha256::digest(&original).into()
        } else {
            event.received.raw_sha256
        },
        original,
        original_complete: true,
        redacted_fields: event.received.redacted_fields.clone(),
        rejected_at: event.provenance.ingested_at,
    }
}
