//! The accounts of the organization and its tree.

use crate::generator::organization::{MANAGEMENT, ORGANIZATION, PRODUCTION, SANDBOX, SECURITY};

pub(super) const DATA: &str = "222233334444";
pub(super) const STAGING: &str = "333344445555";
/// The account of which there is only an undated snapshot: nothing changes in
/// it, except what the organization imposes on it.
pub(super) const TOOLS: &str = "555566667777";

/// Every account of the organization with its name; the management account first.
pub(super) const ACCOUNTS: [(&str, &str); 7] = [
    (MANAGEMENT, "management"),
    (SECURITY, "security"),
    (PRODUCTION, "production"),
    (DATA, "data"),
    (STAGING, "staging"),
    (TOOLS, "tools"),
    (SANDBOX, "sandbox"),
];

pub(super) const ROOT: &str = "r-exam";
pub(super) const CORE: &str = "ou-exam-core00001";
pub(super) const WORKLOADS: &str = "ou-exam-workloads";
pub(super) const LIVE: &str = "ou-exam-live00001";
pub(super) const TRIAL: &str = "ou-exam-trial0001";
pub(super) const SANDBOXES: &str = "ou-exam-sandboxes";

/// Organizational units with their names and parents, parents first.
pub(super) const UNITS: [(&str, &str, &str); 5] = [
    (CORE, "Core", ROOT),
    (WORKLOADS, "Workloads", ROOT),
    (SANDBOXES, "Sandboxes", ROOT),
    (LIVE, "Live", WORKLOADS),
    (TRIAL, "Trial", WORKLOADS),
];

/// Where each account stands at the start.
pub(super) const PLACES: [(&str, &str); 7] = [
    (MANAGEMENT, ROOT),
    (SECURITY, CORE),
    (PRODUCTION, LIVE),
    (DATA, LIVE),
    (STAGING, TRIAL),
    (TOOLS, CORE),
    (SANDBOX, SANDBOXES),
];

/// The ARN of a root, unit or account of the organization.
pub(super) fn node_arn(id: &str) -> String {
    let kind = match id {
        _ if id.starts_with("r-") => "root",
        _ if id.starts_with("ou-") => "ou",
        _ => "account",
    };
    format!("arn:aws:organizations::{MANAGEMENT}:{kind}/{ORGANIZATION}/{id}")
}
