//! The production account.

use serde_json::{Value, json};

use super::account::{Account, attached, group, managed, role, trust, user};
use super::document;
use crate::generator::organization::{
    ADMIN, ANALYST, BUILDS_BUCKET, CI_BUILD, DEPLOYMENT, EXPORTS_BUCKET, INCIDENT_RESPONSE,
    ORDER_SERVICE, ORDERS_BUCKET, PRODUCTION, build_network_arn, orders_key_arn, orders_table_arn,
    saml_provider_arn,
};

pub(super) fn account() -> Account {
    let service = format!("arn:aws:iam::{PRODUCTION}:policy/OrderService");
    let admin = || trust(json!({ "AWS": ADMIN.arn() }), "sts:AssumeRole");
    let lambda = trust(
        json!({ "Service": "lambda.amazonaws.com" }),
        "sts:AssumeRole",
    );
    let provider = json!({ "Federated": saml_provider_arn() });
    let saml = trust(provider, "sts:AssumeRoleWithSAML");
    let build_server = user(&CI_BUILD, &["builders"], &[("build", build())]);
    Account {
        users: vec![attached(build_server, &build_network_arn())],
        groups: vec![group(
            PRODUCTION,
            "builders",
            "AGPAEXAMPLEBUILDERS23",
            &[("own-access-keys", own_access_keys())],
            &[],
        )],
        roles: vec![
            role(&DEPLOYMENT, admin(), &[("deploy", deploy())], &[]),
            role(&INCIDENT_RESPONSE, admin(), &[("respond", respond())], &[]),
            role(&ANALYST, saml, &[("read-orders", read_orders())], &[]),
            role(&ORDER_SERVICE, lambda, &[], &[&service]),
        ],
        policies: vec![
            managed(&service, "ANPAEXAMPLEORDERSERV2", order_service()),
            managed(
                &build_network_arn(),
                "ANPAEXAMPLEBUILDNETW2",
                build_network_only(),
            ),
        ],
    }
}

fn deploy() -> Value {
    json!([
        {
            "Sid": "Deploy",
            "Effect": "Allow",
            "Action": [
                "cloudformation:*", "lambda:*", "s3:*", "dynamodb:*", "ec2:*", "logs:*", "iam:*",
            ],
            "Resource": "*",
        },
        {
            "Sid": "NoUsersNoKeys",
            "Effect": "Deny",
            "Action": ["iam:CreateUser", "iam:CreateAccessKey", "iam:CreateLoginProfile"],
            "Resource": "*",
        },
    ])
}

fn respond() -> Value {
    json!([{
        "Sid": "TakeKeysOutOfService",
        "Effect": "Allow",
        "Action": ["iam:GetUser", "iam:ListAccessKeys", "iam:UpdateAccessKey"],
        "Resource": format!("arn:aws:iam::{PRODUCTION}:user/*"),
    }])
}

fn read_orders() -> Value {
    json!([{
        "Sid": "ReadOrders",
        "Effect": "Allow",
        "Action": ["dynamodb:DescribeTable", "dynamodb:Query"],
        "Resource": orders_table_arn(),
    }])
}

fn order_service() -> Value {
    document(json!([
        {
            "Sid": "Orders",
            "Effect": "Allow",
            "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
            "Resource": orders_table_arn(),
        },
        {
            "Sid": "Invoices",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": format!("arn:aws:s3:::{ORDERS_BUCKET}/*"),
        },
        {
            "Sid": "Exports",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": format!("arn:aws:s3:::{EXPORTS_BUCKET}/*"),
        },
        {
            "Sid": "OrdersKey",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": orders_key_arn(),
        },
    ]))
}

fn build() -> Value {
    json!([
        {
            "Sid": "Builds",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
            "Resource": [
                format!("arn:aws:s3:::{BUILDS_BUCKET}"),
                format!("arn:aws:s3:::{BUILDS_BUCKET}/*"),
            ],
        },
        {
            "Sid": "LookAround",
            "Effect": "Allow",
            "Action": [
                "s3:ListAllMyBuckets",
                "ec2:DescribeInstances",
                "lambda:ListFunctions",
                "cloudtrail:DescribeTrails",
            ],
            "Resource": "*",
        },
    ])
}

fn own_access_keys() -> Value {
    json!([{
        "Sid": "OwnAccessKeys",
        "Effect": "Allow",
        "Action": ["iam:GetUser", "iam:ListAccessKeys", "iam:CreateAccessKey"],
        "Resource": format!("arn:aws:iam::{PRODUCTION}:user/${{aws:username}}"),
    }])
}

fn build_network_only() -> Value {
    document(json!([{
        "Sid": "OnlyFromBuildNetwork",
        "Effect": "Deny",
        "Action": ["lambda:*", "dynamodb:*"],
        "Resource": "*",
        "Condition": { "NotIpAddress": { "aws:SourceIp": "192.0.2.192/26" } },
    }]))
}
