//! The security account.

use serde_json::json;

use super::account::{ADMINISTRATOR, Account, administrator, group, managed, role, trust, user};
use super::document;
use crate::generator::organization::{ADMIN, INES, LOG_BUCKET, MATEO, SECURITY};

pub(super) fn account() -> Account {
    let reading = format!("arn:aws:iam::{SECURITY}:policy/ReadTrails");
    let assume_admin = json!([
        {
            "Sid": "BecomeAdmin",
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Resource": ADMIN.arn(),
        },
        {
            "Sid": "CommandLineLogin",
            "Effect": "Allow",
            "Action": ["signin:AuthorizeOAuth2Access", "signin:CreateOAuth2Token"],
            "Resource": "*",
        },
    ]);
    let read_trails = document(json!([
        {
            "Sid": "ReadIamAndTrails",
            "Effect": "Allow",
            "Action": [
                "iam:Get*",
                "iam:List*",
                "cloudtrail:Describe*",
                "cloudtrail:Get*",
                "cloudtrail:List*",
                "cloudtrail:LookupEvents",
            ],
            "Resource": "*",
        },
        {
            "Sid": "ReadLogs",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": [
                format!("arn:aws:s3:::{LOG_BUCKET}"),
                format!("arn:aws:s3:::{LOG_BUCKET}/*"),
            ],
        },
    ]));
    let trusted = json!({ "AWS": INES.arn() });
    Account {
        users: vec![
            user(&INES, &["security-engineers"], &[]),
            user(&MATEO, &["security-analysts"], &[]),
        ],
        groups: vec![
            group(
                SECURITY,
                "security-engineers",
                "AGPAEXAMPLEENGINEERS2",
                &[("assume-admin", assume_admin)],
                &[&reading],
            ),
            group(
                SECURITY,
                "security-analysts",
                "AGPAEXAMPLEANALYSTS23",
                &[],
                &[&reading],
            ),
        ],
        roles: vec![role(
            &ADMIN,
            trust(trusted, "sts:AssumeRole"),
            &[],
            &[ADMINISTRATOR],
        )],
        policies: vec![
            administrator(),
            managed(&reading, "ANPAEXAMPLEREADTRAILS", read_trails),
        ],
    }
}
