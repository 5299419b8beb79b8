//! Real and hand-edited records: each line is an event or a rejected row that
//! a person understands.

use std::collections::BTreeMap;

use crate::command::{Trailwright, shared};

#[test]
fn every_line_becomes_an_event_or_a_rejected_row_with_a_reason() {
    let Some(records) = shared("records/real.jsonl.zst") else {
        return;
    };
    let trailwright = Trailwright::new();
    let said = trailwright.complaint(&["ingest", "--lake", "lake", records.to_str().unwrap()], 3);
    assert!(said.contains("4,160 records:"), "{said}");

    let mut split = trailwright.ask("select 'event', count(*) from events");
    split.extend(trailwright.ask("select reason, count(*) from rejected group by 1 order by 1"));
    let total: usize = split
        .iter()
        .filter_map(|row| row.rsplit(',').next()?.parse::<usize>().ok())
        .sum();
    assert_eq!(total, 4160);
    insta::assert_snapshot!("split", split.join("\n"));

    let details = trailwright.ask(
        "select distinct reason, regexp_replace(detail, 'eventID [^ ]+ of account [^ ]+', 'eventID … of account …') \
         from rejected order by 1, 2",
    );
    insta::assert_snapshot!("reasons_in_words", details.join("\n"));
}

#[test]
fn routing_of_real_records_is_as_it_was_looked_at() {
    let Some(records) = shared("records/real.jsonl.zst") else {
        return;
    };
    let trailwright = Trailwright::new();
    let lines = trailwright.run_to(&["route", "--json", records.to_str().unwrap()], 3);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for line in lines.lines() {
        let routed: serde_json::Value = serde_json::from_str(line).unwrap();
        let key = format!(
            "{} {}",
            routed["scope"].as_str().unwrap(),
            routed["reason"].as_str().unwrap()
        );
        *counts.entry(key).or_default() += 1;
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(key, count)| format!("{count:5} {key}"))
        .collect();
    insta::assert_snapshot!("routing", counts.join("\n"));
}

#[test]
fn labels_of_real_records_without_policies_guess_nothing() {
    let Some(records) = shared("records/real.jsonl.zst") else {
        return;
    };
    let trailwright = Trailwright::new();
    trailwright.run_to(&["ingest", "--lake", "lake", records.to_str().unwrap()], 3);
    let counts = trailwright.ask(
        "select decision, cause_type, agreement, count(*) from events group by 1, 2, 3 order by 4 desc, 1, 2, 3",
    );
    insta::assert_snapshot!("labels", counts.join("\n"));
}
