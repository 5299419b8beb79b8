//! Labels of stored events, computed again when policies became known late.
//!
//! Copy on write: a file in which a label changed is written again, everything
//! but the columns of the label as it was, and one commit takes the old files
//! out, the new ones in, and says up to which version of the policy timeline
//! the labels are current.

use std::collections::{HashMap, HashSet};

use arrow_array::{ArrayRef, RecordBatch};
use arrow_row::{RowConverter, SortField};
use arrow_select::interleave::interleave;
use chrono::{DateTime, Utc};
use deltalake_core::DeltaTable;
use deltalake_core::kernel::{Action, Add, Transaction};
use deltalake_core::protocol::DeltaOperation;
use futures::TryStreamExt as _;
use trailwright_schemas::{COLUMNS, Column, Label, Limits, OfLabel, Record};

use crate::behind::Behind;
use crate::commit::{ATTEMPTS_MAX, Committed, commit};
use crate::data_file::DataFile;
use crate::encode::label_array;
use crate::error::LakeError;
use crate::file_name;
use crate::log;
use crate::parquet_file::{NewFile, PAGE_ROWS};
use crate::stored::{self, StoredFile};
use crate::table::EVENTS;

/// The application transaction of the table `events` whose version says up to
/// which version of `policy_timeline` the labels are current.
pub(crate) const LABELS: &str = "labels";

/// Which events to look at, by `event_time`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelabelScope {
    /// From this time on.
    pub since: DateTime<Utc>,
    /// From this time on, if it is earlier, those that others than this
    /// [`Lake`](crate::Lake) value stored or relabelled: the caller does not know
    /// with what, which may be less than it knew when it stored them.
    pub others_since: Option<DateTime<Utc>>,
    /// Before this time; `None`: to the end.
    pub until: Option<DateTime<Utc>>,
}

/// What relabelling did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relabelled {
    /// Events in the scope, whose label was computed again.
    pub examined: usize,
    /// Events whose label is another one now.
    pub changed: usize,
    /// Files written again.
    pub files_rewritten: usize,
    /// Bytes of Parquet written.
    pub bytes_written: u64,
}

impl std::ops::AddAssign for Relabelled {
    fn add_assign(&mut self, other: Self) {
        self.examined += other.examined;
        self.changed += other.changed;
        self.files_rewritten += other.files_rewritten;
        self.bytes_written += other.bytes_written;
    }
}

/// How labels are computed again.
#[derive(Clone, Copy)]
pub(crate) struct Relabelling<'r> {
    pub(crate) scope: RelabelScope,
    /// The version of the policy timeline that `label` knows.
    pub(crate) policies_version: i64,
    pub(crate) label: &'r (dyn Fn(&Record) -> Label + Sync),
    pub(crate) now: DateTime<Utc>,
}

/// What looking at one file showed. A file never changes, so this stays true
/// while others commit.
struct Looked {
    examined: usize,
    changed: usize,
    /// The file that is to take its place.
    rewritten: Option<Add>,
}

impl Relabelling<'_> {
    /// `own`: files whose labels all come from the caller.
    pub(crate) async fn run(
        &self,
        events: &mut DeltaTable,
        own: &mut HashSet<String>,
    ) -> Result<Relabelled, LakeError> {
        let refreshed = events.update_state().await;
        refreshed.map_err(LakeError::table("reload", EVENTS))?;
        let mut looked_at: HashMap<String, Looked> = HashMap::new();
        let mut behind_before = Behind::NOTHING;
        for _ in 0..ATTEMPTS_MAX {
            let current = log::transaction(events, LABELS).await?;
            self.refuse_newer(current)?;
            let behind = Behind::of(events).await?;
            if behind != behind_before {
                looked_at.clear();
                behind_before = behind;
            }
            let exchange = self.exchange(events, behind, own, &mut looked_at);
            let (relabelled, mut actions) = exchange.await?;
            if actions.is_empty() && behind.is_empty() && current == Some(self.policies_version) {
                return Ok(relabelled);
            }
            actions.push(Action::Txn(self.transaction()));
            if !behind.is_empty() {
                actions.extend(Behind::NOTHING.actions());
            }
            let operation = DeltaOperation::Update { predicate: None };
            match commit(events, EVENTS, operation, actions).await? {
                Committed::Yes => {
                    follow_own(own, &looked_at);
                    return Ok(relabelled);
                }
                Committed::OthersWereFaster => {}
            }
        }
        Err(LakeError::Contention {
            table: EVENTS,
            attempts: ATTEMPTS_MAX,
        })
    }

    fn refuse_newer(&self, current: Option<i64>) -> Result<(), LakeError> {
        match current {
            Some(labelled) if labelled > self.policies_version => Err(LakeError::LabelledSince {
                labelled,
                given: self.policies_version,
            }),
            _ => Ok(()),
        }
    }

    /// The actions that exchange the files in which a label changed. Looks only
    /// at files that it has not looked at.
    async fn exchange(
        &self,
        events: &DeltaTable,
        behind: Behind,
        own: &mut HashSet<String>,
        looked_at: &mut HashMap<String, Looked>,
    ) -> Result<(Relabelled, Vec<Action>), LakeError> {
        let mut relabelled = Relabelled::default();
        let mut actions = Vec::new();
        let files = stored::files(events, EVENTS)?;
        let names: HashSet<&str> = files.iter().map(|file| file.data.name.as_str()).collect();
        own.retain(|name| names.contains(name.as_str()));
        for file in files {
            let reach = self.reach(own.contains(&file.data.name), behind);
            if !reach.may_hold_rows_of(&file) {
                continue;
            }
            let looked = match looked_at.remove(&file.data.name) {
                Some(looked) => looked,
                None => self.look(events, &file, &reach).await?,
            };
            relabelled.count(&looked);
            if let Some(add) = &looked.rewritten {
                actions.push(Action::Remove(file.removed(true, self.now)));
                actions.push(Action::Add(add.clone()));
            }
            looked_at.insert(file.data.name, looked);
        }
        Ok((relabelled, actions))
    }

    /// What is looked at of one file.
    fn reach(&self, is_own: bool, behind: Behind) -> Reach {
        let RelabelScope {
            since,
            others_since,
            until,
        } = self.scope;
        let of_others = others_since.filter(|_| !is_own);
        Reach {
            since: of_others.map_or(since, |others_since| others_since.min(since)),
            until,
            behind,
        }
    }

    fn transaction(&self) -> Transaction {
        let now = self.now.timestamp_millis();
        Transaction::new_with_last_update(LABELS, self.policies_version, Some(now))
    }

    /// Computes the labels of one file again, and writes its successor when one
    /// of them changed.
    async fn look(
        &self,
        events: &DeltaTable,
        file: &StoredFile,
        reach: &Reach,
    ) -> Result<Looked, LakeError> {
        let (examined, places, labels) = self.compare(&file.data, reach).await?;
        let mut looked = Looked {
            examined,
            changed: places.len(),
            rewritten: None,
        };
        if !places.is_empty() {
            let rewritten = with_labels(&file.data, &places, &labels, self.now).await?;
            let (store, partition) = (events.object_store(), file.partition());
            let origin = file_name::origin(&file.data.name);
            let add = rewritten
                .finish()?
                .store(&store, &partition, origin, self.now);
            looked.rewritten = Some(add.await?);
        }
        Ok(looked)
    }

    /// How many rows are in the scope, and of those whose label changed the
    /// places in the file and the labels.
    async fn compare(
        &self,
        file: &DataFile,
        reach: &Reach,
    ) -> Result<(usize, Vec<usize>, Vec<Label>), LakeError> {
        let compared: Vec<(&Column, OfLabel)> = label_columns()
            .filter(|(column, _)| column.compared)
            .collect();
        let types = compared
            .iter()
            .map(|(column, _)| SortField::new(column.kind.data_type()));
        let rows = RowConverter::new(types.collect())?;
        let mut columns: Vec<&str> = compared.iter().map(|(column, _)| column.name).collect();
        columns.extend(["event_time", "raw"]);

        let (mut before, mut examined) = (0, 0);
        let (mut changed_places, mut changed_labels) = (Vec::new(), Vec::new());
        let mut batches = file.stream(&columns).await?;
        while let Some(batch) = batches
            .try_next()
            .await
            .map_err(|source| file.error(source))?
        {
            let (places, labels) = self.labels(file, &batch, before, reach)?;
            let stored = compared
                .iter()
                .map(|(column, _)| file.column(&batch, column.name));
            let stored = rows.convert_columns(&stored.collect::<Result<Vec<_>, _>>()?)?;
            let computed: Vec<ArrayRef> = compared
                .iter()
                .map(|(column, value)| label_array(column.kind, *value, &labels))
                .collect();
            let computed = rows.convert_columns(&computed)?;
            examined += labels.len();
            for ((place, label), computed) in places.into_iter().zip(labels).zip(&computed) {
                if stored.row(place) != computed {
                    changed_places.push(before + place);
                    changed_labels.push(label);
                }
            }
            before += batch.num_rows();
        }
        Ok((examined, changed_places, changed_labels))
    }

    /// The labels of the rows in the scope, and their places in the batch,
    /// which begins at row `before` of the file.
    fn labels(
        &self,
        file: &DataFile,
        batch: &RecordBatch,
        before: usize,
        reach: &Reach,
    ) -> Result<(Vec<usize>, Vec<Label>), LakeError> {
        let times = file.times(batch, "event_time")?;
        let raws = file.texts(batch, "raw")?;
        let in_scope = (0..batch.num_rows()).filter(|row| reach.holds(times.value(*row)));
        in_scope
            .map(|row| {
                let record = Record::parse(raws.value(row).as_bytes(), &Limits::NONE);
                let record = record.map_err(|(_, why)| {
                    file.damaged(format!("raw of row {} is no record: {why}", before + row))
                })?;
                Ok((row, (self.label)(&record)))
            })
            .collect()
    }
}

/// What took the place of one's own file is one's own.
fn follow_own(own: &mut HashSet<String>, looked_at: &HashMap<String, Looked>) {
    for (name, looked) in looked_at {
        if let Some(add) = &looked.rewritten
            && own.remove(name)
        {
            own.insert(add.path.clone());
        }
    }
}

impl Relabelled {
    fn count(&mut self, looked: &Looked) {
        self.examined += looked.examined;
        self.changed += looked.changed;
        if let Some(add) = &looked.rewritten {
            self.files_rewritten += 1;
            self.bytes_written += u64::try_from(add.size).unwrap_or_default();
        }
    }
}

/// What is looked at of one file.
struct Reach {
    since: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
    behind: Behind,
}

impl Reach {
    fn holds(&self, event_time_micros: i64) -> bool {
        let in_scope = self.since.timestamp_micros() <= event_time_micros
            && self
                .until
                .is_none_or(|until| event_time_micros < until.timestamp_micros());
        in_scope || self.behind.holds(event_time_micros)
    }

    /// False when the log says that no row of the file is looked at.
    fn may_hold_rows_of(&self, file: &StoredFile) -> bool {
        let (earliest, latest) = file.event_times();
        let too_early = latest.is_some_and(|latest| latest < self.since);
        let too_late = earliest
            .zip(self.until)
            .is_some_and(|(earliest, until)| until <= earliest);
        !too_early && !too_late || self.behind.may_reach(earliest, latest)
    }
}

/// The columns that come from the label.
fn label_columns() -> impl Iterator<Item = (&'static Column, OfLabel)> {
    COLUMNS
        .iter()
        .filter_map(|column| Some((column, column.of_label()?)))
}

/// Bytes of rows that are in memory at once.
const BYTES_OPEN: usize = 64 * 1024 * 1024;

/// The whole file with the labels at some places, in order, exchanged.
async fn with_labels(
    file: &DataFile,
    places: &[usize],
    labels: &[Label],
    now: DateTime<Utc>,
) -> Result<NewFile, LakeError> {
    let (mut batches, rows) = file.stream_all(BYTES_OPEN, PAGE_ROWS).await?;
    let mut rewritten = NewFile::successor(batches.schema().clone(), rows, now)?;
    let (mut before, mut done) = (0, 0);
    while let Some(batch) = batches
        .try_next()
        .await
        .map_err(|source| file.error(source))?
    {
        let end = before + batch.num_rows();
        let here = places[done..].partition_point(|place| *place < end);
        let within = |place: &usize| place - before;
        let here_places: Vec<usize> = places[done..done + here].iter().map(within).collect();
        let here_labels = &labels[done..done + here];
        rewritten.write(&exchanged(file, batch, &here_places, here_labels)?)?;
        (before, done) = (end, done + here);
    }
    Ok(rewritten)
}

/// A batch with the labels at some places exchanged.
fn exchanged(
    file: &DataFile,
    batch: RecordBatch,
    places: &[usize],
    labels: &[Label],
) -> Result<RecordBatch, LakeError> {
    if places.is_empty() {
        return Ok(batch);
    }
    let mut sources: Vec<(usize, usize)> = (0..batch.num_rows()).map(|row| (0, row)).collect();
    for (index, place) in places.iter().enumerate() {
        sources[*place] = (1, index);
    }
    let mut columns = batch.columns().to_vec();
    for (column, value) in label_columns() {
        let stored = file.column(&batch, column.name)?;
        let computed = label_array(column.kind, value, labels);
        let index = batch.schema_ref().index_of(column.name)?;
        columns[index] = interleave(&[stored.as_ref(), computed.as_ref()], &sources)?;
    }
    Ok(RecordBatch::try_new(batch.schema(), columns)?)
}
