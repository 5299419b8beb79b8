//! From a verdict to the record of the call, with an outcome that fits or is
//! meant not to.

use serde_json::Value;
use trailwright_schemas::{Agreement, Decision};

use super::Story;
use crate::generator::answer::{Answer, Layer};
use crate::generator::call::Call;
use crate::generator::caller::Caller;
use crate::generator::history::Truth;
use crate::generator::history::decide::Verdict;
use crate::generator::random::Random;
use crate::generator::record;

/// What the record says of the outcome.
#[derive(Clone, Debug)]
pub(super) enum Recorded {
    /// What the verdict says.
    True,
    /// What another verdict says.
    As(Verdict, Agreement),
    /// An error that is none of authorization.
    Failed(&'static str, &'static str, Agreement),
}

impl Story {
    /// Records the call and its truth, now.
    pub(super) fn record(
        &mut self,
        caller: &Caller,
        mut call: Call,
        verdict: &Verdict,
        recorded: &Recorded,
    ) {
        let agreement = match recorded {
            Recorded::True if comparable(verdict) => Agreement::Agrees,
            Recorded::True => Agreement::NotComparable,
            Recorded::As(_, agreement) | Recorded::Failed(_, _, agreement) => *agreement,
        };
        let shown = match recorded {
            Recorded::As(other, _) => other,
            _ => verdict,
        };
        let error = match recorded {
            Recorded::Failed(code, message, _) => Some(((*code).to_owned(), (*message).to_owned())),
            _ if shown.denies() => {
                let answer = denial(&mut self.random, shown, &call);
                let error = answer.error(&call, caller, &mut self.random);
                if drops_parameters(&call) {
                    call.parameters = Value::Null;
                    call.resources.clear();
                }
                error
            }
            _ => None,
        };
        let fields = record::api_call(&mut self.random, caller, &call, error);
        self.add(caller.account, call.region, fields, verdict, agreement);
    }

    /// Records an event of any kind, now.
    pub(super) fn add(
        &mut self,
        account: &str,
        region: &str,
        fields: Value,
        verdict: &Verdict,
        agreement: Agreement,
    ) {
        let id = self.random.uuid();
        let record = record::event(&id, &self.time(), account, region, fields);
        let truth = Truth {
            event_id: id,
            decision: verdict.decision,
            cause: verdict.cause,
            agreement,
        };
        *self
            .seen
            .entry((verdict.decision, verdict.cause))
            .or_default() += 1;
        self.delivery.add(&mut self.random, self.at, &record, truth);
    }
}

fn comparable(verdict: &Verdict) -> bool {
    verdict.denies() || verdict.decision == Decision::Allow
}

/// CloudTrail keeps the parameters of many denied calls back.
fn drops_parameters(call: &Call) -> bool {
    match call.service {
        "iam" | "sts" | "secretsmanager" => true,
        "lambda" => !call.data,
        _ => false,
    }
}

/// A denial in one of the forms in which AWS words it.
fn denial(random: &mut Random, verdict: &Verdict, call: &Call) -> Answer {
    let Some(layer) = verdict.layer else {
        return Answer::missing(Layer::Identity).bare();
    };
    let answer = match verdict.decision {
        Decision::ExplicitDeny => {
            let policy = verdict.policy.clone().filter(|_| !random.once_in(3));
            Answer::explicit(layer, policy)
        }
        _ => Answer::missing(layer),
    };
    // STS does not say why, and a message that says nothing needs parameters
    // that say what was called upon.
    match random.between(0, 7) {
        _ if call.service == "sts" => answer.bare(),
        0 => answer.bare(),
        1 => answer.with_troubleshooter(),
        2 if matches!(call.service, "s3" | "ec2") => answer.mute(),
        _ => answer,
    }
}
