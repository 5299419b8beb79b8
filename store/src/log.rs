//! What was committed to the table `events`, read once from its log: where
//! sources stand, and which files took the place of which.

use std::collections::HashMap;

use deltalake_core::kernel::Action;
use deltalake_core::logstore::get_actions;
use deltalake_core::{DeltaTable, DeltaTableError};

use crate::error::LakeError;
use crate::file_name;
use crate::table::EVENTS;

/// A commit that changed no row: compaction. Files are named by their origins
/// ([`EventFile`](crate::EventFile)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exchange {
    /// What was taken out.
    pub(crate) removed: Vec<String>,
    /// What holds the same rows now.
    pub(crate) added: Vec<String>,
    /// The same by the names of the files.
    pub(crate) removed_files: Vec<String>,
    pub(crate) added_files: Vec<String>,
}

/// The positions asked for so far, kept up to date from the log: asking the
/// library would read the log back to its last checkpoint, for each source.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// The version of the table up to which the log was read.
    version: Option<u64>,
    positions: HashMap<String, Option<i64>>,
}

impl Log {
    /// Reads the log from the version known to the one loaded. An entry that is
    /// not there any more makes all positions unknown. Of what was committed
    /// before the first call nothing is told.
    pub(crate) async fn catch_up(
        &mut self,
        table: &DeltaTable,
    ) -> Result<Vec<Exchange>, LakeError> {
        let loaded = table.version();
        let (Some(known), Some(end)) = (self.version, loaded) else {
            self.version = loaded;
            return Ok(Vec::new());
        };
        if end < known {
            self.positions.clear();
        }
        let mut exchanges = Vec::new();
        for version in known + 1..=end {
            match entry(table, version).await? {
                None => self.positions.clear(),
                Some(actions) => {
                    self.take_positions(&actions);
                    exchanges.extend(exchange(&actions));
                }
            }
            self.version = Some(version);
        }
        self.version = loaded;
        Ok(exchanges)
    }

    /// Where `source` stands at the version of the table that is loaded, to
    /// which [`catch_up`](Self::catch_up) came.
    pub(crate) async fn position(
        &mut self,
        table: &DeltaTable,
        source: &str,
    ) -> Result<Option<i64>, LakeError> {
        if let Some(position) = self.positions.get(source) {
            return Ok(*position);
        }
        let position = transaction(table, source).await?;
        self.positions.insert(source.to_owned(), position);
        Ok(position)
    }

    fn take_positions(&mut self, actions: &[Action]) {
        for action in actions {
            if let Action::Txn(transaction) = action {
                let position = Some(transaction.version);
                self.positions.insert(transaction.app_id.clone(), position);
            }
        }
    }
}

/// The version of an application transaction in the table that is loaded, read
/// from its log.
pub(crate) async fn transaction(table: &DeltaTable, id: &str) -> Result<Option<i64>, LakeError> {
    let log = table.log_store();
    let snapshot = table.snapshot().map_err(unreadable())?;
    let version = snapshot.transaction_version(&*log, id).await;
    version.map_err(unreadable())
}

/// What a commit did; `None` when its entry is not there any more.
pub(crate) async fn entry(
    table: &DeltaTable,
    version: u64,
) -> Result<Option<Vec<Action>>, LakeError> {
    let stored = table.log_store().read_commit_entry(version).await;
    let Some(stored) = stored.map_err(unreadable())? else {
        return Ok(None);
    };
    get_actions(version, &stored)
        .map(Some)
        .map_err(unreadable())
}

fn unreadable() -> impl FnOnce(DeltaTableError) -> LakeError {
    LakeError::table("read the log of", EVENTS)
}

/// What a commit exchanged, if that is all it did to files.
fn exchange(actions: &[Action]) -> Option<Exchange> {
    let mut removed_files = Vec::new();
    let mut added_files = Vec::new();
    for action in actions {
        match action {
            Action::Remove(remove) if !remove.data_change => {
                removed_files.push(remove.path.clone());
            }
            Action::Add(add) if !add.data_change => added_files.push(add.path.clone()),
            Action::Remove(_) | Action::Add(_) => return None,
            _ => {}
        }
    }
    if removed_files.is_empty() || added_files.is_empty() {
        return None;
    }
    let origin = |path: &String| file_name::origin_or_path(path).to_owned();
    Some(Exchange {
        removed: removed_files.iter().map(origin).collect(),
        added: added_files.iter().map(origin).collect(),
        removed_files,
        added_files,
    })
}
