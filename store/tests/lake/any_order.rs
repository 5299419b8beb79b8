//! The law: appending and relabelling, in any order and any split, by any
//! writer, end in the same rows.

use std::collections::BTreeSet;

use arrow_array::RecordBatch;
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use trailwright_schemas::{Event, Label, Record};
use trailwright_store::{Lake, RelabelScope};

use crate::fixtures::{event_at, label, open, stored, time};

/// Something arrives.
#[derive(Clone, Debug)]
enum Arrival {
    /// An event of this hour.
    Event(u8),
    /// A change of policies in this hour.
    Change(u8),
}

/// When and where it is dealt with.
#[derive(Clone, Copy, Debug)]
struct Turn {
    /// Events wait, labelled, until a turn ends a batch; changes may overtake
    /// them.
    ends_batch: bool,
    /// Which of two writers.
    second_writer: bool,
}

const HOURS: std::ops::Range<u8> = 0..60;

fn hour(hours: u8) -> DateTime<Utc> {
    time("2026-01-01T00:00:00Z") + TimeDelta::hours(i64::from(hours))
}

/// The label of an event: what the last change before it says.
fn label_at(changes: &BTreeSet<u8>, at: DateTime<Utc>) -> Label {
    match changes.iter().rfind(|change| hour(**change) <= at) {
        Some(change) => label(&format!("changed in hour {change}")),
        None => label("no policies known"),
    }
}

/// Two writers on one lake, and what is known of policies.
struct Writers {
    lakes: [Lake; 2],
    changes: BTreeSet<u8>,
    changes_seen: i64,
    /// Labelled, and not stored.
    waiting: Vec<Event>,
    /// How many changes all labels of what waits know.
    waiting_know: i64,
}

impl Writers {
    async fn on(directory: &tempfile::TempDir) -> Self {
        Self {
            lakes: [open(directory).await, open(directory).await],
            changes: BTreeSet::new(),
            changes_seen: 0,
            waiting: Vec::new(),
            waiting_know: 0,
        }
    }

    async fn arrive(&mut self, arrival: Arrival, turn: Turn) {
        match arrival {
            Arrival::Event(at) => {
                if self.waiting.is_empty() {
                    self.waiting_know = self.changes_seen;
                }
                let id = format!("event of hour {at}");
                let mut event = event_at(&id, &hour(at).to_rfc3339(), "GetObject");
                *event.label = label_at(&self.changes, event.record.event_time);
                self.waiting.push(event);
                if turn.ends_batch {
                    self.append(turn).await;
                }
            }
            Arrival::Change(at) => {
                if turn.ends_batch {
                    self.append(turn).await;
                }
                self.changes.insert(at);
                self.changes_seen += 1;
                self.relabel(hour(at), turn).await;
            }
        }
    }

    async fn relabel(&mut self, since: DateTime<Utc>, turn: Turn) {
        let scope = RelabelScope {
            since,
            others_since: None,
            until: None,
        };
        let changes = self.changes.clone();
        let label = move |record: &Record| label_at(&changes, record.event_time);
        let lake = &mut self.lakes[usize::from(turn.second_writer)];
        let now = time("2026-02-01T00:00:00Z");
        let relabelled = lake.relabel(&scope, self.changes_seen, &label, now);
        relabelled.await.unwrap();
    }

    async fn append(&mut self, turn: Turn) {
        let events = std::mem::take(&mut self.waiting);
        let lake = &mut self.lakes[usize::from(turn.second_writer)];
        let now = time("2026-02-01T00:00:00Z");
        let appended = lake.append(&events, &[], &[], self.waiting_know, now);
        appended.await.unwrap();
    }
}

async fn rows_after(arrivals: &[(Arrival, Turn)]) -> Vec<RecordBatch> {
    let directory = tempfile::tempdir().unwrap();
    let mut writers = Writers::on(&directory).await;
    for (arrival, turn) in arrivals {
        writers.arrive(arrival.clone(), *turn).await;
    }
    let last = Turn {
        ends_batch: true,
        second_writer: false,
    };
    writers.append(last).await;
    // Who was overtaken last may not live to relabel; the next one does.
    writers.relabel(DateTime::<Utc>::MAX_UTC, last).await;
    stored(&open(&directory).await)
}

fn arrivals() -> impl Strategy<Value = Vec<(Arrival, Turn)>> {
    let arrival = prop_oneof![
        2 => HOURS.prop_map(Arrival::Event),
        1 => HOURS.prop_map(Arrival::Change),
    ];
    let turn = (any::<bool>(), any::<bool>()).prop_map(|(ends_batch, second_writer)| Turn {
        ends_batch,
        second_writer,
    });
    proptest::collection::vec((arrival, turn), 1..10)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn any_order_and_any_split_end_in_the_same_rows(
        (arrivals, shuffled) in arrivals().prop_flat_map(|arrivals| {
            (Just(arrivals.clone()), Just(arrivals).prop_shuffle())
        }),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let in_order = runtime.block_on(rows_after(&arrivals));
        let in_another = runtime.block_on(rows_after(&shuffled));
        prop_assert_eq!(in_order, in_another);
    }
}
