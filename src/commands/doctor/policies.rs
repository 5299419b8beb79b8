//! The directory of policies.

use trailwright_enrich::policies::{Timeline, list_files};

use super::Patient;
use super::check::Check;

const NAME: &str = "policies";
/// Problems that are named; the rest is counted.
const PROBLEMS_SHOWN: usize = 5;

pub(super) fn check(patient: &Patient<'_>) -> Vec<Check> {
    let configured = patient.config.policies.directory.as_deref();
    let Some(directory) = patient.args.policies.as_deref().or(configured) else {
        return vec![
            Check::warning(
                NAME,
                "no directory of policies: only what records tell of policies is known, and decisions that rest on more are indeterminate",
            )
            .fix("export your policies and name the directory: --policies DIR or [policies] directory (docs/reference/policies.md)"),
        ];
    };
    let place = directory.display();
    let (files, unread) = match list_files(directory) {
        Ok(listed) => listed,
        Err(error) => {
            return vec![
                Check::wrong(NAME, format!("{place} cannot be read: {error}"))
                    .fix("mend --policies or [policies] directory, or let this user read it"),
            ];
        }
    };
    let (_, problems) = Timeline::default().add_files(&files);
    let problems: Vec<_> = unread.iter().chain(&problems).collect();
    let mut checks = vec![Check::ok(NAME, format!("{} files in {place}", files.len()))];
    let named = problems.iter().take(PROBLEMS_SHOWN);
    checks.extend(named.map(|problem| Check::warning(NAME, format!("{place}/{problem}"))));
    if problems.len() > PROBLEMS_SHOWN {
        let more = problems.len() - PROBLEMS_SHOWN;
        checks.push(Check::warning(NAME, format!("{more} more problems")));
    }
    checks
}
