//! Retention by the time of events: what is older than wanted goes, unless a
//! legal hold covers it.
//!
//! A row goes when more days than wanted have passed since its own UTC day, so
//! that as a rule whole files go, by what the log says of them. A file of which
//! only a part goes is written again. One commit takes out all that goes, and
//! says by whom and by which rule.

use std::collections::{BTreeMap, HashMap};

use arrow_array::BooleanArray;
use arrow_select::filter::filter_record_batch;
use chrono::{DateTime, NaiveDate, Utc};
use deltalake_core::DeltaTable;
use deltalake_core::kernel::{Action, Add};
use deltalake_core::protocol::DeltaOperation;
use futures::TryStreamExt as _;
use serde_json::json;

use crate::commit::{ATTEMPTS_MAX, Committed, commit_recorded, record};
use crate::error::LakeError;
use crate::file_name;
use crate::parquet_file::{NewFile, PAGE_ROWS};
use crate::retention::{Fate, Retention, Rule};
use crate::stored::{self, StoredFile};

/// What retention did to a table, or would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retained {
    /// `events` or `rejected`.
    pub table: &'static str,
    /// Rows that go.
    pub rows: usize,
    /// Files that go as a whole.
    pub files_dropped: usize,
    /// Files of which a part goes.
    pub files_rewritten: usize,
    /// The first and the last day of which rows go, as far as the log tells.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// Rows that would go, by the hold that keeps them: the first that covers
    /// them.
    pub held: BTreeMap<String, usize>,
}

/// What is known of a file. It never changes, so this stays true while others
/// commit.
struct Looked {
    /// Rows that go.
    going: usize,
    /// Rows that would go, by the hold that keeps them.
    held: BTreeMap<String, usize>,
    outcome: Outcome,
}

/// What becomes of a file.
enum Outcome {
    Stays,
    Goes,
    /// Of each row whether it stays.
    StaysInPart(Vec<bool>),
    /// The file that is to take its place is written.
    Rewritten(Box<Add>),
}

/// One table and its rule, at one time.
pub(crate) struct Retaining<'r> {
    rule: Rule<'r>,
    now: DateTime<Utc>,
}

impl<'r> Retaining<'r> {
    pub(crate) fn new(table: &'static str, retention: &'r Retention, now: DateTime<Utc>) -> Self {
        let rule = Rule {
            table,
            retention,
            today: now.date_naive(),
        };
        Self { rule, now }
    }

    /// What would go of the table as it is loaded.
    pub(crate) async fn plan(&self, table: &DeltaTable) -> Result<Retained, LakeError> {
        let mut retained = self.nothing();
        for file in stored::files(table, self.rule.table)? {
            let looked = self.look(&file).await?;
            retained.count(&file, &looked);
        }
        Ok(retained)
    }

    /// Takes out what is to go.
    pub(crate) async fn run(&self, table: &mut DeltaTable) -> Result<Retained, LakeError> {
        let refreshed = table.update_state().await;
        refreshed.map_err(LakeError::table("reload", self.rule.table))?;
        let mut looked_at: HashMap<String, Looked> = HashMap::new();
        for _ in 0..ATTEMPTS_MAX {
            let (retained, actions) = self.exchange(table, &mut looked_at).await?;
            if actions.is_empty() {
                return Ok(retained);
            }
            let operation = DeltaOperation::Delete {
                predicate: Some(self.rule.text()),
            };
            let record = self.record(&retained);
            match commit_recorded(table, self.rule.table, operation, record, actions).await? {
                Committed::Yes => return Ok(retained),
                Committed::OthersWereFaster => {}
            }
        }
        Err(LakeError::Contention {
            table: self.rule.table,
            attempts: ATTEMPTS_MAX,
        })
    }

    fn nothing(&self) -> Retained {
        Retained {
            table: self.rule.table,
            rows: 0,
            files_dropped: 0,
            files_rewritten: 0,
            days: None,
            held: BTreeMap::new(),
        }
    }

    /// The actions that take out what goes. Looks only at files that it has not
    /// looked at.
    async fn exchange(
        &self,
        table: &DeltaTable,
        looked_at: &mut HashMap<String, Looked>,
    ) -> Result<(Retained, Vec<Action>), LakeError> {
        let mut retained = self.nothing();
        let mut actions = Vec::new();
        for file in stored::files(table, self.rule.table)? {
            let mut looked = match looked_at.remove(&file.data.name) {
                Some(looked) => looked,
                None => self.look(&file).await?,
            };
            retained.count(&file, &looked);
            if let Outcome::StaysInPart(stays) = &looked.outcome {
                let add = self.rewrite(table, &file, stays).await?;
                looked.outcome = Outcome::Rewritten(Box::new(add));
            }
            if !matches!(looked.outcome, Outcome::Stays) {
                actions.push(Action::Remove(file.removed(true, self.now)));
            }
            if let Outcome::Rewritten(add) = &looked.outcome {
                actions.push(Action::Add(add.as_ref().clone()));
            }
            looked_at.insert(file.data.name, looked);
        }
        Ok((retained, actions))
    }

    /// Judges a file by what the log says, or else its rows.
    async fn look(&self, file: &StoredFile) -> Result<Looked, LakeError> {
        let whole = |going, outcome| Looked {
            going,
            held: BTreeMap::new(),
            outcome,
        };
        match self.rule.of_file(file) {
            Some(Fate::Goes) => Ok(whole(file.rows(), Outcome::Goes)),
            Some(_) => Ok(whole(0, Outcome::Stays)),
            None => self.look_at_rows(file).await,
        }
    }

    async fn look_at_rows(&self, file: &StoredFile) -> Result<Looked, LakeError> {
        let fates = self.rule.of_rows(&file.data).await?;
        let going = fates.iter().filter(|fate| **fate == Fate::Goes).count();
        let mut held = BTreeMap::new();
        for fate in &fates {
            if let Fate::Held(hold) = fate {
                let name = self.rule.retention.holds[*hold].name.clone();
                *held.entry(name).or_default() += 1;
            }
        }
        let outcome = if going == 0 {
            Outcome::Stays
        } else if going == fates.len() {
            Outcome::Goes
        } else if file.has_deletion_vector() {
            return Err(file.data.damaged(
                "a part of it is to go, but another program marked rows of it as gone (a deletion vector), so it cannot be written again: let that program do so (in Spark: REORG TABLE … APPLY (PURGE))".to_owned(),
            ));
        } else {
            Outcome::StaysInPart(fates.iter().map(|fate| *fate != Fate::Goes).collect())
        };
        Ok(Looked {
            going,
            held,
            outcome,
        })
    }

    /// Writes the rows of a file that stay, in their order.
    async fn rewrite(
        &self,
        table: &DeltaTable,
        file: &StoredFile,
        stays: &[bool],
    ) -> Result<Add, LakeError> {
        let data = &file.data;
        let (mut batches, rows) = data.stream_all(BYTES_OPEN, PAGE_ROWS).await?;
        let mut rewritten = NewFile::successor(batches.schema().clone(), rows, self.now)?;
        let mut before = 0;
        while let Some(batch) = batches
            .try_next()
            .await
            .map_err(|source| data.error(source))?
        {
            let end = before + batch.num_rows();
            let mask = BooleanArray::from(stays[before..end].to_vec());
            rewritten.write(&filter_record_batch(&batch, &mask)?)?;
            before = end;
        }
        let origin = file_name::origin(&data.name);
        let store = table.object_store();
        let partition = file.partition();
        rewritten
            .finish()?
            .store(&store, &partition, origin, self.now)
            .await
    }

    fn record(&self, retained: &Retained) -> HashMap<String, serde_json::Value> {
        let holds = self.rule.retention.holds.iter();
        let holds: Vec<String> = holds
            .map(|hold| format!("{} ({})", hold.name, hold.reason))
            .collect();
        let parameters = [
            ("rowsRemoved", json!(retained.rows)),
            ("rowsHeld", json!(retained.held)),
            ("filesDropped", json!(retained.files_dropped)),
            ("filesRewritten", json!(retained.files_rewritten)),
            ("holds", json!(holds.join("; "))),
        ];
        record(&self.rule.retention.by, parameters)
    }
}

/// Bytes of rows that are in memory at once.
const BYTES_OPEN: usize = 64 * 1024 * 1024;

impl Retained {
    fn count(&mut self, file: &StoredFile, looked: &Looked) {
        for (hold, rows) in &looked.held {
            *self.held.entry(hold.clone()).or_default() += rows;
        }
        match looked.outcome {
            Outcome::Stays => return,
            Outcome::Goes => self.files_dropped += 1,
            Outcome::StaysInPart(_) | Outcome::Rewritten(_) => self.files_rewritten += 1,
        }
        self.rows += looked.going;
        let date = file.event_date();
        let date = date.or_else(|| Some(file.earliest("rejected_at")?.date_naive()));
        if let Some(date) = date {
            let (first, last) = self.days.unwrap_or((date, date));
            self.days = Some((first.min(date), last.max(date)));
        }
    }
}
