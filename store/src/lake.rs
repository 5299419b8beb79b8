//! A lake: its tables, and what this process knows of them.

mod ledger;

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use deltalake_core::DeltaTable;
use object_store::ObjectStore;
use trailwright_schemas::{Label, Record};

use crate::behind::{self, Behind};
use crate::error::LakeError;
use crate::keyed_table::KeyedTable;
use crate::later::{self, Later};
use crate::lazy_table::LazyTable;
use crate::location::Location;
use crate::log::Log;
use crate::relabel::{self, RelabelScope, Relabelled, Relabelling};
use crate::seen::Seen;
use crate::stored;
use crate::table::{
    Definition, EVENTS, EVENTS_TABLE, FILES, FILES_TABLE, POLICY_TIMELINE, POLICY_TIMELINE_TABLE,
    REJECTED, REJECTED_TABLE, REPLAYED, REPLAYED_TABLE,
};

/// A lake, open for reading and appending.
#[derive(Debug)]
pub struct Lake {
    location: Location,
    store: Arc<dyn ObjectStore>,
    pub(crate) events: DeltaTable,
    pub(crate) seen: Seen,
    /// Files whose labels all come from this value: those it wrote, and those
    /// into which such files went, until others write them again.
    pub(crate) own: HashSet<String>,
    log: Log,
    pub(crate) rejected: KeyedTable,
    /// `None` in a lake from before there was one, until it gets an input.
    policy_timeline: Option<KeyedTable>,
    files: LazyTable,
    replayed: LazyTable,
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
        let mut lake = Self::with(location, store, events, rejected);
        lake.policy_timeline = policy_timeline.map(keyed_policy_timeline);
        lake.open_ledger().await?;
        Ok(lake)
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
        let mut lake = Self::with(location, store, events, rejected);
        lake.policy_timeline = Some(policy_timeline);
        lake.open_ledger().await?;
        Ok(lake)
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
            log: Log::default(),
            rejected: KeyedTable::new(rejected, &REJECTED_TABLE, "rejected_id"),
            policy_timeline: None,
            files: LazyTable::new(&FILES_TABLE, "file_id"),
            replayed: LazyTable::new(&REPLAYED_TABLE, "rejected_id"),
        }
    }

    /// Opens the same lake once more, for work beside this one.
    pub async fn reopen(&self) -> Result<Self, LakeError> {
        Self::open(self.location.clone(), self.store.clone()).await
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

    pub(crate) fn keyed_policy_timeline(&self) -> Option<&KeyedTable> {
        self.policy_timeline.as_ref()
    }

    /// The policy timeline, made if there is none.
    pub(crate) async fn policy_timeline_mut(&mut self) -> Result<&mut KeyedTable, LakeError> {
        match &mut self.policy_timeline {
            Some(timeline) => Ok(timeline),
            missing => {
                let table = POLICY_TIMELINE_TABLE.open_or_create(&self.location, &self.store);
                Ok(missing.insert(keyed_policy_timeline(table.await?)))
            }
        }
    }

    /// Every table there is.
    pub(crate) fn tables_mut(&mut self) -> Vec<(&'static Definition, &mut DeltaTable)> {
        let later = [
            (&POLICY_TIMELINE_TABLE, self.policy_timeline.as_mut()),
            (&FILES_TABLE, self.files.table_mut()),
            (&REPLAYED_TABLE, self.replayed.table_mut()),
        ];
        let mut tables = vec![
            (&EVENTS_TABLE, &mut self.events),
            (&REJECTED_TABLE, self.rejected.table_mut()),
        ];
        for (definition, table) in later {
            tables.extend(table.map(|table| (definition, table.table_mut())));
        }
        tables
    }

    /// Where `source` stands, as of the last append, refresh or opening. `None`
    /// when nothing of it was ever stored.
    pub async fn position(&mut self, source: &str) -> Result<Option<i64>, LakeError> {
        self.catch_up().await?;
        self.log.position(&self.events, source).await
    }

    /// Takes in which files hold the rows of others now: what is known of those
    /// holds for these.
    pub(crate) async fn catch_up(&mut self) -> Result<(), LakeError> {
        for exchange in self.log.catch_up(&self.events).await? {
            self.seen.exchange(&exchange);
            let are_own = |file: &String| self.own.contains(file);
            if exchange.removed_files.iter().all(are_own) {
                self.own.extend(exchange.added_files);
            }
            for file in &exchange.removed_files {
                self.own.remove(file);
            }
        }
        Ok(())
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
    /// Memory: one file at a time. To compare, `raw` and the label of a thousand
    /// rows and the labels that changed; to write it again, 64 MiB of its rows,
    /// and the new file, compressed.
    pub async fn relabel(
        &mut self,
        scope: &RelabelScope,
        policies_version: i64,
        label: &(dyn Fn(&Record) -> Label + Sync),
        now: DateTime<Utc>,
    ) -> Result<Relabelled, LakeError> {
        self.catch_up().await?;
        let relabelling = Relabelling {
            scope: *scope,
            policies_version,
            label,
            now,
        };
        relabelling.run(&mut self.events, &mut self.own).await
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
        Ok(!self.behind().await?.is_empty())
    }

    pub(crate) async fn behind(&mut self) -> Result<Behind, LakeError> {
        let since = self.position(behind::SINCE).await?;
        Ok(Behind::between(since, self.position(behind::UNTIL).await?))
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

    /// The version of each table, as of the last append, refresh or opening;
    /// none of a table that there is not.
    pub fn table_versions(&self) -> [(&'static str, Option<u64>); 5] {
        let version = |table: Option<&DeltaTable>| table.and_then(DeltaTable::version);
        [
            (EVENTS, version(Some(self.events()))),
            (REJECTED, version(Some(self.rejected()))),
            (POLICY_TIMELINE, version(self.policy_timeline())),
            (FILES, version(self.files())),
            (REPLAYED, version(self.replayed())),
        ]
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
            path: file.data.name,
        });
        Ok(files.collect())
    }

    /// The version of the table `events` that is loaded.
    pub fn version(&self) -> u64 {
        self.events.version().unwrap_or_default()
    }

    /// What was stored after a version of the table `events`, up to the one
    /// loaded, in the order of the commits: each event once, whatever was done to
    /// the files since. [`LakeError::NoSuchVersion`] when the log does not reach
    /// back so far, or not so far ahead.
    pub async fn events_after(&self, version: u64) -> Result<Vec<Later>, LakeError> {
        later::after(&self.events, version).await
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
