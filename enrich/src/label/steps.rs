//! The steps from a record to its label, for one record and for many.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use trailwright_schemas::{Label, LabelState, Record};

use super::{Labeller, Outcome, distinct};
use crate::agreement::{self, Recorded};
use crate::policies::{AsOf, Moment};
use crate::request::{self, Derived, NoRequest};

/// How many records each step is taken for in a row.
const IN_A_ROW: usize = 64;

/// What a record says, and the policies that it is judged by.
struct Read<'r> {
    record: &'r Record,
    state: AsOf<'r>,
    derived: Result<Derived<'r>, NoRequest>,
    recorded: Recorded<'r>,
}

impl Labeller {
    /// The label of one record, made at `now`.
    pub fn label(&self, record: &Record, now: DateTime<Utc>) -> Label {
        let mut own = None;
        let read = self.read(record, &mut own);
        let outcome = self.judged(&read);
        self.compared(read, outcome, now)
    }

    /// The labels of records, in order, made at `now`: the same as one by one,
    /// and faster, because each step is taken for several records in a row. The
    /// code of all steps does not fit the cache of a core.
    pub fn label_all(&self, records: &[&Record], now: DateTime<Utc>) -> Vec<Label> {
        let mut labels = Vec::with_capacity(records.len());
        for group in records.chunks(IN_A_ROW) {
            let mut own = vec![None; group.len()];
            let read = group.iter().zip(&mut own);
            let read: Vec<_> = read.map(|(record, own)| self.read(record, own)).collect();
            let outcomes: Vec<_> = read.iter().map(|read| self.judged(read)).collect();
            let each = read.into_iter().zip(outcomes);
            labels.extend(each.map(|(read, outcome)| self.compared(read, outcome, now)));
        }
        labels
    }

    /// `own` keeps the moment of a record that is a change itself.
    fn read<'r>(&'r self, record: &'r Record, own: &'r mut Option<Moment>) -> Read<'r> {
        let state = self.timeline.for_record(record, own);
        Read {
            record,
            state,
            derived: request::derive(record, self.catalogue, &state),
            recorded: Recorded::of(record),
        }
    }

    fn judged(&self, read: &Read<'_>) -> Outcome {
        let derived = read.derived.as_ref();
        self.outcome(read.record, &read.recorded, read.state, derived)
    }

    fn compared(&self, read: Read<'_>, outcome: Outcome, now: DateTime<Utc>) -> Label {
        let Read {
            record,
            derived,
            recorded,
            ..
        } = read;
        let compared = agreement::compare(&recorded, &outcome.found()).or_propagation(
            &recorded,
            record.event_time,
            self.options.propagation_window,
            || {
                let derived = derived.as_ref().ok().into_iter();
                derived.flat_map(|derived| self.earlier(record, derived, &recorded))
            },
        );
        let (principal_arn, calls) = match derived {
            Ok(derived) => (derived.principal_arn, derived.actions),
            Err(_) => (None, Vec::new()),
        };
        let actions = calls.iter().map(|call| call.action.as_str().to_owned());
        let actions = actions.collect();
        let targets = calls.into_iter().flat_map(|call| call.targets);
        Label {
            decision: outcome.decision,
            stage: outcome.stage,
            cause: outcome.cause,
            principal_arn: principal_arn.map(Cow::into_owned),
            actions,
            resources: distinct(targets.map(|target| target.arn.into_owned()).collect()),
            unknown_keys: outcome.unknown_keys,
            assumptions: outcome.assumptions,
            recorded_outcome: recorded.outcome,
            recorded_cause: recorded.cause(),
            agreement_class: compared.class,
            agreement_reason: compared.reason,
            state: if now - record.event_time < self.options.provisional {
                LabelState::Provisional
            } else {
                LabelState::Final
            },
            labelled_at: now,
        }
    }
}
