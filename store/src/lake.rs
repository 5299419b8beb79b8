//! Appending to the lake: each event once, all files of a commit or none.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use deltalake_core::DeltaTable;
use deltalake_core::kernel::{Action, Add};
use object_store::ObjectStore;
use sha2::{Digest, Sha256};
use trailwright_schemas::{Event, Label, PolicyInput, Reason, Record, Rejected};

use crate::behind::Behind;
use crate::commit::{ATTEMPTS_MAX, Committed, adding, appending, commit};
use crate::encode::{event_batch, policy_input_batch, rejected_batch};
use crate::error::LakeError;
use crate::keyed_table::KeyedTable;
use crate::location::Location;
use crate::parquet_file;
use crate::policy_inputs;
use crate::positions::{Advance, Positions};
use crate::relabel::{self, RelabelScope, Relabelled, Relabelling};
use crate::seen::{Key, Known, Seen};
use crate::stored::{self, StoredFile};
use crate::table::{EVENTS, EVENTS_TABLE, POLICY_TIMELINE_TABLE, REJECTED_TABLE};

/// A lake, open for reading and appending.
#[derive(Debug)]
pub struct Lake {
    location: Location,
    store: Arc<dyn ObjectStore>,
    events: DeltaTable,
    seen: Seen,
    /// Files whose labels all come from this value: those it wrote, until others
    /// write them again.
    own: HashSet<String>,
    positions: Positions,
    rejected: KeyedTable,
    /// `None` in a lake from before there was one, until it gets an input.
    policy_timeline: Option<KeyedTable>,
}

/// What an append did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// Events that were not in the lake before.
    pub new: usize,
    /// Events the lake already held, with the same content.
    pub duplicates: usize,
    /// Rows added to `rejected`.
    pub rejected: usize,
    /// Rows that `rejected` already held.
    pub rejected_before: usize,
    /// Bytes of Parquet written.
    pub bytes_written: u64,
}

impl std::ops::AddAssign for Appended {
    fn add_assign(&mut self, other: Self) {
        self.new += other.new;
        self.duplicates += other.duplicates;
        self.rejected += other.rejected;
        self.rejected_before += other.rejected_before;
        self.bytes_written += other.bytes_written;
    }
}

impl Lake {
    /// Opens a lake that exists. `store` is the root of the file system or the
    /// bucket that `location` names.
    pub async fn open(location: Location, store: Arc<dyn ObjectStore>) -> Result<Self, LakeError> {
        let events = EVENTS_TABLE.open(&location, &store).await?;
        let rejected = REJECTED_TABLE.open(&location, &store).await?;
        let (Some(events), Some(rejected)) = (events, rejected) else {
            return Err(LakeError::NotFound {
                location: location.to_string(),
            });
        };
        let policy_timeline = POLICY_TIMELINE_TABLE.open(&location, &store).await?;
        let lake = Self::with(location, store, events, rejected);
        Ok(Self {
            policy_timeline: policy_timeline.map(keyed_policy_timeline),
            ..lake
        })
    }

    /// Opens a lake and makes what is missing of it first.
    pub async fn open_or_create(
        location: Location,
        store: Arc<dyn ObjectStore>,
    ) -> Result<Self, LakeError> {
        let events = EVENTS_TABLE.open_or_create(&location, &store).await?;
        let rejected = REJECTED_TABLE.open_or_create(&location, &store).await?;
        let policy_timeline = POLICY_TIMELINE_TABLE.open_or_create(&location, &store);
        let policy_timeline = keyed_policy_timeline(policy_timeline.await?);
        let lake = Self::with(location, store, events, rejected);
        Ok(Self {
            policy_timeline: Some(policy_timeline),
            ..lake
        })
    }

    fn with(
        location: Location,
        store: Arc<dyn ObjectStore>,
        events: DeltaTable,
        rejected: DeltaTable,
    ) -> Self {
        Self {
            location,
            store,
            events,
            seen: Seen::default(),
            own: HashSet::new(),
            positions: Positions::default(),
            rejected: KeyedTable::new(rejected, &REJECTED_TABLE, "rejected_id"),
            policy_timeline: None,
        }
    }

    /// Where it lies.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// The table of events, as of the last append or opening.
    pub fn events(&self) -> &DeltaTable {
        &self.events
    }

    /// The table of rejected rows, as of the last append or opening.
    pub fn rejected(&self) -> &DeltaTable {
        self.rejected.table()
    }

    /// The table of what the policy timeline is made from, as of the last
    /// append or opening; `None` in a lake from before there was one.
    pub fn policy_timeline(&self) -> Option<&DeltaTable> {
        self.policy_timeline.as_ref().map(KeyedTable::table)
    }

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
    pub async fn append(
        &mut self,
        events: &[Event],
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

    /// Where `source` stands, as of the last append, refresh or opening. `None`
    /// when nothing of it was ever stored.
    pub async fn position(&mut self, source: &str) -> Result<Option<i64>, LakeError> {
        self.positions.of(&self.events, source).await
    }

    async fn append_events(
        &mut self,
        events: &[Event],
        advances: &[Advance],
        labelled_with: i64,
        now: DateTime<Utc>,
    ) -> Result<Appended, LakeError> {
        let days: HashSet<NaiveDate> = events.iter().map(Event::event_date).collect();
        let mut appended = Appended::default();
        let mut conflicts = HashSet::new();
        for _ in 0..ATTEMPTS_MAX {
            self.hold_to(advances).await?;
            for date in &days {
                stored::load_day(&self.events, &mut self.seen, *date).await?;
            }
            let sorted = self.sort_out(events);
            let mut rows: Vec<Rejected> = sorted.conflicting.into_iter().map(conflict).collect();
            rows.retain(|row| conflicts.insert(row.id()));
            appended += self.append_rejected(&rows, now).await?;
            let written = self.write_events(&sorted.new, now).await?;
            let mut actions = adding(written.iter().map(|file| file.add.clone()).collect());
            actions.extend(advances.iter().map(Advance::action));
            actions.extend(self.behind(&sorted.new, labelled_with).await?);
            if !actions.is_empty() {
                match commit(&mut self.events, EVENTS, appending(), actions).await? {
                    Committed::Yes => {}
                    Committed::OthersWereFaster => continue,
                }
            }
            appended.new = sorted.new.len();
            appended.duplicates = sorted.duplicates;
            for file in written {
                appended.bytes_written += u64::try_from(file.add.size).unwrap_or_default();
                let origin = parquet_file::origin(&file.add.path).unwrap_or(&file.add.path);
                self.own.insert(file.add.path.clone());
                self.seen.day(file.date).add(origin.to_owned(), file.keys);
            }
            self.seen.shrink(&days);
            return Ok(appended);
        }
        Err(LakeError::Contention {
            table: EVENTS,
            attempts: ATTEMPTS_MAX,
        })
    }

    /// The note that the labels of `new` are behind, if they are.
    async fn behind(
        &mut self,
        new: &[&Event],
        labelled_with: i64,
    ) -> Result<Vec<Action>, LakeError> {
        let current = self.labels_current_to().await?.unwrap_or(0);
        if new.is_empty() || current <= labelled_with {
            return Ok(Vec::new());
        }
        let stored = Behind::of(&mut self.positions, &self.events).await?;
        let times = new.iter().map(|event| event.record.event_time);
        Ok(times.fold(stored, Behind::with).actions().into())
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
    fn sort_out<'e>(&mut self, events: &'e [Event]) -> Sorted<'e> {
        let mut sorted = Sorted::default();
        let mut in_batch: HashMap<Key, u64> = HashMap::new();
        for event in events {
            let key = Key::of_event(event);
            let content = &event.received.content;
            let known = match in_batch.get(&key) {
                None => self.seen.day(event.event_date()).look_up(key, content),
                Some(other) if *other == content.short() => Known::Duplicate,
                Some(_) => Known::Conflicting,
            };
            match known {
                Known::New => {
                    in_batch.insert(key, content.short());
                    sorted.new.push(event);
                }
                Known::Duplicate => sorted.duplicates += 1,
                Known::Conflicting => sorted.conflicting.push(event),
            }
        }
        sorted
    }

    /// One file per partition, sorted so that the events of one principal lie
    /// together.
    async fn write_events(
        &self,
        events: &[&Event],
        now: DateTime<Utc>,
    ) -> Result<Vec<Written>, LakeError> {
        let mut partitions: BTreeMap<(&str, NaiveDate), Vec<&Event>> = BTreeMap::new();
        for event in events {
            partitions
                .entry((event.trail_region(), event.event_date()))
                .or_default()
                .push(event);
        }
        let store = self.events.object_store();
        let mut written = Vec::with_capacity(partitions.len());
        for ((trail_region, date), mut rows) in partitions {
            rows.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
            let partition = [
                ("trail_region", trail_region.to_owned()),
                ("event_date", date.to_string()),
            ];
            let batch = event_batch(&rows)?;
            written.push(Written {
                add: parquet_file::write(&store, &partition, None, &batch, now).await?,
                date,
                keys: rows.iter().map(|event| key_and_content(event)).collect(),
            });
        }
        Ok(written)
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

    /// Stores the inputs of the policy timeline that are not there yet, and
    /// says how many they were.
    pub async fn append_policy_inputs(
        &mut self,
        inputs: Vec<PolicyInput>,
        now: DateTime<Utc>,
    ) -> Result<usize, LakeError> {
        let timeline = match &mut self.policy_timeline {
            Some(timeline) => timeline,
            missing => {
                let table = POLICY_TIMELINE_TABLE.open_or_create(&self.location, &self.store);
                missing.insert(keyed_policy_timeline(table.await?))
            }
        };
        let id = |input: &PolicyInput| input.input_id.clone();
        timeline.append(&inputs, id, policy_input_batch, now).await
    }

    /// All inputs of the policy timeline, as of the last append, refresh or
    /// opening, in the order of `timeline_version` and `input_id`.
    pub async fn policy_inputs(&self) -> Result<Vec<PolicyInput>, LakeError> {
        self.policy_inputs_after(0).await
    }

    /// Those of [`policy_inputs`](Self::policy_inputs) that came after a version
    /// of the policy timeline. Reads only files that may hold one.
    pub async fn policy_inputs_after(&self, version: i64) -> Result<Vec<PolicyInput>, LakeError> {
        let Some(timeline) = &self.policy_timeline else {
            return Ok(Vec::new());
        };
        let may_hold = |file: &StoredFile| {
            let last = file.maximum("timeline_version");
            last.and_then(|last| last.as_i64())
                .is_none_or(|last| last > version)
        };
        let mut inputs = timeline.read(may_hold, policy_inputs::decode).await?;
        inputs.retain(|input| input.timeline_version.is_none_or(|known| known > version));
        inputs.sort_by(|a, b| {
            let a = (a.timeline_version, &a.input_id);
            a.cmp(&(b.timeline_version, &b.input_id))
        });
        Ok(inputs)
    }

    /// The version of the policy timeline as of the last append or opening; 0
    /// while it is empty.
    pub fn policy_timeline_version(&self) -> i64 {
        self.policy_timeline.as_ref().map_or(0, KeyedTable::version)
    }

    /// Computes the labels of the events in `scope` again and stores those that
    /// changed, in one commit: readers see all of the old labels or all of the
    /// new ones. `label` knows the policy timeline up to `policies_version`,
    /// and the caller vouches that nothing outside of `scope` depends on what
    /// became known since [`labels_current_to`](Self::labels_current_to). Events
    /// whose labels are [behind](Self::labels_are_behind) are looked at, too.
    ///
    /// Labels that differ only in when they were made are the same label. All
    /// columns that do not come from the label stay as they are.
    ///
    /// Memory: one file at a time, of at most 100,000 rows and 256 MB of records
    /// as an append writes them. To compare, `raw` and the label of a thousand
    /// rows and the labels that changed; to write it again, all of its columns
    /// once, and the new file.
    pub async fn relabel(
        &mut self,
        scope: &RelabelScope,
        policies_version: i64,
        label: &(dyn Fn(&Record) -> Label + Sync),
        now: DateTime<Utc>,
    ) -> Result<Relabelled, LakeError> {
        let relabelling = Relabelling {
            scope: *scope,
            policies_version,
            label,
            now,
        };
        let Self {
            events,
            positions,
            own,
            ..
        } = self;
        relabelling.run(events, positions, own).await
    }

    /// Up to which version of the policy timeline the labels are current, as of
    /// the last append or opening; `None` before the first relabelling.
    pub async fn labels_current_to(&mut self) -> Result<Option<i64>, LakeError> {
        self.position(relabel::LABELS).await
    }

    /// True when events were stored, by anyone, with labels that know less than
    /// [`labels_current_to`](Self::labels_current_to) says, because others
    /// relabelled while they were on their way. The next [`Self::relabel`] makes
    /// their labels anew, whatever its scope.
    pub async fn labels_are_behind(&mut self) -> Result<bool, LakeError> {
        let behind = Behind::of(&mut self.positions, &self.events).await?;
        Ok(!behind.is_empty())
    }

    /// Loads what others committed. True when there was anything.
    pub async fn refresh(&mut self) -> Result<bool, LakeError> {
        let before = self.versions();
        self.events
            .update_state()
            .await
            .map_err(LakeError::table("reload", EVENTS))?;
        self.rejected.refresh().await?;
        match &mut self.policy_timeline {
            Some(timeline) => timeline.refresh().await?,
            None => {
                let table = POLICY_TIMELINE_TABLE.open(&self.location, &self.store);
                self.policy_timeline = table.await?.map(keyed_policy_timeline);
            }
        }
        Ok(before != self.versions())
    }

    fn versions(&self) -> (Option<u64>, i64, i64) {
        (
            self.events.version(),
            self.rejected.version(),
            self.policy_timeline_version(),
        )
    }

    /// The files that hold events.
    pub fn event_files(&self) -> Result<Vec<EventFile>, LakeError> {
        let files = stored::files(&self.events, EVENTS)?;
        let files = files.into_iter().map(|file| EventFile {
            origin: file.origin().to_owned(),
            path: file.name,
        });
        Ok(files.collect())
    }
}

/// A file that holds events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventFile {
    /// Its path within the table.
    pub path: String,
    /// Stands for the events in it: a file in which only labels are new has the
    /// origin of the one whose place it took.
    pub origin: String,
}

fn keyed_policy_timeline(table: DeltaTable) -> KeyedTable {
    KeyedTable::new(table, &POLICY_TIMELINE_TABLE, "input_id")
}

/// A file of events, and what it holds, which need not be read back.
struct Written {
    add: Add,
    date: NaiveDate,
    keys: Vec<(Key, u64)>,
}

fn key_and_content(event: &Event) -> (Key, u64) {
    (Key::of_event(event), event.received.content.short())
}

/// A batch, compared with the lake.
#[derive(Default)]
struct Sorted<'e> {
    new: Vec<&'e Event>,
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
