//! The organization: its units and accounts with the policies attached to
//! each, and no attachment left out.

use serde_json::{Value, json};

use super::{allow_everything, document};
use crate::generator::organization::{
    BACKUPS_BUCKET, FRANKFURT, IRELAND, MANAGEMENT, ORGANIZATION, PRODUCTION, PROTECT_BACKUPS,
    PROTECT_ORGANIZATION, REGION_LOCK, SANDBOX, SANDBOX_SERVICES, SECURITY, rcp_arn, scp_arn,
};

const ROOT: &str = "r-exam";

pub(super) fn root(created: &str) -> Value {
    let full = full_access;
    let lock = || scp(REGION_LOCK, "RegionLock", region_lock());
    let production = account(
        PRODUCTION,
        "production",
        created,
        vec![full(), protect_backups()],
    );
    json!({
        "Id": ROOT,
        "Arn": format!("arn:aws:organizations::{MANAGEMENT}:root/{ORGANIZATION}/{ROOT}"),
        "Name": "Root",
        "PolicyTypes": [
            { "Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED" },
            { "Type": "RESOURCE_CONTROL_POLICY", "Status": "ENABLED" },
        ],
        "Policies": [
            full(),
            scp(PROTECT_ORGANIZATION, "ProtectOrganization", protect_organization()),
        ],
        "Children": [
            account(MANAGEMENT, "management", created, vec![full()]),
            unit("ou-exam-security", "Security", vec![full()], vec![
                account(SECURITY, "security", created, vec![full()]),
            ]),
            unit("ou-exam-workload", "Workloads", vec![full(), lock()], vec![production]),
            unit("ou-exam-sandboxes", "Sandboxes", vec![full(), lock()], vec![
                account(SANDBOX, "sandbox", created, vec![
                    scp(SANDBOX_SERVICES, "SandboxServices", sandbox_services()),
                ]),
            ]),
        ],
    })
}

fn unit(id: &str, name: &str, policies: Vec<Value>, children: Vec<Value>) -> Value {
    json!({
        "Id": id,
        "Arn": format!("arn:aws:organizations::{MANAGEMENT}:ou/{ORGANIZATION}/{id}"),
        "Name": name,
        "Type": "OrganizationalUnit",
        "Policies": policies,
        "Children": children,
    })
}

fn account(id: &str, name: &str, created: &str, policies: Vec<Value>) -> Value {
    json!({
        "Id": id,
        "Arn": format!("arn:aws:organizations::{MANAGEMENT}:account/{ORGANIZATION}/{id}"),
        "Email": format!("aws-{name}@example.com"),
        "Name": name,
        "Status": "ACTIVE",
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": created,
        "Type": "Account",
        "Policies": policies,
    })
}

fn full_access() -> Value {
    json!({
        "Id": "p-FullAWSAccess",
        "Arn": "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess",
        "Name": "FullAWSAccess",
        "Type": "SERVICE_CONTROL_POLICY",
        "AwsManaged": true,
        "Content": allow_everything(),
    })
}

fn scp(id: &str, name: &str, content: Value) -> Value {
    json!({
        "Id": id,
        "Arn": scp_arn(id),
        "Name": name,
        "Type": "SERVICE_CONTROL_POLICY",
        "AwsManaged": false,
        "Content": content,
    })
}

fn protect_organization() -> Value {
    document(json!([
        {
            "Sid": "DenyLeavingOrganization",
            "Effect": "Deny",
            "Action": "organizations:LeaveOrganization",
            "Resource": "*",
        },
        {
            "Sid": "DenyStoppingTrails",
            "Effect": "Deny",
            "Action": ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"],
            "Resource": "*",
        },
    ]))
}

fn region_lock() -> Value {
    document(json!([{
        "Sid": "OnlyTwoRegions",
        "Effect": "Deny",
        "NotAction": [
            "iam:*", "sts:*", "organizations:*", "account:*", "route53:*", "cloudfront:*",
            "support:*", "health:*", "signin:*", "s3:ListAllMyBuckets",
        ],
        "Resource": "*",
        "Condition": {
            "StringNotEquals": { "aws:RequestedRegion": [FRANKFURT, IRELAND] },
        },
    }]))
}

/// Instead of FullAWSAccess: what is not listed is not offered.
fn sandbox_services() -> Value {
    document(json!([{
        "Sid": "Offered",
        "Effect": "Allow",
        "Action": [
            "ec2:*", "s3:*", "iam:*", "sts:*", "lambda:*", "dynamodb:*", "kms:*", "logs:*",
            "cloudtrail:*", "signin:*",
        ],
        "Resource": "*",
    }]))
}

fn protect_backups() -> Value {
    let operator = format!("arn:aws:iam::{PRODUCTION}:role/backup-operator");
    json!({
        "Id": PROTECT_BACKUPS,
        "Arn": rcp_arn(PROTECT_BACKUPS),
        "Name": "ProtectBackups",
        "Type": "RESOURCE_CONTROL_POLICY",
        "AwsManaged": false,
        "Content": document(json!([{
            "Sid": "OnlyBackupOperatorDeletes",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
            "Resource": format!("arn:aws:s3:::{BACKUPS_BUCKET}/*"),
            "Condition": { "ArnNotEquals": { "aws:PrincipalArn": operator } },
        }])),
    })
}
