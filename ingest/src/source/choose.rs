//! Which files of a directory or prefix to read, by name.

use trailwright_schemas::Reason;

use super::Discovered;

/// Endings of files that may hold records, without compression.
const ENDINGS: [&str; 4] = [".json", ".jsonl", ".ndjson", ".log"];

/// What is known of a file from its name alone. Only for files that a person
/// did not name: a file named is read whatever it is called.
pub(super) fn by_name(name: &str) -> Option<Discovered> {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    if let Some((reason, kind)) = other_delivery(file) {
        return Some(Discovered::Refused {
            name: name.to_owned(),
            reason,
            detail: format!("{kind} by its name, which holds no events; it was not opened"),
        });
    }
    (!may_hold_records(file)).then(|| Discovered::Skipped {
        name: name.to_owned(),
    })
}

/// Files that CloudTrail delivers beside its log files.
///
/// CloudTrail User Guide, "Finding your CloudTrail log files" and "CloudTrail
/// digest file structure".
fn other_delivery(file: &str) -> Option<(Reason, &'static str)> {
    if file.contains("_CloudTrail-Digest_") {
        return Some((Reason::Digest, "a digest file"));
    }
    if file.contains("_CloudTrail-Insight_") {
        return Some((Reason::Insight, "a file of Insights records"));
    }
    None
}

fn may_hold_records(file: &str) -> bool {
    let lower = file.to_ascii_lowercase();
    let compressed = [".gz", ".zst"]
        .iter()
        .find_map(|ending| lower.strip_suffix(ending));
    let plain = compressed.unwrap_or(&lower);
    // A bare .gz says nothing about what is inside, so it is worth a look.
    let any_gzip = lower.ends_with(".gz") && !plain.ends_with(".tar");
    any_gzip || ENDINGS.iter().any(|ending| plain.ends_with(ending))
}
