//! The ledger of files, and what became of rejected rows.

use trailwright_schemas::{Replayed, SourceFile};
use trailwright_store::Lake;

use crate::fixtures::{open, open_in, time};
use crate::unreliable::{Fault, Unreliable};

fn file(name: &str) -> SourceFile {
    SourceFile {
        file_id: SourceFile::id_of(name, "1"),
        source: name.to_owned(),
        version: "1".to_owned(),
        size_bytes: Some(7),
        records: 3,
        rejected: 0,
        first_event_time: None,
        last_event_time: None,
        delivery: None,
        account_id: None,
        region: None,
        delivered_at: None,
        read_at: time("2026-01-01T00:00:00Z"),
    }
}

async fn append(lake: &mut Lake, names: &[&str]) -> usize {
    let files: Vec<SourceFile> = names.iter().map(|name| file(name)).collect();
    let now = time("2026-01-01T00:00:00Z");
    lake.append_files(&files, now).await.unwrap()
}

fn knows(lake: &Lake, name: &str) -> bool {
    lake.knows_file(&SourceFile::id_of(name, "1"))
}

#[tokio::test]
async fn a_file_is_in_the_ledger_once_whoever_puts_it_there() {
    let directory = tempfile::tempdir().unwrap();
    let (mut one, mut other) = (open(&directory).await, open(&directory).await);
    assert_eq!(append(&mut one, &["a", "b", "a"]).await, 2);
    assert!(knows(&one, "a") && !knows(&one, "c"));
    assert!(!knows(&other, "a"));
    assert_eq!(append(&mut other, &["b", "c"]).await, 1);
    one.load_files().await.unwrap();
    assert!(knows(&one, "c"));
}

#[tokio::test]
async fn a_lake_from_before_there_was_a_ledger_knows_no_file_and_gets_one() {
    let directory = tempfile::tempdir().unwrap();
    open(&directory).await;
    assert!(!directory.path().join("files").exists());
    let mut lake = open(&directory).await;
    lake.load_files().await.unwrap();
    assert!(lake.files().is_none() && !knows(&lake, "a"));
    append(&mut lake, &["a"]).await;
    let mut next = open(&directory).await;
    next.load_files().await.unwrap();
    assert!(next.files().is_some() && knows(&next, "a"));
}

#[tokio::test]
async fn a_ledger_whose_commit_lost_its_answer_is_not_written_twice() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut lake = open_in(store.clone(), &directory).await;
    append(&mut lake, &["a"]).await;
    store.next_commit(Fault::AnswerLost);
    assert_eq!(append(&mut lake, &["a", "b"]).await, 1);
    assert_eq!(append(&mut lake, &["a", "b"]).await, 0);
}

#[tokio::test]
async fn a_rejected_row_is_replayed_once() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    let now = time("2026-01-01T00:00:00Z");
    let row = Replayed {
        rejected_id: "0a".to_owned(),
        replayed_at: now,
        records: 1,
        rejected: 0,
        trailwright_version: "0.1.0".to_owned(),
    };
    let rows = [row];
    assert_eq!(lake.append_replayed(&rows, now).await.unwrap(), 1);
    let mut next = open(&directory).await;
    assert_eq!(next.append_replayed(&rows, now).await.unwrap(), 0);
}
