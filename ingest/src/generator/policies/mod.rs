//! The policies in force on that day, in the formats people export them in.

mod account;
mod management;
mod organization_tree;
mod production;
mod resources;
mod sandbox;
mod security;
mod sessions;

pub(super) use sessions::handover;

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use super::PolicyFile;
use super::day::timestamp;
use super::organization::{MANAGEMENT, PRODUCTION, SANDBOX, SECURITY};

/// All files of the policy directory.
pub(super) fn files(day: NaiveDate) -> Vec<PolicyFile> {
    // Everything is older than the day, by more than any propagation takes.
    let created = day.checked_sub_days(Days::new(400)).unwrap_or(day);
    let created = timestamp(created, 9 * 3600);
    let account = |id: &str, account: account::Account| PolicyFile {
        path: format!("accounts/{id}.json"),
        document: account.export(&created),
    };
    vec![
        account(MANAGEMENT, management::account()),
        account(SANDBOX, sandbox::account()),
        account(SECURITY, security::account()),
        account(PRODUCTION, production::account()),
        PolicyFile {
            path: "organization.json".to_owned(),
            document: organization_tree::root(&created),
        },
        PolicyFile {
            path: "resource-policies.json".to_owned(),
            document: resources::list(),
        },
        PolicyFile {
            path: "session-policies.json".to_owned(),
            document: sessions::list(),
        },
    ]
}

/// A policy document with these statements.
fn document(statements: Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn allow_everything() -> Value {
    document(json!([{ "Effect": "Allow", "Action": "*", "Resource": "*" }]))
}
