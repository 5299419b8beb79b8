//! How CloudTrail delivers the day: files per account, Region and time, with
//! the disorder that real trails have.
//!
//! Source: CloudTrail User Guide, "CloudTrail log file name format", "Digest
//! file structure". Order and uniqueness are promised neither within files
//! nor across them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::LogFile;
use super::day::{Day, Event, moment, timestamp};
use super::organization::{
    FRANKFURT, IRELAND, LOG_BUCKET, MANAGEMENT, ORG_TRAIL, ORGANIZATION, SANDBOX,
};

/// Seconds of events that one file holds.
const WINDOW: u32 = 3600;
/// Of every so many files, one repeats an event of the file before it.
const REPEAT_EVERY: usize = 6;

/// Account, Region, and the number of the window.
type Key = (&'static str, &'static str, u32);

/// All files of the day, sorted by path.
pub(super) fn deliver(day: &mut Day) -> Vec<LogFile> {
    let mut files: BTreeMap<Key, Vec<Event>> = BTreeMap::new();
    for event in std::mem::take(&mut day.events) {
        let key = (event.account, event.region, event.seconds / WINDOW);
        files.entry(key).or_default().push(event);
    }
    let mut contents: Vec<(Key, Vec<Value>)> = files
        .into_iter()
        .map(|(key, events)| (key, disordered(day, events)))
        .collect();
    repeat_some(&mut contents);
    add_malformed(day, &mut contents);
    let mut delivered: Vec<LogFile> = contents
        .into_iter()
        .map(|(key, records)| LogFile {
            path: log_path(day, key),
            document: json!({ "Records": records }),
        })
        .collect();
    delivered.push(digest(day));
    delivered.sort_by(|a, b| a.path.cmp(&b.path));
    delivered
}

/// By time, but for about every sixth pair of neighbours.
fn disordered(day: &mut Day, mut events: Vec<Event>) -> Vec<Value> {
    events.sort_by_key(|event| event.seconds);
    let mut at = 1;
    while at < events.len() {
        if day.random.once_in(5) {
            events.swap(at - 1, at);
            at += 1;
        }
        at += 1;
    }
    events.into_iter().map(|event| event.record).collect()
}

/// Some events arrive once more, in the next file of their account and Region.
fn repeat_some(files: &mut [(Key, Vec<Value>)]) {
    for at in (1..files.len()).filter(|at| at % REPEAT_EVERY == 0) {
        let (before, rest) = files.split_at_mut(at);
        let (Some((last, from)), Some((next, to))) = (before.last(), rest.first_mut()) else {
            continue;
        };
        if (last.0, last.1) == (next.0, next.1) {
            to.extend(from.last().cloned());
        }
    }
}

/// One record of the sandbox has lost its time on the way.
fn add_malformed(day: &mut Day, files: &mut [(Key, Vec<Value>)]) {
    let in_sandbox = |key: &Key| key.0 == SANDBOX && key.1 == IRELAND;
    let file = files.iter_mut().find(|(key, _)| in_sandbox(key));
    if let Some((_, records)) = file
        && let Some(mut record) = records.first().cloned()
    {
        record["eventID"] = json!(day.random.uuid());
        record["eventTime"] = json!("null");
        records.push(record);
    }
}

fn log_path(day: &mut Day, (account, region, window): Key) -> String {
    let delivered = (window + 1) * WINDOW + day.random.between(60, 420);
    let time = moment(day.date, delivered);
    let folder = time.format("%Y/%m/%d");
    let stamp = time.format("%Y%m%dT%H%MZ");
    let unique = day.random.letters(16);
    format!(
        "AWSLogs/{ORGANIZATION}/{account}/CloudTrail/{region}/{folder}/\
         {account}_CloudTrail_{region}_{stamp}_{unique}.json.gz"
    )
}

/// The digest of an hour without log files; such hours have one too.
fn digest(day: &mut Day) -> LogFile {
    let (start, end) = (4 * 3600, 5 * 3600);
    let time = moment(day.date, end);
    let path = format!(
        "AWSLogs/{ORGANIZATION}/{MANAGEMENT}/CloudTrail-Digest/{IRELAND}/{}/\
         {MANAGEMENT}_CloudTrail-Digest_{IRELAND}_{ORG_TRAIL}_{FRANKFURT}_{}.json.gz",
        time.format("%Y/%m/%d"),
        time.format("%Y%m%dT%H%M%SZ")
    );
    let document = json!({
        "awsAccountId": MANAGEMENT,
        "digestStartTime": timestamp(day.date, start),
        "digestEndTime": timestamp(day.date, end),
        "digestS3Bucket": LOG_BUCKET,
        "digestS3Object": path,
        "digestPublicKeyFingerprint": day.random.hex(32),
        "digestSignatureAlgorithm": "SHA256withRSA",
        "newestEventTime": null,
        "oldestEventTime": null,
        "previousDigestS3Bucket": null,
        "previousDigestS3Object": null,
        "previousDigestHashValue": null,
        "previousDigestHashAlgorithm": null,
        "previousDigestSignature": null,
        "logFiles": [],
    });
    LogFile { path, document }
}
