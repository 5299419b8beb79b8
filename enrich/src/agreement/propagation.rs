//! Changes that had not reached every server yet.
//!
//! Source: IAM User Guide, "Changes that I make are not always immediately
//! visible": IAM is eventually consistent.

use chrono::{DateTime, TimeDelta, Utc};
use trailwright_schemas::{Agreement, AgreementClass};

use super::compare::{Compared, Found, compare};
use super::recorded::Recorded;

/// How long a change may take to reach every server. AWS states no time; in a
/// public data set the longest that a new role could not be assumed was eight
/// seconds.
pub const PROPAGATION_WINDOW: TimeDelta = TimeDelta::minutes(2);

/// What would have been decided without the latest changes.
#[derive(Clone, Copy, Debug)]
pub struct EarlierState<'a> {
    /// The decision under the policies as they were just before the change.
    /// What did not exist then allows nothing: an implicit deny.
    pub found: Found<'a>,
    /// When the change was made.
    pub changed_at: DateTime<Utc>,
    /// The change, as a noun phrase: `CreateRole of ci/deploy by ada`.
    pub change: &'a str,
}

impl Compared {
    /// Propagation in place of a disagreement, if the record fits the policies
    /// before a change within the `window` before `called_at`. The states come
    /// latest change first; they are asked for only while they are needed, so
    /// that nothing is evaluated twice for records that agree.
    pub fn or_propagation<'a>(
        self,
        recorded: &Recorded<'_>,
        called_at: DateTime<Utc>,
        window: TimeDelta,
        earlier: impl IntoIterator<Item = EarlierState<'a>>,
    ) -> Self {
        if self.class.agreement() != Agreement::Disagrees {
            return self;
        }
        earlier
            .into_iter()
            .map(|state| (called_at - state.changed_at, state))
            .take_while(|(age, _)| *age <= window)
            .filter(|(age, _)| *age >= TimeDelta::zero())
            .find(|(_, state)| {
                compare(recorded, &state.found).class.agreement() == Agreement::Agrees
            })
            .map(|(age, state)| propagation(&self.reason, age, state.change))
            .unwrap_or(self)
    }
}

fn propagation(disagreement: &str, age: TimeDelta, change: &str) -> Compared {
    let when = match age.num_seconds() {
        0 => "in the same second".to_owned(),
        1 => "1 second before the call".to_owned(),
        seconds => format!("{seconds} seconds before the call"),
    };
    Compared::new(
        AgreementClass::Propagation,
        format!("{disagreement}; the record fits the policies before {change}, made {when}"),
    )
}

#[cfg(test)]
mod tests;
