//! Committing to a Delta table: files added and removed, application
//! transactions.
//!
//! Two rules. A commit is valid only on top of the version it was computed
//! from, because a commit in between may have stored the same events: the
//! library's own retry is off, and the caller looks again. And an error does
//! not mean that nothing was committed, because the answer may have been lost:
//! after any error the log is asked.

use std::collections::HashMap;

use deltalake_core::kernel::transaction::CommitBuilder;
use deltalake_core::kernel::{Action, Add};
use deltalake_core::logstore::get_actions;
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use deltalake_core::{DeltaTable, DeltaTableError};
use serde_json::{Value, json};

use crate::error::LakeError;

/// How often a commit is tried while other writers are faster.
pub(crate) const ATTEMPTS_MAX: usize = 50;

/// How a commit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Committed {
    /// The actions are in the log, and the table is loaded with them.
    Yes,
    /// Others committed first; the table is loaded at their version.
    OthersWereFaster,
}

/// What the history says of a commit that only adds.
pub(crate) fn appending() -> DeltaOperation {
    DeltaOperation::Write {
        mode: SaveMode::Append,
        partition_by: None,
        predicate: None,
    }
}

/// The actions that add these files.
pub(crate) fn adding(adds: Vec<Add>) -> Vec<Action> {
    adds.into_iter().map(Action::Add).collect()
}

/// Commits `actions`, all or none. `operation` is what the table's history
/// says of them.
pub(crate) async fn commit(
    table: &mut DeltaTable,
    name: &'static str,
    operation: DeltaOperation,
    actions: Vec<Action>,
) -> Result<Committed, LakeError> {
    commit_recorded(table, name, operation, HashMap::new(), actions).await
}

/// What the history says beside the operation: by whom, and the parameters.
pub(crate) fn record<const N: usize>(
    by: &str,
    parameters: [(&str, Value); N],
) -> HashMap<String, Value> {
    // Of parameters the history keeps text.
    let text = |value: Value| match value {
        Value::String(text) => json!(text),
        other => json!(other.to_string()),
    };
    let parameters = parameters.map(|(name, value)| (name.to_owned(), text(value)));
    HashMap::from([
        ("userName".to_owned(), json!(by)),
        (
            "operationParameters".to_owned(),
            Value::Object(parameters.into_iter().collect()),
        ),
    ])
}

/// As [`commit`], with a [`record`].
pub(crate) async fn commit_recorded(
    table: &mut DeltaTable,
    name: &'static str,
    operation: DeltaOperation,
    record: HashMap<String, Value>,
    actions: Vec<Action>,
) -> Result<Committed, LakeError> {
    let before = table.version();
    let tried = try_commit(table, operation, record, actions.clone()).await;
    table
        .update_state()
        .await
        .map_err(LakeError::table("reload", name))?;
    let Err(error) = tried else {
        return Ok(Committed::Yes);
    };
    if table.version() == before {
        return Err(LakeError::table("commit to", name)(error));
    }
    // Without retries there is one version that can be ours: the next one.
    let ours = before.map_or(0, |version| version + 1);
    match holds(table, ours, &actions).await {
        Ok(true) => Ok(Committed::Yes),
        Ok(false) => Ok(Committed::OthersWereFaster),
        Err(error) => Err(LakeError::table("read the log of", name)(error)),
    }
}

async fn try_commit(
    table: &DeltaTable,
    operation: DeltaOperation,
    record: HashMap<String, Value>,
    actions: Vec<Action>,
) -> Result<(), DeltaTableError> {
    CommitBuilder::default()
        .with_app_metadata(record)
        .with_actions(actions)
        .with_max_retries(0)
        .build(Some(table.snapshot()?), table.log_store(), operation)
        .await
        .map(|_| ())
}

/// True when `version` of the log consists of these actions. Names of files
/// are hashes of their bytes, so a rival with equal actions did what we wanted.
async fn holds(
    table: &DeltaTable,
    version: u64,
    actions: &[Action],
) -> Result<bool, DeltaTableError> {
    let Some(entry) = table.log_store().read_commit_entry(version).await? else {
        return Ok(false);
    };
    let stored = get_actions(version, &entry)?;
    let without_information = stored
        .iter()
        .filter(|action| !matches!(action, Action::CommitInfo(_)));
    Ok(without_information.eq(actions))
}
