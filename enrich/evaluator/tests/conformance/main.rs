//! The conformance cases: the committed ones always, the large corpora where they are.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)]

mod disputed;

use std::path::PathBuf;

use trailwright_evaluator::cases::{Case, differences, render};
use trailwright_evaluator::{decide, evaluate};

use disputed::{disputed, without_statement};

/// The shared data, or `None` (said on standard output) if this is a plain checkout.
fn shared(file: &str) -> Option<PathBuf> {
    let root = std::env::var_os("TRAILWRIGHT_SHARED").map(PathBuf::from);
    let root =
        root.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let path = root.join("conformance").join(file);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {file} is not here; set TRAILWRIGHT_SHARED to run it");
    None
}

/// Runs every case. Every field of `exp` must be met; in a disputed case the decision must be, and
/// with the disputed statement taken out every field.
fn check(text: &str, count: usize, disputed_count: usize) {
    let mut failures = Vec::new();
    let (mut run, mut disputed_run) = (0, 0);
    for line in text.lines().filter(|l| !l.trim().is_empty()) {
        run += 1;
        let case = Case::parse(line).unwrap();
        let mut unmet_fields = unmet(&case);
        if let Some(statement) = disputed(&case.id) {
            disputed_run += 1;
            assert!(!unmet_fields.is_empty(), "{} is disputed no more", case.id);
            let decision_met = !unmet_fields.iter().any(|field| field.starts_with("d:"));
            assert!(decision_met, "{}: {unmet_fields:?}", case.id);
            unmet_fields = unmet(&Case::parse(&without_statement(line, statement)).unwrap());
        }
        if !unmet_fields.is_empty() {
            failures.push(format!("{}: {}", case.id, unmet_fields.join("; ")));
        }
    }
    let shown: Vec<&String> = failures.iter().take(20).collect();
    assert!(
        failures.is_empty(),
        "{} failures, the first: {shown:#?}",
        failures.len()
    );
    assert_eq!((run, disputed_run), (count, disputed_count), "cases run");
}

fn unmet(case: &Case) -> Vec<String> {
    let verdict = evaluate(&case.request, &case.layers, &case.options);
    let decided = decide(&case.request, &case.layers, &case.options);
    assert_eq!(decided.decision, verdict.decision, "{}", case.id);
    differences(case.expected.as_object().unwrap(), &render(&verdict))
}

fn check_shared(file: &str, count: usize, disputed_count: usize) {
    if let Some(path) = shared(file) {
        let bytes = zstd::decode_all(std::fs::File::open(path).unwrap()).unwrap();
        check(&String::from_utf8(bytes).unwrap(), count, disputed_count);
    }
}

#[test]
fn generated_cases_have_their_verdict_layers_and_statements() {
    check_shared("generated.jsonl.zst", 6_000, 30);
}

#[test]
fn cases_where_other_evaluators_contradict_the_documentation_follow_the_documentation() {
    check_shared("corrected.jsonl.zst", 236, 0);
}

#[test]
fn cases_from_the_documentation_have_their_decision() {
    check_shared("documented.jsonl.zst", 74, 0);
}

#[test]
fn committed_cases_have_their_verdict() {
    check(include_str!("../cases/own.jsonl"), 77, 0);
}
