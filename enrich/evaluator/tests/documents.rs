//! Real policy documents: every one compiles or says what is wrong, and prints back unchanged.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)]

use std::path::{Path, PathBuf};

use serde_json::Value;
use trailwright_evaluator::{Policy, PolicyId};

fn shared_policies() -> Option<PathBuf> {
    let root = std::env::var_os("TRAILWRIGHT_SHARED").map(PathBuf::from);
    let root =
        root.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let path = root.join("policies");
    if !path.exists() {
        println!("skipped: no shared policies here; set TRAILWRIGHT_SHARED to run it");
        return None;
    }
    Some(path)
}

/// Compiles a document; what it prints is the same JSON. Returns the error if it is unreadable.
fn compile(name: &str, text: &str) -> Result<Policy, String> {
    let policy = Policy::compile(PolicyId::named(name), text).map_err(|why| why.to_string())?;
    let printed = policy.to_json();
    let same: Value = serde_json::from_str(&printed).unwrap();
    let before: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
    assert_eq!(same, before, "{name}");
    let again = Policy::compile(PolicyId::named(name), &printed).unwrap();
    assert_eq!(again.to_json(), printed, "{name}");
    Ok(policy)
}

/// Every object with a `Statement` in a JSON value.
fn documents<'v>(value: &'v Value, found: &mut Vec<&'v Value>) {
    match value {
        Value::Object(members) if members.contains_key("Statement") => found.push(value),
        Value::Object(members) => members.values().for_each(|v| documents(v, found)),
        Value::Array(items) => items.iter().for_each(|v| documents(v, found)),
        _ => {}
    }
}

fn lines(path: &Path) -> Vec<Value> {
    let bytes = zstd::decode_all(std::fs::File::open(path).unwrap()).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn every_aws_managed_policy_compiles_without_error() {
    let Some(root) = shared_policies() else {
        return;
    };
    let mut compiled = 0;
    for file in [
        "aws-managed-current.jsonl.zst",
        "aws-managed-history.jsonl.zst",
    ] {
        for line in lines(&root.join(file)) {
            let mut found = Vec::new();
            documents(&line, &mut found);
            for document in found {
                let policy = compile(&line.to_string()[..60], &document.to_string()).unwrap();
                assert!(
                    policy.diagnostics().is_empty(),
                    "{:?} in {document}",
                    policy.diagnostics()
                );
                compiled += 1;
            }
        }
    }
    assert!(compiled > 5_000, "only {compiled} documents found");
}

#[test]
fn every_other_shared_document_compiles_or_says_what_is_wrong() {
    let Some(root) = shared_policies() else {
        return;
    };
    let (mut valid, mut invalid, mut unreadable) = (0, 0, Vec::new());
    let mut count = |name: &str, text: &str| match compile(name, text) {
        Ok(policy) if policy.is_valid() => valid += 1,
        Ok(policy) => {
            invalid += 1;
            println!("{name}: {}", policy.diagnostics()[0]);
        }
        Err(why) => unreadable.push(format!("{name}: {why}")),
    };
    for directory in ["scp", "rcp", "data-perimeter"] {
        for entry in std::fs::read_dir(root.join(directory)).unwrap() {
            let path = entry.unwrap().path();
            count(
                path.file_name().unwrap().to_str().unwrap(),
                &std::fs::read_to_string(&path).unwrap(),
            );
        }
    }
    for entry in std::fs::read_dir(root.join("account-authorization-details")).unwrap() {
        let path = entry.unwrap().path();
        let value: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let mut found = Vec::new();
        documents(&value, &mut found);
        found
            .iter()
            .for_each(|d| count(path.to_str().unwrap(), &d.to_string()));
    }
    for (n, line) in lines(&root.join("documented.jsonl.zst")).iter().enumerate() {
        let mut found = Vec::new();
        documents(line, &mut found);
        found
            .iter()
            .for_each(|d| count(&format!("documented line {}", n + 1), &d.to_string()));
    }
    println!("{valid} valid, {invalid} with errors, unreadable: {unreadable:#?}");
    assert!(valid > 1_500, "only {valid} documents are valid");
    assert_eq!(unreadable.len(), 1, "one SCP is malformed: {unreadable:#?}");
}
