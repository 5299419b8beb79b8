//! Where sources stand: application transactions of the table `events`.

use std::collections::HashMap;

use deltalake_core::kernel::{Action, Transaction};
use deltalake_core::logstore::get_actions;
use deltalake_core::{DeltaTable, DeltaTableError};

use crate::error::LakeError;
use crate::table::EVENTS;

/// A step of one source, such as a topic partition, that the lake takes in the
/// same commit as what was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advance {
    /// The source's name; the ID of the application transaction.
    pub source: String,
    /// Where the source stood when reading began; `None` at the very beginning.
    pub from: Option<i64>,
    /// Where it stands now: the next offset to read.
    pub to: i64,
}

impl Advance {
    pub(crate) fn action(&self) -> Action {
        Action::Txn(Transaction {
            app_id: self.source.clone(),
            version: self.to,
            last_updated: None,
        })
    }
}

/// The positions asked for so far, kept up to date from the log: asking the
/// library would read the log back to its last checkpoint, for each source.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    /// The version of the table up to which `known` is right.
    version: Option<u64>,
    known: HashMap<String, Option<i64>>,
}

impl Positions {
    /// Where `source` stands at the version of the table that is loaded.
    pub(crate) async fn of(
        &mut self,
        table: &DeltaTable,
        source: &str,
    ) -> Result<Option<i64>, LakeError> {
        let found = match self.catch_up(table).await {
            Ok(()) => self.look_up(table, source).await,
            Err(error) => Err(error),
        };
        found.map_err(LakeError::table("read the positions in", EVENTS))
    }

    async fn look_up(
        &mut self,
        table: &DeltaTable,
        source: &str,
    ) -> Result<Option<i64>, DeltaTableError> {
        if let Some(position) = self.known.get(source) {
            return Ok(*position);
        }
        let log = table.log_store();
        let position = table.snapshot()?.transaction_version(&*log, source).await?;
        self.known.insert(source.to_owned(), position);
        Ok(position)
    }

    /// Follows the log from the version known to the one loaded. An entry that
    /// is not there any more makes everything unknown.
    async fn catch_up(&mut self, table: &DeltaTable) -> Result<(), DeltaTableError> {
        let loaded = table.version();
        if self.known.is_empty() || self.version.is_none() || loaded < self.version {
            self.known.clear();
            self.version = loaded;
        }
        let (Some(known), Some(loaded)) = (self.version, loaded) else {
            return Ok(());
        };
        for version in known + 1..=loaded {
            match table.log_store().read_commit_entry(version).await? {
                None => self.known.clear(),
                Some(entry) => self.apply(&get_actions(version, &entry)?),
            }
            self.version = Some(version);
        }
        Ok(())
    }

    fn apply(&mut self, actions: &[Action]) {
        for action in actions {
            if let Action::Txn(transaction) = action {
                let position = Some(transaction.version);
                self.known.insert(transaction.app_id.clone(), position);
            }
        }
    }
}
