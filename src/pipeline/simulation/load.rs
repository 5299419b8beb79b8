//! The messages, and what the lake must hold of them.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use trailwright_enrich::LabelOptions;
use trailwright_ingest::{Batch, Context, Limits, Parsed, decode};
use trailwright_schemas::Rejected;
use trailwright_store::Lake;

use super::group::{source, topic_partition};
use crate::config::Config;
use crate::labelling::Labelling;
use crate::labelling::records::{call, changes, left_to_change};

pub(super) const PARTITIONS: usize = 3;

/// What is sent. It is the same for all seeds.
pub(super) struct Load {
    pub(super) topic: Vec<Vec<Batch>>,
    events: usize,
}

pub(super) fn now() -> DateTime<Utc> {
    "2026-06-01T00:00:00Z".parse().unwrap()
}

impl Load {
    /// Changes of policies and calls that depend on them, in all topic
    /// partitions; some calls twice, some together, some in other Regions and
    /// on another day; and poison.
    pub(super) fn new() -> Self {
        let mut calls = Vec::new();
        for hour in 0..6 {
            for (minute, region) in [(35, "us-east-1"), (50, "eu-west-1")] {
                let mut call = call(60 * hour + minute);
                call["awsRegion"] = json!(region);
                calls.push(call);
            }
        }
        let mut late = call(5 * 60 + 59);
        late["eventTime"] = json!("2026-03-10T08:00:00Z");
        calls.push(late);
        let mut messages: Vec<String> = changes().iter().map(Value::to_string).collect();
        for (number, some) in calls.chunks(2).enumerate() {
            messages.push(json!({"Records": some}).to_string());
            if number % 2 == 0 {
                messages.push(some[0].to_string());
            }
            if number % 3 == 0 {
                messages.push(format!("poison {number}"));
            }
        }
        let mut topic = vec![Vec::new(); PARTITIONS];
        for (number, message) in messages.iter().enumerate() {
            let partition = number % PARTITIONS;
            let offset = topic[partition].len();
            let name = format!("{}/{offset}", source(&topic_partition(partition)));
            topic[partition].push(read(message, &name));
        }
        Self {
            topic,
            events: calls.len() + changes().len(),
        }
    }

    /// Each event and each rejected message once, positions at the ends, and
    /// labels by everything that is known of policies in the end: which is what
    /// an undisturbed run leaves.
    pub(super) async fn assert_stored(&self, lake: &mut Lake) {
        for (partition, messages) in self.topic.iter().enumerate() {
            let position = lake.position(&source(&topic_partition(partition))).await;
            let end = i64::try_from(messages.len()).unwrap();
            assert_eq!(position.unwrap(), Some(end), "topic partition {partition}");
        }
        let batches = self.topic.iter().flatten();
        let parsed = batches.clone().flat_map(|batch| batch.parsed.clone());
        let parsed: Vec<Parsed> = parsed.collect();
        let rejected = batches.flat_map(|batch| batch.rejected.clone());
        let rejected: Vec<Rejected> = rejected.collect();
        let table = lake.rejected().snapshot().unwrap();
        let files = table.log_data();
        let rows = files.iter().filter_map(|file| file.num_records());
        assert_eq!(rows.sum::<usize>(), rejected.len(), "rows in rejected");
        let looked_at = left_to_change(lake, now()).await;
        assert_eq!(
            looked_at,
            (self.events, 0),
            "events, and labels that are wrong"
        );

        // All of it is known there, so that it is there once.
        let deliveries = parsed.len();
        let labelling = Labelling::begin(lake, &[], LabelOptions::default(), now());
        let router = Config::default().router().unwrap();
        let events = labelling.await.unwrap().label(parsed, &router, now());
        let again = lake
            .append(&events, &rejected, &[], i64::MAX, now())
            .await
            .unwrap();
        assert_eq!((again.new, again.duplicates), (0, deliveries), "events");
        let found = (again.rejected, again.rejected_before);
        assert_eq!(found, (0, rejected.len()), "rejected");
    }
}

fn read(message: &str, name: &str) -> Batch {
    let limits = Limits::default();
    let context = Context {
        source: name,
        now: now(),
        redact: true,
        limits: &limits,
    };
    let mut batch = Batch::default();
    decode(message.as_bytes(), &limits, &mut |found| {
        batch.add(found, &context)
    });
    batch
}
