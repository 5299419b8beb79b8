//! The figures that docs/performance.md states, on the conformance cases with policies compiled.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput};
use trailwright_evaluator::cases::Case;
use trailwright_evaluator::{
    Context, Layers, Options, Policy, PolicyId, PolicySet, Principal, Request, decide, explain,
};

/// How many policies the same request is decided against.
pub(crate) const POLICY_COUNTS: [usize; 4] = [10, 100, 1_000, 10_000];

/// How often a case is repeated in a row when it is hot.
const REPEATS: usize = 100;

pub(crate) fn run(criterion: &mut Criterion) {
    let lines = case_lines();
    let cases: Vec<Case> = lines.lines().map(|l| Case::parse(l).unwrap()).collect();
    let mut group = group(criterion, "trailwright");
    decisions(&mut group, &cases);
    explanations(&mut group, &cases);
    flat(&mut group);
    compilation(&mut group, &cases);
    group.finish();
}

/// A group whose benchmarks take a few seconds each.
pub(crate) fn group<'c>(criterion: &'c mut Criterion, name: &str) -> BenchmarkGroup<'c, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10);
    group.warm_up_time(Duration::from_secs(1));
    group.measurement_time(Duration::from_secs(3));
    group
}

/// The generated cases where the shared data is, else the committed ones.
pub(crate) fn case_lines() -> String {
    let root = std::env::var_os("TRAILWRIGHT_SHARED").map(PathBuf::from);
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let root = root.unwrap_or_else(|| workspace.join("../../../shared"));
    match std::fs::File::open(root.join("conformance/generated.jsonl.zst")) {
        Ok(file) => String::from_utf8(zstd::decode_all(file).unwrap()).unwrap(),
        Err(_) => {
            println!("the committed cases only; set TRAILWRIGHT_SHARED for the generated ones");
            include_str!("../../tests/cases/own.jsonl").to_owned()
        }
    }
}

/// Runs `decide_one` on every item: once each in turn (cold), and many times in a row (hot).
pub(crate) fn cold_and_hot<T>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    what: &str,
    items: &[T],
    decide_one: impl Fn(&T),
) {
    group.throughput(elements(items.len()));
    group.bench_function(format!("{what}, cold"), |b| {
        b.iter(|| items.iter().for_each(&decide_one));
    });
    group.throughput(elements(items.len() * REPEATS));
    group.bench_function(format!("{what}, hot"), |b| {
        b.iter(|| {
            for item in items {
                (0..REPEATS).for_each(|_| decide_one(item));
            }
        });
    });
}

pub(crate) fn elements(count: usize) -> Throughput {
    Throughput::Elements(count as u64)
}

fn decisions(group: &mut BenchmarkGroup<'_, WallTime>, cases: &[Case]) {
    cold_and_hot(group, "decide", cases, |case| {
        black_box(decide(&case.request, &case.layers, &case.options));
    });
}

fn explanations(group: &mut BenchmarkGroup<'_, WallTime>, cases: &[Case]) {
    cold_and_hot(group, "explain", cases, |case| {
        black_box(explain(&case.request, &case.layers, &case.options));
    });
}

/// The text of policy number `n` in [`flat`].
pub(crate) fn bucket_policy(n: usize) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::bucket-{n:05}/*"}},{{"Effect":"Deny","Action":"s3:Delete*","Resource":"arn:aws:s3:::bucket-{n:05}/keep/*"}}]}}"#
    )
}

/// The resource asked for in [`flat`]: the policy in the middle allows it.
pub(crate) fn bucket_object(count: usize) -> String {
    format!("arn:aws:s3:::bucket-{:05}/maps/north.png", count / 2)
}

/// The same request against more and more policies of its principal.
fn flat(group: &mut BenchmarkGroup<'_, WallTime>) {
    for count in POLICY_COUNTS {
        let policies = (0..count)
            .map(|n| Policy::compile(PolicyId::named(format!("p{n}")), &bucket_policy(n)).unwrap());
        let layers = Layers::identity(PolicySet::new(policies));
        let user = Principal::from_arn("arn:aws:iam::111111111111:user/mira");
        let request = Request::new(user, "s3:GetObject", bucket_object(count), Context::new());
        group.throughput(elements(1));
        group.bench_function(BenchmarkId::new("decide, policies", count), |b| {
            b.iter(|| black_box(decide(black_box(&request), &layers, &Options::default())));
        });
    }
}

/// Compiles the identity-based policies of all cases.
fn compilation(group: &mut BenchmarkGroup<'_, WallTime>, cases: &[Case]) {
    let texts: Vec<&str> = cases
        .iter()
        .flat_map(|case| case.layers.identity.iter())
        .flat_map(|identity| identity.policies.policies())
        .map(Policy::text)
        .collect();
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("compile", |b| {
        b.iter(|| {
            for text in &texts {
                black_box(Policy::compile(PolicyId::default(), text).unwrap());
            }
        });
    });
}
