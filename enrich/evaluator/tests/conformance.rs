//! The conformance cases: the committed ones always, the large corpora where they are.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)]

use std::path::PathBuf;

use serde_json::Value;
use trailwright_evaluator::cases::{Case, render};
use trailwright_evaluator::{decide, evaluate};

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

/// Runs every case. The decision must always be met, and so must every other field of `exp`, but
/// in at most `excused` cases whose policies use variables: the evaluator that wrote those fields
/// does not follow the documentation where a variable has no value (negated operators and
/// NotResource) or the document is of version 2008-10-17; the decision is the same there.
fn check(text: &str, count: usize, excused: usize) {
    let mut failures = Vec::new();
    let mut excuses = 0;
    let mut run = 0;
    for line in text.lines().filter(|l| !l.trim().is_empty()) {
        run += 1;
        let case = Case::parse(line).unwrap();
        let verdict = evaluate(&case.request, &case.layers, &case.options);
        let found = render(&verdict);
        assert_eq!(
            decide(&case.request, &case.layers, &case.options).decision,
            verdict.decision,
            "{}",
            case.id
        );
        let differences = differences(&case.expected, &found);
        if differences.is_empty() {
            continue;
        }
        if line.contains("${") && !differences.iter().any(|d| d.starts_with("d:")) {
            excuses += 1;
        } else {
            failures.push(format!("{}: {}", case.id, differences.join("; ")));
        }
    }
    let shown: Vec<&String> = failures.iter().take(20).collect();
    assert!(
        failures.is_empty(),
        "{} failures, the first: {shown:#?}",
        failures.len()
    );
    assert_eq!(run, count, "cases run");
    assert!(
        excuses <= excused,
        "{excuses} cases differ in details, more than {excused}"
    );
}

fn differences(expected: &Value, found: &Value) -> Vec<String> {
    let expected = expected.as_object().unwrap();
    let mut differences = Vec::new();
    for (field, value) in expected {
        let found = found.get(field).unwrap_or(&Value::Null);
        if found != value {
            differences.push(format!("{field}: expected {value}, found {found}"));
        }
    }
    // A case that gives layers gives `blocked` whenever something blocks.
    if let (true, None, Some(found)) = (
        expected.contains_key("layers"),
        expected.get("blocked"),
        found.get("blocked"),
    ) {
        differences.push(format!("blocked: expected none, found {found}"));
    }
    differences
}

fn check_shared(file: &str, count: usize, excused: usize) {
    if let Some(path) = shared(file) {
        let bytes = zstd::decode_all(std::fs::File::open(path).unwrap()).unwrap();
        check(&String::from_utf8(bytes).unwrap(), count, excused);
    }
}

#[test]
fn generated_cases_have_their_verdict_layers_and_statements() {
    check_shared("generated.jsonl.zst", 6_000, 32);
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
    check(include_str!("cases/own.jsonl"), 77, 0);
}
