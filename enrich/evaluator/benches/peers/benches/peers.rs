//! The evaluator beside other engines, in one run:
//! `cargo bench --manifest-path enrich/evaluator/benches/peers/Cargo.toml`.
//!
//! `cedar-policy` gets the policies translated where Cedar can express them; `awsim-iam-policy` reads
//! IAM policies itself. Each is measured on the cases that it decides as expected, and the evaluator
//! on the same cases beside it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod awsim;
mod cedar;
#[path = "../../figures/mod.rs"]
mod figures;

use std::hint::black_box;

use criterion::Criterion;
use serde_json::Value;
use trailwright_evaluator::cases::Case;
use trailwright_evaluator::decide;

use figures::{POLICY_COUNTS, cold_and_hot, elements, group};

/// Another engine, with one case made ready for it.
trait Peer: Sized {
    const NAME: &'static str;
    /// `None`: the engine cannot express the case.
    fn ready(case: &Value) -> Option<Self>;
    fn allows(&self) -> bool;
    /// The case of `figures::flat`: many policies of one principal.
    fn many_policies(count: usize) -> Self;
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    figures::run(&mut criterion);
    let lines = figures::case_lines();
    beside::<awsim::Ready>(&mut criterion, &lines);
    beside::<cedar::Ready>(&mut criterion, &lines);
    criterion.final_summary();
}

fn beside<P: Peer>(criterion: &mut Criterion, lines: &str) {
    let mut expressed = 0;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for line in lines.lines() {
        let json: Value = serde_json::from_str(line).unwrap();
        let Some(ready) = P::ready(&json) else {
            continue;
        };
        expressed += 1;
        if ready.allows() == (json["exp"]["d"] == "Allow") {
            ours.push(Case::parse(line).unwrap());
            theirs.push(ready);
        }
    }
    println!(
        "{}: expresses {expressed} of {} cases, decides {} of them as expected",
        P::NAME,
        lines.lines().count(),
        theirs.len()
    );
    let mut group = group(criterion, P::NAME);
    cold_and_hot(&mut group, "trailwright decides", &ours, |case| {
        black_box(decide(&case.request, &case.layers, &case.options));
    });
    cold_and_hot(&mut group, "peer decides", &theirs, |ready| {
        black_box(ready.allows());
    });
    for count in POLICY_COUNTS {
        let ready = P::many_policies(count);
        assert!(ready.allows());
        group.throughput(elements(1));
        group.bench_function(format!("peer decides, policies/{count}"), |b| {
            b.iter(|| black_box(&ready).allows());
        });
    }
    group.finish();
}
