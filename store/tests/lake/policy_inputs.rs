//! The inputs of the policy timeline: as received, each once.

use std::sync::Arc;

use object_store::local::LocalFileSystem;
use trailwright_schemas::{PolicyInput, PolicyInputKind};
use trailwright_store::{Lake, Location};

use crate::fixtures::{event_at, open, open_in, time};
use crate::unreliable::{Fault, Unreliable};

pub(crate) fn change(id: &str) -> PolicyInput {
    let event = event_at(id, "2026-01-01T10:00:00.000001Z", "AttachRolePolicy");
    let recorded_at = time("2026-01-02T00:00:00Z");
    PolicyInput::of_event(&event.record, &event.received, "topic/0", recorded_at)
}

fn snapshot(text: &str) -> PolicyInput {
    let recorded_at = time("2026-01-02T00:00:00Z");
    PolicyInput::of_snapshot(None, "iam.json", text.to_owned(), recorded_at)
}

pub(crate) async fn append(lake: &mut Lake, inputs: Vec<PolicyInput>) -> usize {
    let now = time("2026-01-02T00:00:00Z");
    lake.append_policy_inputs(inputs, now).await.unwrap()
}

/// Event IDs, or the text of a snapshot, with the version that holds it first.
async fn versions(lake: &Lake) -> Vec<(String, i64)> {
    let inputs = lake.policy_inputs().await.unwrap();
    let named = |input: PolicyInput| {
        let name = input.event_id.unwrap_or(input.content);
        (name, input.timeline_version.unwrap())
    };
    inputs.into_iter().map(named).collect()
}

#[tokio::test]
async fn what_was_stored_comes_back_as_it_was_with_the_version_that_holds_it() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    assert_eq!(lake.policy_timeline_version(), 0, "empty");
    let inputs = vec![change("a"), snapshot("{}")];
    assert_eq!(append(&mut lake, inputs.clone()).await, 2);
    assert_eq!(lake.policy_timeline_version(), 1);

    let mut stored = open(&directory).await.policy_inputs().await.unwrap();
    stored.sort_by_key(|input| input.kind);
    let expected: Vec<PolicyInput> = inputs
        .into_iter()
        .map(|input| PolicyInput {
            timeline_version: Some(1),
            ..input
        })
        .collect();
    assert_eq!(stored, expected);
    assert_eq!(stored[0].kind, PolicyInputKind::Event);
    assert_eq!(
        stored[0].effective_at,
        Some(time("2026-01-01T10:00:00.000001Z"))
    );
}

#[tokio::test]
async fn the_same_inputs_again_change_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    let inputs = || vec![change("a"), snapshot("{}"), change("a")];
    assert_eq!(append(&mut lake, inputs()).await, 2);
    assert_eq!(append(&mut lake, inputs()).await, 0);
    let mut again = open(&directory).await;
    assert_eq!(append(&mut again, inputs()).await, 0);
    assert_eq!(again.policy_timeline_version(), 1);
    assert_eq!(append(&mut again, vec![change("a"), change("b")]).await, 1);
}

#[tokio::test]
async fn two_writers_store_each_input_once_under_the_version_that_holds_it() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut lake = open_in(store.clone(), &directory).await;
    let mut rival = open(&directory).await;
    store.next_commit(Fault::Overtaken(Box::pin(async move {
        append(&mut rival, vec![change("a"), change("b")]).await;
    })));
    assert_eq!(append(&mut lake, vec![change("b"), change("c")]).await, 1);
    let mut stored = versions(&lake).await;
    assert_eq!(stored.pop(), Some(("c".to_owned(), 2)), "the last in order");
    stored.sort();
    assert_eq!(stored, [("a".to_owned(), 1), ("b".to_owned(), 1)]);
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_not_repeated() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut lake = open_in(store.clone(), &directory).await;
    store.next_commit(Fault::AnswerLost);
    assert_eq!(append(&mut lake, vec![change("a")]).await, 1);
    assert_eq!(versions(&lake).await, [("a".to_owned(), 1)]);
}

#[tokio::test]
async fn a_lake_from_before_there_was_a_timeline_reads_as_empty_and_gets_one() {
    let directory = tempfile::tempdir().unwrap();
    drop(open(&directory).await);
    std::fs::remove_dir_all(directory.path().join("policy_timeline")).unwrap();
    let location = Location::parse(directory.path().to_str().unwrap()).unwrap();
    let store = Arc::new(LocalFileSystem::new());
    let mut old = Lake::open(location, store).await.unwrap();
    assert!(old.policy_timeline().is_none());
    assert_eq!(old.policy_inputs().await.unwrap(), []);
    assert_eq!(old.policy_timeline_version(), 0);
    assert!(!old.refresh().await.unwrap());

    let mut writer = open(&directory).await;
    append(&mut writer, vec![change("a")]).await;
    assert!(old.refresh().await.unwrap(), "others made it");
    assert_eq!(append(&mut old, vec![change("a"), change("b")]).await, 1);
}

#[tokio::test]
async fn a_lake_opened_for_reading_makes_the_timeline_with_the_first_input() {
    let directory = tempfile::tempdir().unwrap();
    drop(open(&directory).await);
    std::fs::remove_dir_all(directory.path().join("policy_timeline")).unwrap();
    let location = Location::parse(directory.path().to_str().unwrap()).unwrap();
    let store = Arc::new(LocalFileSystem::new());
    let mut old = Lake::open(location, store).await.unwrap();
    assert_eq!(append(&mut old, vec![change("a")]).await, 1);
    assert_eq!(
        versions(&open(&directory).await).await,
        [("a".to_owned(), 1)]
    );
}
