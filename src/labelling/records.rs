//! Records of a role and of what it may do, and whether their labels are right
//! in the end: what tests of labelling have in common.
#![allow(clippy::unwrap_used)]

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use trailwright_enrich::policies::Timeline;
use trailwright_enrich::{LabelOptions, Labeller};
use trailwright_store::{Lake, RelabelScope};

use crate::policies;

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
pub(crate) fn call(minute: usize) -> Value {
    let mut record = base(minute, "s3.amazonaws.com", "ListBuckets");
    record["userIdentity"] = json!({"type": "AssumedRole", "accountId": "111122223333",
        "arn": "arn:aws:sts::111122223333:assumed-role/worker/job",
        "sessionContext": {"sessionIssuer": {"type": "Role", "accountId": "111122223333",
            "arn": "arn:aws:iam::111122223333:role/worker", "userName": "worker"}}});
    record
}

/// The role comes to be, after a call under its name, and may list buckets in
/// every second hour.
pub(crate) fn changes() -> Vec<Value> {
    let trust = r#"{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let document =
        r#"{"Statement":[{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}"#;
    let mut changes = vec![change(
        50,
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

/// How many events another look at everything examines, with all that the lake
/// knows of policies, and how many labels it would change.
pub(crate) async fn left_to_change(lake: &mut Lake, now: DateTime<Utc>) -> (usize, usize) {
    let version = lake.policy_timeline_version();
    assert_eq!(lake.labels_current_to().await.unwrap(), Some(version));
    assert!(!lake.labels_are_behind().await.unwrap());
    let mut timeline = Timeline::default();
    policies::add(&mut timeline, &lake.policy_inputs().await.unwrap());
    let labeller = Labeller::new(timeline, LabelOptions::default());
    let scope = RelabelScope {
        since: DateTime::<Utc>::MIN_UTC,
        others_since: None,
        until: None,
    };
    let label = |record: &_| labeller.label(record, now);
    let relabelled = lake.relabel(&scope, version, &label, now).await.unwrap();
    (relabelled.examined, relabelled.changed)
}
