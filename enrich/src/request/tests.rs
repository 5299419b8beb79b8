#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::{Value, json};
use trailwright_evaluator::Principal;
use trailwright_schemas::Record;

use super::{Derived, Names, NoRequest, derive};
use crate::catalogue::Catalogue;
use crate::samples;

/// A record and the catalogue, which what is derived borrows.
pub(super) struct Asked {
    record: Record,
    catalogue: Catalogue,
}

impl Asked {
    pub(super) fn derived(&self) -> Derived<'_> {
        derive(&self.record, &self.catalogue, &()).unwrap()
    }
}

pub(super) fn asked(changes: Value) -> Asked {
    Asked {
        record: samples::record(changes),
        catalogue: Catalogue::embedded(),
    }
}

/// Action, resource and how the resource is known, one a line.
fn pairs(derived: &Derived<'_>) -> Vec<String> {
    let calls = derived.actions.iter();
    calls
        .flat_map(|call| {
            call.targets.iter().map(|target| {
                format!(
                    "{} {} {}",
                    call.action,
                    target.arn,
                    target.provenance.as_str()
                )
            })
        })
        .collect()
}

#[test]
fn every_kind_of_identity_becomes_its_principal() {
    let account = "111111111111";
    let session = "arn:aws:sts::111111111111:assumed-role/deploy/run";
    let role = "arn:aws:iam::111111111111:role/ci/deploy";
    let issuer = json!({"sessionIssuer": {"type": "Role", "arn": role}});
    let federated = "arn:aws:sts::111111111111:federated-user/ada";
    let ada = "arn:aws:iam::111111111111:user/ada";
    let cases = [
        (
            json!({"type": "Root", "accountId": account}),
            Principal::Root {
                account: account.into(),
            },
            Some("arn:aws:iam::111111111111:root"),
        ),
        (
            json!({"type": "IAMUser", "arn": ada}),
            Principal::User { arn: ada.into() },
            Some(ada),
        ),
        (
            json!({"type": "IAMUser", "arn": "", "userName": "ada", "accountId": account}),
            Principal::User { arn: ada.into() },
            Some(ada),
        ),
        (
            json!({"type": "AssumedRole", "arn": session, "sessionContext": issuer}),
            Principal::AssumedRole {
                session_arn: session.into(),
                role_arn: Some(role.into()),
            },
            Some(role),
        ),
        (
            json!({"type": "AssumedRole", "arn": session}),
            Principal::AssumedRole {
                session_arn: session.into(),
                role_arn: None,
            },
            Some("arn:aws:iam::111111111111:role/deploy"),
        ),
        (
            json!({"type": "Role", "arn": role}),
            Principal::Role { arn: role.into() },
            Some(role),
        ),
        (
            json!({"type": "FederatedUser", "arn": federated, "sessionContext": {"sessionIssuer": {"type": "IAMUser", "arn": ada}}}),
            Principal::FederatedUser {
                arn: federated.into(),
                issuer_arn: Some(ada.into()),
            },
            Some(federated),
        ),
        (
            json!({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}),
            Principal::Service {
                name: "ec2.amazonaws.com".into(),
            },
            None,
        ),
        (
            json!({"accountId": account, "invokedBy": "ec2.amazonaws.com"}),
            Principal::Service {
                name: "ec2.amazonaws.com".into(),
            },
            None,
        ),
        (
            json!({"type": "AWSAccount", "accountId": account}),
            Principal::Account {
                account: account.into(),
            },
            Some("arn:aws:iam::111111111111:root"),
        ),
        (
            json!({"type": "AWSAccount", "accountId": "ANONYMOUS_PRINCIPAL"}),
            Principal::Anonymous,
            None,
        ),
        (
            json!({"type": "WebIdentityUser", "identityProvider": "accounts.google.com"}),
            Principal::WebIdentity {
                provider: "accounts.google.com".into(),
            },
            Some("accounts.google.com"),
        ),
        (
            json!({"type": "Unknown", "arn": ada}),
            Principal::User { arn: ada.into() },
            Some(ada),
        ),
    ];
    for (identity, principal, arn) in cases {
        let asked = asked(json!({"userIdentity": identity}));
        let derived = asked.derived();
        assert_eq!(derived.principal, principal);
        assert_eq!(derived.principal_arn.as_deref(), arn);
    }
}

#[test]
fn a_record_without_a_request_says_why() {
    let catalogue = Catalogue::embedded();
    let why = |changes| {
        let record = samples::record(changes);
        derive(&record, &catalogue, &()).unwrap_err()
    };
    assert_eq!(
        why(json!({"eventType": "AwsServiceEvent"})),
        NoRequest::ServiceEvent
    );
    let missing = why(json!({"userIdentity": {"type": "IdentityCenterUser"}}));
    assert_eq!(
        missing,
        NoRequest::NoPrincipal("an identity of type IdentityCenterUser is no IAM principal".into())
    );
    assert!(matches!(
        why(json!({"eventName": "Nonsense"})),
        NoRequest::NoAction(_)
    ));
}

#[test]
fn resources_come_from_the_best_source_there_is() {
    let key = "arn:aws:kms:eu-west-1:111111111111:key/0000-1111";
    let kms = json!("kms.amazonaws.com");
    let iam = json!("iam.amazonaws.com");
    let cases: Vec<(&str, Value, &[&str])> = vec![
        (
            "listed in resources",
            json!({"eventSource": kms, "eventName": "Decrypt", "requestParameters": null,
            "resources": [{"ARN": key, "accountId": "111111111111", "type": "AWS::KMS::Key"}]}),
            &["kms:Decrypt arn:aws:kms:eu-west-1:111111111111:key/0000-1111 exact"],
        ),
        (
            "the object and not its bucket",
            json!({"requestParameters": null, "resources": [
            {"ARN": "arn:aws:s3:::ledger/a/b"}, {"ARN": "arn:aws:s3:::ledger"}]}),
            &["s3:GetObject arn:aws:s3:::ledger/a/b exact"],
        ),
        (
            "an ARN among the parameters",
            json!({"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole",
            "requestParameters": {"roleArn": "arn:aws:iam::222222222222:role/lake/reader"}}),
            &["sts:AssumeRole arn:aws:iam::222222222222:role/lake/reader exact"],
        ),
        (
            "a template filled from the parameters",
            json!({}),
            &["s3:GetObject arn:aws:s3:::ledger/2026/march.csv derived"],
        ),
        (
            "a leading slash that the ARN has once",
            json!({"eventSource": "ssm.amazonaws.com", "eventName": "GetParameters",
            "requestParameters": {"names": ["/a/b", "c"]}}),
            &[
                "ssm:GetParameters arn:aws:ssm:eu-west-1:111111111111:parameter/a/b derived",
                "ssm:GetParameters arn:aws:ssm:eu-west-1:111111111111:parameter/c derived",
            ],
        ),
        (
            "EC2's lists of items",
            json!({"eventSource": "ec2.amazonaws.com", "eventName": "StopInstances",
            "requestParameters": {"instancesSet": {"items": [{"instanceId": "i-1"}, {"instanceId": "i-2"}]}}}),
            &[
                "ec2:StopInstances arn:aws:ec2:eu-west-1:111111111111:instance/i-1 derived",
                "ec2:StopInstances arn:aws:ec2:eu-west-1:111111111111:instance/i-2 derived",
            ],
        ),
        (
            "EC2's wrapped requests",
            json!({"eventSource": "ec2.amazonaws.com", "eventName": "DeleteFlowLogs",
            "requestParameters": {"DeleteFlowLogsRequest": {"FlowLogId": {"tag": 1, "content": "fl-1"}}}}),
            &["ec2:DeleteFlowLogs arn:aws:ec2:eu-west-1:111111111111:vpc-flow-log/fl-1 derived"],
        ),
        (
            "what the response says was made",
            json!({"eventSource": kms, "eventName": "ScheduleKeyDeletion", "requestParameters": null,
            "responseElements": {"keyId": key}}),
            &["kms:ScheduleKeyDeletion arn:aws:kms:eu-west-1:111111111111:key/0000-1111 derived"],
        ),
        (
            "what the message of a denial names",
            json!({"eventSource": iam, "eventName": "PutRolePolicy", "requestParameters": null,
            "errorCode": "AccessDenied", "errorMessage": "User: x is not authorized to perform: iam:PutRolePolicy on resource: role worker \
            because no identity-based policy allows the iam:PutRolePolicy action"}),
            &["iam:PutRolePolicy arn:aws:iam::111111111111:role/worker exact"],
        ),
        (
            "the caller itself",
            json!({"eventSource": iam, "eventName": "GetUser", "requestParameters": null}),
            &["iam:GetUser arn:aws:iam::111111111111:user/ada derived"],
        ),
        (
            "an action without resources",
            json!({"eventSource": "ec2.amazonaws.com", "eventName": "DescribeVpcs", "requestParameters": null}),
            &["ec2:DescribeVpcs * exact"],
        ),
        (
            "all there are",
            json!({"eventSource": "rds.amazonaws.com", "eventName": "DescribeDBInstances", "requestParameters": null}),
            &["rds:DescribeDBInstances arn:aws:rds:eu-west-1:111111111111:db:* derived"],
        ),
        (
            "nothing",
            json!({"requestParameters": null}),
            &["s3:GetObject * unknown"],
        ),
        (
            "two actions on two resources",
            json!({"eventName": "CopyObject",
            "requestParameters": {"bucketName": "archive", "key": "k", "x-amz-copy-source": "/ledger/2026/march.csv"}}),
            &[
                "s3:PutObject arn:aws:s3:::archive/k derived",
                "s3:GetObject arn:aws:s3:::ledger/2026/march.csv derived",
            ],
        ),
        (
            "a role that is passed",
            json!({"eventSource": "lambda.amazonaws.com", "eventName": "CreateFunction20150331",
            "requestParameters": {"functionName": "jobs", "role": "arn:aws:iam::111111111111:role/runtime/worker"}}),
            &[
                "lambda:CreateFunction arn:aws:lambda:eu-west-1:111111111111:function:jobs derived",
                "iam:PassRole arn:aws:iam::111111111111:role/runtime/worker exact",
            ],
        ),
        (
            "an HTTP method of API Gateway",
            json!({"eventSource": "apigateway.amazonaws.com", "eventName": "GetRestApi",
            "requestParameters": {"restApiId": "a1"}}),
            &["apigateway:GET arn:aws:apigateway:eu-west-1::/restapis/a1 derived"],
        ),
        (
            "a session with tags and a source identity",
            json!({"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "requestParameters": {
            "roleArn": "arn:aws:iam::222222222222:role/lake/reader", "sourceIdentity": "ada",
            "tags": [{"key": "team", "value": "audit"}]}}),
            &[
                "sts:AssumeRole arn:aws:iam::222222222222:role/lake/reader exact",
                "sts:TagSession arn:aws:iam::222222222222:role/lake/reader exact",
                "sts:SetSourceIdentity arn:aws:iam::222222222222:role/lake/reader exact",
            ],
        ),
        (
            "no tags are no action",
            json!({"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "requestParameters": {
            "roleArn": "arn:aws:iam::222222222222:role/lake/reader", "tags": []}}),
            &["sts:AssumeRole arn:aws:iam::222222222222:role/lake/reader exact"],
        ),
        (
            "session tags from a token",
            json!({"eventSource": "sts.amazonaws.com", "eventName": "AssumeRoleWithWebIdentity",
            "userIdentity": {"type": "WebIdentityUser", "identityProvider": "id.example"}, "requestParameters": {
            "roleArn": "arn:aws:iam::222222222222:role/lake/reader", "principalTags": {"team": "audit"}}}),
            &[
                "sts:AssumeRoleWithWebIdentity arn:aws:iam::222222222222:role/lake/reader exact",
                "sts:TagSession arn:aws:iam::222222222222:role/lake/reader exact",
            ],
        ),
        (
            "another partition",
            json!({"awsRegion": "cn-north-1", "eventSource": "sqs.amazonaws.com", "eventName": "SendMessage",
            "requestParameters": {"queueName": "jobs"}}),
            &["sqs:SendMessage arn:aws-cn:sqs:cn-north-1:111111111111:jobs derived"],
        ),
    ];
    for (what, changes, expected) in cases {
        assert_eq!(pairs(&asked(changes).derived()), expected, "{what}");
    }
}

#[test]
fn an_inventory_adds_the_path_that_requests_leave_out() {
    struct OneRole;
    impl Names for OneRole {
        fn arn(&self, kind: &str, account: &str, name: &str) -> Option<String> {
            (kind == "role" && name == "deploy")
                .then(|| format!("arn:aws:iam::{account}:role/ci/deploy"))
        }
    }
    let record = samples::record(json!({
        "eventSource": "iam.amazonaws.com", "eventName": "GetRole", "requestParameters": {"roleName": "deploy"}
    }));
    let catalogue = Catalogue::embedded();
    let derived = derive(&record, &catalogue, &OneRole).unwrap();
    assert_eq!(
        pairs(&derived),
        ["iam:GetRole arn:aws:iam::111111111111:role/ci/deploy derived"]
    );
}

mod real;
