//! A synthetic organization whose policies change, against the truth that its
//! generator knows by construction.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use trailwright_enrich::policies::{PolicyFile, Timeline};
use trailwright_enrich::{LabelOptions, Labeller};
use trailwright_ingest::generator::history::{Delivered, History, Truth, generate};
use trailwright_schemas::{Decision, Label, Limits, Record};

use crate::command::Trailwright;

fn history(seed: u64, events: usize) -> History {
    generate(seed, NaiveDate::from_ymd_opt(2026, 3, 2).unwrap(), events)
}

fn record(delivered: &Delivered) -> Record {
    Record::parse(delivered.json.as_bytes(), &Limits::default()).unwrap()
}

fn files(history: &History) -> Vec<PolicyFile> {
    let file = |(path, text): &(PathBuf, String)| PolicyFile::new(path.clone(), text.clone());
    history.files.iter().map(file).collect()
}

/// What a label says that the truth knows.
fn difference(truth: &Truth, label: &Label) -> Option<String> {
    let decision = label.decision == truth.decision;
    let decided = truth.decision != Decision::Indeterminate;
    let cause = truth.cause.filter(|_| decided);
    let cause = cause.is_none_or(|cause| label.cause.cause_type == cause);
    let agreement = label.agreement_class.agreement() == truth.agreement;
    (!decision || !cause || !agreement).then(|| format!("{truth:?}\n{label:#?}"))
}

#[test]
fn all_of_100_000_events_out_of_order_get_the_decision_known_by_construction() {
    let now: DateTime<Utc> = "2026-06-01T00:00:00Z".parse().unwrap();
    let history = history(7, 100_000);
    let mut timeline = Timeline::default();
    let (_, problems) = timeline.add_files(&files(&history));
    assert_eq!(problems, []);
    // In the order of delivery, as the stream brings them.
    for portion in history.delivered.chunks(10_000) {
        let records: Vec<Record> = portion.iter().map(record).collect();
        timeline.add_records(&records);
    }
    let labeller = Labeller::new(timeline, LabelOptions::default());
    let mut events: BTreeMap<&str, &Delivered> = BTreeMap::new();
    for delivered in &history.delivered {
        events.insert(&delivered.truth.event_id, delivered);
    }
    assert!(events.len() >= 100_000, "{}", events.len());
    assert!(history.delivered.len() > events.len());
    let mut wrong = 0;
    let mut kinds: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for delivered in events.values() {
        let record = record(delivered);
        let label = labeller.label(&record, now);
        if let Some(difference) = difference(&delivered.truth, &label) {
            wrong += 1;
            let kind = format!(
                "{} {} true {:?} {:?} {:?} found {:?} {:?} {:?}",
                record.event_source,
                record.event_name,
                delivered.truth.decision,
                delivered.truth.cause,
                delivered.truth.agreement,
                label.decision,
                label.cause.cause_type,
                label.agreement_class,
            );
            let entry = kinds.entry(kind).or_insert((0, String::new()));
            entry.0 += 1;
            entry.1 = format!("{}\n{difference}", delivered.json);
        }
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    let report: Vec<String> = kinds
        .iter()
        .take(12)
        .map(|(kind, (count, example))| format!("{count} × {kind}\n{example}\n"))
        .collect();
    assert_eq!(wrong, 0, "of {}\n{}", events.len(), report.join("\n"));
}

/// Everything a label says, but when it was made.
const LABELS: &str = "select event_id, decision, cause_type, cause_policy, cause_policy_version, cause, agreement, agreement_reason, label_state, \
    array_to_string(assumptions, '|') assumptions, array_to_string(unknown_keys, '|') unknown_keys \
    from events order by event_id";

#[test]
fn portions_in_any_order_end_in_the_labels_of_one_run() {
    let history = history(3, 3_000);
    let portions: Vec<String> = history
        .delivered
        .chunks(history.delivered.len().div_ceil(4))
        .map(|portion| {
            let lines: Vec<&str> = portion.iter().map(|one| one.json.as_str()).collect();
            lines.join("\n")
        })
        .collect();
    let lake = |orders: &[&[usize]]| {
        let trailwright = Trailwright::new();
        for (path, text) in &history.files {
            trailwright.write(&format!("policies/{}", path.display()), text);
        }
        let mut said = Vec::new();
        for (run, order) in orders.iter().enumerate() {
            let mut args = vec!["ingest", "--lake", "lake", "--policies", "policies"];
            let names: Vec<String> = order
                .iter()
                .map(|portion| {
                    let name = format!("{run}-{portion}.jsonl");
                    trailwright.write(&name, &portions[*portion]);
                    name
                })
                .collect();
            args.extend(names.iter().map(String::as_str));
            let output = trailwright.output(&args);
            assert!(output.status.success(), "{output:?}");
            said.push(String::from_utf8(output.stderr).unwrap());
        }
        (trailwright.ask(LABELS), said)
    };
    let (at_once, _) = lake(&[&[0, 1, 2, 3]]);
    let (backwards, said) = lake(&[&[3], &[2], &[1], &[0]]);
    assert!(
        said.iter()
            .any(|said| said.contains("labels changed by what came later")),
        "{said:?}"
    );
    let differing = at_once.iter().zip(&backwards).filter(|(a, b)| a != b);
    assert_eq!(at_once.len(), backwards.len());
    assert_eq!(
        differing.clone().count(),
        0,
        "{:?}",
        differing.take(3).collect::<Vec<_>>()
    );
    let truths: BTreeMap<&str, &Truth> = history
        .delivered
        .iter()
        .map(|delivered| (delivered.truth.event_id.as_str(), &delivered.truth))
        .collect();
    assert_eq!(truths.len(), at_once.len());
    for row in &at_once {
        let mut fields = row.split(',');
        let truth = truths[fields.next().unwrap()];
        assert_eq!(fields.next(), Some(truth.decision.as_str()), "{row}");
    }
}
