//! The clock of this machine, against those of others.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use trailwright_store::Lake;

use super::Patient;
use super::check::Check;

const NAME: &str = "clock";
/// S3 tells times to the second, and the answer takes some.
const SKEW_SMALL: TimeDelta = TimeDelta::seconds(5);
const FIX: &str = "set the clock (NTP): S3 refuses requests that are 15 minutes off, and the times of commits are this clock's";

/// `store_now` is when the store says it wrote an object a moment ago.
pub(super) async fn check(
    patient: &Patient<'_>,
    store_now: Option<DateTime<Utc>>,
    lake: Option<&Lake>,
) -> Check {
    let now = (patient.host.now)();
    let time = now.to_rfc3339_opts(SecondsFormat::Secs, true);
    let last_commit = match lake {
        Some(lake) => lake.last_commit().await.ok().flatten(),
        None => None,
    };
    if let Some(commit) = last_commit.filter(|commit| *commit > now + SKEW_SMALL) {
        let ahead = (commit - now).num_seconds();
        let said = format!("{time}: the last commit of the lake is {ahead} s in the future");
        return Check::warning(NAME, said).fix(FIX);
    }
    // A local disk has this machine's clock.
    let elsewhere = patient.location.bucket().and(store_now);
    let Some(store_now) = elsewhere else {
        return Check::ok(NAME, time);
    };
    let skew = now - store_now;
    if skew.abs() > SKEW_SMALL {
        let seconds = skew.num_seconds();
        let said = format!("{time}: {seconds} s from the clock of the store");
        return Check::warning(NAME, said).fix(FIX);
    }
    Check::ok(NAME, format!("{time}: as the store's"))
}
