//! Events and lakes to test with.

use std::fs::File;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray as _;

use chrono::{DateTime, Utc};
use deltalake_core::DeltaTable;
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sha2::{Digest, Sha256};
use trailwright_schemas::{
    AgreementClass, Cause, CauseType, ContentHash, Decision, Event, Label, LabelState, Limits,
    Provenance, Reason, Received, Record, RecordedOutcome, Rejected, RouteReason, Routing, Scope,
    Stage,
};
use trailwright_store::{Lake, Location};

pub(crate) fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn event(id: &str, day: &str, name: &str) -> Event {
    event_at(id, &format!("{day}T10:00:00Z"), name)
}

pub(crate) fn event_at(id: &str, time_text: &str, name: &str) -> Event {
    of_raw(format!(
        r#"{{"eventID":"{id}","eventTime":"{time_text}","eventSource":"s3.amazonaws.com","eventName":"{name}","awsRegion":"eu-west-1","recipientAccountId":"111122223333"}}"#
    ))
}

/// An event by a user of an account.
pub(crate) fn event_by(id: &str, time_text: &str, account: &str, user: &str) -> Event {
    of_raw(format!(
        r#"{{"eventID":"{id}","eventTime":"{time_text}","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","recipientAccountId":"{account}","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::{account}:user/{user}","accountId":"{account}","userName":"{user}"}}}}"#
    ))
}

fn of_raw(raw: String) -> Event {
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
            ingested_at: time("2026-01-01T00:00:00Z"),
        },
        routing: Routing {
            scope: Scope::Regional,
            reason: RouteReason::RegionalService,
            possible_alias_cookie: false,
            trails: vec!["eu-west-1".into()],
        },
        sign_in: None,
        label: Box::new(label("no policies known")),
    }
}

/// A label that says why.
pub(crate) fn label(why: &str) -> Label {
    Label {
        decision: Decision::Indeterminate,
        stage: Stage::Authorization,
        cause: Cause::without_policy(CauseType::NoPoliciesKnown, why),
        principal_arn: None,
        actions: vec!["s3:GetObject".into()],
        resources: vec!["*".into()],
        unknown_keys: vec![],
        assumptions: vec![why.into()],
        recorded_outcome: RecordedOutcome::Allowed,
        recorded_cause: None,
        agreement_class: AgreementClass::NoPolicies,
        agreement_reason: "no policies known".into(),
        state: LabelState::Final,
        labelled_at: time("2026-01-01T00:00:00Z"),
    }
}

pub(crate) fn rejected(offset: u64) -> Rejected {
    rejected_at(offset, "2026-01-01T00:00:00Z")
}

pub(crate) fn rejected_at(offset: u64, time_text: &str) -> Rejected {
    Rejected {
        source: "test".into(),
        offset,
        reason: Reason::InvalidJson,
        detail: "expected value".into(),
        original: b"{".to_vec(),
        original_sha256: Sha256::digest(b"{").into(),
        original_complete: true,
        redacted_fields: vec![],
        rejected_at: time(time_text),
    }
}

pub(crate) async fn open(directory: &tempfile::TempDir) -> Lake {
    open_in(Arc::new(LocalFileSystem::new()), directory).await
}

pub(crate) async fn open_in(store: Arc<dyn ObjectStore>, directory: &tempfile::TempDir) -> Lake {
    let location = Location::parse(directory.path().to_str().unwrap()).unwrap();
    Lake::open_or_create(location, store).await.unwrap()
}

/// Every stored event as a batch of one row, by event ID.
pub(crate) fn stored(lake: &Lake) -> Vec<RecordBatch> {
    let directory = lake.location().directory().unwrap().join("events");
    let mut rows = Vec::new();
    for file in lake.event_files().unwrap() {
        let file = File::open(directory.join(file.path)).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        for batch in reader.build().unwrap() {
            let batch = batch.unwrap();
            rows.extend((0..batch.num_rows()).map(|row| batch.slice(row, 1)));
        }
    }
    rows.sort_by(|a, b| text(a, "event_id").cmp(text(b, "event_id")));
    rows
}

/// The text in a column of a batch of one row.
pub(crate) fn text<'r>(row: &'r RecordBatch, column: &str) -> &'r str {
    row.column_by_name(column)
        .unwrap()
        .as_string::<i32>()
        .value(0)
}

/// The event IDs and causes of all stored events.
pub(crate) fn causes(lake: &Lake) -> Vec<(String, String)> {
    stored(lake)
        .iter()
        .map(|row| (text(row, "event_id").into(), text(row, "cause").into()))
        .collect()
}

pub(crate) fn rows(lake: &Lake) -> usize {
    rows_of(lake.events())
}

pub(crate) fn rejected_rows(lake: &Lake) -> usize {
    rows_of(lake.rejected())
}

fn rows_of(table: &DeltaTable) -> usize {
    let snapshot = table.snapshot().unwrap();
    snapshot
        .log_data()
        .iter()
        .filter_map(|file| file.num_records())
        .sum()
}
