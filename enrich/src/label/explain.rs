//! A label with all that it came from, for people.

use chrono::{DateTime, Utc};
use trailwright_evaluator::{
    ContextValue, Effect, Explanation, Layers, Match, Policy, Position, explain,
};
use trailwright_schemas::{Cause, CauseType, Decision, Label, Record};

use super::before::before_authorization;
use super::convert::Judgement;
use super::in_force::InForce;
use super::question::{Question, principal_arn};
use super::{Labeller, convert, judge, session_keys};
use crate::agreement::Recorded;
use crate::policies::{AsOf, PolicyInForce, PolicyKind};
use crate::request::{self, Derived, NoRequest, Provenance};

/// A label, the request it is about, and how each part of it was decided.
#[derive(Clone, Debug)]
pub struct Explained<'r> {
    /// The label.
    pub label: Label,
    /// The request as derived from the record, or why there is none.
    pub request: Result<Derived<'r>, NoRequest>,
    /// Whether the record itself changes policies: those before it count.
    pub before_own_change: bool,
    /// Each action on each resource; empty when no request was evaluated: for
    /// failed authentication, service events, sign-ins and permissionless actions
    /// the cause tells all.
    pub evaluations: Vec<Evaluation>,
}

/// One action on one resource.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// `prefix:Name`.
    pub action: String,
    /// The ARN it was evaluated on.
    pub resource: String,
    /// The account that owns it, where that is known.
    pub account: Option<String>,
    /// How the resource is known.
    pub provenance: Provenance,
    /// What it came to.
    pub decision: Decision,
    /// Why.
    pub cause: Cause,
    /// The condition keys that depend on the resource and on what is known of
    /// the principal, beside those of the request.
    pub context: Vec<(String, ContextValue)>,
    /// The policies that took part, in the order of evaluation.
    pub policies: Vec<PolicyUsed>,
    /// How the evaluator came to its verdict, in order.
    pub steps: Vec<String>,
    /// The deciding statement as its author wrote it.
    pub deciding: Option<String>,
    /// Statements that would have matched but for one element.
    pub near_misses: Vec<NearMiss>,
    /// Condition keys that would settle it.
    pub unknown_keys: Vec<String>,
    /// What was assumed, in words.
    pub assumptions: Vec<String>,
    /// What is not known of the policies, in words.
    pub gaps: Vec<String>,
}

/// A policy that took part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyUsed {
    /// The policy, with its version and what told of it.
    pub policy: PolicyInForce,
    /// Its statements that matched.
    pub statements: Vec<StatementUsed>,
}

/// A statement that matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementUsed {
    /// Its place in the policy, from 1.
    pub number: usize,
    /// Its Sid.
    pub sid: Option<String>,
    /// Whether it denies; otherwise it allows.
    pub denies: bool,
    /// Where it stands in the document.
    pub position: Position,
}

/// A statement that would have matched but for one element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// The type of its policy.
    pub policy_type: CauseType,
    /// ARN of the policy, or its name.
    pub policy: String,
    /// The statement.
    pub statement: StatementUsed,
    /// What did not match.
    pub reason: String,
}

impl Labeller {
    /// The label that [`Labeller::label`] gives the record, with all that it
    /// came from.
    pub fn explain<'r>(&'r self, record: &'r Record, now: DateTime<Utc>) -> Explained<'r> {
        let mut own = None;
        let state = self.timeline.for_record(record, &mut own);
        let request = request::derive(record, self.catalogue, &state);
        let mut evaluations = Vec::new();
        let recorded = Recorded::of(record);
        // Sign-ins are decided by rules of their own, which the cause tells.
        if let Ok(derived) = &request
            && before_authorization(record, &recorded).is_none()
            && self
                .sign_in(record, &recorded, state, Ok(derived))
                .is_none()
            && self.permissionless(derived).is_none()
        {
            self.questions(record, state, derived, |question| {
                evaluations.push(evaluation(record, question));
            });
        }
        Explained {
            label: self.label(record, now),
            request,
            before_own_change: own.is_some(),
            evaluations,
        }
    }
}

fn evaluation(record: &Record, question: &Question<'_>) -> Evaluation {
    let mut in_force = InForce::find(question);
    let options = in_force.options();
    let explanation = explain(&in_force.request, &in_force.layers, &options);
    let judgement = judge(question, &in_force, &explanation.verdict);
    let deciding = match explanation.verdict.cause {
        trailwright_evaluator::Cause::Statement(deciding) => {
            let text = deciding.policy.statement_text(deciding.index);
            text.map(str::to_owned)
        }
        _ => None,
    };
    let policies = policies_used(record, question, &in_force.layers, &explanation);
    let near_misses = explanation.near_misses.iter().map(near_miss).collect();
    let steps = steps(&explanation, &in_force, &judgement);
    in_force.assumptions.extend(judgement.assumption);
    Evaluation {
        action: question.call.action.to_string(),
        resource: question.target.arn.to_string(),
        account: question.owner.map(str::to_owned),
        provenance: question.target.provenance,
        decision: judgement.decision,
        cause: judgement.cause,
        context: question.own_keys(),
        policies,
        steps,
        deciding,
        near_misses,
        unknown_keys: judgement.unknown_keys,
        assumptions: in_force.assumptions,
        gaps: in_force.gaps,
    }
}

/// The evaluator's steps, and what they come to with what is not known.
fn steps(explanation: &Explanation<'_>, in_force: &InForce, judgement: &Judgement) -> Vec<String> {
    let text = &judgement.cause.text;
    if in_force.no_such_role.is_some() {
        return vec![format!("Denied implicitly: {text}.")];
    }
    let steps = explanation.steps.iter();
    let mut steps: Vec<String> = steps.map(|step| step.text.clone()).collect();
    if convert::decision(explanation.verdict.decision) != judgement.decision {
        steps.push(format!("The decision is open all the same: {text}."));
    }
    steps
}

fn near_miss(near: &trailwright_evaluator::NearMiss<'_>) -> NearMiss {
    let id = near.statement.policy.id();
    NearMiss {
        policy_type: convert::cause_type(near.statement.policy_type),
        policy: id.arn.as_ref().unwrap_or(&id.name).clone(),
        statement: statement_used(&near.statement),
        reason: near.reason(),
    }
}

fn statement_used(found: &Match<'_>) -> StatementUsed {
    StatementUsed {
        number: found.index + 1,
        sid: found.statement().sid().map(str::to_owned),
        denies: found.statement().effect() == Effect::Deny,
        position: found.statement().position(),
    }
}

/// The policies in the layers, each with what the timeline tells of it.
fn policies_used(
    record: &Record,
    question: &Question<'_>,
    layers: &Layers,
    explanation: &Explanation<'_>,
) -> Vec<PolicyUsed> {
    let known = known_policies(record, question);
    let verdict = &explanation.verdict;
    let mut used: Vec<PolicyUsed> = Vec::new();
    for (kind, level, policy) in in_layers(layers) {
        let told = known
            .iter()
            .filter(|told| kind.is_none_or(|kind| kind == told.kind))
            .filter(|told| level.is_none_or(|level| level == told.attached_to))
            .find(|told| told.is(policy) && used.iter().all(|used| used.policy != **told));
        let Some(told) = told else {
            continue;
        };
        let matched = verdict.denies.iter().chain(&verdict.allows);
        let of_this = matched.filter(|found| {
            std::ptr::eq(found.policy, policy) && found.level.is_none_or(|at| level == Some(at))
        });
        used.push(PolicyUsed {
            policy: told.clone(),
            statements: of_this.map(statement_used).collect(),
        });
    }
    used
}

/// Every policy of the layers in the order of evaluation, with its level. The
/// kind is left open where a layer has several.
fn in_layers(layers: &Layers) -> Vec<(Option<PolicyKind>, Option<&str>, &Policy)> {
    let mut all = Vec::new();
    for (kind, levels) in [
        (PolicyKind::ServiceControl, &layers.scp),
        (PolicyKind::ResourceControl, &layers.rcp),
    ] {
        for level in levels.iter().flat_map(|levels| levels.iter()) {
            let policies = level.policies.policies().iter();
            all.extend(policies.map(|policy| (Some(kind), Some(&*level.name), policy)));
        }
    }
    all.extend(layers.resource.iter().map(|policy| (None, None, policy)));
    for from in layers.identity.iter() {
        let attached_to = from.attached_to.as_deref();
        let policies = from.policies.policies().iter();
        all.extend(policies.map(|policy| (None, attached_to, policy)));
    }
    for (kind, set) in [
        (PolicyKind::Boundary, &layers.boundary),
        (PolicyKind::Session, &layers.session),
        (PolicyKind::Resource, &layers.vpc_endpoint),
    ] {
        let policies = set.iter().flat_map(|set| set.policies());
        all.extend(policies.map(|policy| (Some(kind), None, policy)));
    }
    all
}

/// What the timeline tells of every policy that may take part.
fn known_policies(record: &Record, question: &Question<'_>) -> Vec<PolicyInForce> {
    let state: AsOf<'_> = question.state;
    let policies_of = |arn: &str| {
        let listing = state.principal_listing(arn);
        listing.map(|found| found.policies).unwrap_or_default()
    };
    let policy_of = |arn: &str| state.resource_listing(arn)?.policy;
    let mut known = Vec::new();
    if let Some(arn) = principal_arn(question.derived) {
        let own = policies_of(arn).into_iter();
        known.extend(own.filter(|policy| policy.kind != PolicyKind::Trust));
    }
    let of_target = policies_of(&question.target.arn).into_iter();
    known.extend(of_target.filter(|policy| policy.kind == PolicyKind::Trust));
    known.extend(policy_of(&question.target.arn));
    known.extend(question.vpc_endpoint.and_then(policy_of));
    let session = session_keys(record).find(|key| state.session(key).is_some());
    known.extend(
        session
            .into_iter()
            .flat_map(|key| state.session_listing(key)),
    );
    let accounts = [
        question.derived.principal_account.as_deref(),
        question.owner,
    ];
    for account in accounts.into_iter().flatten() {
        known.extend(state.control_policies_above(account));
    }
    known
}

#[cfg(test)]
mod tests;
