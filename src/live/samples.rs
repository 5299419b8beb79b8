//! Events to publish in tests.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use chrono::{DateTime, Utc};
use trailwright_enrich::policies::Timeline;
use trailwright_enrich::{LabelOptions, Labeller};
use trailwright_ingest::{Batch, Context, Limits, decode};
use trailwright_schemas::Event;

use crate::config::Config;
use crate::labelling;

pub(super) fn now() -> DateTime<Utc> {
    "2026-03-09T12:00:00Z".parse().unwrap()
}

/// Events with these numbers as their IDs.
pub(super) fn events(numbers: impl IntoIterator<Item = u64>) -> Arc<Vec<Arc<Event>>> {
    let limits = Limits::default();
    let context = Context {
        source: "test",
        now: now(),
        redact: true,
        limits: &limits,
    };
    let mut batch = Batch::default();
    for number in numbers {
        let record = format!(
            r#"{{"eventVersion":"1.11","eventID":"{number}","eventTime":"2026-03-09T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","recipientAccountId":"111122223333"}}"#
        );
        decode(record.as_bytes(), &limits, &mut |found| {
            batch.add(found, &context)
        });
    }
    let router = Config::default().router().unwrap();
    let labeller = Labeller::new(Timeline::default(), LabelOptions::default());
    let events = labelling::events(batch.parsed, &router, &labeller, now());
    Arc::new(events.into_iter().map(Arc::new).collect())
}
