//! The house: which crate may know which (docs/architecture.md).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Every edge there may be. Only `query` and `store` may name DataFusion or
/// Delta, only the root clap and toml.
const EDGES: [(&str, &[&str]); 9] = [
    ("schemas", &[]),
    ("enrich/evaluator", &[]),
    ("ingest", &["schemas"]),
    ("enrich", &["schemas", "evaluator"]),
    ("store", &["schemas"]),
    // Dev-dependency of tests.
    ("store/faulty", &[]),
    ("query", &["schemas", "store"]),
    // Dev-dependency of tests.
    ("query/geo-file", &[]),
    (
        ".",
        &["schemas", "ingest", "enrich", "evaluator", "store", "query"],
    ),
];

const RESERVED: [(&str, &[&str]); 16] = [
    ("datafusion", &["query"]),
    ("maxminddb", &["query"]),
    ("deltalake-core", &["store", "query"]),
    ("parquet", &["store", "query"]),
    ("clap", &["."]),
    ("toml", &["."]),
    // The root for a mock cluster in tests.
    ("rdkafka", &["ingest", "."]),
    ("tokio", &["ingest", "store", "query", "."]),
    // ingest hands on what librdkafka logs.
    ("tracing", &["ingest", "."]),
    ("tracing-subscriber", &["."]),
    ("prometheus-client", &["."]),
    ("httparse", &["."]),
    ("reqwest", &["."]),
    ("rawzip", &["."]),
    ("ring", &["."]),
    ("croner", &["."]),
];

fn dependencies(folder: &str) -> BTreeSet<String> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(folder)
        .join("Cargo.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let manifest: toml::Table = text.parse().unwrap();
    let table = manifest.get("dependencies").and_then(toml::Value::as_table);
    table
        .map(|table| table.keys().cloned().collect())
        .unwrap_or_default()
}

#[test]
fn crates_know_only_the_crates_they_may_know() {
    for (folder, allowed) in EDGES {
        let allowed: BTreeSet<String> = allowed
            .iter()
            .map(|name| format!("trailwright-{name}"))
            .collect();
        let known: BTreeSet<String> = dependencies(folder)
            .into_iter()
            .filter(|name| name.starts_with("trailwright-"))
            .collect();
        assert!(
            known.is_subset(&allowed),
            "{folder} knows {known:?}, allowed are {allowed:?}"
        );
    }
}

#[test]
fn heavy_and_outer_libraries_stay_in_their_rooms() {
    let folders: BTreeMap<&str, BTreeSet<String>> = EDGES
        .iter()
        .map(|(folder, _)| (*folder, dependencies(folder)))
        .collect();
    for (library, rooms) in RESERVED {
        for (folder, known) in &folders {
            let inside = rooms.contains(folder);
            assert!(
                inside || !known.contains(library),
                "{folder} must not depend on {library}"
            );
        }
    }
}

#[test]
fn every_crate_of_the_workspace_is_in_the_table() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
    let manifest: toml::Table = text.unwrap().parse().unwrap();
    let members = manifest["workspace"]["members"].as_array().unwrap();
    let members: BTreeSet<&str> = members
        .iter()
        .map(|member| member.as_str().unwrap())
        .collect();
    let listed: BTreeSet<&str> = EDGES
        .iter()
        .map(|(folder, _)| *folder)
        .filter(|folder| *folder != ".")
        .collect();
    assert_eq!(members, listed);
}
