//! How fast the evaluator is: `cargo bench -p trailwright-evaluator`. Beside other engines:
//! `benches/peers`.

mod figures;

use criterion::Criterion;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    figures::run(&mut criterion);
    criterion.final_summary();
}
