//! Every report, in the order of the catalogue.

use super::Report;

macro_rules! files {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../reports/", $name, ".sql")))),*]
    };
}

const FILES: &[(&str, &str)] = &files!("disagreements");

/// Every report.
pub fn reports() -> Result<Vec<Report>, String> {
    FILES
        .iter()
        .map(|(name, text)| Report::parse(name, text))
        .collect()
}
