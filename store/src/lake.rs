//! Appending to the lake: each event once, all files of a commit or none.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use deltalake_core::DeltaTable;
use deltalake_core::kernel::Add;
use object_store::ObjectStore;
use sha2::{Digest, Sha256};
use trailwright_schemas::{Event, Reason, Rejected};

use crate::commit::{Committed, adding, appending, commit};
use crate::encode::{event_batch, rejected_batch};
use crate::error::LakeError;
use crate::location::Location;
use crate::parquet_file;
use crate::positions::{Advance, Positions};
use crate::seen::{Key, Known, Seen};
use crate::stored_keys;
use crate::table::{EVENTS, EVENTS_TABLE, REJECTED, REJECTED_TABLE};

/// How often a commit is tried while other writers are faster.
const ATTEMPTS_MAX: usize = 50;

/// A lake, open for reading and appending.
#[derive(Debug)]
pub struct Lake {
    location: Location,
    events: DeltaTable,
    rejected: DeltaTable,
    seen: Seen,
    positions: Positions,
    rejected_files: HashSet<String>,
    rejected_ids: HashSet<u128>,
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
        match (events, rejected) {
            (Some(events), Some(rejected)) => Ok(Self::with(location, events, rejected)),
            _ => Err(LakeError::NotFound {
                location: location.to_string(),
            }),
        }
    }

    /// Opens a lake and makes it first if need be.
    pub async fn open_or_create(
        location: Location,
        store: Arc<dyn ObjectStore>,
    ) -> Result<Self, LakeError> {
        let events = EVENTS_TABLE.open_or_create(&location, &store).await?;
        let rejected = REJECTED_TABLE.open_or_create(&location, &store).await?;
        Ok(Self::with(location, events, rejected))
    }

    fn with(location: Location, events: DeltaTable, rejected: DeltaTable) -> Self {
        Self {
            location,
            events,
            rejected,
            seen: Seen::default(),
            positions: Positions::default(),
            rejected_files: HashSet::new(),
            rejected_ids: HashSet::new(),
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
        &self.rejected
    }

    /// Stores what the lake does not hold yet, and the new positions of the
    /// sources it was read from, in one commit. `now` is the time of the commit.
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
        now: DateTime<Utc>,
    ) -> Result<Appended, LakeError> {
        let mut appended = self.append_rejected(rejected, now).await?;
        appended += self.append_events(events, advances, now).await?;
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
        now: DateTime<Utc>,
    ) -> Result<Appended, LakeError> {
        let days: HashSet<NaiveDate> = events.iter().map(Event::event_date).collect();
        let mut appended = Appended::default();
        let mut conflicts = HashSet::new();
        for _ in 0..ATTEMPTS_MAX {
            self.hold_to(advances).await?;
            for date in &days {
                stored_keys::load_day(&self.events, &mut self.seen, *date).await?;
            }
            let sorted = self.sort_out(events);
            let mut rows: Vec<Rejected> = sorted.conflicting.into_iter().map(conflict).collect();
            rows.retain(|row| conflicts.insert(row.id()));
            appended += self.append_rejected(&rows, now).await?;
            let written = self.write_events(&sorted.new, now).await?;
            let mut actions = adding(written.iter().map(|file| file.add.clone()).collect());
            actions.extend(advances.iter().map(Advance::action));
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
                self.seen.day(file.date).add_file(file.add.path, file.keys);
            }
            self.seen.shrink(&days);
            return Ok(appended);
        }
        Err(LakeError::Contention {
            table: EVENTS,
            attempts: ATTEMPTS_MAX,
        })
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
            written.push(Written {
                add: parquet_file::write(&store, &partition, &event_batch(&rows)?, now).await?,
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
        for _ in 0..ATTEMPTS_MAX {
            if rows.is_empty() {
                return Ok(Appended::default());
            }
            stored_keys::load_rejected(
                &self.rejected,
                &mut self.rejected_files,
                &mut self.rejected_ids,
            )
            .await?;
            let mut in_batch = HashSet::new();
            let new: Vec<&Rejected> = rows
                .iter()
                .filter(|row| {
                    let id = stored_keys::rejected_key(&row.id());
                    !self.rejected_ids.contains(&id) && in_batch.insert(id)
                })
                .collect();
            let mut appended = Appended {
                rejected_before: rows.len() - new.len(),
                ..Appended::default()
            };
            if !new.is_empty() {
                appended.rejected = new.len();
                let store = self.rejected.object_store();
                let add = parquet_file::write(&store, &[], &rejected_batch(&new)?, now).await?;
                let actions = adding(vec![add]);
                match commit(&mut self.rejected, REJECTED, appending(), actions).await? {
                    Committed::Yes => {}
                    Committed::OthersWereFaster => continue,
                }
            }
            return Ok(appended);
        }
        Err(LakeError::Contention {
            table: REJECTED,
            attempts: ATTEMPTS_MAX,
        })
    }

    /// Loads what others committed. True when there was anything.
    pub async fn refresh(&mut self) -> Result<bool, LakeError> {
        let before = (self.events.version(), self.rejected.version());
        self.events
            .update_state()
            .await
            .map_err(LakeError::table("reload", EVENTS))?;
        self.rejected
            .update_state()
            .await
            .map_err(LakeError::table("reload", REJECTED))?;
        Ok(before != (self.events.version(), self.rejected.version()))
    }

    /// Paths, within the table, of the files that hold events.
    pub fn event_files(&self) -> Result<Vec<String>, LakeError> {
        let snapshot = self
            .events
            .snapshot()
            .map_err(LakeError::table("read", EVENTS))?;
        Ok(snapshot
            .log_data()
            .iter()
            .map(|file| file.path().into_owned())
            .collect())
    }
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
