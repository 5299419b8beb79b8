//! What was stored after a version, whatever was done to the files since.

use trailwright_store::{Lake, LakeError, Later};

use crate::compact::compact_fully;
use crate::fixtures::{event, open, time};
use crate::relabel::{all, late_for, relabel};

const NOW: &str = "2026-02-01T00:00:00Z";

async fn append(lake: &mut Lake, id: &str) -> u64 {
    let events = [event(id, "2026-01-01", "GetObject")];
    let append = lake.append(&events, &[], &[], 0, time(NOW));
    append.await.unwrap();
    lake.version()
}

/// The number of rows of each part.
async fn rows_after(lake: &Lake, version: u64) -> Vec<usize> {
    let later = lake.events_after(version).await.unwrap();
    later.iter().map(rows).collect()
}

fn rows(later: &Later) -> usize {
    let snapshot = later.table().snapshot().unwrap();
    let log = snapshot.log_data();
    let files = log.iter();
    let files = files.filter(|file| later.files().contains(&file.path().into_owned()));
    files.map(|file| file.num_records().unwrap()).sum()
}

#[tokio::test]
async fn files_that_hold_old_events_again_are_not_new_and_those_they_replaced_are_read_as_they_were()
 {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    append(&mut lake, "a").await;
    let cursor = append(&mut lake, "b").await;
    assert!(rows_after(&lake, cursor).await.is_empty());
    append(&mut lake, "c").await;
    assert_eq!(rows_after(&lake, cursor).await, [1]);
    relabel(&mut lake, all(), 1, late_for("c")).await;
    assert_eq!(
        rows_after(&lake, cursor).await,
        [1],
        "c, as it was stored first"
    );
    let before = append(&mut lake, "d").await;
    compact_fully(&mut lake).await;
    assert!(lake.version() > before, "compaction has made a version");
    append(&mut lake, "e").await;
    assert_eq!(rows_after(&lake, cursor).await, [1, 1, 1]);
    assert_eq!(rows_after(&lake, before).await, [1], "e");
    assert_eq!(rows_after(&lake, 0).await.iter().sum::<usize>(), 5);
}

#[tokio::test]
async fn a_version_that_is_not_there_is_an_error_in_words() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    let version = append(&mut lake, "a").await;
    let error = lake.events_after(version + 1).await.unwrap_err();
    assert!(matches!(error, LakeError::NoSuchVersion { .. }), "{error}");
    assert!(error.to_string().contains("--since"), "{error}");
}
