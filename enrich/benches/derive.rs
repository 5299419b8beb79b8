//! How fast requests are derived from records: `cargo bench -p trailwright-enrich --bench derive`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use trailwright_enrich::catalogue::Catalogue;
use trailwright_enrich::request::{Derived, derive};
use trailwright_evaluator::{Context, Request, Unlisted};
use trailwright_schemas::{Limits, Record};

fn main() {
    let catalogue = Catalogue::embedded();
    let records = records();
    let derived: Vec<Derived<'_>> = records
        .iter()
        .filter_map(|record| derive(record, &catalogue, &()).ok())
        .collect();
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("request");
    group.sample_size(10);
    group.warm_up_time(Duration::from_secs(1));
    group.measurement_time(Duration::from_secs(3));
    group.throughput(Throughput::Elements(records.len() as u64));
    group.bench_function("derive", |b| {
        b.iter(|| {
            for record in &records {
                let _ = black_box(derive(record, &catalogue, &()));
            }
        });
    });
    group.throughput(Throughput::Elements(derived.len() as u64));
    group.bench_function("ask the evaluator", |b| {
        b.iter(|| derived.iter().for_each(requests));
    });
    group.finish();
    criterion.final_summary();
}

/// The evaluator's request for every action and resource.
fn requests(derived: &Derived<'_>) {
    for call in &derived.actions {
        for target in &call.targets {
            let context = Context::with_unlisted(Unlisted::Unknown).with_keys(derived);
            let principal = &derived.principal;
            black_box(Request::for_action(
                principal,
                &call.action,
                &target.arn,
                context,
            ));
        }
    }
}

/// The shared records where that folder is, else the committed ones.
fn records() -> Vec<Record> {
    let root = std::env::var_os("TRAILWRIGHT_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let text = match std::fs::File::open(root.join("records/real.jsonl.zst")) {
        Ok(file) => String::from_utf8(zstd::decode_all(file).unwrap()).unwrap(),
        Err(_) => {
            println!("the committed records only; set TRAILWRIGHT_SHARED for real ones");
            include_str!("records.jsonl").to_owned()
        }
    };
    let parse = |line: &str| Record::parse(line.as_bytes(), &Limits::default()).ok();
    text.lines().filter_map(parse).collect()
}
