//! The management account: nobody works here but the root user.

use serde_json::json;

use super::account::{ADMINISTRATOR, Account, administrator, role, trust};
use crate::generator::organization::{MANAGEMENT, Role};

const BREAK_GLASS: Role = Role {
    account: MANAGEMENT,
    path: "/",
    name: "break-glass",
    id: "AROAEXAMPLEBREAKGLASS",
};

pub(super) fn account() -> Account {
    let root = json!({ "AWS": format!("arn:aws:iam::{MANAGEMENT}:root") });
    Account {
        roles: vec![role(
            &BREAK_GLASS,
            trust(root, "sts:AssumeRole"),
            &[],
            &[ADMINISTRATOR],
        )],
        policies: vec![administrator()],
        ..Account::default()
    }
}
