//! Vacuum: what neither the lake nor a reader needs goes, and nothing else.

use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt as _;
use trailwright_store::{Compaction, EVENTS, Hold, Lake, Vacuum, Vacuumed};

use crate::compact::append_each;
use crate::fixtures::{open, stored};
use crate::retain::hold;

pub(crate) fn vacuum(hours: i64) -> Vacuum {
    Vacuum {
        keep: TimeDelta::hours(hours),
        short_keep: false,
        holds: Vec::new(),
        by: "trailwright vacuum, grace".into(),
    }
}

/// The time by the clock of the store, which is what objects are judged by.
fn clock() -> DateTime<Utc> {
    let file = tempfile::tempfile().unwrap();
    file.metadata().unwrap().modified().unwrap().into()
}

/// So long after what the tests commit.
fn after(hours: i64) -> DateTime<Utc> {
    clock() + TimeDelta::hours(hours)
}

pub(crate) fn data_files(directory: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with("_delta_log") {
                continue;
            }
            if path.is_dir() {
                directories.push(path);
            } else {
                found.insert(path);
            }
        }
    }
    found
}

/// Makes objects older by the clock of their store.
pub(crate) fn age(path: &Path, hours: u64) {
    let file = File::options().write(true).open(path).unwrap();
    let modified = file.metadata().unwrap().modified().unwrap();
    let earlier = modified - Duration::from_secs(3600 * hours);
    file.set_modified(earlier).unwrap();
}

fn age_all(directory: &Path, hours: u64) {
    for path in data_files(directory) {
        age(&path, hours);
    }
}

async fn run(lake: &mut Lake, vacuum: &Vacuum, now: DateTime<Utc>) -> Vacuumed {
    let vacuumed = lake.vacuum(vacuum, now).await.unwrap();
    vacuumed
        .into_iter()
        .find(|one| one.table == EVENTS)
        .unwrap()
}

/// A lake of five events in one file, and the five files that it was made of.
async fn compacted(directory: &tempfile::TempDir) -> Lake {
    let mut lake = open(directory).await;
    append_each(&mut lake, 0..5).await;
    compact(&mut lake).await;
    lake
}

async fn compact(lake: &mut Lake) {
    let compacted = lake.compact(&Compaction::default(), clock()).await;
    assert_eq!(compacted.unwrap()[0].files_merged, 5);
}

#[tokio::test]
async fn replaced_files_go_when_no_reader_of_the_last_hours_can_need_them() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = compacted(&directory).await;
    let events = directory.path().join("events");
    assert_eq!(data_files(&events).len(), 6);
    age_all(&events, 1000);
    let before = run(&mut lake, &vacuum(168), after(167)).await;
    assert_eq!(
        (before.files, data_files(&events).len()),
        (0, 6),
        "a reader may need them"
    );
    let planned = lake.planned_vacuum(&vacuum(168), after(169)).await.unwrap();
    assert_eq!(data_files(&events).len(), 6, "a dry run does nothing");
    let done = run(&mut lake, &vacuum(168), after(169)).await;
    assert_eq!((done.files, done.left_behind), (5, 0));
    assert_eq!(done.files, planned[0].files);
    assert_eq!(data_files(&events).len(), 1);
    assert_eq!(stored(&lake).len(), 5);
    assert_eq!(stored(&open(&directory).await).len(), 5);
}

#[tokio::test]
async fn who_opened_the_lake_before_reads_it_after_compaction_and_vacuum() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    append_each(&mut lake, 0..5).await;
    let reader = open(&directory).await;
    let before = stored(&reader);
    compact(&mut lake).await;
    run(&mut lake, &vacuum(168), after(1)).await;
    assert_eq!(stored(&reader), before);
}

#[tokio::test]
async fn files_of_an_append_in_flight_stay_and_those_of_a_killed_one_go_when_they_are_old() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = compacted(&directory).await;
    let partition = directory
        .path()
        .join("events/trail_region=eu-west-1/event_date=2026-01-01");
    let (young, old) = (
        partition.join("part-young.zstd.parquet"),
        partition.join("part-old.zstd.parquet"),
    );
    for path in [&young, &old] {
        std::fs::write(path, "an append wrote this, and has not committed").unwrap();
    }
    age(&young, 167);
    age(&old, 169);
    let done = run(&mut lake, &vacuum(168), after(0)).await;
    assert_eq!((done.files, done.left_behind), (1, 1));
    assert!(young.exists() && !old.exists());
}

#[tokio::test]
async fn what_other_programs_keep_in_the_folder_stays() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = compacted(&directory).await;
    let events = directory.path().join("events");
    for name in ["_index/a.parquet", ".hidden/a.parquet", "notes.txt"] {
        let path = events.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "mine").unwrap();
        age(&path, 5000);
    }
    assert_eq!(run(&mut lake, &vacuum(168), after(0)).await.files, 0);
}

#[tokio::test]
async fn less_than_a_day_is_refused_unless_asked_for_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = compacted(&directory).await;
    age_all(&directory.path().join("events"), 1000);
    let refused = lake.vacuum(&vacuum(23), after(100)).await.unwrap_err();
    insta::assert_snapshot!(refused, @"keeping replaced files for 23 hours is too short, because a query that runs longer would fail: keep them for 24 hours at least, or allow it with --allow-short-keep");
    let forced = Vacuum {
        short_keep: true,
        ..vacuum(23)
    };
    assert_eq!(run(&mut lake, &forced, after(100)).await.files, 5);
}

#[tokio::test]
async fn more_than_the_log_remembers_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = compacted(&directory).await;
    let refused = lake.vacuum(&vacuum(193), after(100)).await.unwrap_err();
    insta::assert_snapshot!(refused, @"vacuum cannot keep 193 hours of replaced files: the log of events remembers for 192 hours when they were replaced (delta.deletedFileRetentionDuration)");
}

#[tokio::test]
async fn a_hold_keeps_replaced_files_with_what_it_covers_and_what_nobody_can_read() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = compacted(&directory).await;
    let events = directory.path().join("events");
    std::fs::write(events.join("part-torn.zstd.parquet"), "torn").unwrap();
    age_all(&events, 1000);
    // Of five events this account has the second and the fourth.
    let held = Vacuum {
        holds: vec![Hold {
            accounts: HashSet::from(["444455556666".to_owned()]),
            ..hold("case 7")
        }],
        ..vacuum(168)
    };
    let done = run(&mut lake, &held, after(200)).await;
    assert_eq!((done.files, done.held), (3, 3));
    assert_eq!(run(&mut lake, &vacuum(168), after(200)).await.files, 3);
}

#[tokio::test]
async fn the_history_of_the_table_says_that_files_were_deleted_and_by_whom() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = compacted(&directory).await;
    let nothing = lake.events().version();
    run(&mut lake, &vacuum(168), after(200)).await;
    assert_eq!(lake.events().version(), nothing, "nothing was old enough");
    age_all(&directory.path().join("events"), 1000);
    run(&mut lake, &vacuum(168), after(200)).await;
    let history: Vec<_> = lake.events().history(Some(2)).try_collect().await.unwrap();
    let said: Vec<String> = history
        .into_iter()
        .map(|commit| {
            let parameters = commit.operation_parameters.unwrap();
            format!(
                "{} by {}: {} files",
                commit.operation.unwrap(),
                commit.user_name.unwrap(),
                parameters["numFilesToDelete"]
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            "VACUUM END by trailwright vacuum, grace: \"5\" files",
            "VACUUM START by trailwright vacuum, grace: \"5\" files",
        ]
    );
}
