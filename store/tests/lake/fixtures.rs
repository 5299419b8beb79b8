//! Events and lakes to test with.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use deltalake_core::DeltaTable;
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use sha2::{Digest, Sha256};
use trailwright_schemas::{
    Agreement, Cause, CauseType, ContentHash, Decision, Event, Label, Limits, Provenance, Reason,
    Received, Record, RecordedOutcome, Rejected, RouteReason, Routing, Scope, Stage,
};
use trailwright_store::{Lake, Location};

pub(crate) fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn event(id: &str, day: &str, name: &str) -> Event {
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
            agreement: Agreement::NotComparable,
            agreement_reason: "no policies known".into(),
        },
    }
}

pub(crate) fn rejected(offset: u64) -> Rejected {
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

pub(crate) async fn open(directory: &tempfile::TempDir) -> Lake {
    open_in(Arc::new(LocalFileSystem::new()), directory).await
}

pub(crate) async fn open_in(store: Arc<dyn ObjectStore>, directory: &tempfile::TempDir) -> Lake {
    let location = Location::parse(directory.path().to_str().unwrap()).unwrap();
    Lake::open_or_create(location, store).await.unwrap()
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
