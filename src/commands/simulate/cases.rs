//! Cases in the conformance format (`enrich/evaluator/src/cases`): one verdict
//! a line on standard output, in the shape of `exp`, in the order of the cases.

use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};
use trailwright_evaluator::cases::{Case, differences, render};
use trailwright_evaluator::evaluate;

use crate::failure::Failure;

/// An expectation was not met.
const NOT_MET: u8 = 1;
/// How many of them are named.
const NAMED_MAX: usize = 10;

pub(super) fn run(file: &Path) -> Result<ExitCode, Failure> {
    let started = std::time::Instant::now();
    let input: Box<dyn Read> =
        if file == Path::new("-") {
            Box::new(std::io::stdin())
        } else {
            let open = std::fs::File::open(file);
            Box::new(open.map_err(|error| {
                Failure::usage(format!("cannot read {}: {error}", file.display()))
            })?)
        };
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut failures: Vec<String> = Vec::new();
    let mut count = 0_usize;
    for (index, line) in BufReader::new(input).lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        count += 1;
        let (verdict, failure) = answer(&line, index + 1);
        writeln!(out, "{verdict}")?;
        failures.extend(failure);
    }
    out.flush()?;
    let seconds = started.elapsed().as_secs_f64();
    notice!(
        "{count} cases: {} as expected, {} not; {seconds:.2} s",
        count - failures.len(),
        failures.len()
    );
    for failure in failures.iter().take(NAMED_MAX) {
        notice!("  {failure}");
    }
    Ok(ExitCode::from(if failures.is_empty() {
        0
    } else {
        NOT_MET
    }))
}

/// The verdict, and what is not as expected. A case without `exp` expects
/// nothing.
fn answer(line: &str, number: usize) -> (Value, Option<String>) {
    let case = match Case::parse(line) {
        Ok(case) => case,
        Err(error) => {
            let text = format!("line {number}: {error}");
            return (json!({ "error": text }), Some(text));
        }
    };
    let verdict = render(&evaluate(&case.request, &case.layers, &case.options));
    let differences = case
        .expected
        .as_object()
        .map(|expected| differences(expected, &verdict));
    let failure = differences
        .filter(|differences| !differences.is_empty())
        .map(|differences| format!("{}: {}", case.id, differences.join("; ")));
    (verdict, failure)
}
