//! Every report, in the order of the catalogue.

use super::Report;

macro_rules! files {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../reports/", $name, ".sql")))),*]
    };
}

const FILES: &[(&str, &str)] = &files!(
    "cis-monitoring"
    "privileged-activity"
    "console-sign-ins"
    "access-denied"
    "dormant-access"
    "cross-account"
    "iam-changes"
    "logging-health"
    "access-review"
    "disagreements"
    "data-access"
    "incident-scope"
    "retention-and-integrity"
);

/// Every report.
pub fn reports() -> Result<Vec<Report>, String> {
    FILES
        .iter()
        .map(|(name, text)| Report::parse(name, text))
        .collect()
}
