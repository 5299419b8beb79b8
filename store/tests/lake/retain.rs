//! Retention: what is older than wanted goes, and nothing else; what a hold
//! covers stays.

use std::collections::{BTreeMap, HashSet};

use futures::TryStreamExt as _;
use trailwright_schemas::Event;
use trailwright_store::{EVENTS, Hold, Lake, REJECTED, Retained, Retention};

use crate::compact::append;
use crate::fixtures::{
    event, event_by, open, open_in, rejected_at, rejected_rows, stored, text, time,
};
use crate::unreliable::{Fault, Unreliable};

const NOW: &str = "2026-02-01T12:00:00Z";

fn keep(days: u32) -> Retention {
    Retention {
        events: Some(days),
        by: "trailwright retain, grace".into(),
        ..Retention::default()
    }
}

pub(crate) fn hold(name: &str) -> Hold {
    Hold {
        name: name.into(),
        reason: "court order".into(),
        accounts: HashSet::new(),
        principals: HashSet::new(),
        since: None,
        until: None,
    }
}

async fn retain(lake: &mut Lake, retention: &Retention) -> Retained {
    let planned = lake.planned_retention(retention, time(NOW)).await.unwrap();
    let retained = lake.retain(retention, time(NOW)).await.unwrap();
    assert_eq!(planned, retained, "a dry run says what the run does");
    let again = lake.retain(retention, time(NOW)).await.unwrap();
    assert!(again.iter().all(|one| one.rows == 0), "{again:?}");
    retained.into_iter().next().unwrap()
}

fn ids(lake: &Lake) -> Vec<String> {
    let rows = stored(lake);
    rows.iter()
        .map(|row| text(row, "event_id").into())
        .collect()
}

fn on(trails: &[&str], event: Event) -> Event {
    let mut event = event;
    event.routing.trails = trails.iter().map(|trail| (*trail).to_owned()).collect();
    event
}

#[tokio::test]
async fn whole_days_go_without_a_look_into_their_files() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut lake = open_in(store.clone(), &directory).await;
    for day in ["2026-01-01", "2026-01-20", "2026-01-21", "2026-01-22"] {
        append(&mut lake, &[event(day, day, "GetObject")]).await;
    }
    let before = store.files_read();
    let retained = retain(&mut lake, &keep(11)).await;
    assert_eq!(store.files_read(), before);
    assert_eq!((retained.rows, retained.files_dropped), (2, 2));
    let days = retained.days.unwrap();
    assert_eq!(
        days.0.to_string() + " " + &days.1.to_string(),
        "2026-01-01 2026-01-20"
    );
    // The 21st was 11 days ago: each of its events is to be kept for 11 days.
    assert_eq!(ids(&lake), ["2026-01-21", "2026-01-22"]);
    assert_eq!(ids(&open(&directory).await), ["2026-01-21", "2026-01-22"]);
}

#[tokio::test]
async fn without_days_everything_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    append(&mut lake, &[event("a", "1999-01-01", "GetObject")]).await;
    let retained = lake.retain(&Retention::default(), time(NOW)).await.unwrap();
    assert_eq!(retained, []);
    assert_eq!(ids(&lake), ["a"]);
}

#[tokio::test]
async fn of_the_trails_that_received_an_event_the_longest_counts() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    let one = |id: &str, trails: &[&str]| on(trails, event(id, "2026-01-01", "GetObject"));
    let events = [
        one("of reads", &["reads"]),
        one("of both", &["reads", "organization"]),
        one("of organization", &["organization"]),
        one("of evidence", &["reads", "evidence"]),
        one("of none", &[]),
    ];
    append(&mut lake, &events).await;
    let before = stored(&lake);
    let retention = Retention {
        trails: BTreeMap::from([("reads".into(), Some(7)), ("evidence".into(), None)]),
        ..keep(90)
    };
    let retained = retain(&mut lake, &retention).await;
    assert_eq!((retained.rows, retained.files_rewritten), (1, 1));
    let kept: Vec<_> = before
        .into_iter()
        .filter(|row| text(row, "event_id") != "of reads")
        .collect();
    assert_eq!(stored(&lake), kept, "the other rows are as they were");
    let only_forever = retain(
        &mut lake,
        &Retention {
            events: Some(20),
            ..retention
        },
    )
    .await;
    assert_eq!(only_forever.rows, 3);
    assert_eq!(ids(&lake), ["of evidence"]);
}

#[tokio::test]
async fn a_hold_keeps_what_it_covers_by_account_principal_and_period() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    let (ours, theirs) = ("111122223333", "444455556666");
    let noon = "2026-01-01T12:00:00Z";
    let events = [
        event_by("ines", noon, ours, "ines"),
        event_by("theo", noon, ours, "theo"),
        event_by("theirs", noon, theirs, "theo"),
        event_by("theirs later", "2026-01-03T12:00:00Z", theirs, "theo"),
        event_by("ours later", "2026-01-03T12:00:00Z", ours, "theo"),
    ];
    append(&mut lake, &events).await;
    let arn = format!("arn:aws:iam::{ours}:user/ines");
    let retention = Retention {
        holds: vec![
            Hold {
                principals: HashSet::from([arn]),
                ..hold("ines")
            },
            Hold {
                accounts: HashSet::from([theirs.to_owned()]),
                until: Some(time("2026-01-02T00:00:00Z")),
                ..hold("the first of January")
            },
        ],
        ..keep(5)
    };
    let retained = retain(&mut lake, &retention).await;
    assert_eq!(
        (
            retained.rows,
            retained.files_dropped,
            retained.files_rewritten
        ),
        (3, 1, 1)
    );
    let held: Vec<_> = retained.held.into_iter().collect();
    assert_eq!(
        held,
        [
            ("ines".to_owned(), 1),
            ("the first of January".to_owned(), 1)
        ]
    );
    assert_eq!(ids(&lake), ["ines", "theirs"]);
    let retained = retain(&mut lake, &keep(5)).await;
    assert_eq!(
        (retained.rows, retained.files_dropped),
        (2, 1),
        "when the holds are over"
    );
}

#[tokio::test]
async fn a_hold_that_names_nothing_covers_everything() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    append(&mut lake, &[event("a", "2026-01-01", "GetObject")]).await;
    lake.append::<Event>(
        &[],
        &[rejected_at(1, "2026-01-01T00:00:00Z")],
        &[],
        0,
        time(NOW),
    )
    .await
    .unwrap();
    let retention = Retention {
        rejected: Some(1),
        holds: vec![hold("everything")],
        ..keep(1)
    };
    let retained = lake.retain(&retention, time(NOW)).await.unwrap();
    for (one, table) in retained.iter().zip([EVENTS, REJECTED]) {
        assert_eq!((one.table, one.rows, one.held["everything"]), (table, 0, 1));
    }
}

#[tokio::test]
async fn rejected_rows_have_days_of_their_own_and_are_held_from_the_beginning_of_a_hold() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    let rows: Vec<_> = ["2026-01-01", "2026-01-10", "2026-01-30"]
        .iter()
        .zip(0..)
        .map(|(day, offset)| rejected_at(offset, &format!("{day}T10:00:00Z")))
        .collect();
    lake.append::<Event>(&[], &rows, &[], 0, time(NOW))
        .await
        .unwrap();
    let retention = Retention {
        rejected: Some(7),
        holds: vec![Hold {
            since: Some(time("2026-01-05T00:00:00Z")),
            until: Some(time("2026-01-06T00:00:00Z")),
            ..hold("the fifth")
        }],
        ..Retention::default()
    };
    let retained = retain(&mut lake, &retention).await;
    assert_eq!(
        (retained.table, retained.rows, retained.files_rewritten),
        (REJECTED, 1, 1)
    );
    assert_eq!(retained.held["the fifth"], 1);
    assert_eq!(rejected_rows(&lake), 2);
}

#[tokio::test]
async fn the_history_of_the_table_says_who_took_out_what_and_by_which_rule() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    append(&mut lake, &[event("a", "2026-01-01", "GetObject")]).await;
    append(&mut lake, &[event("b", "2026-01-02", "GetObject")]).await;
    let retention = Retention {
        holds: vec![Hold {
            until: Some(time("2026-01-02T00:00:00Z")),
            ..hold("the first")
        }],
        trails: BTreeMap::from([("reads".into(), Some(7)), ("evidence".into(), None)]),
        ..keep(20)
    };
    retain(&mut lake, &retention).await;
    let history: Vec<_> = lake.events().history(Some(1)).try_collect().await.unwrap();
    let commit = history.into_iter().next().unwrap();
    let parameters = commit.operation_parameters.unwrap();
    let mut lines: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    lines.sort();
    insta::assert_snapshot!(
        format!("{} by {}\n{}", commit.operation.unwrap(), commit.user_name.unwrap(), lines.join("\n")),
        @r#"
    DELETE by trailwright retain, grace
    filesDropped: "1"
    filesRewritten: "0"
    holds: "the first (court order)"
    predicate: "event_date < '2026-01-12'; if received by evidence: never; if received by reads: '2026-01-25'"
    rowsHeld: "{\"the first\":1}"
    rowsRemoved: "1"
    "#
    );
}

#[tokio::test]
async fn an_append_during_retention_is_looked_at_too() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut lake = open_in(store.clone(), &directory).await;
    append(&mut lake, &[event("a", "2026-01-01", "GetObject")]).await;
    let mut other = open(&directory).await;
    store.next_commit(Fault::Overtaken(Box::pin(async move {
        append(&mut other, &[event("b", "2026-01-01", "GetObject")]).await;
        append(&mut other, &[event("c", "2026-01-31", "GetObject")]).await;
    })));
    let retained = lake.retain(&keep(5), time(NOW)).await.unwrap();
    assert_eq!(retained[0].rows, 2);
    assert_eq!(ids(&lake), ["c"]);
}

#[tokio::test]
async fn who_reads_the_table_of_before_still_finds_its_files() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    append(&mut lake, &[event("a", "2026-01-01", "GetObject")]).await;
    let reader = open(&directory).await;
    retain(&mut lake, &keep(5)).await;
    assert_eq!(ids(&lake), Vec::<String>::new());
    assert_eq!(ids(&reader), ["a"]);
}
