//! How fast records are labelled, the whole stage: request, policies as of the
//! event, evaluation, agreement. 1,000 principals with 3,000 policies whose
//! versions change during the day: `cargo bench -p trailwright-enrich --bench label`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use serde_json::{Value, json};
use trailwright_enrich::policies::{PolicyFile, Timeline};
use trailwright_enrich::{LabelOptions, Labeller};
use trailwright_schemas::{Limits, Record};

/// What the program uses.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PRINCIPALS: usize = 1_000;
const POLICIES: usize = 3_000;
const EVENTS: usize = 20_000;
/// The least that the program gives a thread.
const BATCH: usize = 256;
const ACCOUNT: &str = "111122223333";

fn main() {
    let mut timeline = Timeline::default();
    let file = |name: &str, content: Value| PolicyFile::new(name.into(), content.to_string());
    let files = [
        file("account.json", authorization_details()),
        file("organization.json", organization()),
        file("buckets.json", buckets()),
    ];
    let (_, problems) = timeline.add_files(&files);
    assert!(problems.is_empty(), "{problems:?}");
    timeline.add_records(&changes());
    let labeller = Labeller::new(timeline, LabelOptions::default());
    let now = "2026-04-01T00:00:00Z".parse().unwrap();
    let records: Vec<Record> = (0..EVENTS).map(event).collect();
    summary(&labeller, &records);
    let records: Vec<&Record> = records.iter().collect();

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("label");
    group.sample_size(20);
    group.warm_up_time(Duration::from_secs(2));
    group.measurement_time(Duration::from_secs(5));
    group.throughput(Throughput::Elements(EVENTS as u64));
    group.bench_function("1,000 principals, 3,000 policies", |b| {
        b.iter(|| {
            for batch in records.chunks(BATCH) {
                black_box(labeller.label_all(batch, now));
            }
        });
    });
    group.finish();
    criterion.final_summary();
}

/// What the labels are, so that the figure is not one of something else.
fn summary(labeller: &Labeller, records: &[Record]) {
    let now = "2026-04-01T00:00:00Z".parse().unwrap();
    let mut counts = std::collections::BTreeMap::new();
    for record in records {
        let label = labeller.label(record, now);
        let key = (label.decision.as_str(), label.agreement_class.as_str());
        *counts.entry(key).or_insert(0) += 1;
    }
    for ((decision, class), count) in counts {
        println!("{count:6} {decision}, {class}");
    }
}

fn record(value: Value) -> Record {
    Record::parse(value.to_string().as_bytes(), &Limits::default()).unwrap()
}

fn policy_arn(number: usize) -> String {
    format!("arn:aws:iam::{ACCOUNT}:policy/team-{number}")
}

/// What one team may do with its own things, with two conditions.
fn document(number: usize, version: usize) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Objects", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": format!("arn:aws:s3:::data-{}/team-{number}/*", number % 20)},
        {"Sid": "Queue", "Effect": "Allow", "Action": "sqs:*", "Resource": format!("arn:aws:sqs:eu-west-1:{ACCOUNT}:team-{number}-*")},
        {"Sid": "Tables", "Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"],
         "Resource": format!("arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/team-{number}"), "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}},
        {"Sid": "See", "Effect": "Allow", "Action": ["ec2:Describe*", "lambda:List*", "cloudwatch:Get*"], "Resource": "*"},
        {"Sid": format!("NotFromOutside{version}"), "Effect": "Deny", "Action": "dynamodb:DeleteTable", "Resource": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}},
    ]})
}

/// Half users, half roles, three policies each, some with a boundary.
fn authorization_details() -> Value {
    let policies: Vec<Value> = (0..POLICIES)
        .map(|number| json!({
            "PolicyName": format!("team-{number}"), "Arn": policy_arn(number), "DefaultVersionId": "v1",
            "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "Document": document(number, 1)}],
        }))
        .collect();
    let attached = |number: usize| -> Vec<Value> {
        (0..3).map(|nth| json!({"PolicyArn": policy_arn((number * 3 + nth) % POLICIES), "PolicyName": "team"})).collect()
    };
    let boundary = json!({"PolicyName": "ceiling", "Arn": format!("arn:aws:iam::{ACCOUNT}:policy/ceiling"), "DefaultVersionId": "v1",
        "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "Document": {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}]}}]});
    let entity = |number: usize, kind: &str| {
        let mut entity = json!({
            "Arn": format!("arn:aws:iam::{ACCOUNT}:{kind}/{kind}-{number}"), "AttachedManagedPolicies": attached(number), "GroupList": [],
            "Tags": [{"Key": "team", "Value": format!("team-{number}")}],
        });
        if number.is_multiple_of(4) {
            entity["PermissionsBoundary"] =
                json!({"PermissionsBoundaryArn": format!("arn:aws:iam::{ACCOUNT}:policy/ceiling")});
        }
        if kind == "role" {
            entity["AssumeRolePolicyDocument"] = json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}]});
        }
        entity
    };
    json!({
        "UserDetailList": (0..PRINCIPALS).step_by(2).map(|number| entity(number, "user")).collect::<Vec<_>>(),
        "RoleDetailList": (1..PRINCIPALS).step_by(2).map(|number| entity(number, "role")).collect::<Vec<_>>(),
        "Policies": policies.into_iter().chain([boundary]).collect::<Vec<_>>(),
    })
}

fn organization() -> Value {
    let full = json!({"Id": "p-FullAWSAccess", "Type": "SERVICE_CONTROL_POLICY", "Content": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}});
    let regions = json!({"Id": "p-regions", "Type": "SERVICE_CONTROL_POLICY", "Content": {"Version": "2012-10-17", "Statement": [
        {"Sid": "OutsideEurope", "Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}}]}});
    json!({"Organization": {"Id": "o-exampleorg", "MasterAccountId": "999999999999"}, "Root": {"Id": "r-exam", "Policies": [full], "Children": [
        {"Id": "ou-exam-work", "Policies": [full, regions], "Children": [{"Id": ACCOUNT, "Policies": [full]}]}]}})
}

fn buckets() -> Value {
    let policy = |number: usize| {
        json!({"Resource": format!("arn:aws:s3:::data-{number}"), "Account": ACCOUNT, "Policy": {"Version": "2012-10-17", "Statement": [
        {"Sid": "OnlyTls", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [format!("arn:aws:s3:::data-{number}"), format!("arn:aws:s3:::data-{number}/*")],
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}})
    };
    (0..20).map(policy).collect()
}

/// Each hour of the day thirty policies get a new version.
fn changes() -> Vec<Record> {
    let change = |number: usize| {
        record(json!({
            "eventVersion": "1.11", "eventTime": format!("2026-03-02T{:02}:{:02}:00Z", number / 30, number % 30),
            "eventType": "AwsApiCall", "eventID": format!("00000000-0000-4000-9000-{number:012}"), "awsRegion": "us-east-1",
            "eventSource": "iam.amazonaws.com", "eventName": "CreatePolicyVersion", "recipientAccountId": ACCOUNT,
            "userIdentity": {"type": "AWSService", "invokedBy": "cloudformation.amazonaws.com"},
            "requestParameters": {"policyArn": policy_arn(number), "policyDocument": document(number, 2).to_string(), "setAsDefault": true},
            "responseElements": {"policyVersion": {"versionId": "v2", "isDefaultVersion": true}},
        }))
    };
    (0..720).map(change).collect()
}

/// Data and management calls of all principals over the day; one in ten is on
/// another team's things and denied.
fn event(number: usize) -> Record {
    let principal = number * 7 % PRINCIPALS;
    let denied = number % 10 == 9;
    let team = if denied {
        principal * 3 + 300
    } else {
        principal * 3 + number % 3
    } % POLICIES;
    let (source, name, parameters) = match number % 5 {
        0 | 1 => (
            "s3",
            if number.is_multiple_of(2) {
                "GetObject"
            } else {
                "PutObject"
            },
            json!({"bucketName": format!("data-{}", team % 20), "key": format!("team-{team}/2026/{number}.json"), "Host": "data.s3.eu-west-1.amazonaws.com"}),
        ),
        2 => (
            "sqs",
            "ReceiveMessage",
            json!({"queueUrl": format!("https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/team-{team}-jobs"), "maxNumberOfMessages": 10}),
        ),
        3 => (
            "ec2",
            "DescribeInstances",
            json!({"instancesSet": {}, "filterSet": {"items": [{"name": "tag:team", "valueSet": {"items": [{"value": format!("team-{team}")}]}}]}}),
        ),
        _ => (
            "dynamodb",
            "GetItem",
            json!({"tableName": format!("team-{team}"), "key": {"id": format!("{number}")}, "consistentRead": false}),
        ),
    };
    let identity = if principal.is_multiple_of(2) {
        json!({"type": "IAMUser", "principalId": format!("AIDA{principal:016}"), "arn": format!("arn:aws:iam::{ACCOUNT}:user/user-{principal}"),
            "accountId": ACCOUNT, "accessKeyId": format!("AKIA{principal:016}"), "userName": format!("user-{principal}")})
    } else {
        json!({"type": "AssumedRole", "principalId": format!("AROA{principal:016}:run"), "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/role-{principal}/run"),
            "accountId": ACCOUNT, "accessKeyId": format!("ASIA{principal:016}"), "sessionContext": {
                "sessionIssuer": {"type": "Role", "principalId": format!("AROA{principal:016}"), "arn": format!("arn:aws:iam::{ACCOUNT}:role/role-{principal}"), "accountId": ACCOUNT, "userName": format!("role-{principal}")},
                "attributes": {"creationDate": "2026-03-02T00:00:00Z", "mfaAuthenticated": "false"}}})
    };
    let mut event = json!({
        "eventVersion": "1.11", "userIdentity": identity, "eventTime": format!("2026-03-02T{:02}:{:02}:{:02}Z", number % 24, number % 60, number % 59),
        "eventSource": format!("{source}.amazonaws.com"), "eventName": name, "awsRegion": "eu-west-1", "sourceIPAddress": "203.0.113.7",
        "userAgent": "aws-sdk-java/2.31.1", "requestParameters": parameters, "responseElements": null, "requestID": format!("{number}"),
        "eventID": format!("00000000-0000-4000-8000-{number:012}"), "readOnly": true, "eventType": "AwsApiCall", "managementEvent": true,
        "recipientAccountId": ACCOUNT, "eventCategory": "Management",
        "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256", "clientProvidedHostHeader": format!("{source}.eu-west-1.amazonaws.com")},
    });
    if denied && source != "ec2" {
        event["errorCode"] = json!("AccessDenied");
        event["errorMessage"] = json!(format!(
            "User: arn:aws:iam::{ACCOUNT}:user/x is not authorized to perform: {source}:{name} because no identity-based policy allows the {source}:{name} action"
        ));
    }
    record(event)
}
