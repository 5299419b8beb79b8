//! The clock of this machine, against those of others.

use chrono::{SecondsFormat, TimeDelta};
use trailwright_store::Lake;

use super::Patient;
use super::check::Check;

const NAME: &str = "clock";
/// More than clocks under NTP differ.
const SKEW_SMALL: TimeDelta = TimeDelta::seconds(5);
const FIX: &str = "set the clock (NTP): S3 refuses requests that are 15 minutes off, and the times of commits are this clock's";

/// `ahead` is how far this clock is ahead of the store's.
pub(super) async fn check(
    patient: &Patient<'_>,
    ahead: Option<TimeDelta>,
    lake: Option<&Lake>,
) -> Check {
    let now = (patient.host.now)();
    let time = now.to_rfc3339_opts(SecondsFormat::Secs, true);
    let last_commit = match lake {
        Some(lake) => lake.last_commit().await.ok().flatten(),
        None => None,
    };
    if let Some(commit) = last_commit.filter(|commit| *commit > now + SKEW_SMALL) {
        let future = (commit - now).num_seconds();
        let said = format!("{time}: the last commit of the lake is {future} s in the future");
        return Check::warning(NAME, said).fix(FIX);
    }
    // A local disk has this machine's clock.
    let Some(ahead) = patient.location.bucket().and(ahead) else {
        return Check::ok(NAME, time);
    };
    if ahead.abs() > SKEW_SMALL {
        let seconds = ahead.num_seconds();
        let said = format!("{time}: {seconds} s ahead of the clock of the store");
        return Check::warning(NAME, said).fix(FIX);
    }
    Check::ok(NAME, format!("{time}: as the store's"))
}
