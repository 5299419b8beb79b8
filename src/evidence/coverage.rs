//! What did not arrive of the period of a report.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use trailwright_query::{ReportScope, Session};

use crate::coverage::read::{Wanted, read};
use crate::coverage::{HOUR, State, Stretch, hour_of};
use crate::failure::Failure;
use crate::origin::second;

/// An account and Region that delivered so long before the period is expected
/// to deliver in it.
const EXPECTED: TimeDelta = TimeDelta::days(31);

/// As `trailwright coverage` has it unless told otherwise.
const LATE_AFTER: TimeDelta = TimeDelta::minutes(15);

/// What did not arrive, of all that the ledger of files tells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Coverage {
    /// Files that were delivered in the period; without any, nothing is known
    /// of gaps.
    pub(super) files: u64,
    /// Files with an event older than fifteen minutes.
    pub(super) late_files: u64,
    /// Hours in which no file came and no digest says why, or in which files
    /// that digests name did not come.
    pub(crate) gaps: Vec<Gap>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Gap {
    pub(super) account: Option<String>,
    pub(super) region: Option<String>,
    /// Its first hour.
    pub(super) hour: String,
    pub(super) hours: i64,
    pub(super) state: String,
    /// Names of files that digests tell of and that did not come.
    pub(super) missing: Vec<String>,
}

impl Coverage {
    pub(super) async fn of(session: &Session, scope: &ReportScope) -> Result<Self, Failure> {
        let since = hour_of(scope.since);
        let wanted = Wanted {
            since: Some(since - EXPECTED),
            until: Some(hour_of(scope.until)),
            accounts: scope.accounts.clone(),
            late_after: LATE_AFTER,
        };
        let mut coverage = Self::default();
        for mut stretch in read(session, &wanted).await? {
            let before = ((since - stretch.begin).num_seconds() / HOUR.num_seconds()).max(0);
            stretch.begin += HOUR * i32::try_from(before).unwrap_or(i32::MAX);
            stretch.hours -= before;
            if stretch.hours > 0 {
                coverage.add(stretch);
            }
        }
        Ok(coverage)
    }

    fn add(&mut self, stretch: Stretch) {
        self.files += stretch.arrived.files;
        self.late_files += stretch.arrived.late;
        if !matches!(stretch.state, State::Gap | State::Missing) {
            return;
        }
        let (account, region) = stretch.place;
        self.gaps.push(Gap {
            account,
            region,
            hour: second(stretch.begin),
            hours: stretch.hours,
            state: stretch.state.as_str().to_owned(),
            missing: stretch.missing,
        });
    }

    /// Hours of all gaps together.
    pub(crate) fn gap_hours(&self) -> i64 {
        self.gaps.iter().map(|gap| gap.hours).sum()
    }
}
