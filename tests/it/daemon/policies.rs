//! Policies that one instance reads, and calls that another one reads.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::cluster::Cluster;
use super::process::Daemons;
use crate::command::Trailwright;

const HOURS: usize = 6;
/// Topic partitions.
const CHANGES: i32 = 0;
const CALLS: i32 = 1;

fn record(hour: usize, minute: usize, source: &str, name: &str) -> Value {
    json!({
        "eventVersion": "1.11", "eventID": format!("{hour}-{minute}-{name}"),
        "eventTime": format!("2026-03-09T{hour:02}:{minute:02}:00Z"),
        "eventSource": source, "eventName": name, "awsRegion": "us-east-1",
        "eventType": "AwsApiCall", "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "accountId": "111122223333",
            "arn": "arn:aws:iam::111122223333:user/dana", "userName": "dana"},
    })
}

/// In hour 0 the role comes to be, in odd hours it gets a policy, in the others
/// it loses it.
fn change(hour: usize) -> Value {
    let statement = |more: &str| format!(r#"{{"Statement":[{{"Effect":"Allow",{more}}}]}}"#);
    let (name, mut parameters) = match (hour, hour % 2) {
        (0, _) => {
            let trust = r#""Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole""#;
            (
                "CreateRole",
                json!({"assumeRolePolicyDocument": statement(trust)}),
            )
        }
        (_, 0) => ("DeleteRolePolicy", json!({"policyName": "work"})),
        _ => {
            let document = statement(r#""Action":"s3:ListAllMyBuckets","Resource":"*""#);
            (
                "PutRolePolicy",
                json!({"policyName": "work", "policyDocument": document}),
            )
        }
    };
    parameters["roleName"] = json!("worker");
    let mut record = record(hour, 0, "iam.amazonaws.com", name);
    record["requestParameters"] = parameters;
    record
}

fn call(hour: usize, minute: usize) -> Value {
    let mut record = record(hour, minute, "s3.amazonaws.com", "ListBuckets");
    record["userIdentity"] = json!({"type": "AssumedRole", "accountId": "111122223333",
        "arn": "arn:aws:sts::111122223333:assumed-role/worker/job",
        "sessionContext": {"sessionIssuer": {"type": "Role", "accountId": "111122223333",
            "arn": "arn:aws:iam::111122223333:role/worker", "userName": "worker"}}});
    record
}

/// Where the lake stands when it has everything of one topic partition.
fn ends_of(cluster: &Cluster, partition: i32) -> BTreeMap<String, i64> {
    let mut ends = cluster.ends();
    ends.retain(|source, _| source.ends_with(&format!("/{partition}")));
    ends
}

const LABELS: &str = "select event_id, decision, cause_type, cause_policy, cause, principal_arn, \
    agreement, agreement_class, agreement_reason from events order by event_id";

#[test]
fn two_instances_label_as_one_ingest_does() {
    let mut cluster = Cluster::new(2);
    let trailwright = Trailwright::new();
    let mut daemons = Daemons::new(&trailwright, &cluster);
    trailwright.write(
        "trailwright.toml",
        "[commit]\nseconds_max = 0.2\nrelabel_seconds = 0.5\n",
    );
    let mut records: Vec<Value> = Vec::new();
    let mut send = |cluster: &mut Cluster, partition, record: Value| {
        cluster.send(partition, record.to_string());
        cluster.flush();
        records.push(record);
    };
    send(&mut cluster, CHANGES, change(0));
    send(&mut cluster, CALLS, call(0, 30));
    daemons.start_classic("audit");
    daemons.wait_until_stored(&cluster.ends());
    daemons.start_classic("audit");
    // The second begins with the topic partition that the first gave up.
    daemons.wait_for("from 1");
    for hour in 1..HOURS {
        // In every second hour the calls come first.
        let change_first = hour % 2 == 0;
        if change_first {
            send(&mut cluster, CHANGES, change(hour));
            daemons.wait_until_stored(&ends_of(&cluster, CHANGES));
        }
        for minute in [10, 20, 30] {
            send(&mut cluster, CALLS, call(hour, minute));
        }
        daemons.wait_until_stored(&ends_of(&cluster, CALLS));
        if !change_first {
            send(&mut cluster, CHANGES, change(hour));
            daemons.wait_until_stored(&ends_of(&cluster, CHANGES));
        }
    }
    daemons.stop();

    let alone = Trailwright::new();
    alone.write("logs/all.json", json!({"Records": records}).to_string());
    alone.run(&["ingest", "--lake", "lake", "logs"]);
    let labels = alone.ask(LABELS);
    assert_eq!(trailwright.ask(LABELS), labels);
    for decision in [",allow,", ",implicit_deny,"] {
        let labelled = labels.iter().filter(|line| line.contains(decision));
        assert!(labelled.count() >= 6, "{labels:#?}");
    }
}
