//! Appending: each event once, whatever happens.

use std::sync::Arc;

use object_store::local::LocalFileSystem;
use trailwright_schemas::{Event, Rejected};
use trailwright_store::{Appended, Lake, Location};

use crate::fixtures::{event, open, open_in, rejected, rows, time};
use crate::unreliable::{Fault, Unreliable};

async fn append(lake: &mut Lake, events: Vec<Event>, rows: Vec<Rejected>) -> Appended {
    lake.append(&events, &rows, &[], 0, time("2026-01-01T00:00:00Z"))
        .await
        .unwrap()
}

#[tokio::test]
async fn the_same_input_twice_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let input = || {
        let events = vec![
            event("a", "2026-01-01", "GetObject"),
            event("b", "2026-01-02", "GetObject"),
            event("b", "2026-01-02", "GetObject"),
        ];
        (events, vec![rejected(0), rejected(7)])
    };
    let mut lake = open(&directory).await;
    let first = append(&mut lake, input().0, input().1).await;
    assert_eq!((first.new, first.duplicates, first.rejected), (2, 1, 2));

    let mut again = open(&directory).await;
    let before = again.events().version();
    let second = append(&mut again, input().0, input().1).await;
    assert_eq!((second.new, second.duplicates), (0, 3));
    assert_eq!((second.rejected, second.rejected_before), (0, 2));
    assert_eq!(
        again.events().version(),
        before,
        "nothing new makes no commit"
    );
    assert_eq!(rows(&again), 2);
}

#[tokio::test]
async fn one_event_id_with_two_contents_loses_neither() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    let both = vec![
        event("a", "2026-01-01", "GetObject"),
        event("a", "2026-01-01", "PutObject"),
    ];
    let appended = append(&mut lake, both, vec![]).await;
    assert_eq!((appended.new, appended.rejected), (1, 1));
    let later = append(
        &mut lake,
        vec![event("a", "2026-01-01", "PutObject")],
        vec![],
    )
    .await;
    assert_eq!(
        (later.new, later.rejected, later.rejected_before),
        (0, 0, 1)
    );
}

#[tokio::test]
async fn two_writers_with_the_same_events_store_each_once() {
    let directory = tempfile::tempdir().unwrap();
    let (mut a, mut b) = (open(&directory).await, open(&directory).await);
    let events = |from: usize| {
        (from..from + 20)
            .map(|n| event(&n.to_string(), "2026-01-01", "GetObject"))
            .collect()
    };
    let (first, second) = tokio::join!(
        append(&mut a, events(0), vec![]),
        append(&mut b, events(10), vec![])
    );
    assert_eq!(first.new + second.new, 30);
    assert_eq!(first.duplicates + second.duplicates, 10);
    assert_eq!(rows(&open(&directory).await), 30);
}

#[tokio::test]
async fn opening_a_lake_that_is_not_there_says_how_to_make_one() {
    let directory = tempfile::tempdir().unwrap();
    let location = Location::parse(directory.path().to_str().unwrap()).unwrap();
    let error = Lake::open(location, Arc::new(LocalFileSystem::new()))
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("trailwright ingest --lake"),
        "{error}"
    );
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_found_again() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut lake = open_in(store.clone(), &directory).await;
    store.next_commit(Fault::AnswerLost);
    let events = vec![event("a", "2026-01-01", "GetObject")];
    let appended = append(&mut lake, events, vec![]).await;
    assert_eq!((appended.new, appended.duplicates), (1, 0));
    assert_eq!(lake.events().version(), Some(1), "it is not repeated");
}

#[tokio::test]
async fn a_commit_that_is_lost_is_an_error_and_stores_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut lake = open_in(store.clone(), &directory).await;
    store.next_commit(Fault::Lost);
    let events = || vec![event("a", "2026-01-01", "GetObject")];
    let now = time("2026-01-01T00:00:00Z");
    let error = lake.append(&events(), &[], &[], 0, now).await.unwrap_err();
    assert!(
        error.to_string().contains("cannot commit to events"),
        "{error}"
    );
    assert_eq!(rows(&open(&directory).await), 0);
    assert_eq!(append(&mut lake, events(), vec![]).await.new, 1);
}

#[tokio::test]
async fn a_rival_at_the_next_version_is_not_taken_for_ours() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut lake = open_in(store.clone(), &directory).await;
    let mut rival = open(&directory).await;
    let theirs = vec![
        event("a", "2026-01-01", "GetObject"),
        event("b", "2026-01-01", "GetObject"),
    ];
    store.next_commit(Fault::Overtaken(Box::pin(async move {
        append(&mut rival, theirs, vec![]).await;
    })));
    let ours = vec![
        event("b", "2026-01-01", "GetObject"),
        event("c", "2026-01-01", "GetObject"),
    ];
    let appended = append(&mut lake, ours, vec![]).await;
    assert_eq!((appended.new, appended.duplicates), (1, 1));
    assert_eq!(rows(&lake), 3);
}
