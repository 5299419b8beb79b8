//! Reports that come due, with the clock passed in.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use object_store::memory::InMemory;
use trailwright_store::{Lake, Location};

use super::ScheduledReport;
use crate::config::Config;
use crate::evidence::verify;
use crate::telemetry::Telemetry;

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn telemetry() -> Telemetry {
    Telemetry::new(Duration::from_secs(1), || DateTime::UNIX_EPOCH)
}

async fn lake() -> Lake {
    let location = Location::parse("s3://bucket/lake").unwrap();
    let lake = Lake::open_or_create(location, Arc::new(InMemory::new())).await;
    lake.unwrap()
}

/// A daily report, as a daemon has it that begins.
fn daily(folder: &Path) -> ScheduledReport {
    let text = format!(
        "[[report]]\nname = 'disagreements'\nschedule = '0 6 * * *'\nperiod = 'previous day'\nto = '{}'",
        folder.display()
    );
    let config = Config::parse(&text).unwrap();
    ScheduledReport::all(&config).unwrap().remove(0)
}

/// The days whose packs are there.
fn days(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut days: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| {
            let day = name.strip_prefix("disagreements_").unwrap();
            day[..10].to_owned()
        })
        .collect();
    days.sort();
    days
}

#[tokio::test]
async fn the_first_start_makes_the_last_report_and_then_each_when_its_time_comes() {
    let folder = tempfile::tempdir().unwrap();
    let (lake, telemetry) = (lake().await, telemetry());
    let mut report = daily(folder.path());
    let mut look = async |now| {
        report.look(&lake, &telemetry, time(now)).await;
        days(folder.path())
    };
    assert_eq!(look("2026-03-09T12:00:00Z").await, ["2026-03-08"]);
    assert_eq!(look("2026-03-10T05:59:59Z").await, ["2026-03-08"]);
    assert_eq!(
        look("2026-03-10T06:00:00Z").await,
        ["2026-03-08", "2026-03-09"]
    );
    assert_eq!(
        look("2026-03-10T06:00:20Z").await,
        ["2026-03-08", "2026-03-09"]
    );
    let pack = std::fs::read(
        folder
            .path()
            .join("disagreements_2026-03-08_2026-03-09.zip"),
    );
    assert_eq!(verify(&pack.unwrap(), None).findings, [""; 0]);
}

#[tokio::test]
async fn what_was_missed_is_made_up_and_what_is_there_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (lake, telemetry) = (lake().await, telemetry());
    let mut before = daily(folder.path());
    before
        .look(&lake, &telemetry, time("2026-03-09T06:00:00Z"))
        .await;
    let first = folder
        .path()
        .join("disagreements_2026-03-08_2026-03-09.zip");
    std::fs::write(&first, "as it was").unwrap();

    let mut after = daily(folder.path());
    let mut other = daily(folder.path());
    after
        .look(&lake, &telemetry, time("2026-03-12T12:00:00Z"))
        .await;
    other
        .look(&lake, &telemetry, time("2026-03-12T12:00:00Z"))
        .await;
    assert_eq!(
        days(folder.path()),
        ["2026-03-08", "2026-03-09", "2026-03-10", "2026-03-11"]
    );
    assert_eq!(std::fs::read_to_string(first).unwrap(), "as it was");
}

#[tokio::test]
async fn a_report_that_cannot_be_written_is_tried_again_later() {
    let folder = tempfile::tempdir().unwrap();
    let packs = folder.path().join("packs");
    std::fs::write(&packs, "in the way").unwrap();
    let (lake, telemetry) = (lake().await, telemetry());
    let mut report = daily(&packs);
    report
        .look(&lake, &telemetry, time("2026-03-09T12:00:00Z"))
        .await;
    std::fs::remove_file(&packs).unwrap();
    report
        .look(&lake, &telemetry, time("2026-03-09T12:14:59Z"))
        .await;
    assert_eq!(days(&packs), [""; 0]);
    report
        .look(&lake, &telemetry, time("2026-03-09T12:15:00Z"))
        .await;
    assert_eq!(days(&packs), ["2026-03-08"]);
}
