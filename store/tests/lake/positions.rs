//! Positions of sources: stored with what was read, or not at all.

use trailwright_store::{Advance, Appended, Lake, LakeError};

use crate::fixtures::{event, open, open_in, rejected, rejected_rows, rows, time};
use crate::unreliable::{Fault, Unreliable};

const SOURCE: &str = "kafka/cloudtrail/0";

fn advance(from: Option<i64>, to: i64) -> Advance {
    Advance {
        source: SOURCE.into(),
        from,
        to,
    }
}

async fn append(
    lake: &mut Lake,
    ids: &[&str],
    poison: &[u64],
    advance: Advance,
) -> Result<Appended, LakeError> {
    let events: Vec<_> = ids
        .iter()
        .map(|id| event(id, "2026-01-01", "GetObject"))
        .collect();
    let poison: Vec<_> = poison.iter().map(|offset| rejected(*offset)).collect();
    let now = time("2026-01-01T00:00:00Z");
    lake.append(&events, &poison, &[advance], 0, now).await
}

#[tokio::test]
async fn a_position_is_found_by_the_next_process() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    assert_eq!(lake.position(SOURCE).await.unwrap(), None);
    append(&mut lake, &["a"], &[], advance(None, 1))
        .await
        .unwrap();
    append(&mut lake, &["b"], &[], advance(Some(1), 4))
        .await
        .unwrap();
    let mut next = open(&directory).await;
    assert_eq!(next.position(SOURCE).await.unwrap(), Some(4));
    assert_eq!(next.position("kafka/cloudtrail/1").await.unwrap(), None);
}

#[tokio::test]
async fn only_duplicates_or_only_poison_move_the_position_too() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    append(&mut lake, &["a"], &[], advance(None, 1))
        .await
        .unwrap();
    let again = append(&mut lake, &["a"], &[], advance(Some(1), 2)).await;
    assert_eq!(again.unwrap().duplicates, 1);
    let poison = append(&mut lake, &[], &[7], advance(Some(2), 3)).await;
    assert_eq!(poison.unwrap().rejected, 1);
    assert_eq!(
        open(&directory).await.position(SOURCE).await.unwrap(),
        Some(3)
    );
}

#[tokio::test]
async fn of_two_that_read_the_same_stretch_one_stores_it() {
    let directory = tempfile::tempdir().unwrap();
    let (mut owner, mut zombie) = (open(&directory).await, open(&directory).await);
    append(&mut owner, &["a", "b"], &[0], advance(None, 3))
        .await
        .unwrap();
    let error = append(&mut zombie, &["a", "x"], &[0], advance(None, 2))
        .await
        .unwrap_err();
    insta::assert_snapshot!(error, @"kafka/cloudtrail/0 stands at 3 in the lake and not at its beginning, where this instance began to read: another instance stored what lies between");
    zombie.refresh().await.unwrap();
    assert_eq!(zombie.position(SOURCE).await.unwrap(), Some(3));
    assert_eq!((rows(&zombie), rejected_rows(&zombie)), (2, 1));
}

#[tokio::test]
async fn being_overtaken_during_the_commit_stores_nothing_of_the_slower_one() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut slow = open_in(store.clone(), &directory).await;
    let mut fast = open(&directory).await;
    store.next_commit(Fault::Overtaken(Box::pin(async move {
        append(&mut fast, &["a"], &[], advance(None, 1))
            .await
            .unwrap();
    })));
    let overtaken = append(&mut slow, &["b"], &[], advance(None, 2)).await;
    assert!(matches!(overtaken, Err(LakeError::Overtaken { .. })));
    assert_eq!(rows(&open(&directory).await), 1);
}

#[tokio::test]
async fn a_position_whose_commit_lost_its_answer_is_not_taken_for_a_rival_s() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut lake = open_in(store.clone(), &directory).await;
    store.next_commit(Fault::AnswerLost);
    let appended = append(&mut lake, &[], &[], advance(None, 5)).await;
    assert_eq!(appended.unwrap(), Appended::default());
    assert_eq!(lake.position(SOURCE).await.unwrap(), Some(5));
}

#[tokio::test]
async fn when_the_position_is_not_stored_the_poison_before_it_already_is() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut lake = open_in(store.clone(), &directory).await;
    append(&mut lake, &[], &[3], advance(None, 1))
        .await
        .unwrap();
    store.next_commit(Fault::Lost);
    let lost = append(&mut lake, &["a"], &[3], advance(Some(1), 2)).await;
    assert!(lost.unwrap_err().may_pass());
    let mut next = open(&directory).await;
    assert_eq!(next.position(SOURCE).await.unwrap(), Some(1));
    let stored = append(&mut next, &["a"], &[3], advance(Some(1), 2))
        .await
        .unwrap();
    assert_eq!((stored.new, stored.rejected_before), (1, 1));
}
