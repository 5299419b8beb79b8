//! Maintenance that is killed at each change it makes to the store: rows are
//! those of before or those of after, and the next run ends as if nothing had
//! happened.

use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use object_store::local::LocalFileSystem;
use trailwright_schemas::Event;
use trailwright_store::{Compaction, Lake, LakeError, Location, Retention};

use crate::checkpoint::{VERSIONS, long_log};
use crate::compact::append_each;
use crate::fixtures::{event, open_in, rejected_at, stored, time};
use crate::mortal::Mortal;
use crate::policy_inputs::{append as append_inputs, change};
use crate::vacuum::{age, data_files, vacuum};

const NOW: &str = "2026-03-01T00:00:00Z";

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copied = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &copied);
        } else {
            std::fs::copy(&path, &copied).unwrap();
            let modified = path.metadata().unwrap().modified().unwrap();
            let file = std::fs::File::options().write(true).open(copied).unwrap();
            file.set_modified(modified).unwrap();
        }
    }
}

async fn open_at(directory: &Path) -> Lake {
    let location = Location::parse(directory.to_str().unwrap()).unwrap();
    Lake::open(location, Arc::new(LocalFileSystem::new()))
        .await
        .unwrap()
}

/// What a person can see of a lake.
async fn visible(lake: &mut Lake) -> (Vec<RecordBatch>, usize, usize, Option<i64>) {
    (
        stored(lake),
        crate::fixtures::rejected_rows(lake),
        lake.policy_inputs().await.unwrap().len(),
        lake.position("kafka/cloudtrail/0").await.unwrap(),
    )
}

/// Kills `work` on copies of `lake` at every change, before and after it
/// arrives.
async fn kill_at_every_change(
    lake: &tempfile::TempDir,
    work: impl AsyncFn(&mut Lake) -> Result<(), LakeError>,
) {
    let undisturbed = tempfile::tempdir().unwrap();
    copy(lake.path(), undisturbed.path());
    let mut opened = open_at(undisturbed.path()).await;
    let before = visible(&mut opened).await;
    work(&mut opened).await.unwrap();
    let after = visible(&mut open_at(undisturbed.path()).await).await;
    let files_after = opened.event_files().unwrap().len();

    let mut kills = 0;
    for change in 0.. {
        let mut survived = false;
        for arrives in [false, true] {
            let directory = tempfile::tempdir().unwrap();
            copy(lake.path(), directory.path());
            let store = Mortal::at(change, arrives);
            let outcome = work(&mut open_in(store.clone(), &directory).await).await;
            if !store.is_dead() {
                outcome.unwrap();
                survived = true;
                continue;
            }
            kills += 1;
            let mut next = open_at(directory.path()).await;
            let found = visible(&mut next).await;
            assert!(
                found == before || found == after,
                "killed at change {change}, which arrived: {arrives}"
            );
            work(&mut next).await.unwrap();
            assert_eq!(visible(&mut open_at(directory.path()).await).await, after);
            assert_eq!(next.event_files().unwrap().len(), files_after);
        }
        if survived {
            break;
        }
    }
    assert!(kills > 2, "{kills} kills are no test");
}

/// Small files in every table, and a position.
async fn small_files() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = crate::fixtures::open(&directory).await;
    append_each(&mut lake, 0..4).await;
    crate::checkpoint::advance(&mut lake, 0).await;
    for number in 0..4_u64 {
        let row = rejected_at(number, "2026-01-01T10:00:00Z");
        let now = time("2026-02-01T00:00:00Z");
        lake.append::<Event>(&[], &[row], &[], 0, now)
            .await
            .unwrap();
        append_inputs(&mut lake, vec![change(&number.to_string())]).await;
    }
    directory
}

#[tokio::test]
async fn compaction_may_be_killed_at_any_change() {
    kill_at_every_change(&small_files().await, async |lake| {
        let compacted = lake.compact(&Compaction::default(), time(NOW)).await?;
        assert!(compacted.iter().all(|one| one.overtaken == 0));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn retention_may_be_killed_at_any_change() {
    let directory = small_files().await;
    let mut lake = open_at(directory.path()).await;
    let mut of_reads = event("reads", "2026-01-01", "GetObject");
    of_reads.routing.trails = vec!["reads".into()];
    let events = [of_reads, event("other", "2026-01-01", "GetObject")];
    let now = time("2026-02-01T00:00:00Z");
    lake.append(&events, &[], &[], 0, now).await.unwrap();
    let retention = Retention {
        trails: std::collections::BTreeMap::from([("reads".into(), Some(7))]),
        by: "a test".into(),
        ..Retention::default()
    };
    kill_at_every_change(&directory, async |lake| {
        lake.retain(&retention, time(NOW)).await.map(|_| ())
    })
    .await;
}

#[tokio::test]
async fn vacuum_may_be_killed_at_any_change() {
    let directory = small_files().await;
    let mut lake = open_at(directory.path()).await;
    let now = time("2026-02-01T00:00:00Z");
    lake.compact(&Compaction::default(), now).await.unwrap();
    for path in data_files(directory.path()) {
        age(&path, 5000);
    }
    kill_at_every_change(&directory, async |lake| {
        lake.vacuum(&vacuum(168), time(NOW)).await.map(|_| ())
    })
    .await;
}

#[tokio::test]
async fn a_checkpoint_may_be_killed_at_any_change() {
    let directory = tempfile::tempdir().unwrap();
    drop(long_log(&directory).await);
    let log = directory.path().join("events/_delta_log");
    for version in 0..3 {
        age(&log.join(format!("{version:020}.json")), 24 * 3000);
    }
    kill_at_every_change(&directory, async |lake| {
        lake.checkpoint(VERSIONS, time(NOW)).await.map(|_| ())
    })
    .await;
}
