//! The records of changes, replayed in time order over the first snapshot by a
//! small interpreter, lead to the documents that the
//! model says are in force.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::known::{Known, text};
use super::{parsed, start};
use crate::generator::history::accounts::ACCOUNTS;
use crate::generator::history::snapshot;
use crate::generator::history::story::Story;

fn files(story: &Story) -> Vec<(PathBuf, String)> {
    let accounts = ACCOUNTS
        .iter()
        .map(|(id, _)| snapshot::account(&story.world, id));
    let others = [
        snapshot::organization(&story.world),
        snapshot::resource_policies(&story.world),
    ];
    let all = accounts.chain(others);
    all.map(|content| snapshot::file("one.json", &content))
        .collect()
}

#[test]
fn replaying_the_changes_gives_the_policies_that_the_model_says_are_in_force() {
    let mut story = Story::new(11, start());
    let mut samples: Vec<(u32, Vec<(PathBuf, String)>)> = Vec::new();
    let mut seen = 0;
    story.tell(8_000, &mut |story| {
        seen += 1;
        if seen % 25 == 0 {
            samples.push((story.at, files(story)));
        }
    });
    samples.push((u32::MAX, files(&story)));
    let mut records: BTreeMap<String, Value> = BTreeMap::new();
    for one in story.delivery.sent() {
        records.insert(one.truth.event_id.clone(), parsed(one));
    }
    let mut records: Vec<Value> = records.into_values().collect();
    records.sort_by_key(|record| text(record, "eventTime"));
    let first: Vec<_> = story
        .files
        .iter()
        .filter(|(path, _)| {
            let path = path.to_str().unwrap();
            path.starts_with("2026-03-01T00-00-00Z") || !path.contains('/')
        })
        .cloned()
        .collect();
    let mut known = Known::read(&first);
    let mut records = records.into_iter().peekable();
    assert!(samples.len() > 8, "{}", samples.len());
    for (until, files) in samples {
        let second = |record: &Value| {
            let time = text(record, "eventTime")
                .parse::<chrono::DateTime<chrono::Utc>>()
                .unwrap();
            let midnight = start().and_time(chrono::NaiveTime::MIN).and_utc();
            u32::try_from((time - midnight).num_seconds()).unwrap()
        };
        while let Some(record) = records.next_if(|record| second(record) < until) {
            known.apply(&record);
        }
        let wrong = known
            .clone()
            .exported()
            .differences(&Known::read(&files).exported());
        assert_eq!(wrong, Vec::<String>::new(), "at {until}");
    }
}

#[test]
fn the_second_snapshot_is_what_the_changes_until_then_have_left() {
    let history = super::history();
    let later = history.files.iter().find(|(path, _)| {
        let path = path.to_str().unwrap();
        path.ends_with("777788889999.json") && !path.starts_with("2026-03-01T00-00-00Z/")
    });
    let (path, content) = later.unwrap();
    let taken = path.to_str().unwrap().split('/').next().unwrap();
    let taken = chrono::NaiveDateTime::parse_from_str(taken, "%Y-%m-%dT%H-%M-%SZ").unwrap();
    let taken = taken.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let production = |known: &Known| {
        let entities = known
            .entities
            .iter()
            .filter(|((account, ..), _)| account == "777788889999");
        let entities: Vec<_> = entities
            .map(|(key, entity)| (key.clone(), entity.clone()))
            .collect();
        entities
    };
    let first: Vec<_> = history
        .files
        .iter()
        .filter(|(other, _)| other != path)
        .cloned()
        .collect();
    let mut known = Known::read(&first);
    let mut records: Vec<Value> = super::events().values().map(|one| parsed(one)).collect();
    records.retain(|record| text(record, "eventTime") < taken);
    records.sort_by_key(|record| text(record, "eventTime"));
    records.iter().for_each(|record| known.apply(record));
    let exported = Known::read(&[(path.clone(), content.clone())]);
    assert_eq!(production(&known), production(&exported));
    assert!(!production(&exported).is_empty());
}
