//! Several instances on one lake, whatever the order of their steps.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use object_store::local::LocalFileSystem;
use proptest::prelude::*;
use serde_json::{Value, json};
use trailwright_ingest::{Batch, Context, Limits, decode};
use trailwright_store::Location;

use super::*;
use crate::config::Config;

fn now() -> DateTime<Utc> {
    "2026-06-01T00:00:00Z".parse().unwrap()
}

fn base(minute: usize, source: &str, name: &str) -> Value {
    json!({
        "eventVersion": "1.11", "eventID": format!("{minute}-{name}"),
        "eventTime": format!("2026-03-09T{:02}:{:02}:00Z", minute / 60, minute % 60),
        "eventSource": source, "eventName": name, "awsRegion": "us-east-1",
        "eventType": "AwsApiCall", "recipientAccountId": "111122223333",
    })
}

/// A call that changes what the role may do.
fn change(minute: usize, name: &str, more: &Value) -> Value {
    let mut record = base(minute, "iam.amazonaws.com", name);
    record["userIdentity"] = json!({"type": "IAMUser", "accountId": "111122223333",
        "arn": "arn:aws:iam::111122223333:user/dana", "userName": "dana"});
    record["requestParameters"] = json!({"roleName": "worker"});
    for (key, value) in more.as_object().unwrap() {
        record["requestParameters"][key] = value.clone();
    }
    record
}

/// A call of the role.
fn call(minute: usize) -> Value {
    let mut record = base(minute, "s3.amazonaws.com", "ListBuckets");
    record["userIdentity"] = json!({"type": "AssumedRole", "accountId": "111122223333",
        "arn": "arn:aws:sts::111122223333:assumed-role/worker/job",
        "sessionContext": {"sessionIssuer": {"type": "Role", "accountId": "111122223333",
            "arn": "arn:aws:iam::111122223333:role/worker", "userName": "worker"}}});
    record
}

/// The role comes to be, and may list buckets in every second hour.
fn changes() -> Vec<Value> {
    let trust = r#"{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let document =
        r#"{"Statement":[{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}"#;
    let mut changes = vec![change(
        30,
        "CreateRole",
        &json!({"assumeRolePolicyDocument": trust}),
    )];
    for hour in 1..6 {
        let named = json!({"policyName": "work"});
        let given = json!({"policyName": "work", "policyDocument": document});
        changes.push(match hour % 2 {
            0 => change(60 * hour, "DeleteRolePolicy", &named),
            _ => change(60 * hour, "PutRolePolicy", &given),
        });
    }
    changes
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
    /// What is still to be read.
    records: std::vec::IntoIter<Value>,
    /// Labelled and not stored.
    labelled: Option<Vec<Event>>,
    unchecked: bool,
}

impl Instance {
    async fn begin(directory: &tempfile::TempDir, records: Vec<Value>) -> Self {
        let mut lake = open(directory).await;
        let options = LabelOptions::default();
        let labelling = Labelling::begin(&mut lake, &[], options, now());
        Self {
            labelling: labelling.await.unwrap(),
            lake,
            records: records.into_iter(),
            labelled: None,
            unchecked: false,
        }
    }

    /// The next thing that a daemon does. Between batches it may settle.
    async fn step(&mut self, router: &Router, settle: bool) {
        let (lake, labelling) = (&mut self.lake, &mut self.labelling);
        if std::mem::take(&mut self.unchecked) {
            labelling.after_append(lake, now()).await.unwrap();
        } else if let Some(events) = self.labelled.take() {
            lake.append(&events, &[], &[], now()).await.unwrap();
            self.unchecked = true;
        } else if settle {
            labelling.settle(lake, now()).await.unwrap();
        } else if let Some(record) = self.records.next() {
            let batch = parsed(&record);
            labelling.learn(&batch, lake, now()).await.unwrap();
            self.labelled = Some(labelling.label(batch, router, now()));
        }
    }

    fn is_done(&self) -> bool {
        self.records.len() == 0 && self.labelled.is_none() && !self.unchecked
    }
}

/// How many labels another look at everything would change.
async fn left_to_change(directory: &tempfile::TempDir) -> (usize, usize) {
    let mut lake = open(directory).await;
    let version = lake.policy_timeline_version();
    assert_eq!(lake.labels_current_to().await.unwrap(), Some(version));
    let mut timeline = Timeline::default();
    policies::add(&mut timeline, &lake.policy_inputs().await.unwrap());
    let labeller = Labeller::new(timeline, LabelOptions::default());
    let scope = RelabelScope {
        since: DateTime::<Utc>::MIN_UTC,
        others_since: None,
        until: None,
    };
    let label = |record: &_| labeller.label(record, now());
    let relabelled = lake.relabel(&scope, version, &label, now()).await.unwrap();
    (relabelled.examined, relabelled.changed)
}

async fn run(steps: Vec<(bool, bool)>) {
    let directory = tempfile::tempdir().unwrap();
    let router = Config::default().router().unwrap();
    let calls: Vec<Value> = (0..6).map(|hour| call(60 * hour + 45)).collect();
    let events = calls.len() + changes().len();
    let mut instances = [
        Instance::begin(&directory, changes()).await,
        Instance::begin(&directory, calls).await,
    ];
    for (second, settle) in steps {
        instances[usize::from(second)].step(&router, settle).await;
    }
    for instance in &mut instances {
        while !instance.is_done() {
            instance.step(&router, false).await;
        }
        instance.step(&router, true).await;
    }
    assert_eq!(left_to_change(&directory).await, (events, 0));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn labels_know_every_change_in_the_end_whoever_read_it_and_when(
        steps in prop::collection::vec((any::<bool>(), prop::bool::weighted(0.3)), 0..60)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(steps));
    }
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
    let decisions = events[6..]
        .iter()
        .map(|event| format!("{:?}", event.label.decision));
    let decisions: Vec<String> = decisions.collect();
    assert_eq!(
        decisions.join(" "),
        "ImplicitDeny Allow ImplicitDeny Allow ImplicitDeny Allow"
    );
}
