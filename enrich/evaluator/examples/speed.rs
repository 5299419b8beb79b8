//! How fast requests are decided: `cargo run --release -p trailwright-evaluator --example speed
//! FILE.jsonl.zst` with a file of conformance cases.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::hint::black_box;
use std::time::Instant;

use trailwright_evaluator::cases::Case;
use trailwright_evaluator::{
    Context, Layers, Options, Policy, PolicyId, PolicySet, Principal, Request, decide, evaluate,
    explain,
};

fn rate(name: &str, per_round: usize, rounds: usize, mut round: impl FnMut()) {
    round();
    let start = Instant::now();
    (0..rounds).for_each(|_| round());
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{name:<44} {:>10.0} /s",
        (per_round * rounds) as f64 / seconds
    );
}

fn main() {
    let path = std::env::args()
        .nth(1)
        .expect("a file of cases, compressed with zstd");
    let text = zstd::decode_all(std::fs::File::open(path).unwrap()).unwrap();
    let text = String::from_utf8(text).unwrap();
    let cases: Vec<Case> = text
        .lines()
        .map(|line| Case::parse(line).unwrap())
        .collect();
    rate("decide, all cases in turn (cold)", cases.len(), 20, || {
        for case in &cases {
            black_box(decide(&case.request, &case.layers, &case.options));
        }
    });
    rate(
        "decide, each case 100 times (hot)",
        cases.len() * 100,
        1,
        || {
            for case in &cases {
                for _ in 0..100 {
                    black_box(decide(&case.request, &case.layers, &case.options));
                }
            }
        },
    );
    rate(
        "evaluate, each case 20 times (hot)",
        cases.len() * 20,
        1,
        || {
            for case in &cases {
                for _ in 0..20 {
                    black_box(evaluate(&case.request, &case.layers, &case.options));
                }
            }
        },
    );
    rate("explain, all cases in turn", cases.len(), 3, || {
        for case in &cases {
            black_box(explain(&case.request, &case.layers, &case.options));
        }
    });
    flat();
    compile(&cases);
}

/// The same request against more and more policies of its principal.
fn flat() {
    for count in [10, 100, 1_000, 10_000] {
        let policy = |n: usize| {
            let text = format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::bucket-{n:05}/*"}},{{"Effect":"Deny","Action":"s3:Delete*","Resource":"arn:aws:s3:::bucket-{n:05}/keep/*"}}]}}"#
            );
            Policy::compile(PolicyId::named(format!("p{n}")), &text).unwrap()
        };
        let layers = Layers::identity(PolicySet::new((0..count).map(policy)));
        let user = Principal::from_arn("arn:aws:iam::111111111111:user/mira");
        let resource = format!("arn:aws:s3:::bucket-{:05}/maps/north.png", count / 2);
        let request = Request::new(user, "s3:GetObject", &resource, Context::new());
        rate(&format!("decide, {count} policies"), 500_000, 1, || {
            for _ in 0..500_000 {
                black_box(decide(&request, &layers, &Options::default()));
            }
        });
    }
}

fn compile(cases: &[Case]) {
    let identity = cases
        .iter()
        .flat_map(|c| &c.layers.identity)
        .flat_map(|i| i.policies.policies());
    let texts: Vec<&str> = identity.map(Policy::text).collect();
    let bytes: usize = texts.iter().map(|t| t.len()).sum();
    rate("compile, bytes", bytes, 5, || {
        for text in &texts {
            black_box(Policy::compile(PolicyId::default(), text).unwrap());
        }
    });
}
