//! The lake: whether it opens, and how far it is.

use std::time::Duration;

use trailwright_store::{Lake, LakeError};

use super::Patient;
use super::check::Check;
use crate::storage;

const NAME: &str = "lake";
const WITHIN: Duration = Duration::from_secs(60);

/// Gives the lake to the checks that follow, if it opens.
pub(super) async fn check(patient: &Patient<'_>, reachable: bool) -> (Check, Option<Lake>) {
    if !reachable {
        return (Check::skipped(NAME, "needs its store"), None);
    }
    let place = &patient.location;
    let store = match storage::for_a_question(place, &patient.config.s3) {
        Ok(store) => (patient.host.lake_store)(store),
        Err(error) => return (Check::wrong(NAME, error.to_string()), None),
    };
    let opened = Lake::open(place.clone(), store);
    match tokio::time::timeout(WITHIN, opened).await {
        Ok(Ok(lake)) => (opens(patient, &lake), Some(lake)),
        Ok(Err(LakeError::NotFound { .. })) => {
            let said = format!("there is none at {place} yet: the first run makes it");
            (Check::ok(NAME, said), None)
        }
        Ok(Err(error @ LakeError::Schema { .. })) => {
            let check = Check::wrong(NAME, error.to_string())
                .fix("use the trailwright that made this lake, or name another lake");
            (check, None)
        }
        Ok(Err(error)) => {
            let check = Check::unreachable(NAME, error.to_string()).fix(
                "look for what took away or damaged files below _delta_log; readers of the lake see the same error",
            );
            (check, None)
        }
        Err(_) => {
            let said = format!("{place} does not open within {} s", WITHIN.as_secs());
            (Check::unreachable(NAME, said), None)
        }
    }
}

fn opens(patient: &Patient<'_>, lake: &Lake) -> Check {
    let events = lake.events().version().unwrap_or(0);
    let rejected = lake.rejected().version().unwrap_or(0);
    let said = format!(
        "{}: events at version {events}, rejected at version {rejected}, policy_timeline at version {}",
        patient.location,
        lake.policy_timeline_version()
    );
    if lake.policy_timeline().is_none() {
        return Check::warning(
            NAME,
            said + "; it is from before there was a policy timeline",
        )
        .fix("nothing is to be done: the first input makes it");
    }
    Check::ok(NAME, said)
}
