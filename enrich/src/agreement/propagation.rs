//! Changes that had not reached every server yet.
//!
//! Source: IAM User Guide, "Changes that I make are not always immediately
//! visible": IAM is eventually consistent.

use chrono::{DateTime, TimeDelta, Utc};
use trailwright_schemas::{Agreement, AgreementClass, RecordedOutcome};

use super::compare::Compared;
use super::recorded::Recorded;

/// What the record comes to without the latest changes.
#[derive(Clone, Debug)]
pub struct EarlierState {
    /// The record against the policies as they were just before the change.
    pub compared: Compared,
    /// When the change was made.
    pub changed_at: DateTime<Utc>,
    /// The change, as a noun phrase: `CreateRole of ci/deploy by ada`.
    pub change: String,
}

impl Compared {
    /// Propagation in place of a disagreement, if the record fits the policies
    /// before a change within the `window` before `called_at`. A denial that is
    /// open now is explained too, by policies that denied it for certain before
    /// (a role was not there yet). The states come latest change first, and are
    /// asked for only when they are needed.
    pub fn or_propagation<E: IntoIterator<Item = EarlierState>>(
        self,
        recorded: &Recorded<'_>,
        called_at: DateTime<Utc>,
        window: TimeDelta,
        earlier: impl FnOnce() -> E,
    ) -> Self {
        let open = matches!(
            self.class,
            AgreementClass::UnknownKeys | AgreementClass::NoPolicies
        );
        let denied = recorded.outcome == RecordedOutcome::Denied;
        if self.class.agreement() != Agreement::Disagrees && !(open && denied) {
            return self;
        }
        earlier()
            .into_iter()
            .map(|state| (called_at - state.changed_at, state))
            .filter(|(age, _)| (TimeDelta::zero()..=window).contains(age))
            .find(|(_, state)| state.compared.class.agreement() == Agreement::Agrees)
            .map(|(age, state)| propagation(&self.reason, age, &state.change))
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
