//! Relabelling: exactly what changed, all at once, or nothing.

use std::sync::Arc;

use arrow_array::RecordBatch;
use trailwright_schemas::{COLUMNS, Event, Label, Record};
use trailwright_store::{Lake, LakeError, RelabelScope, Relabelled};

use crate::fixtures::{causes, event, event_at, label, open, open_in, stored, time};
use crate::unreliable::{Fault, Unreliable};

const FIRST: &str = "2026-01-01";

/// From the first of January 2026 on.
pub(crate) fn all() -> RelabelScope {
    RelabelScope {
        since: time("2026-01-01T00:00:00Z"),
        others_since: None,
        until: None,
    }
}

/// No event.
fn nothing() -> RelabelScope {
    RelabelScope {
        since: chrono::DateTime::<chrono::Utc>::MAX_UTC,
        others_since: None,
        until: None,
    }
}

/// Labels that name one event's cause "late policy", the others as appended.
pub(crate) fn late_for(id: &'static str) -> impl Fn(&Record) -> Label + Sync {
    move |record| match record.event_id.as_deref() == Some(id) {
        true => label("late policy"),
        false => label("no policies known"),
    }
}

/// Labels that give all events this cause.
fn always(why: &'static str) -> impl Fn(&Record) -> Label + Sync {
    move |_| label(why)
}

async fn append(lake: &mut Lake, events: Vec<Event>) {
    let now = time("2026-01-03T00:00:00Z");
    lake.append(&events, &[], &[], 0, now).await.unwrap();
}

async fn try_relabel(
    lake: &mut Lake,
    scope: RelabelScope,
    version: i64,
    label: impl Fn(&Record) -> Label + Sync,
) -> Result<Relabelled, LakeError> {
    let now = time("2026-01-04T00:00:00Z");
    lake.relabel(&scope, version, &label, now).await
}

pub(crate) async fn relabel(
    lake: &mut Lake,
    scope: RelabelScope,
    version: i64,
    label: impl Fn(&Record) -> Label + Sync,
) -> Relabelled {
    try_relabel(lake, scope, version, label).await.unwrap()
}

/// A row without the columns of the label.
fn without_label(row: &RecordBatch) -> RecordBatch {
    let kept: Vec<usize> = row
        .schema()
        .fields()
        .iter()
        .enumerate()
        .filter(|(_, field)| {
            let column = COLUMNS.iter().find(|column| column.name == field.name());
            column.unwrap().of_label().is_none()
        })
        .map(|(index, _)| index)
        .collect();
    row.project(&kept).unwrap()
}

#[tokio::test]
async fn only_rows_whose_label_changed_change_and_only_in_the_label() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    let events = vec![
        event("a", FIRST, "GetObject"),
        event("b", FIRST, "GetObject"),
        event("c", FIRST, "PutObject"),
        event("d", "2026-01-02", "GetObject"),
    ];
    append(&mut lake, events).await;
    let (before, files_before) = (stored(&lake), lake.event_files().unwrap());
    let done = relabel(&mut lake, all(), 1, late_for("b")).await;
    assert_eq!(
        (done.examined, done.changed, done.files_rewritten),
        (4, 1, 1)
    );
    assert!(done.bytes_written > 0);

    let after = stored(&open(&directory).await);
    for row in [0, 2, 3] {
        assert_eq!(after[row], before[row], "schema and values");
    }
    assert_eq!(without_label(&after[1]), without_label(&before[1]));
    assert_eq!(crate::fixtures::text(&after[1], "cause"), "late policy");
    let files_after = lake.event_files().unwrap();
    assert_eq!(files_after.len(), 2);
    for file in files_before {
        let rewritten = file.path.contains(FIRST);
        assert_ne!(files_after.contains(&file), rewritten, "{}", file.path);
        let successor = files_after.iter().find(|after| after.origin == file.origin);
        assert!(successor.is_some(), "{} is known by its origin", file.path);
    }
}

#[tokio::test]
async fn rows_outside_the_scope_keep_their_label() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    let events = vec![
        event_at("a", "2026-01-01T09:59:59Z", "GetObject"),
        event_at("b", "2026-01-01T10:00:00Z", "GetObject"),
        event_at("c", "2026-01-01T11:00:00Z", "GetObject"),
        event_at("d", "2026-01-02T11:00:00Z", "GetObject"),
    ];
    append(&mut lake, events).await;
    let scope = RelabelScope {
        since: time("2026-01-01T10:00:00Z"),
        others_since: None,
        until: Some(time("2026-01-01T11:00:00Z")),
    };
    let done = relabel(&mut lake, scope, 1, always("late policy")).await;
    assert_eq!((done.examined, done.changed), (1, 1));
    let causes = causes(&lake);
    let changed = causes.iter().filter(|(_, cause)| cause == "late policy");
    assert_eq!(
        changed.collect::<Vec<_>>(),
        [&("b".into(), "late policy".into())]
    );
}

#[tokio::test]
async fn files_that_the_log_says_are_outside_the_scope_are_not_read() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut lake = open_in(store.clone(), &directory).await;
    append(&mut lake, vec![event("a", FIRST, "GetObject")]).await;
    let read = store.files_read();
    for (since, until) in [
        ("2026-01-01T10:00:01Z", None),
        ("2025-01-01T00:00:00Z", Some("2026-01-01T10:00:00Z")),
    ] {
        let scope = RelabelScope {
            since: time(since),
            others_since: None,
            until: until.map(time),
        };
        let done = relabel(&mut lake, scope, 1, always("late policy")).await;
        assert_eq!(done, Relabelled::default());
    }
    assert_eq!(store.files_read(), read);
}

#[tokio::test]
async fn when_nothing_changes_only_the_version_is_committed_and_only_once() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    append(&mut lake, vec![event("a", FIRST, "GetObject")]).await;
    assert_eq!(lake.labels_current_to().await.unwrap(), None);
    let files = lake.event_files().unwrap();
    for _ in 0..2 {
        let done = relabel(&mut lake, all(), 7, late_for("nobody")).await;
        assert_eq!((done.examined, done.changed), (1, 0));
        assert_eq!(lake.events().version(), Some(2));
    }
    assert_eq!(lake.event_files().unwrap(), files);
    let current = open(&directory).await.labels_current_to().await.unwrap();
    assert_eq!(current, Some(7));
}

#[tokio::test]
async fn events_appended_meanwhile_are_relabelled_too() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut lake = open_in(store.clone(), &directory).await;
    append(&mut lake, vec![event("a", FIRST, "GetObject")]).await;
    let mut rival = open(&directory).await;
    store.next_commit(Fault::Overtaken(Box::pin(async move {
        append(&mut rival, vec![event("b", FIRST, "GetObject")]).await;
    })));
    let done = relabel(&mut lake, all(), 1, always("late policy")).await;
    assert_eq!(
        (done.examined, done.changed, done.files_rewritten),
        (2, 2, 2)
    );
    let late = |id: &str| (id.to_owned(), "late policy".to_owned());
    assert_eq!(causes(&open(&directory).await), [late("a"), late("b")]);
}

#[tokio::test]
async fn labels_of_a_newer_timeline_are_not_replaced_by_older_ones() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut lake = open_in(store.clone(), &directory).await;
    append(&mut lake, vec![event("a", FIRST, "GetObject")]).await;
    let mut rival = open(&directory).await;
    store.next_commit(Fault::Overtaken(Box::pin(async move {
        relabel(&mut rival, all(), 2, always("newer")).await;
    })));
    let error = try_relabel(&mut lake, all(), 1, always("older")).await;
    let error = error.unwrap_err();
    assert!(matches!(
        error,
        LakeError::LabelledSince {
            labelled: 2,
            given: 1
        }
    ));
    assert_eq!(causes(&lake), [("a".into(), "newer".into())]);
    assert_eq!(lake.labels_current_to().await.unwrap(), Some(2));
}

#[tokio::test]
async fn two_that_relabel_alike_at_once_rewrite_once() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut lake = open_in(store.clone(), &directory).await;
    append(&mut lake, vec![event("a", FIRST, "GetObject")]).await;
    let mut rival = open(&directory).await;
    store.next_commit(Fault::Overtaken(Box::pin(async move {
        relabel(&mut rival, all(), 1, always("late policy")).await;
    })));
    relabel(&mut lake, all(), 1, always("late policy")).await;
    assert_eq!(
        lake.events().version(),
        Some(2),
        "one append, one relabelling"
    );
    assert_eq!(causes(&lake), [("a".into(), "late policy".into())]);
}

#[tokio::test]
async fn duplicates_are_recognised_after_relabelling_without_reading_again() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut lake = open_in(store.clone(), &directory).await;
    let both = || {
        vec![
            event("a", FIRST, "GetObject"),
            event("b", FIRST, "GetObject"),
        ]
    };
    append(&mut lake, both()).await;
    append(&mut lake, both()).await;
    relabel(&mut lake, all(), 1, always("late policy")).await;
    let read = store.files_read();
    let again = || {
        vec![
            event("a", FIRST, "GetObject"),
            event("b", FIRST, "PutObject"),
        ]
    };
    let now = time("2026-01-05T00:00:00Z");
    let appended = lake.append(&again(), &[], &[], 0, now).await.unwrap();
    let counts = (appended.new, appended.duplicates, appended.rejected);
    assert_eq!(counts, (0, 1, 1));
    assert_eq!(store.files_read(), read);

    let mut fresh = open(&directory).await;
    let appended = fresh.append(&again(), &[], &[], 0, now).await.unwrap();
    let counts = (appended.new, appended.duplicates, appended.rejected_before);
    assert_eq!(counts, (0, 1, 1));
}

#[tokio::test]
async fn duplicates_are_recognised_after_others_relabelled_without_reading_again() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut lake = open_in(store.clone(), &directory).await;
    let mut rival = open(&directory).await;
    for _ in 0..2 {
        append(&mut lake, vec![event("a", FIRST, "GetObject")]).await;
    }
    for (version, why) in [(1, "late policy"), (2, "later policy")] {
        relabel(&mut rival, all(), version, always(why)).await;
    }
    lake.refresh().await.unwrap();
    let read = store.files_read();
    let now = time("2026-01-05T00:00:00Z");
    let events = vec![
        event("a", FIRST, "GetObject"),
        event("b", FIRST, "GetObject"),
    ];
    let appended = lake.append(&events, &[], &[], 0, now).await.unwrap();
    assert_eq!((appended.new, appended.duplicates), (1, 1));
    assert_eq!(store.files_read(), read);
    assert_eq!(stored(&lake).len(), 2);
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_found_with_changes_and_without() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut lake = open_in(store.clone(), &directory).await;
    append(&mut lake, vec![event("a", FIRST, "GetObject")]).await;
    for (policies_version, table_version, changed) in [(1, 2, 1), (2, 3, 0)] {
        store.next_commit(Fault::AnswerLost);
        let done = relabel(&mut lake, all(), policies_version, always("late policy")).await;
        assert_eq!(done.changed, changed);
        assert_eq!(lake.events().version(), Some(table_version), "not repeated");
        let current = lake.labels_current_to().await.unwrap();
        assert_eq!(current, Some(policies_version));
    }
}

#[tokio::test]
async fn a_crash_before_the_commit_leaves_the_old_labels() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut lake = open_in(store.clone(), &directory).await;
    append(&mut lake, vec![event("a", FIRST, "GetObject")]).await;
    let before = stored(&lake);
    store.next_commit(Fault::Lost);
    let crashed = try_relabel(&mut lake, all(), 1, always("late policy")).await;
    assert!(matches!(crashed, Err(LakeError::Table { .. })));
    drop(lake);
    let files = walk(directory.path().join("events/trail_region=eu-west-1"));
    assert_eq!(files, 2, "the new file was written and nothing names it");

    let mut lake = open(&directory).await;
    assert_eq!(stored(&lake), before);
    assert_eq!(lake.labels_current_to().await.unwrap(), None);
    let done = relabel(&mut lake, all(), 1, always("late policy")).await;
    assert_eq!(done.changed, 1);
    assert_eq!(
        walk(directory.path().join("events/trail_region=eu-west-1")),
        2
    );
}

/// How many files there are below a directory.
fn walk(directory: std::path::PathBuf) -> usize {
    std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { walk(path) } else { 1 })
        .sum()
}

#[tokio::test]
async fn a_relabelling_can_be_done_on_another_thread() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    append(&mut lake, vec![event("a", FIRST, "GetObject")]).await;
    let why = Arc::new("late policy".to_owned());
    let done = tokio::spawn(async move {
        let label = move |_: &Record| label(&why);
        try_relabel(&mut lake, all(), 1, label).await.unwrap()
    });
    assert_eq!(done.await.unwrap().changed, 1);
}

#[tokio::test]
async fn events_whose_labels_others_overtook_are_on_record_until_anyone_relabels() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    append(&mut lake, vec![event("before", FIRST, "GetObject")]).await;
    relabel(&mut lake, nothing(), 2, always("unused")).await;
    let on_their_way = vec![
        event_at("a", "2026-01-02T10:00:00Z", "GetObject"),
        event_at("b", "2026-01-03T10:00:00Z", "GetObject"),
    ];
    let now = time("2026-01-04T00:00:00Z");
    lake.append(&on_their_way, &[], &[], 1, now).await.unwrap();
    let after = event_at("c", "2026-01-03T10:00:01Z", "GetObject");
    lake.append(&[after], &[], &[], 2, now).await.unwrap();
    assert!(lake.labels_are_behind().await.unwrap());
    drop(lake);

    let mut next = open(&directory).await;
    assert!(next.labels_are_behind().await.unwrap());
    let done = relabel(&mut next, nothing(), 2, always("newer")).await;
    assert_eq!((done.examined, done.changed), (2, 2), "exactly those");
    assert!(!next.labels_are_behind().await.unwrap());
    let newer: Vec<_> = causes(&next)
        .into_iter()
        .filter(|(_, cause)| cause == "newer")
        .map(|(id, _)| id)
        .collect();
    assert_eq!(newer, ["a", "b"]);
    let again = relabel(&mut next, nothing(), 2, always("newest")).await;
    assert_eq!(again, Relabelled::default());
}

#[tokio::test]
async fn duplicates_leave_no_labels_behind() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    append(&mut lake, vec![event("a", FIRST, "GetObject")]).await;
    relabel(&mut lake, all(), 2, always("newer")).await;
    append(&mut lake, vec![event("a", FIRST, "GetObject")]).await;
    assert!(!lake.labels_are_behind().await.unwrap());
}

#[tokio::test]
async fn what_falls_behind_while_a_relabelling_commits_is_in_it() {
    let directory = tempfile::tempdir().unwrap();
    let store = Unreliable::new();
    let mut lake = open_in(store.clone(), &directory).await;
    relabel(&mut lake, all(), 1, always("unused")).await;
    append(&mut lake, vec![event("a", FIRST, "GetObject")]).await;
    let mut rival = open(&directory).await;
    store.next_commit(Fault::Overtaken(Box::pin(async move {
        let earlier = vec![event("b", "2025-01-01", "GetObject")];
        append(&mut rival, earlier).await;
    })));
    relabel(&mut lake, nothing(), 2, always("newer")).await;
    let newer = |id: &str| (id.to_owned(), "newer".to_owned());
    assert_eq!(causes(&open(&directory).await), [newer("a"), newer("b")]);
    assert!(!lake.labels_are_behind().await.unwrap());
}

#[tokio::test]
async fn an_own_file_that_others_relabelled_with_less_is_looked_at_again() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    let mut rival = open(&directory).await;
    let mut known = event("a", FIRST, "GetObject");
    *known.label = label("two changes known");
    let now = time("2026-01-03T00:00:00Z");
    lake.append(&[known], &[], &[], 2, now).await.unwrap();
    relabel(&mut rival, all(), 1, always("one change known")).await;
    let of_others = RelabelScope {
        others_since: Some(all().since),
        ..nothing()
    };
    relabel(&mut lake, of_others, 2, always("two changes known")).await;
    assert_eq!(causes(&lake), [("a".into(), "two changes known".into())]);
}

#[tokio::test]
async fn an_own_file_stays_own_when_oneself_relabels_it() {
    let directory = tempfile::tempdir().unwrap();
    let mut lake = open(&directory).await;
    append(&mut lake, vec![event("a", FIRST, "GetObject")]).await;
    relabel(&mut lake, all(), 1, always("one change known")).await;
    let of_others = RelabelScope {
        others_since: Some(all().since),
        ..nothing()
    };
    let done = relabel(&mut lake, of_others, 2, always("unused")).await;
    assert_eq!(done, Relabelled::default());
}
