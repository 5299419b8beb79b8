//! Several instances on one lake, whatever the order of their steps.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use object_store::local::LocalFileSystem;
use proptest::prelude::*;
use serde_json::Value;
use trailwright_ingest::{Batch, Context, Limits, decode};
use trailwright_store::Location;

use super::records::{call, changes, left_to_change};
use super::*;
use crate::config::Config;

fn now() -> DateTime<Utc> {
    "2026-06-01T00:00:00Z".parse().unwrap()
}

fn parsed(record: &Value) -> Vec<Parsed> {
    let text = record.to_string();
    let limits = Limits::default();
    let context = Context {
        source: "test",
        now: now(),
        redact: true,
        limits: &limits,
    };
    let mut batch = Batch::default();
    decode(text.as_bytes(), &limits, &mut |found| {
        batch.add(found, &context)
    });
    assert_eq!((batch.parsed.len(), batch.rejected.len()), (1, 0));
    batch.parsed
}

async fn open(directory: &tempfile::TempDir) -> Lake {
    let location = Location::parse(directory.path().to_str().unwrap()).unwrap();
    let store = Arc::new(LocalFileSystem::new());
    Lake::open_or_create(location, store).await.unwrap()
}

struct Instance {
    lake: Lake,
    labelling: Labelling,
    /// What it is to read.
    records: Vec<Value>,
    /// How many of them are stored, as a position in the lake would say.
    stored: usize,
    /// The next one, labelled and not stored.
    labelled: Option<Vec<Arc<Event>>>,
    unchecked: bool,
}

/// What an instance does.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// The next thing that a daemon does: learn and label, store, check.
    GoOn,
    /// Labels know what came late, if it is between batches.
    Settle,
    /// It is killed, and another one takes its place.
    Crash,
}

impl Instance {
    async fn begin(directory: &tempfile::TempDir, records: Vec<Value>) -> Self {
        let mut lake = open(directory).await;
        let options = LabelOptions::default();
        let labelling = Labelling::begin(&mut lake, &[], options, now());
        Self {
            labelling: labelling.await.unwrap(),
            lake,
            records,
            stored: 0,
            labelled: None,
            unchecked: false,
        }
    }

    async fn step(&mut self, router: &Router, step: Step, directory: &tempfile::TempDir) {
        let (lake, labelling) = (&mut self.lake, &mut self.labelling);
        if let Step::Crash = step {
            let successor = Self::begin(directory, std::mem::take(&mut self.records)).await;
            let stored = self.stored;
            *self = Self {
                stored,
                ..successor
            };
        } else if std::mem::take(&mut self.unchecked) {
            labelling.after_append(lake, now()).await.unwrap();
        } else if let Some(events) = self.labelled.take() {
            let known = labelling.policies_version();
            let append = lake.append(&events, &[], &[], known, now());
            append.await.unwrap();
            self.stored += 1;
            self.unchecked = true;
        } else if let Step::Settle = step {
            labelling.settle(lake, now()).await.unwrap();
        } else if let Some(record) = self.records.get(self.stored) {
            let batch = parsed(record);
            labelling.learn(&batch, lake, now()).await.unwrap();
            let events = labelling.label(batch, router, now());
            labelling.storing(&events);
            self.labelled = Some(events);
        }
    }

    fn is_done(&self) -> bool {
        self.stored == self.records.len()
    }
}

/// Two instances, the first of which reads the changes. In the end both are
/// killed, and a third settles.
async fn run(steps: Vec<(bool, Step)>) {
    let directory = tempfile::tempdir().unwrap();
    let router = Config::default().router().unwrap();
    let calls: Vec<Value> = (0..6).map(|hour| call(60 * hour + 45)).collect();
    let events = calls.len() + changes().len();
    let mut instances = [
        Instance::begin(&directory, changes()).await,
        Instance::begin(&directory, calls).await,
    ];
    for (second, step) in steps {
        let instance = &mut instances[usize::from(second)];
        instance.step(&router, step, &directory).await;
    }
    for instance in &mut instances {
        while !instance.is_done() {
            instance.step(&router, Step::GoOn, &directory).await;
        }
    }
    let mut last = Instance::begin(&directory, vec![]).await;
    last.step(&router, Step::Settle, &directory).await;
    let looked_at = left_to_change(&mut open(&directory).await, now()).await;
    assert_eq!(looked_at, (events, 0));
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![6 => Just(Step::GoOn), 2 => Just(Step::Settle), 1 => Just(Step::Crash)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn labels_know_every_change_in_the_end_whoever_read_it_and_when(
        steps in prop::collection::vec((any::<bool>(), step()), 0..60)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(steps));
    }
}

#[tokio::test]
async fn who_is_killed_after_others_overtook_its_batch_leaves_no_old_label() {
    let (changes, calls) = (false, true);
    let mut steps = vec![(changes, Step::GoOn); 3];
    // The role is there. The call is labelled, and then it gets its policy.
    steps.push((calls, Step::GoOn));
    steps.extend([(calls, Step::GoOn); 2]);
    steps.push((calls, Step::GoOn));
    steps.extend([(changes, Step::GoOn); 3]);
    steps.push((changes, Step::Settle));
    // It is stored behind the relabelling, and nobody comes back to it.
    steps.extend([(calls, Step::GoOn), (calls, Step::Crash)]);
    run(steps).await;
}

#[tokio::test]
async fn labels_of_the_calls_depend_on_the_changes() {
    let directory = tempfile::tempdir().unwrap();
    let router = Config::default().router().unwrap();
    let records = changes()
        .into_iter()
        .chain((0..6).map(|hour| call(60 * hour + 45)));
    let mut instance = Instance::begin(&directory, vec![]).await;
    let batch: Vec<Parsed> = records.flat_map(|record| parsed(&record)).collect();
    instance
        .labelling
        .learn(&batch, &mut instance.lake, now())
        .await
        .unwrap();
    let events = instance.labelling.label(batch, &router, now());
    assert_eq!(
        decisions(&events[6..]),
        "Indeterminate Allow ImplicitDeny Allow ImplicitDeny Allow"
    );
}

#[tokio::test]
async fn what_waits_is_labelled_again_where_a_change_concerns_it_and_not_before() {
    let directory = tempfile::tempdir().unwrap();
    let router = Config::default().router().unwrap();
    let mut instance = Instance::begin(&directory, vec![]).await;
    let (lake, labelling) = (&mut instance.lake, &mut instance.labelling);
    let changes: Vec<Parsed> = changes().iter().flat_map(parsed).collect();
    let learn = labelling.learn(&changes[..2], lake, now());
    learn.await.unwrap();
    let calls = (1..4).flat_map(|hour| parsed(&call(60 * hour + 45)));
    let known = labelling.policies_version();
    let shown = labelling.label(calls.collect(), &router, now());
    assert_eq!(decisions(&shown), "Allow Allow Allow");

    let nothing_new = labelling.label_again(shown.clone(), known, now());
    assert!(
        nothing_new
            .iter()
            .zip(&shown)
            .all(|(a, b)| Arc::ptr_eq(a, b))
    );
    let learn = labelling.learn(&changes[2..3], lake, now());
    learn.await.unwrap();
    let stored = labelling.label_again(shown.clone(), known, now());
    assert_eq!(decisions(&stored), "Allow ImplicitDeny ImplicitDeny");
    assert!(Arc::ptr_eq(&stored[0], &shown[0]));
    // Whoever looks on holds what was shown.
    assert_eq!(decisions(&shown), "Allow Allow Allow");
}

fn decisions(events: &[Arc<Event>]) -> String {
    let decisions = events
        .iter()
        .map(|event| format!("{:?}", event.label.decision));
    decisions.collect::<Vec<_>>().join(" ")
}
