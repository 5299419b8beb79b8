//! Compaction: small files of one stretch of a table become larger ones.
//!
//! Rows stay as they are. One commit takes the small files out and puts the
//! large one in, and says that no data changed; it is valid as long as the
//! small files are there, so that appends by others in between do not matter.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use deltalake_core::DeltaTable;
use deltalake_core::kernel::{Action, Add};
use deltalake_core::protocol::DeltaOperation;

use crate::commit::{ATTEMPTS_MAX, Committed, commit};
use crate::error::LakeError;
use crate::merge::merge;
use crate::stored::{self, StoredFile};
use crate::table::Definition;

/// Files that are merged at once: each is open while they are.
const FILES_MAX: usize = 256;

/// How files are compacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compaction {
    /// Bytes of a file, at most. A file of half of that is not small any more.
    pub target_bytes: u64,
    /// How many small files of about one size are worth a larger one. With four
    /// or more a byte is written again at most once per fourfold size.
    pub files_min: usize,
    /// Files younger than this are left alone: their labels may still change.
    pub quiet: TimeDelta,
    /// Whether all small files are merged, also the few of several sizes that
    /// are not worth it by themselves.
    pub full: bool,
}

impl Default for Compaction {
    fn default() -> Self {
        Self {
            target_bytes: 128 * 1024 * 1024,
            files_min: 4,
            quiet: TimeDelta::zero(),
            full: false,
        }
    }
}

/// What compaction did to a table, or would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compacted {
    /// Its name.
    pub table: &'static str,
    /// Files before.
    pub files_before: usize,
    /// Small files that were merged.
    pub files_merged: usize,
    /// Bytes of them.
    pub bytes_merged: u64,
    /// Files that hold their rows now.
    pub files_written: usize,
    /// Bytes of these; 0 when nothing was done.
    pub bytes_written: u64,
    /// Merges given up, because others replaced one of the files meanwhile.
    pub overtaken: usize,
    /// Files that could not be read, and why. They are left as they are.
    pub damaged: BTreeMap<String, String>,
}

impl Compacted {
    fn of(table: &'static str) -> Self {
        Self {
            table,
            files_before: 0,
            files_merged: 0,
            bytes_merged: 0,
            files_written: 0,
            bytes_written: 0,
            overtaken: 0,
            damaged: BTreeMap::new(),
        }
    }

    fn count(&mut self, group: &[StoredFile]) {
        self.files_merged += group.len();
        self.bytes_merged += group.iter().map(|file| file.data.size).sum::<u64>();
        self.files_written += 1;
    }
}

/// What compaction would do to a table as it is loaded. What it writes may be
/// worth another round.
pub(crate) fn planned(
    table: &DeltaTable,
    definition: &Definition,
    compaction: &Compaction,
    now: DateTime<Utc>,
) -> Result<Compacted, LakeError> {
    let mut planned = Compacted::of(definition.name);
    let files = stored::files(table, definition.name)?;
    planned.files_before = files.len();
    for group in groups(files, definition, compaction, now) {
        planned.count(&group);
    }
    Ok(planned)
}

/// Merges small files until no more are worth it.
pub(crate) async fn compact(
    table: &mut DeltaTable,
    definition: &Definition,
    compaction: &Compaction,
    now: DateTime<Utc>,
) -> Result<Compacted, LakeError> {
    let name = definition.name;
    let refreshed = table.update_state().await;
    refreshed.map_err(LakeError::table("reload", name))?;
    let mut compacted = Compacted::of(name);
    let mut files = stored::files(table, name)?;
    compacted.files_before = files.len();
    loop {
        files.retain(|file| !compacted.damaged.contains_key(&file.data.name));
        let groups = groups(files, definition, compaction, now);
        if groups.is_empty() {
            return Ok(compacted);
        }
        for group in groups {
            match exchange(table, definition, &group, compaction, now).await {
                Ok(None) => compacted.overtaken += 1,
                Ok(Some(add)) => {
                    compacted.count(&group);
                    compacted.bytes_written += u64::try_from(add.size).unwrap_or_default();
                }
                Err(LakeError::File { path, source }) => {
                    compacted.damaged.insert(path, source.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        files = stored::files(table, name)?;
    }
}

/// Writes the rows of a group into one file, and exchanges it for them. `None`
/// when others took one of them out meanwhile.
async fn exchange(
    table: &mut DeltaTable,
    definition: &Definition,
    group: &[StoredFile],
    compaction: &Compaction,
    now: DateTime<Utc>,
) -> Result<Option<Add>, LakeError> {
    let name = definition.name;
    let files: Vec<_> = group.iter().map(|file| &file.data).collect();
    let merged = merge(&files, definition.order, now).await?;
    let (Some(merged), Some(first)) = (merged, group.first()) else {
        return Ok(None);
    };
    let (store, partition) = (table.object_store(), first.partition());
    let stored = merged.finish()?.store(&store, &partition, None, now);
    let add = Add {
        data_change: false,
        ..stored.await?
    };
    for _ in 0..ATTEMPTS_MAX {
        let live = stored::files(table, name)?;
        let live: HashSet<&str> = live.iter().map(|file| file.data.name.as_str()).collect();
        if !files.iter().all(|file| live.contains(file.name.as_str())) {
            return Ok(None);
        }
        let removes = group.iter().map(|file| file.removed(false, now));
        let mut actions: Vec<Action> = removes.map(Action::Remove).collect();
        actions.push(Action::Add(add.clone()));
        let operation = DeltaOperation::Optimize {
            predicate: None,
            target_size: i64::try_from(compaction.target_bytes).unwrap_or(i64::MAX),
        };
        match commit(table, name, operation, actions).await? {
            Committed::Yes => return Ok(Some(add)),
            Committed::OthersWereFaster => {}
        }
    }
    Err(LakeError::Contention {
        table: name,
        attempts: ATTEMPTS_MAX,
    })
}

/// The files to merge: each group is of one stretch, and no larger than the
/// file that it is to become.
fn groups(
    files: Vec<StoredFile>,
    definition: &Definition,
    compaction: &Compaction,
    now: DateTime<Utc>,
) -> Vec<Vec<StoredFile>> {
    let mut stretches: BTreeMap<String, Vec<StoredFile>> = BTreeMap::new();
    for file in files {
        let is_quiet = file
            .written_at()
            .is_some_and(|written| written + compaction.quiet <= now);
        let is_small = file.data.size < compaction.target_bytes / 2;
        // Rows that other programs marked as gone must not come back.
        if is_quiet
            && is_small
            && !file.has_deletion_vector()
            && let Some(stretch) = (definition.stretch)(&file)
        {
            stretches.entry(stretch).or_default().push(file);
        }
    }
    let sizes = |mut small: Vec<StoredFile>| {
        small.sort_by(|a, b| (a.data.size, &a.data.name).cmp(&(b.data.size, &b.data.name)));
        let worthwhile = worthwhile(small.iter().map(|file| file.data.size), compaction);
        small.truncate(worthwhile);
        cut(small, compaction.target_bytes)
    };
    stretches.into_values().flat_map(sizes).collect()
}

/// How many of the small files of a stretch, whose sizes are in order, are to
/// be merged: all up to the largest size of which there are enough.
fn worthwhile(sizes: impl ExactSizeIterator<Item = u64>, compaction: &Compaction) -> usize {
    if compaction.full {
        return sizes.len();
    }
    let mut of_size: BTreeMap<u32, usize> = BTreeMap::new();
    for size in sizes {
        *of_size.entry(fourfold(size)).or_default() += 1;
    }
    let files_min = compaction.files_min.max(2);
    let largest = of_size.iter().rfind(|(_, count)| **count >= files_min);
    let Some((largest, _)) = largest else {
        return 0;
    };
    of_size.range(..=largest).map(|(_, count)| count).sum()
}

/// Sizes within a factor of four are about one size.
fn fourfold(size: u64) -> u32 {
    size.max(1).ilog2() / 2
}

/// Cuts files into groups of at most `target_bytes`. A group of one is left.
fn cut(files: Vec<StoredFile>, target_bytes: u64) -> Vec<Vec<StoredFile>> {
    let mut groups: Vec<Vec<StoredFile>> = Vec::new();
    let mut bytes = 0;
    for file in files {
        bytes += file.data.size;
        match groups.last_mut() {
            Some(group) if bytes <= target_bytes && group.len() < FILES_MAX => group.push(file),
            _ => {
                bytes = file.data.size;
                groups.push(vec![file]);
            }
        }
    }
    groups.retain(|group| group.len() > 1);
    groups
}

#[cfg(test)]
mod tests {
    use super::{Compaction, fourfold, worthwhile};

    fn worth(sizes: &[u64], full: bool) -> usize {
        let compaction = Compaction {
            files_min: 4,
            full,
            ..Compaction::default()
        };
        worthwhile(sizes.iter().copied(), &compaction)
    }

    #[test]
    fn few_files_of_one_size_wait_for_more() {
        assert_eq!(worth(&[10, 11, 12], false), 0);
        assert_eq!(worth(&[10, 11, 12, 13], false), 4);
        assert_eq!(worth(&[10, 11, 12], true), 3);
    }

    #[test]
    fn a_large_file_is_not_written_again_for_a_few_small_ones() {
        assert_eq!(worth(&[10, 11, 12, 13, 5_000], false), 4);
        assert_eq!(worth(&[10, 11, 5_000, 5_001, 5_002], false), 0);
        assert_eq!(worth(&[10, 11, 5_000, 5_001, 5_002, 5_003], false), 6);
    }

    #[test]
    fn what_is_written_is_of_a_larger_size_than_what_it_was_made_of() {
        for size in [1, 5, 64, 1_000, 4_096, 1 << 20] {
            assert!(fourfold(4 * size) > fourfold(size), "{size}");
        }
    }
}
