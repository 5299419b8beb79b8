//! The sandbox account.

use serde_json::{Value, json};

use super::account::{
    ADMINISTRATOR, Account, administrator, bounded, group, managed, role, trust, user,
};
use super::document;
use crate::generator::organization::{
    CONTRACTOR, LENA, ROBIN, SANDBOX, THEO, developer_boundary_arn,
};

pub(super) fn account() -> Account {
    let boundary = developer_boundary_arn();
    let lena = json!({ "AWS": LENA.arn() });
    let lent = json!([{
        "Sid": "Lent",
        "Effect": "Allow",
        "Action": ["s3:*", "dynamodb:*"],
        "Resource": "*",
    }]);
    Account {
        users: vec![
            bounded(user(&THEO, &["developers"], &[]), &boundary),
            bounded(user(&LENA, &["developers"], &[]), &boundary),
            user(&ROBIN, &[], &[("own-instances", own_instances())]),
        ],
        groups: vec![group(
            SANDBOX,
            "developers",
            "AGPAEXAMPLEDEVELOPERS",
            &[],
            &[ADMINISTRATOR],
        )],
        roles: vec![role(
            &CONTRACTOR,
            trust(lena, "sts:AssumeRole"),
            &[("lent", lent)],
            &[],
        )],
        policies: vec![
            administrator(),
            managed(&boundary, "ANPAEXAMPLEBOUNDARY23", developer_boundary()),
        ],
    }
}

fn developer_boundary() -> Value {
    document(json!([
        {
            "Sid": "Build",
            "Effect": "Allow",
            "Action": [
                "ec2:*", "s3:*", "lambda:*", "dynamodb:*", "logs:*", "sts:*", "sagemaker:*",
                "iam:Get*", "iam:List*",
            ],
            "Resource": "*",
        },
        {
            "Sid": "KeepBoundary",
            "Effect": "Deny",
            "Action": ["iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary"],
            "Resource": "*",
        },
    ]))
}

fn own_instances() -> Value {
    json!([
        {
            "Sid": "See",
            "Effect": "Allow",
            "Action": "ec2:DescribeInstances",
            "Resource": "*",
        },
        {
            "Sid": "OwnInstances",
            "Effect": "Allow",
            "Action": ["ec2:StartInstances", "ec2:StopInstances"],
            "Resource": format!("arn:aws:ec2:*:{SANDBOX}:instance/*"),
            "Condition": { "StringEquals": { "aws:ResourceTag/owner": "${aws:username}" } },
        },
    ])
}
