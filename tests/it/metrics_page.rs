//! Metrics are called in documentation, rules and dashboard as on the page of a
//! real run (a snapshot of the tests of the daemon).

use std::collections::BTreeSet;
use std::path::Path;

fn read(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// Names of ours in a text, as samples have them.
fn named(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = text.split(|c: char| !is_part(c));
    words
        .filter(|word| word.starts_with("trailwright_") || word.starts_with("process_"))
        .map(|word| word.strip_suffix("_bucket").unwrap_or(word).to_owned())
        .collect()
}

/// Names on the page: of samples, and of a histogram its own.
fn on_the_page() -> BTreeSet<String> {
    let page = read("tests/it/daemon/snapshots/it__daemon__service__metrics.snap");
    let samples = page.lines().filter(|line| !line.starts_with('#'));
    let mut names = named(&samples.collect::<Vec<_>>().join("\n"));
    names.retain(|name| !name.ends_with("_sum") && !name.ends_with("_count"));
    names
}

/// Appears only when the store failed, after a reload, or after a scheduled
/// report.
const SELDOM: [&str; 3] = [
    "trailwright_store_errors_total",
    "trailwright_config_last_reload_success_timestamp_seconds",
    "trailwright_reports_total",
];

#[test]
fn the_reference_has_every_metric_and_no_other() {
    let reference = read("docs/reference/metrics.md");
    let table = reference.lines().filter(|line| line.starts_with("| `"));
    let rows = table.filter_map(|line| line.split('`').nth(1));
    let mut documented = named(&rows.collect::<Vec<_>>().join(" "));
    for seldom in SELDOM {
        assert!(documented.remove(seldom), "{seldom}");
    }
    assert_eq!(documented, on_the_page());
}

#[test]
fn rules_dashboard_and_run_book_name_metrics_that_there_are() {
    let mut there = on_the_page();
    there.extend(SELDOM.map(str::to_owned));
    let files = [
        "examples/compose/alerts.yml",
        "examples/compose/grafana/dashboard.json",
        "docs/operation.md",
    ];
    for file in files {
        let unknown: Vec<_> = named(&read(file)).difference(&there).cloned().collect();
        assert!(unknown.is_empty(), "{file}: {unknown:?}");
    }
}

#[test]
fn every_alert_is_in_the_run_book_and_every_one_of_the_run_book_is_a_rule() {
    let rules = read("examples/compose/alerts.yml");
    let alerts: BTreeSet<&str> = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "))
        .collect();
    let book = read("docs/operation.md");
    let words = book.split(|c: char| !c.is_ascii_alphanumeric());
    let named: BTreeSet<&str> = words
        .filter(|word| word.starts_with("Trailwright") && word.len() > "Trailwright".len())
        .collect();
    assert_eq!(alerts, named);
}
