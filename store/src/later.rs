//! What was stored after a version of the table `events`: for those who were
//! there until then and want the rest, each event once.

use deltalake_core::DeltaTable;
use deltalake_core::kernel::Action;

use crate::error::LakeError;
use crate::file_name;
use crate::log;
use crate::table::EVENTS;

/// Files with events that were new in them, and a version of the table that
/// consists of these files among others.
#[derive(Clone, Debug)]
pub struct Later {
    pub(crate) table: DeltaTable,
    pub(crate) files: Vec<String>,
}

impl Later {
    /// The table `events`, when the files were part of it.
    pub fn table(&self) -> &DeltaTable {
        &self.table
    }

    /// Paths within the table.
    pub fn files(&self) -> &[String] {
        &self.files
    }
}

/// What commits after `version` stored, up to the version that is loaded, in
/// their order. Files that only hold old events again (compaction, relabelling,
/// retention) are none of it; those whose place such files took are read as they
/// were before.
pub(crate) async fn after(table: &DeltaTable, version: u64) -> Result<Vec<Later>, LakeError> {
    let newest = table.version().unwrap_or_default();
    if version > newest {
        return Err(LakeError::NoSuchVersion { version, newest });
    }
    let mut found = Vec::new();
    let mut waiting: Vec<String> = Vec::new();
    for commit in version + 1..=newest {
        let Some(actions) = log::entry(table, commit).await? else {
            return Err(LakeError::NoSuchVersion { version, newest });
        };
        let removed = removed(&actions);
        if waiting.iter().any(|file| removed.contains(&file.as_str())) {
            let files = std::mem::take(&mut waiting);
            let table = as_of(table, commit - 1).await?;
            found.push(Later { table, files });
        }
        waiting.extend(new_files(&actions, &removed));
    }
    if !waiting.is_empty() {
        found.push(Later {
            table: table.clone(),
            files: waiting,
        });
    }
    Ok(found)
}

fn removed(actions: &[Action]) -> Vec<&str> {
    let removed = actions.iter().filter_map(|action| match action {
        Action::Remove(remove) => Some(remove.path.as_str()),
        _ => None,
    });
    removed.collect()
}

/// Files that hold other events than those whose place they took.
fn new_files(actions: &[Action], removed: &[&str]) -> Vec<String> {
    let took_a_place = |path: &str| {
        let origin = file_name::origin_or_path(path);
        removed
            .iter()
            .any(|file| file_name::origin_or_path(file) == origin)
    };
    let new = actions.iter().filter_map(|action| match action {
        Action::Add(add) if add.data_change && !took_a_place(&add.path) => Some(add.path.clone()),
        _ => None,
    });
    new.collect()
}

async fn as_of(table: &DeltaTable, version: u64) -> Result<DeltaTable, LakeError> {
    let mut table = table.clone();
    let loaded = table.load_version(version).await;
    loaded.map_err(LakeError::table("go back to an earlier version of", EVENTS))?;
    Ok(table)
}
