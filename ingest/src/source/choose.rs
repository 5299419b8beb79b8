//! Which files of a directory or prefix to read, by name.

/// Endings of files that may hold records, without compression.
const ENDINGS: [&str; 4] = [".json", ".jsonl", ".ndjson", ".log"];

/// True for a file to be passed over because of its name. Only for files that a
/// person did not name: a file named is read whatever it is called. Digests and
/// Insights, which CloudTrail delivers beside its log files, are read too: what
/// they are shows in them.
pub(super) fn passes_over(name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    !may_hold_records(file)
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
