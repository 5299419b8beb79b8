#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use trailwright_schemas::{
    Agreement, AgreementClass, CauseType, Decision, Label, RecordedOutcome, Stage,
};

use super::{Assume, LabelOptions, Labeller};
use crate::policies::{Timeline, list_files};
use crate::samples;

/// The labeller of the small organization in `fixtures/policies`.
pub(super) fn organization(assume: Assume) -> Labeller {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/policies");
    let (files, _) = list_files(&folder).unwrap();
    let mut timeline = Timeline::default();
    let (_, problems) = timeline.add_files(&files);
    assert_eq!(problems, []);
    let options = LabelOptions {
        assume,
        ..LabelOptions::default()
    };
    Labeller::new(timeline, options)
}

pub(super) fn now() -> DateTime<Utc> {
    "2026-06-01T00:00:00Z".parse().unwrap()
}

fn label(changes: Value) -> Label {
    organization(Assume::default()).label(&samples::record(changes), now())
}

pub(super) fn user(name: &str) -> Value {
    let path = if name == "eve" { "staff/" } else { "" };
    json!({
        "type": "IAMUser", "arn": format!("arn:aws:iam::111111111111:user/{path}{name}"),
        "userName": name, "accountId": "111111111111", "accessKeyId": "AKIAEXAMPLE"
    })
}

pub(super) fn deploy(access_key: &str) -> Value {
    json!({
        "type": "AssumedRole", "arn": "arn:aws:sts::111111111111:assumed-role/deploy/run-7",
        "accountId": "111111111111", "principalId": "AROAEXAMPLE:run-7", "accessKeyId": access_key,
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::111111111111:role/ci/deploy", "accountId": "111111111111"},
            "attributes": {"creationDate": "2026-03-01T09:00:00Z", "mfaAuthenticated": "false"}
        }
    })
}

/// Decision, type of the cause, policy and statement.
type Expected = (
    Decision,
    CauseType,
    Option<&'static str>,
    Option<&'static str>,
);

#[test]
fn every_layer_of_a_small_organization_decides_as_aws_would() {
    use CauseType as Cause;
    use Decision::{Allow, ExplicitDeny, ImplicitDeny};
    let region_scp = "arn:aws:organizations::999999999999:policy/o-exampleorg1/service_control_policy/p-regions1";
    let rcp = "arn:aws:organizations::999999999999:policy/o-exampleorg1/resource_control_policy/p-insecure1";
    let everything = "arn:aws:iam::111111111111:policy/everything";
    let cases: Vec<(&str, Value, Expected)> = vec![
        (
            "a group's inline policy allows",
            json!({}),
            (
                Allow,
                Cause::IdentityPolicy,
                Some("read-ledger"),
                Some("ReadLedger"),
            ),
        ),
        (
            "nothing allows",
            json!({"eventName": "PutObject"}),
            (ImplicitDeny, Cause::IdentityPolicy, None, None),
        ),
        (
            "the bucket policy denies",
            json!({"eventName": "DeleteObject", "userIdentity": user("bob")}),
            (
                ExplicitDeny,
                Cause::ResourcePolicy,
                Some("policy of arn:aws:s3:::ledger"),
                Some("NeverDelete"),
            ),
        ),
        (
            "an SCP denies the Region",
            json!({"awsRegion": "us-east-1"}),
            (
                ExplicitDeny,
                Cause::ServiceControlPolicy,
                Some(region_scp),
                Some("OutsideEurope"),
            ),
        ),
        (
            "a managed policy allows within the boundary",
            json!({"eventName": "PutObject", "userIdentity": user("bob")}),
            (Allow, Cause::IdentityPolicy, Some(everything), None),
        ),
        (
            "the boundary lacks the action",
            json!({
                "userIdentity": user("bob"), "eventSource": "sqs.amazonaws.com", "eventName": "SendMessage",
                "requestParameters": {"queueUrl": "https://sqs.eu-west-1.amazonaws.com/111111111111/jobs", "queueName": "jobs"}}),
            (ImplicitDeny, Cause::PermissionsBoundary, None, None),
        ),
        (
            "a variable names the caller",
            json!({
                "eventSource": "iam.amazonaws.com", "eventName": "GetUser", "awsRegion": "us-east-1", "requestParameters": null}),
            (
                Allow,
                Cause::IdentityPolicy,
                Some("read-ledger"),
                Some("OwnUser"),
            ),
        ),
        (
            "the trust policy names the user",
            json!({
                "eventSource": "sts.amazonaws.com", "eventName": "AssumeRole",
                "requestParameters": {"roleArn": "arn:aws:iam::111111111111:role/ci/deploy", "roleSessionName": "run-7"}}),
            (
                Allow,
                Cause::ResourcePolicy,
                Some("trust policy of deploy"),
                None,
            ),
        ),
        (
            "a role chain into another account, both sides allow",
            json!({
                "eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "userIdentity": deploy("ASIAEXAMPLE"),
                "requestParameters": {"roleArn": "arn:aws:iam::222222222222:role/lake/reader", "externalId": "lake-7"}}),
            (Allow, Cause::IdentityPolicy, Some("deploy"), None),
        ),
        (
            "the same without the external id",
            json!({
                "eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "userIdentity": deploy("ASIAEXAMPLE"),
                "requestParameters": {"roleArn": "arn:aws:iam::222222222222:role/lake/reader"}}),
            (ImplicitDeny, Cause::ResourcePolicy, None, None),
        ),
        (
            "a bucket of another account grants",
            json!({
                "userIdentity": deploy("ASIAEXAMPLE"), "requestParameters": {"bucketName": "lake", "key": "a"}}),
            (Allow, Cause::IdentityPolicy, Some("deploy"), None),
        ),
        (
            "a bucket of another account does not grant",
            json!({
                "eventName": "PutObject", "userIdentity": deploy("ASIAEXAMPLE"), "requestParameters": {"bucketName": "lake", "key": "a"}}),
            (ImplicitDeny, Cause::ResourcePolicy, None, None),
        ),
        (
            "the session policy lacks the action",
            json!({"userIdentity": deploy("ASIAEXAMPLELIMITED")}),
            (ImplicitDeny, Cause::SessionPolicy, None, None),
        ),
        (
            "the endpoint policy lacks the action",
            json!({"vpcEndpointId": "vpce-0a1b2c3d", "sourceIPAddress": "10.0.0.4"}),
            (ImplicitDeny, Cause::VpcEndpointPolicy, None, None),
        ),
        (
            "an RCP keeps strangers out",
            json!({
                "userIdentity": {"type": "AWSAccount", "accountId": "ANONYMOUS_PRINCIPAL", "principalId": ""}}),
            (
                ExplicitDeny,
                Cause::ResourceControlPolicy,
                Some(rcp),
                Some("OnlyOurs"),
            ),
        ),
        (
            "a role is passed that may be passed",
            json!({
                "eventSource": "lambda.amazonaws.com", "eventName": "CreateFunction20150331", "userIdentity": deploy("ASIAEXAMPLE"),
                "requestParameters": {"functionName": "jobs", "role": "arn:aws:iam::111111111111:role/runtime/worker"}}),
            (Allow, Cause::IdentityPolicy, Some("deploy"), None),
        ),
        (
            "a role is passed that may not be",
            json!({
                "eventSource": "lambda.amazonaws.com", "eventName": "CreateFunction20150331", "userIdentity": deploy("ASIAEXAMPLE"),
                "requestParameters": {"functionName": "jobs", "role": "arn:aws:iam::111111111111:role/ci/deploy"}}),
            (ImplicitDeny, Cause::IdentityPolicy, None, None),
        ),
        (
            "the root user may, within the SCPs",
            json!({
                "userIdentity": {"type": "Root", "accountId": "111111111111", "arn": "arn:aws:iam::111111111111:root"},
                "eventName": "PutObject"}),
            (Allow, Cause::RootUser, None, None),
        ),
        (
            "a service assumes the role that trusts it",
            json!({
                "eventSource": "sts.amazonaws.com", "eventName": "AssumeRole",
                "userIdentity": {"type": "AWSService", "invokedBy": "lambda.amazonaws.com"},
                "sourceIPAddress": "lambda.amazonaws.com",
                "requestParameters": {"roleArn": "arn:aws:iam::111111111111:role/runtime/worker"}}),
            (
                Allow,
                Cause::ResourcePolicy,
                Some("trust policy of worker"),
                None,
            ),
        ),
        (
            "an action that needs no permission",
            json!({
                "eventSource": "sts.amazonaws.com", "eventName": "GetCallerIdentity", "awsRegion": "us-east-1", "requestParameters": null}),
            (Allow, Cause::PermissionlessAction, None, None),
        ),
    ];
    let labeller = organization(Assume::default());
    for (what, changes, (decision, cause_type, policy, statement)) in cases {
        let label = labeller.label(&samples::record(changes), now());
        let found = (
            label.decision,
            label.cause.cause_type,
            label.cause.policy.as_deref(),
            label.cause.statement_id.as_deref(),
        );
        assert_eq!(
            found,
            (decision, cause_type, policy, statement),
            "{what}: {label:#?}"
        );
        assert_eq!(label.stage, Stage::Authorization, "{what}");
    }
}

#[test]
fn a_cause_is_a_sentence_with_policy_statement_action_and_resource() {
    assert_eq!(
        label(json!({})).cause.text,
        "s3:GetObject on arn:aws:s3:::ledger/2026/march.csv is allowed by statement \"ReadLedger\" of the \
         identity-based policy read-ledger"
    );
    assert_eq!(
        label(json!({"eventName": "PutObject"})).cause.text,
        "no identity-based policy allows s3:PutObject on arn:aws:s3:::ledger/2026/march.csv"
    );
    let scp = label(json!({"awsRegion": "us-east-1"})).cause.text;
    assert!(
        scp.contains("is denied by statement \"OutsideEurope\" of the service control policy"),
        "{scp}"
    );
    assert!(scp.ends_with("at ou-ab12-work1234"), "{scp}");
}

#[test]
fn what_is_not_known_leaves_the_decision_open() {
    let cases = [
        (
            "no policies of the user",
            json!({"userIdentity": user("mallory")}),
            CauseType::NoPoliciesKnown,
            "no policies known for this principal",
        ),
        (
            "an attached policy is in no file",
            json!({"userIdentity": user("eve")}),
            CauseType::NoPoliciesKnown,
            "PowerUserAccess is in no file",
        ),
        (
            "a condition key is not in the record",
            json!({"eventSource": "sqs.amazonaws.com", "eventName": "SendMessage", "requestParameters": {"queueName": "jobs"},
                   "vpcEndpointId": "vpce-0a1b2c3e", "sourceIPAddress": "10.0.0.4"}),
            CauseType::UnknownKeys,
            "aws:sourcevpcarn",
        ),
        (
            "the bucket of another account is not known",
            json!({"userIdentity": deploy("ASIAEXAMPLE"), "requestParameters": {"bucketName": "elsewhere", "key": "a"},
                   "resources": [{"ARN": "arn:aws:s3:::elsewhere/a", "accountId": "333333333333", "type": "AWS::S3::Object"}]}),
            CauseType::NoPoliciesKnown,
            "in another account",
        ),
        (
            "the resource is not in the record",
            json!({"requestParameters": null}),
            CauseType::UnmappedRequest,
            "does not say which",
        ),
        (
            "the call has no action",
            json!({"eventName": "GetStorageLensDashboardDataInternal"}),
            CauseType::UnmappedRequest,
            "no known IAM action",
        ),
        (
            "the record does not say who",
            json!({"userIdentity": {"type": "Unknown"}}),
            CauseType::UnmappedRequest,
            "does not say who called",
        ),
    ];
    for (what, changes, cause, words) in cases {
        let label = label(changes);
        assert_eq!(
            label.decision,
            Decision::Indeterminate,
            "{what}: {label:#?}"
        );
        assert_eq!(label.cause.cause_type, cause, "{what}: {label:#?}");
        assert!(
            label.cause.text.contains(words),
            "{what}: {}",
            label.cause.text
        );
        assert_eq!(
            label.agreement_class.agreement(),
            Agreement::NotComparable,
            "{what}"
        );
    }
}

#[test]
fn an_explicit_deny_stands_whatever_else_is_unknown() {
    let label = label(json!({"userIdentity": user("mallory"), "awsRegion": "us-east-1"}));
    assert_eq!(label.decision, Decision::ExplicitDeny, "{label:#?}");
}

#[test]
fn unknown_layers_are_assumed_absent_and_said_so_or_keep_a_strict_label_open() {
    let changes = json!({"userIdentity": deploy("ASIAEXAMPLE"), "eventName": "ListBuckets", "requestParameters": null});
    let record = samples::record(changes);
    let assumed = organization(Assume::default()).label(&record, now());
    assert_eq!(assumed.decision, Decision::Allow);
    assert_eq!(
        assumed.assumptions,
        ["it is not known whether a session policy was passed; none is assumed"]
    );
    let strict = organization(Assume::strict()).label(&record, now());
    assert_eq!(strict.decision, Decision::Indeterminate);
    assert!(
        strict.cause.text.contains("session policy"),
        "{}",
        strict.cause.text
    );
    assert_eq!(strict.assumptions, [] as [&str; 0]);
}

#[test]
fn what_has_no_authorization_is_not_evaluated() {
    let sign_in = |outcome: &str, message: Value| {
        json!({
            "eventType": "AwsConsoleSignIn", "eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin",
            "requestParameters": null, "responseElements": {"ConsoleLogin": outcome}, "errorMessage": message
        })
    };
    let cases = [
        (
            json!({"eventType": "AwsServiceEvent"}),
            Decision::NotEvaluated,
            Stage::ServiceEvent,
            RecordedOutcome::NoRequest,
        ),
        (
            json!({"errorCode": "InvalidClientTokenId"}),
            Decision::NotEvaluated,
            Stage::Authentication,
            RecordedOutcome::AuthenticationFailed,
        ),
        (
            sign_in("Failure", json!("Failed authentication")),
            Decision::NotEvaluated,
            Stage::Authentication,
            RecordedOutcome::AuthenticationFailed,
        ),
        (
            sign_in("Success", Value::Null),
            Decision::Allow,
            Stage::Authorization,
            RecordedOutcome::Allowed,
        ),
        (
            sign_in(
                "Failure",
                json!("Authorization denied because of a resource control policy"),
            ),
            Decision::Indeterminate,
            Stage::Authorization,
            RecordedOutcome::Denied,
        ),
    ];
    for (changes, decision, stage, recorded) in cases {
        let label = label(changes.clone());
        assert_eq!(
            (label.decision, label.stage, label.recorded_outcome),
            (decision, stage, recorded),
            "{changes}"
        );
    }
    let success = label(sign_in("Success", Value::Null));
    assert_eq!(success.cause.cause_type, CauseType::SignInNotRestricted);
}

#[test]
fn a_label_keeps_what_the_record_says_of_its_cause() {
    let scp = "arn:aws:organizations::999999999999:policy/o-exampleorg1/service_control_policy/p-regions1";
    let message = format!(
        "User: arn:aws:iam::111111111111:user/ada is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::ledger/a\" \
         with an explicit deny in a service control policy: {scp}"
    );
    let denied = label(
        json!({"awsRegion": "us-east-1", "errorCode": "AccessDenied", "errorMessage": message}),
    );
    let recorded = denied.recorded_cause.unwrap();
    assert_eq!(recorded.policy_type, CauseType::ServiceControlPolicy);
    assert_eq!(recorded.policy.as_deref(), Some(scp));
    assert_eq!(
        denied.agreement_class,
        AgreementClass::BothDenySameCause,
        "{}",
        denied.agreement_reason
    );
    let allowed = label(json!({}));
    assert_eq!(allowed.recorded_cause, None);
    assert_eq!(allowed.agreement_class, AgreementClass::BothAllow);
}

#[test]
fn without_policies_no_real_record_is_guessed_at() {
    let Some(records) = samples::real() else {
        return;
    };
    let labeller = Labeller::new(Timeline::default(), LabelOptions::default());
    let mut counts: BTreeMap<(Decision, CauseType), usize> = BTreeMap::new();
    let mut classes: BTreeMap<AgreementClass, usize> = BTreeMap::new();
    for record in &records {
        let label = labeller.label(record, now());
        assert!(!label.cause.text.is_empty());
        assert!(!label.agreement_reason.is_empty());
        let kind = (label.decision, label.cause.cause_type);
        *counts.entry(kind).or_default() += 1;
        *classes.entry(label.agreement_class).or_default() += 1;
    }
    let classes: Vec<String> = classes
        .iter()
        .map(|(class, count)| format!("{count:5} {}", class.as_str()))
        .collect();
    insta::assert_snapshot!("classes_without_policies", classes.join("\n"));
    let expected = [
        ((Decision::Allow, CauseType::PermissionlessAction), 16),
        ((Decision::Allow, CauseType::SignInNotRestricted), 17),
        ((Decision::Indeterminate, CauseType::NoPoliciesKnown), 4007),
        ((Decision::Indeterminate, CauseType::UnmappedRequest), 43),
        (
            (Decision::NotEvaluated, CauseType::AuthenticationFailure),
            2,
        ),
        ((Decision::NotEvaluated, CauseType::ServiceEvent), 63),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
}

#[test]
fn records_labelled_together_have_the_labels_they_have_alone() {
    let Some(records) = samples::real() else {
        return;
    };
    let mut timeline = Timeline::default();
    timeline.add_records(&records);
    let labeller = Labeller::new(timeline, LabelOptions::default());
    let records: Vec<_> = records.iter().collect();
    let together = labeller.label_all(&records, now());
    assert_eq!(together.len(), records.len());
    for (record, together) in records.iter().zip(together) {
        assert_eq!(labeller.label(record, now()), together);
    }
}
