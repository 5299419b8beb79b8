//! What the lake promises, on a real table in a directory.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::sync::Arc;

use chrono::{DateTime, Utc};
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use sha2::{Digest, Sha256};
use trailwright_schemas::{
    AgreementClass, Cause, CauseType, ContentHash, Decision, Event, Label, Limits, Provenance,
    Reason, Received, Record, RecordedOutcome, Rejected, RouteReason, Routing, Scope, Stage,
};
use trailwright_store::{Appended, Lake, Location};

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn event(id: &str, day: &str, name: &str) -> Event {
    let raw = format!(
        r#"{{"eventID":"{id}","eventTime":"{day}T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"{name}","awsRegion":"eu-west-1","recipientAccountId":"111122223333"}}"#
    );
    Event {
        record: Record::parse(raw.as_bytes(), &Limits::default()).unwrap(),
        received: Received {
            raw_sha256: Sha256::digest(&raw).into(),
            content: ContentHash::of(&raw).unwrap(),
            redacted_fields: vec![],
            raw,
        },
        provenance: Provenance {
            source: "test".into(),
            offset: 0,
            ingested_at: time("2026-01-01T00:00:00Z"),
        },
        routing: Routing {
            scope: Scope::Regional,
            reason: RouteReason::RegionalService,
            possible_alias_cookie: false,
            trails: vec!["eu-west-1".into()],
        },
        sign_in: None,
        label: Label {
            decision: Decision::Indeterminate,
            stage: Stage::Authorization,
            cause: Cause::without_policy(CauseType::NoPoliciesKnown, "no policies known"),
            principal_arn: None,
            actions: vec!["s3:GetObject".into()],
            resources: vec!["*".into()],
            unknown_keys: vec![],
            assumptions: vec![],
            recorded_outcome: RecordedOutcome::Allowed,
            recorded_cause: None,
            agreement_class: AgreementClass::NoPolicies,
            agreement_reason: "no policies known".into(),
        },
    }
}

fn rejected(offset: u64) -> Rejected {
    Rejected {
        source: "test".into(),
        offset,
        reason: Reason::InvalidJson,
        detail: "expected value".into(),
        original: b"{".to_vec(),
        original_sha256: Sha256::digest(b"{").into(),
        original_complete: true,
        redacted_fields: vec![],
        rejected_at: time("2026-01-01T00:00:00Z"),
    }
}

async fn open(directory: &tempfile::TempDir) -> Lake {
    let location = Location::parse(directory.path().to_str().unwrap()).unwrap();
    let store: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new());
    Lake::open_or_create(location, store).await.unwrap()
}

fn rows(lake: &Lake) -> usize {
    let snapshot = lake.events().snapshot().unwrap();
    snapshot
        .log_data()
        .iter()
        .filter_map(|file| file.num_records())
        .sum()
}

async fn append(lake: &mut Lake, events: Vec<Event>, rows: Vec<Rejected>) -> Appended {
    lake.append(events, rows, time("2026-01-01T00:00:00Z"))
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
