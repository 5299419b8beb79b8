//! The labelling stage: record → request → policies in force → evaluation →
//! label. It cannot fail: what is not known is part of the label.

mod before;
mod convert;
mod in_force;
mod options;
mod question;
mod simulate;
mod sum;

use trailwright_evaluator::{Options, Unlisted, evaluate};
use trailwright_schemas::{Cause, CauseType, Decision, Label, Record, Stage};

pub use options::{Assume, LabelOptions};
pub use simulate::{Simulated, Simulation};

use crate::agreement::{self, Denier, Found, recorded_outcome};
use crate::catalogue::Catalogue;
use crate::policies::{Policies, State};
use crate::request::{self, Call, Derived, NoRequest, Provenance, Target};
use before::{before_authorization, unmapped};
use convert::Judgement;
use in_force::InForce;
use question::Question;
use sum::Sum;

/// Labels records. Build it once; it is shared by all threads.
#[derive(Clone, Debug)]
pub struct Labeller {
    catalogue: Catalogue,
    policies: Policies,
    options: LabelOptions,
}

/// What was found about a record, before it is compared with the outcome.
struct Outcome {
    decision: Decision,
    stage: Stage,
    cause: Cause,
    unknown_keys: Vec<String>,
    assumptions: Vec<String>,
    denies: Vec<Denier>,
    missing: Vec<CauseType>,
}

impl Outcome {
    fn without_policies(decision: Decision, stage: Stage, cause: Cause) -> Self {
        Self {
            decision,
            stage,
            cause,
            unknown_keys: Vec::new(),
            assumptions: Vec::new(),
            denies: Vec::new(),
            missing: Vec::new(),
        }
    }
}

impl Labeller {
    /// A labeller by these policies.
    pub fn new(policies: Policies, options: LabelOptions) -> Self {
        Self {
            catalogue: Catalogue::embedded(),
            policies,
            options,
        }
    }

    /// The names and resource types that requests are derived with.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The policies.
    pub fn policies(&self) -> &Policies {
        &self.policies
    }

    /// The label of one record.
    pub fn label(&self, record: &Record) -> Label {
        let state = self.policies.as_of(record.event_time);
        let derived = request::derive(record, &self.catalogue, state);
        let outcome = before_authorization(record)
            .unwrap_or_else(|| self.authorization(record, state, derived.as_ref()));
        let (agreement, agreement_reason) = agreement::compare(
            record,
            &Found {
                decision: outcome.decision,
                denies: &outcome.denies,
                missing: &outcome.missing,
                cause: &outcome.cause.text,
            },
        );
        let calls = derived.as_ref().map_or(&[][..], |derived| &derived.actions);
        let targets = calls.iter().flat_map(|call| &call.targets);
        Label {
            decision: outcome.decision,
            stage: outcome.stage,
            cause: outcome.cause,
            principal_arn: derived
                .as_ref()
                .ok()
                .and_then(|d| d.principal_arn.as_deref().map(str::to_owned)),
            actions: calls.iter().map(|call| call.action.to_string()).collect(),
            resources: distinct(targets.map(|target| target.arn.clone().into_owned())),
            unknown_keys: outcome.unknown_keys,
            assumptions: outcome.assumptions,
            recorded_outcome: recorded_outcome(record),
            agreement,
            agreement_reason,
        }
    }

    fn authorization(
        &self,
        record: &Record,
        state: &State,
        derived: Result<&Derived<'_>, &NoRequest>,
    ) -> Outcome {
        let derived = match derived {
            Ok(derived) => derived,
            Err(no_request) => return unmapped(no_request),
        };
        if let Some(action) = self.permissionless(derived) {
            let text = format!("{action} needs no permission");
            let cause = Cause::without_policy(CauseType::PermissionlessAction, text);
            return Outcome::without_policies(Decision::Allow, Stage::Authorization, cause);
        }
        let mut sum = Sum::default();
        for call in &derived.actions {
            for target in &call.targets {
                sum.add(self.judge(record, state, derived, call, target));
            }
        }
        sum.outcome()
    }

    fn permissionless<'a>(&self, derived: &'a Derived<'_>) -> Option<&'a str> {
        let free = |call: &&Call<'_>| self.catalogue.is_permissionless(call.action.as_str());
        let all = derived.actions.iter().all(|call| free(&call));
        derived
            .actions
            .first()
            .filter(|_| all)
            .map(|call| call.action.as_str())
    }

    /// One action on one resource.
    fn judge<'a>(
        &'a self,
        record: &'a Record,
        state: &'a State,
        derived: &'a Derived<'a>,
        call: &'a Call<'a>,
        target: &'a Target<'a>,
    ) -> (Judgement, Vec<String>) {
        let identity = &record.user_identity;
        let in_force = InForce::find(&Question {
            session_keys: [identity.access_key_id.as_deref(), identity.arn.as_deref()],
            vpc_endpoint: record.vpc_endpoint_id.as_deref(),
            unlisted: Unlisted::Unknown,
            state,
            derived,
            call,
            target,
            assume: &self.options.assume,
        });
        let options = Options {
            assume_default_key_policy: in_force.default_key_policy,
            ..Options::default()
        };
        let verdict = evaluate(&in_force.request, &in_force.layers, &options);
        let mut judgement = convert::judgement(&verdict, &in_force.request);
        let settled = judgement.decision == Decision::ExplicitDeny;
        if let Some(gap) = in_force.gaps.first().filter(|_| !settled) {
            judgement = Judgement::open(CauseType::NoPoliciesKnown, gap.clone());
        } else if target.provenance == Provenance::Unknown
            && judgement.decision == Decision::ImplicitDeny
        {
            let text = format!(
                "{} may be allowed on some resources, and the record does not say which it was on",
                call.action
            );
            judgement = Judgement::open(CauseType::UnmappedRequest, text);
        }
        let mut assumptions = in_force.assumptions;
        if target.provenance == Provenance::Unknown && judgement.decision == Decision::Allow {
            assumptions.push(format!(
                "the record does not name the resource of {}; it was evaluated on {}",
                call.action, target.arn
            ));
        }
        (judgement, assumptions)
    }
}

fn distinct(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for text in texts {
        if !kept.contains(&text) {
            kept.push(text);
        }
    }
    kept
}

#[cfg(test)]
mod tests;
