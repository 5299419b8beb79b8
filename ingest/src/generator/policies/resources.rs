//! Policies of buckets and keys.

use serde_json::{Value, json};

use super::document;
use crate::generator::organization::{
    EXPORTS_BUCKET, LOG_BUCKET, ORDER_SERVICE, PARTNER, PARTNER_BUCKET, PRODUCTION, SECURITY,
    orders_key_arn,
};

/// A list with the owner and the policy of each resource that has one.
pub(super) fn list() -> Value {
    json!([
        bucket(LOG_BUCKET, SECURITY, log_bucket()),
        bucket(EXPORTS_BUCKET, PRODUCTION, exports_bucket()),
        bucket(PARTNER_BUCKET, PRODUCTION, partner_bucket()),
        entry(&orders_key_arn(), PRODUCTION, orders_key()),
    ])
}

fn bucket(name: &str, account: &str, statements: Value) -> Value {
    entry(&format!("arn:aws:s3:::{name}"), account, statements)
}

fn entry(arn: &str, account: &str, statements: Value) -> Value {
    json!({ "Resource": arn, "Account": account, "Policy": document(statements) })
}

fn log_bucket() -> Value {
    json!([
        {
            "Sid": "CloudTrailWrites",
            "Effect": "Allow",
            "Principal": { "Service": "cloudtrail.amazonaws.com" },
            "Action": "s3:PutObject",
            "Resource": format!("arn:aws:s3:::{LOG_BUCKET}/AWSLogs/*"),
        },
        {
            "Sid": "KeepLogs",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
            "Resource": format!("arn:aws:s3:::{LOG_BUCKET}/*"),
        },
    ])
}

fn exports_bucket() -> Value {
    json!([{
        "Sid": "OnlyOrderService",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": format!("arn:aws:s3:::{EXPORTS_BUCKET}/*"),
        "Condition": { "ArnNotEquals": { "aws:PrincipalArn": ORDER_SERVICE.arn() } },
    }])
}

fn partner_bucket() -> Value {
    json!([{
        "Sid": "PartnerFetches",
        "Effect": "Allow",
        "Principal": { "AWS": format!("arn:aws:iam::{PARTNER}:root") },
        "Action": "s3:GetObject",
        "Resource": format!("arn:aws:s3:::{PARTNER_BUCKET}/outbox/*"),
    }])
}

fn orders_key() -> Value {
    json!([{
        "Sid": "IamDecides",
        "Effect": "Allow",
        "Principal": { "AWS": format!("arn:aws:iam::{PRODUCTION}:root") },
        "Action": "kms:*",
        "Resource": "*",
    }])
}
