//! That questions for one thing read little, and what makes it so: statistics,
//! bloom filters, the page index, the order of rows. The figures are those of
//! the physical plan after it ran.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use object_store::local::LocalFileSystem;
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;
use trailwright_query::{Kept, Scanned, Session, Tables, rows};
use trailwright_schemas::{
    AgreementClass, Cause, CauseType, ContentHash, Decision, Event, Label, LabelState, Limits,
    Provenance, Received, Record, RecordedOutcome, RouteReason, Routing, Scope, Stage,
};
use trailwright_store::{Compaction, Lake, Location};

/// Files of one partition, each one row group.
const FILES: usize = 4;
const ROWS_OF_A_FILE: usize = 2_500;
/// Of the one file that compaction makes, 2,000 rows a page.
const PAGES: usize = 5;
const PRINCIPALS: usize = 10;

/// One lake, before and after compaction.
struct Layout {
    _directory: tempfile::TempDir,
    small: Session,
    compacted: Session,
}

async fn layout() -> &'static Layout {
    static LAYOUT: OnceCell<Layout> = OnceCell::const_new();
    LAYOUT.get_or_init(make).await
}

async fn make() -> Layout {
    let directory = tempfile::tempdir().unwrap();
    let location = Location::parse(directory.path().to_str().unwrap()).unwrap();
    let lake = Lake::open_or_create(location, Arc::new(LocalFileSystem::new()));
    let mut lake = lake.await.unwrap();
    for file in 0..FILES {
        let rows = file * ROWS_OF_A_FILE..(file + 1) * ROWS_OF_A_FILE;
        let events: Vec<Event> = rows.map(event).collect();
        let appended = lake.append(&events, &[], &[], 0, begin()).await;
        appended.unwrap();
    }
    let small = Session::begin(&lake, Tables::Whole).await.unwrap();
    let full = Compaction {
        full: true,
        ..Compaction::default()
    };
    lake.compact(&full, begin()).await.unwrap();
    let compacted = Session::begin(&lake, Tables::Whole).await.unwrap();
    Layout {
        _directory: directory,
        small,
        compacted,
    }
}

fn begin() -> DateTime<Utc> {
    "2026-03-09T00:00:00Z".parse().unwrap()
}

/// Event `number`. IDs are in no order; keys and addresses are of one file, but
/// lie between those of others; a principal is in all files, except that the
/// last file has one that comes after all others.
fn event(number: usize) -> Event {
    let file = number / ROWS_OF_A_FILE;
    let user = match number {
        _ if number == FILES * ROWS_OF_A_FILE - 1 => "zoe".to_owned(),
        _ => format!("user-{:02}", number % PRINCIPALS),
    };
    let arn = format!("arn:aws:iam::111122223333:user/{user}");
    let time = begin() + TimeDelta::seconds(number.try_into().unwrap());
    let raw = format!(
        r#"{{"eventID":"{}","eventTime":"{}","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","recipientAccountId":"111122223333","sourceIPAddress":"{}","userIdentity":{{"type":"IAMUser","arn":"{arn}","accountId":"111122223333","accessKeyId":"{}","userName":"{user}"}}}}"#,
        id(number),
        time.format("%Y-%m-%dT%H:%M:%SZ"),
        address(file, number),
        key(file, number),
    );
    Event {
        record: Box::new(Record::parse(raw.as_bytes(), &Limits::default()).unwrap()),
        received: Received {
            raw_sha256: Sha256::digest(&raw).into(),
            content: ContentHash::of(&raw).unwrap(),
            redacted_fields: vec![],
            raw,
        },
        provenance: Provenance {
            source: "test".into(),
            offset: 0,
            ingested_at: begin(),
        },
        routing: Routing {
            scope: Scope::Regional,
            reason: RouteReason::RegionalService,
            possible_alias_cookie: false,
            trails: vec!["eu-west-1".into()],
        },
        sign_in: None,
        label: Box::new(label(&arn)),
    }
}

fn label(principal: &str) -> Label {
    Label {
        decision: Decision::Indeterminate,
        stage: Stage::Authorization,
        cause: Cause::without_policy(CauseType::NoPoliciesKnown, "no policies known"),
        principal_arn: Some(principal.into()),
        actions: vec!["s3:GetObject".into()],
        resources: vec!["*".into()],
        unknown_keys: vec![],
        assumptions: vec![],
        recorded_outcome: RecordedOutcome::Allowed,
        recorded_cause: None,
        agreement_class: AgreementClass::NoPolicies,
        agreement_reason: "no policies known".into(),
        state: LabelState::Final,
        labelled_at: begin(),
    }
}

fn id(number: usize) -> String {
    let digest = Sha256::digest(format!("id {number}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One of ten keys of a file. The fourth lies between the first and the last of
/// every file, and so on.
fn key(file: usize, number: usize) -> String {
    format!("ASIA{:02}{file:014}", number % 10)
}

/// One of ten addresses of a file, ordered like keys.
fn address(file: usize, number: usize) -> String {
    format!("10.{}.{file}.1", number % 10)
}

/// Asks for the rows of a condition and says how many there were and what was
/// read.
async fn read(session: &Session, table: &str, condition: &str) -> (usize, Scanned) {
    let sql = format!("SELECT event_time, event_name, event_id FROM {table} WHERE {condition}");
    let answer = session.ask(&sql).await.unwrap();
    let scan = answer.scan();
    let batches = answer.collect().await.unwrap();
    let count = batches.iter().map(|batch| batch.num_rows()).sum();
    (count, scan.scanned())
}

async fn least(column: &str) -> String {
    let sql = format!("SELECT min({column}) FROM events");
    let answer = layout().await.small.ask(&sql).await.unwrap();
    let batches = answer.collect().await.unwrap();
    rows(&batches[0]).unwrap()[0][0].clone().unwrap()
}

#[tokio::test]
async fn bloom_filters_leave_the_row_group_that_has_the_value() {
    let sample = 3 * ROWS_OF_A_FILE + 7;
    let needles = [
        ("event_id", id(sample), 1),
        (
            "user_identity_access_key_id",
            key(3, sample),
            ROWS_OF_A_FILE / 10,
        ),
        ("source_ip_address", address(3, sample), ROWS_OF_A_FILE / 10),
    ];
    for (column, value, expected) in needles {
        let condition = format!("{column} = '{value}'");
        let (rows, scanned) = read(&layout().await.small, "events", &condition).await;
        assert_eq!(rows, expected, "{column}");
        let by_statistics = scanned.row_groups_by_statistics;
        let by_bloom_filters = scanned.row_groups_by_bloom_filters;
        assert_eq!(by_bloom_filters.of, by_statistics.kept, "{column}");
        assert!(by_statistics.kept > 1, "{column}: else it proves nothing");
        assert_eq!(by_bloom_filters.kept, 1, "{column} {scanned:?}");
    }
}

#[tokio::test]
async fn a_value_that_is_nowhere_reads_no_page() {
    for column in [
        "event_id",
        "user_identity_access_key_id",
        "source_ip_address",
        "user_identity_arn",
        "principal_arn",
    ] {
        // Between the least and the greatest value, so that statistics cannot tell.
        let condition = format!("{column} = '{}0'", least(column).await);
        let (rows, scanned) = read(&layout().await.small, "events", &condition).await;
        assert_eq!(rows, 0);
        assert_eq!(
            scanned.row_groups_by_bloom_filters.kept, 0,
            "{column} {scanned:?}"
        );
        assert_eq!(scanned.pages, Kept::default(), "{column}");
    }
}

#[tokio::test]
async fn statistics_of_row_groups_leave_those_whose_range_has_the_value() {
    let zoe = "principal_arn = 'arn:aws:iam::111122223333:user/zoe'";
    let (rows, scanned) = read(&layout().await.small, "events", zoe).await;
    assert_eq!(rows, 1);
    let expected = Kept { of: FILES, kept: 1 };
    assert_eq!(scanned.row_groups_by_statistics, expected);
}

#[tokio::test]
async fn statistics_of_the_log_leave_the_files_of_a_time() {
    let last = begin() + TimeDelta::seconds((FILES * ROWS_OF_A_FILE - 10).try_into().unwrap());
    let condition = format!("event_time >= timestamp '{}'", last.to_rfc3339());
    let (rows, scanned) = read(&layout().await.small, "events", &condition).await;
    assert_eq!(rows, 10);
    assert_eq!(
        scanned.row_groups_by_statistics.of, 1,
        "others are not opened"
    );
}

#[tokio::test]
async fn the_page_index_leaves_the_pages_of_a_principal_because_rows_are_sorted() {
    let compacted = &layout().await.compacted;
    let principal = "principal_arn = 'arn:aws:iam::111122223333:user/user-07'";
    let (rows, scanned) = read(compacted, "events", principal).await;
    assert_eq!(rows, FILES * ROWS_OF_A_FILE / PRINCIPALS);
    assert_eq!(scanned.row_groups_by_statistics, Kept { of: 1, kept: 1 });
    // A thousand rows in a row lie on one page or two.
    assert_eq!(scanned.pages.of, PAGES);
    assert!(scanned.pages.kept <= 2, "{scanned:?}");

    // Of what rows are not sorted by every page could hold any value.
    let elsewhere = format!("event_id = '{}'", id(7));
    let (_, scanned) = read(compacted, "events", &elsewhere).await;
    let every_page = Kept {
        of: PAGES,
        kept: PAGES,
    };
    assert_eq!(scanned.pages, every_page);
}

#[tokio::test]
async fn views_hand_the_condition_on() {
    let condition = format!("event_id = '{}'", id(2 * ROWS_OF_A_FILE));
    for view in [
        "named_events",
        "(SELECT * FROM named_events WHERE event_name = 'GetObject')",
    ] {
        let (rows, scanned) = read(&layout().await.small, view, &condition).await;
        assert_eq!(
            (rows, scanned.row_groups_by_bloom_filters.kept),
            (1, 1),
            "{view} {scanned:?}"
        );
    }
}
