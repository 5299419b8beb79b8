//! Compaction: fewer files, the same rows, in order.

use std::fs::File;

use arrow_array::Array as _;
use arrow_array::cast::AsArray as _;
use arrow_array::types::TimestampMicrosecondType;
use chrono::TimeDelta;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use proptest::prelude::*;
use trailwright_schemas::{Event, Record};
use trailwright_store::{
    Advance, Appended, Compacted, Compaction, EVENTS, Lake, POLICY_TIMELINE, REJECTED, RelabelScope,
};

use crate::fixtures::{
    causes, event, event_by, label, open, open_in, rejected_at, rejected_rows, rows, stored, time,
};
use crate::policy_inputs::{append as append_inputs, change};
use crate::unreliable::{Fault, Unreliable};

const NOW: &str = "2026-02-01T00:00:00Z";

pub(crate) async fn append(lake: &mut Lake, events: &[Event]) -> Appended {
    lake.append(events, &[], &[], 0, time(NOW)).await.unwrap()
}

/// One commit, and so one file, for each.
pub(crate) async fn append_each(lake: &mut Lake, ids: impl Iterator<Item = usize>) {
    for id in ids {
        let event = event_by(
            &format!("e{id}"),
            &format!("2026-01-01T10:00:{:02}Z", id % 60),
            ["111122223333", "444455556666"][id % 2],
            ["ines", "theo", "ada"][id % 3],
        );
        append(lake, &[event]).await;
    }
}

pub(crate) async fn compact(lake: &mut Lake, compaction: &Compaction) -> Compacted {
    let compacted = lake.compact(compaction, time(NOW)).await.unwrap();
    compacted
        .into_iter()
        .find(|one| one.table == EVENTS)
        .unwrap()
}

pub(crate) async fn compact_fully(lake: &mut Lake) -> Compacted {
    let full = Compaction {
        full: true,
        ..Compaction::default()
    };
    compact(lake, &full).await
}

/// Account, principal, time and ID.
type SortKey = (Option<String>, Option<String>, i64, String);

/// What the rows of each file lie in the order of.
fn sort_keys(lake: &Lake) -> Vec<Vec<SortKey>> {
    let directory = lake.location().directory().unwrap().join("events");
    let files = lake.event_files().unwrap().into_iter();
    let keys = files.map(|file| {
        let file = File::open(directory.join(file.path)).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        let mut keys = Vec::new();
        for batch in reader.build().unwrap() {
            let batch = batch.unwrap();
            let text = |name: &str, row: usize| {
                let column = batch.column_by_name(name).unwrap().as_string::<i32>();
                column.is_valid(row).then(|| column.value(row).to_owned())
            };
            let times = batch.column_by_name("event_time").unwrap();
            let times = times.as_primitive::<TimestampMicrosecondType>();
            keys.extend((0..batch.num_rows()).map(|row| {
                let issuer = text("session_issuer_arn", row);
                (
                    text("recipient_account_id", row),
                    issuer.or(text("user_identity_arn", row)),
                    times.value(row),
                    text("event_id", row).unwrap(),
                )
            }));
        }
        keys
    });
    keys.collect()
}

#[tokio::test]
async fn many_small_files_become_one_sorted_file_with_the_same_rows() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    append_each(&mut lake, 0..20).await;
    let before = stored(&lake);
    let planned = lake
        .planned_compaction(&Compaction::default(), time(NOW))
        .unwrap();
    let compacted = compact(&mut lake, &Compaction::default()).await;
    assert_eq!(planned[0].files_merged, compacted.files_merged);
    assert_eq!((compacted.files_before, compacted.files_merged), (20, 20));
    assert_eq!(lake.event_files().unwrap().len(), 1);
    assert_eq!(stored(&lake), before);
    let keys = sort_keys(&lake);
    assert!(keys[0].is_sorted(), "{keys:#?}");
    let again = compact_fully(&mut lake).await;
    assert_eq!(again.files_merged, 0, "there is nothing left to do");
}

#[tokio::test]
async fn a_compacted_file_has_what_an_appended_one_has_for_needles_and_for_skipping() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    append_each(&mut lake, 0..4).await;
    compact(&mut lake, &Compaction::default()).await;
    let path = lake.event_files().unwrap().remove(0).path;
    let file = File::open(directory.path().join("events").join(path)).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let group = reader.metadata().row_group(0);
    let column = |name: &str| {
        let mut columns = group.columns().iter();
        columns
            .find(|column| column.column_path().string() == name)
            .unwrap()
    };
    for needle in ["event_id", "source_ip_address", "principal_arn"] {
        assert!(column(needle).bloom_filter_offset().is_some(), "{needle}");
    }
    assert!(column("event_time").offset_index_offset().is_some());
    let snapshot = lake.events().snapshot().unwrap();
    let log = snapshot.log_data();
    let stats = log.iter().next().unwrap().stats().unwrap();
    for bound in ["10:00:00", "10:00:03", "\"numRecords\":4", "444455556666"] {
        assert!(stats.contains(bound), "{stats}");
    }
}

#[tokio::test]
async fn files_of_other_days_stay_apart_and_new_files_are_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    for day in ["2026-01-01", "2026-01-02"] {
        for id in 0..4 {
            append(
                &mut lake,
                &[event(&format!("{day} {id}"), day, "GetObject")],
            )
            .await;
        }
    }
    let quiet = Compaction {
        quiet: TimeDelta::minutes(10),
        ..Compaction::default()
    };
    assert_eq!(compact(&mut lake, &quiet).await.files_merged, 0);
    let later = time(NOW) + TimeDelta::minutes(10);
    let compacted = lake.compact(&quiet, later).await.unwrap();
    assert_eq!(
        (compacted[0].files_merged, compacted[0].files_written),
        (8, 2)
    );
    assert_eq!(lake.event_files().unwrap().len(), 2);
}

#[tokio::test]
async fn whatever_was_appended_the_number_of_files_is_bounded() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    let compaction = Compaction::default();
    for round in 0..12 {
        append_each(&mut lake, round * 5..round * 5 + 5).await;
        compact(&mut lake, &compaction).await;
        // All files are of one or two fourfold sizes, and of each at most three
        // are left.
        let files = lake.event_files().unwrap().len();
        assert!(files <= 2 * 3, "{files} after {round}");
    }
    assert_eq!(rows(&lake), 60);
}

#[tokio::test]
async fn no_file_grows_beyond_the_target() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    append_each(&mut lake, 0..8).await;
    let sizes = |lake: &Lake| -> Vec<i64> {
        let snapshot = lake.events().snapshot().unwrap();
        snapshot.log_data().iter().map(|file| file.size()).collect()
    };
    let one = u64::try_from(sizes(&lake)[0]).unwrap();
    let compaction = Compaction {
        target_bytes: 3 * one,
        full: true,
        ..Compaction::default()
    };
    compact(&mut lake, &compaction).await;
    assert!(sizes(&lake).into_iter().all(|size| size <= 3 * one as i64));
    assert_eq!(rows(&lake), 8);
}

#[tokio::test]
async fn after_compaction_nothing_is_counted_new_again() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    let mut other = open(&directory).await;
    let day = "2026-01-01";
    let events: Vec<Event> = (0..6)
        .map(|id| event(&id.to_string(), day, "GetObject"))
        .collect();
    for event in &events {
        append(&mut lake, std::slice::from_ref(event)).await;
    }
    append(&mut other, &events[..1]).await;
    compact(&mut lake, &Compaction::default()).await;
    for (who, lake) in [
        ("the one that compacted", &mut lake),
        ("one that knew the day", &mut other),
        ("one that comes later", &mut open(&directory).await),
    ] {
        let appended = append(lake, &events).await;
        assert_eq!((appended.new, appended.duplicates), (0, 6), "{who}");
        let changed = append(lake, &[event("3", day, "PutObject")]).await;
        assert_eq!((changed.new, changed.duplicates), (0, 0), "{who}");
    }
    assert_eq!(
        (rows(&lake), rejected_rows(&open(&directory).await)),
        (6, 1)
    );
}

#[tokio::test]
async fn a_writer_does_not_read_the_keys_again_of_what_it_knew_before_others_compacted() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut lake = open_in(store.clone(), &directory).await;
    append_each(&mut lake, 0..6).await;
    compact(&mut open(&directory).await, &Compaction::default()).await;
    let before = store.files_read();
    append_each(&mut lake, 3..9).await;
    assert_eq!(rows(&lake), 9);
    assert_eq!(store.files_read(), before);
}

fn relabelled(why: &'static str) -> impl Fn(&Record) -> trailwright_schemas::Label + Sync {
    move |_| label(why)
}

const WHOLE: RelabelScope = RelabelScope {
    since: chrono::DateTime::<chrono::Utc>::MIN_UTC,
    others_since: None,
    until: None,
};

#[tokio::test]
async fn labels_that_change_during_compaction_win() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut lake = open_in(store.clone(), &directory).await;
    append_each(&mut lake, 0..5).await;
    let mut relabelling = open(&directory).await;
    store.next_commit(Fault::Overtaken(Box::pin(async move {
        let label = relabelled("late policy");
        relabelling
            .relabel(&WHOLE, 7, &label, time(NOW))
            .await
            .unwrap();
    })));
    let compacted = compact(&mut lake, &Compaction::default()).await;
    assert_eq!((compacted.overtaken, compacted.files_merged), (1, 5));
    assert_eq!(lake.event_files().unwrap().len(), 1);
    assert!(
        causes(&lake)
            .iter()
            .all(|(_, cause)| cause == "late policy")
    );
    assert_eq!(lake.labels_current_to().await.unwrap(), Some(7));
}

#[tokio::test]
async fn an_append_during_compaction_is_in_nobody_s_way() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut lake = open_in(store.clone(), &directory).await;
    append_each(&mut lake, 0..5).await;
    let mut other = open(&directory).await;
    store.next_commit(Fault::Overtaken(Box::pin(async move {
        append_each(&mut other, 5..6).await;
    })));
    let compacted = compact(&mut lake, &Compaction::default()).await;
    assert_eq!((compacted.overtaken, compacted.files_merged), (0, 5));
    assert_eq!((rows(&lake), lake.event_files().unwrap().len()), (6, 2));
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_not_repeated() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut lake = open_in(store.clone(), &directory).await;
    append_each(&mut lake, 0..5).await;
    store.next_commit(Fault::AnswerLost);
    let compacted = compact(&mut lake, &Compaction::default()).await;
    assert_eq!((compacted.overtaken, compacted.files_merged), (0, 5));
    assert_eq!((rows(&lake), lake.event_files().unwrap().len()), (5, 1));
}

#[tokio::test]
async fn where_sources_stand_is_as_before() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    for offset in 0..4 {
        let advance = Advance {
            source: "kafka/cloudtrail/0".into(),
            from: (offset > 0).then_some(offset),
            to: offset + 1,
        };
        let event = event(&offset.to_string(), "2026-01-01", "GetObject");
        lake.append(&[event], &[], &[advance], 0, time(NOW))
            .await
            .unwrap();
    }
    compact(&mut lake, &Compaction::default()).await;
    for lake in [&mut lake, &mut open(&directory).await] {
        assert_eq!(lake.position("kafka/cloudtrail/0").await.unwrap(), Some(4));
    }
}

#[tokio::test]
async fn the_events_of_a_compacted_file_are_still_those_this_writer_stored() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    append_each(&mut lake, 0..4).await;
    compact(&mut open(&directory).await, &Compaction::default()).await;
    append_each(&mut open(&directory).await, 4..5).await;
    let scope = RelabelScope {
        since: chrono::DateTime::<chrono::Utc>::MAX_UTC,
        others_since: Some(chrono::DateTime::<chrono::Utc>::MIN_UTC),
        until: None,
    };
    lake.refresh().await.unwrap();
    let label = relabelled("late policy");
    let relabelled = lake.relabel(&scope, 1, &label, time(NOW)).await.unwrap();
    assert_eq!(relabelled.examined, 1, "only the event of the other writer");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_named_and_the_others_are_compacted() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    append_each(&mut lake, 0..5).await;
    let torn = lake.event_files().unwrap().remove(2).path;
    std::fs::write(directory.path().join("events").join(&torn), "torn").unwrap();
    let compacted = compact(&mut lake, &Compaction::default()).await;
    assert_eq!(compacted.files_merged, 4);
    let damaged: Vec<&String> = compacted.damaged.keys().collect();
    assert_eq!(damaged, [&torn]);
    assert_eq!(lake.event_files().unwrap().len(), 2);
}

#[tokio::test]
async fn rejected_rows_and_policy_inputs_are_compacted_and_still_known() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    for number in 0..5_u64 {
        let row = rejected_at(number, &format!("2026-01-01T10:00:0{number}Z"));
        lake.append::<Event>(&[], &[row], &[], 0, time(NOW))
            .await
            .unwrap();
        append_inputs(&mut lake, vec![change(&number.to_string())]).await;
    }
    let before = lake.policy_inputs().await.unwrap();
    let compacted = lake
        .compact(&Compaction::default(), time(NOW))
        .await
        .unwrap();
    for table in [REJECTED, POLICY_TIMELINE] {
        let of_table = compacted.iter().find(|one| one.table == table).unwrap();
        assert_eq!(
            (of_table.files_merged, of_table.files_written),
            (5, 1),
            "{table}"
        );
    }
    for lake in [&mut lake, &mut open(&directory).await] {
        assert_eq!(lake.policy_inputs().await.unwrap(), before);
        assert_eq!(lake.policy_inputs_after(3).await.unwrap(), before[3..]);
        assert_eq!(append_inputs(lake, vec![change("2")]).await, 0);
        let row = rejected_at(2, "2026-01-01T10:00:02Z");
        let appended = lake
            .append::<Event>(&[], &[row], &[], 0, time(NOW))
            .await
            .unwrap();
        assert_eq!((appended.rejected, appended.rejected_before), (0, 1));
    }
}

/// An event of one of a few principals, days and times.
fn some_event() -> impl Strategy<Value = Event> {
    (0..200_u16, 1..4_u8, 0..4_usize).prop_map(|(id, day, who)| {
        let user = ["ines", "theo", "ada", "grace"][who];
        let account = ["111122223333", "444455556666"][who % 2];
        let time_text = format!("2026-01-0{day}T{:02}:00:00Z", id % 24);
        event_by(&format!("{id} {day} {who}"), &time_text, account, user)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn compaction_changes_no_row_and_leaves_every_file_in_order(
        batches in proptest::collection::vec(
            (proptest::collection::vec(some_event(), 1..12), any::<bool>()),
            2..10,
        ),
        files_min in 2..5_usize,
        full in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let directory = tempfile::tempdir().unwrap();
            let mut lake = open(&directory).await;
            let compaction = Compaction { files_min, full, ..Compaction::default() };
            for (events, compacts) in batches {
                append(&mut lake, &events).await;
                if compacts {
                    compact(&mut lake, &compaction).await;
                }
            }
            let before = stored(&lake);
            compact(&mut lake, &compaction).await;
            prop_assert_eq!(stored(&lake), before.clone());
            prop_assert_eq!(stored(&open(&directory).await), before);
            for keys in sort_keys(&lake) {
                prop_assert!(keys.is_sorted(), "{:#?}", keys);
            }
            Ok(())
        })?;
    }
}
