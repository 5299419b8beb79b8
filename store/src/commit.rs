//! Committing files to a Delta table.
//!
//! Two rules. A commit is valid only on top of the version it was computed
//! from, because a commit in between may have stored the same events: the
//! library's own retry is off, and the caller looks again. And an error does
//! not mean that nothing was committed, because the answer may have been lost:
//! after any error the table is loaded again and asked.

use std::collections::HashSet;

use deltalake_core::kernel::transaction::CommitBuilder;
use deltalake_core::kernel::{Action, Add};
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use deltalake_core::{DeltaTable, DeltaTableError};

use crate::error::LakeError;

/// How a commit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Committed {
    /// The files are in the table, which is loaded at that version.
    Yes,
    /// Others committed first; the table is loaded at their version.
    OthersWereFaster,
}

pub(crate) async fn commit(
    table: &mut DeltaTable,
    name: &'static str,
    adds: Vec<Add>,
) -> Result<Committed, LakeError> {
    let before = table.version();
    let paths: HashSet<String> = adds.iter().map(|add| add.path.clone()).collect();
    let Err(error) = try_commit(table, adds).await else {
        table
            .update_state()
            .await
            .map_err(LakeError::table("reload", name))?;
        return Ok(Committed::Yes);
    };
    table
        .update_state()
        .await
        .map_err(LakeError::table("reload", name))?;
    if names_all(table, &paths)? {
        return Ok(Committed::Yes);
    }
    if table.version() > before {
        return Ok(Committed::OthersWereFaster);
    }
    Err(LakeError::table("commit to", name)(error))
}

async fn try_commit(table: &DeltaTable, adds: Vec<Add>) -> Result<(), DeltaTableError> {
    let operation = DeltaOperation::Write {
        mode: SaveMode::Append,
        partition_by: None,
        predicate: None,
    };
    CommitBuilder::default()
        .with_actions(adds.into_iter().map(Action::Add).collect())
        .with_max_retries(0)
        .build(Some(table.snapshot()?), table.log_store(), operation)
        .await
        .map(|_| ())
}

fn names_all(table: &DeltaTable, paths: &HashSet<String>) -> Result<bool, LakeError> {
    let snapshot = table
        .snapshot()
        .map_err(LakeError::table("read", "the log"))?;
    let found = snapshot
        .log_data()
        .iter()
        .filter(|file| paths.contains(file.path().as_ref()))
        .count();
    Ok(found == paths.len())
}
