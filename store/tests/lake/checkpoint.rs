//! Checkpoints: a table opens from one as it would from its whole log.

use trailwright_schemas::Event;
use trailwright_store::{Advance, EVENTS, Lake};

use crate::compact::append_each;
use crate::fixtures::{causes, label, open, stored, time};
use crate::vacuum::age;

const NOW: &str = "2026-02-01T00:00:00Z";
/// Versions until a checkpoint is due.
pub(crate) const VERSIONS: u64 = 8;
const SOURCE: &str = "kafka/cloudtrail/0";

pub(crate) async fn advance(lake: &mut Lake, from: i64) {
    let advance = Advance {
        source: SOURCE.into(),
        from: (from > 0).then_some(from),
        to: from + 1,
    };
    lake.append::<Event>(&[], &[], &[advance], 0, time(NOW))
        .await
        .unwrap();
}

/// A lake with as many versions of `events` as make a checkpoint due.
pub(crate) async fn long_log(directory: &tempfile::TempDir) -> Lake {
    let mut lake = open(directory).await;
    append_each(&mut lake, 0..3).await;
    let whole = trailwright_store::RelabelScope {
        since: chrono::DateTime::<chrono::Utc>::MIN_UTC,
        others_since: None,
        until: None,
    };
    let late = |_: &_| label("late policy");
    lake.relabel(&whole, 7, &late, time(NOW)).await.unwrap();
    let mut offset = 0;
    while lake.events().version() < Some(VERSIONS) {
        advance(&mut lake, offset).await;
        offset += 1;
    }
    lake
}

#[tokio::test]
async fn positions_labels_and_rows_survive_the_log_that_they_were_written_in() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = long_log(&directory).await;
    let mut asleep = open(&directory).await;
    let (rows, position) = (stored(&lake), lake.position(SOURCE).await.unwrap());
    let log = directory.path().join("events/_delta_log");
    for version in 0..VERSIONS {
        age(&log.join(format!("{version:020}.json")), 24 * 3000);
    }
    let done = lake.checkpoint(VERSIONS, time(NOW)).await.unwrap();
    assert_eq!(done[0].version, Some(VERSIONS));
    assert_eq!(done[0].log_files_deleted, VERSIONS as usize);
    assert!(done[1..].iter().all(|other| other.version.is_none()));
    assert!(!log.join("00000000000000000000.json").exists());

    let next = position.unwrap();
    asleep.refresh().await.unwrap();
    for lake in [&mut open(&directory).await, &mut asleep, &mut lake] {
        assert_eq!(stored(lake), rows);
        assert_eq!(lake.position(SOURCE).await.unwrap(), Some(next));
        assert_eq!(lake.labels_current_to().await.unwrap(), Some(7));
        assert!(causes(lake).iter().all(|(_, cause)| cause == "late policy"));
    }
    advance(&mut asleep, next).await;
    lake.refresh().await.unwrap();
    assert_eq!(lake.position(SOURCE).await.unwrap(), Some(next + 1));
    append_each(&mut lake, 0..4).await;
    assert_eq!(stored(&open(&directory).await).len(), 4, "three were known");
}

#[tokio::test]
async fn what_the_table_wants_to_keep_of_its_log_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = long_log(&directory).await;
    let done = lake.checkpoint(VERSIONS, time(NOW)).await.unwrap();
    assert_eq!((done[0].table, done[0].log_files_deleted), (EVENTS, 0));
    let again = lake.checkpoint(VERSIONS, time(NOW)).await.unwrap();
    assert_eq!(
        again[0].version, None,
        "the next is due eight versions later"
    );
}
