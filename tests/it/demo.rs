//! The demo: what it shows, and that its labels are the truth that the
//! generator knows by construction.

use std::collections::BTreeMap;

use trailwright_ingest::generator::generate;

use crate::command::Trailwright;

fn demo() -> (Trailwright, String) {
    let trailwright = Trailwright::new();
    let shown = trailwright.run(&["demo", "--directory", "lake-demo"]);
    (trailwright, shown)
}

#[test]
fn the_demo_shows_the_whole_story() {
    let (_, shown) = demo();
    insta::with_settings!({filters => vec![
        (r"written, \d+\.\d s", "written, [time]"),
        (r"[^ ]*/trailwright ", "trailwright "),
    ]}, {
        insta::assert_snapshot!(shown);
    });
}

#[test]
fn a_second_run_of_the_demo_finds_everything_already_there() {
    let (trailwright, _) = demo();
    let again = trailwright.run(&["demo", "--directory", "lake-demo"]);
    assert!(
        again.contains(" 0 new events") && again.contains(" 0 rejected (and 2 rejected before)"),
        "{again}"
    );
}

#[test]
fn every_label_of_the_demo_is_the_truth_known_by_construction() {
    let (trailwright, _) = demo();
    let day = chrono::NaiveDate::from_ymd_opt(2026, 3, 9).unwrap();
    let generated = generate(1, day);
    let csv = trailwright.run(&[
        "query",
        "--lake",
        "lake-demo/lake",
        "--output",
        "csv",
        "select event_id, decision, cause_type from events",
    ]);
    let found: BTreeMap<&str, &str> = csv
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .collect();
    let wrong: Vec<String> = generated
        .expected
        .iter()
        .filter_map(|(id, expected)| {
            let expected = format!(
                "{},{}",
                expected.decision.as_str(),
                expected.cause_type.as_str()
            );
            let label = found.get(id.as_str()).copied().unwrap_or("missing");
            (label != expected).then(|| format!("{id}: {label} instead of {expected}"))
        })
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(found.len(), generated.expected.len());
}

#[test]
fn only_the_one_event_that_contradicts_the_policies_disagrees() {
    let (trailwright, _) = demo();
    let day = chrono::NaiveDate::from_ymd_opt(2026, 3, 9).unwrap();
    let csv = trailwright.run(&[
        "query",
        "--lake",
        "lake-demo/lake",
        "--output",
        "csv",
        "select event_id from events where agreement = 'disagrees'",
    ]);
    let ids: Vec<&str> = csv.lines().skip(1).collect();
    assert_eq!(ids, [generate(1, day).contradicting_event]);
}
