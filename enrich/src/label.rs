//! The labelling stage: record → request → policies in force → evaluation →
//! label. It cannot fail: what is not known is part of the label.

mod before;
mod convert;
mod explain;
mod in_force;
mod options;
mod question;
mod sign_in;
mod simulate;
mod steps;
mod sum;

use std::sync::LazyLock;

use trailwright_evaluator::{Unlisted, Verdict, evaluate};
use trailwright_schemas::{Cause, CauseType, Decision, Record, Stage};

pub use explain::{Evaluation, Explained, NearMiss, PolicyUsed, StatementUsed};
pub use options::{Assume, LabelOptions};
pub use simulate::{Simulated, Simulation};

use crate::agreement::{self, Denier, EarlierState, Found, Recorded};
use crate::catalogue::Catalogue;
use crate::policies::{AsOf, Recent, Timeline, sign_in_key};
use crate::request::{Call, Derived, NoRequest, Provenance};
use before::{before_authorization, unmapped};
use convert::Judgement;
use in_force::InForce;
use question::Question;
use sum::Sum;

/// Never changes, and takes as long to read as a thousand labels.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::embedded);

/// Labels records. Build it once; it is shared by all threads.
#[derive(Debug)]
pub struct Labeller {
    catalogue: &'static Catalogue,
    timeline: Timeline,
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

    fn found(&self) -> Found<'_> {
        Found {
            decision: self.decision,
            denies: &self.denies,
            missing: &self.missing,
            cause: &self.cause,
        }
    }
}

impl Labeller {
    /// A labeller by these policies.
    pub fn new(timeline: Timeline, options: LabelOptions) -> Self {
        Self {
            catalogue: &CATALOGUE,
            timeline,
            options,
        }
    }

    /// The names and resource types that requests are derived with.
    pub fn catalogue(&self) -> &Catalogue {
        self.catalogue
    }

    /// Labels by other options from now on.
    pub fn set_options(&mut self, options: LabelOptions) {
        self.options = options;
    }

    /// The policies over time.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The policies over time, to add to.
    pub fn timeline_mut(&mut self) -> &mut Timeline {
        &mut self.timeline
    }

    /// What the record comes to under the policies before each recent change,
    /// the latest first.
    fn earlier<'a>(
        &'a self,
        record: &'a Record,
        derived: &'a Derived<'a>,
        recorded: &'a Recorded<'a>,
    ) -> impl Iterator<Item = EarlierState> + 'a {
        let targets = derived.actions.iter().flat_map(|call| &call.targets);
        let sign_in = derived.principal_account.as_deref().map(sign_in_key);
        let resources = targets.map(|target| &*target.arn);
        let recent = self.timeline.changes_before(
            record.event_time,
            self.options.propagation_window,
            derived.principal_arn.as_deref(),
            resources.chain(sign_in.as_deref()),
        );
        let state_before = move |(moment, origin): Recent<'_>| {
            let state = self.timeline.before(moment);
            let outcome = self.outcome(record, recorded, state, Ok(derived));
            EarlierState {
                compared: agreement::compare(recorded, &outcome.found()),
                changed_at: moment.time,
                change: origin.to_string(),
            }
        };
        recent.into_iter().map(state_before)
    }

    fn outcome(
        &self,
        record: &Record,
        recorded: &Recorded<'_>,
        state: AsOf<'_>,
        derived: Result<&Derived<'_>, &NoRequest>,
    ) -> Outcome {
        before_authorization(record, recorded)
            .or_else(|| self.sign_in(record, recorded, state, derived))
            .unwrap_or_else(|| self.authorization(record, state, derived))
    }

    fn authorization(
        &self,
        record: &Record,
        state: AsOf<'_>,
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
        self.each(record, state, derived, |question| {
            let in_force = InForce::find(question);
            let verdict = evaluate(&in_force.request, &in_force.layers, &in_force.options());
            let judgement = judge(question, &in_force, &verdict);
            (judgement, in_force.assumptions)
        })
    }

    /// The judgements on each action on each of its resources, taken together.
    fn each(
        &self,
        record: &Record,
        state: AsOf<'_>,
        derived: &Derived<'_>,
        judge: impl Fn(&Question<'_>) -> (Judgement, Vec<String>),
    ) -> Outcome {
        let mut sum = Sum::default();
        self.questions(record, state, derived, |question| {
            let (judgement, assumptions) = judge(question);
            sum.add(judgement, assumptions);
        });
        sum.outcome()
    }

    /// Asks about every action on every resource.
    fn questions(
        &self,
        record: &Record,
        state: AsOf<'_>,
        derived: &Derived<'_>,
        mut ask: impl FnMut(&Question<'_>),
    ) {
        let session = session_keys(record).find_map(|key| state.session(key));
        let policies = question::policies(state, derived);
        for call in &derived.actions {
            for target in &call.targets {
                let (resource_policy, owner) = question::resource(state, target);
                ask(&Question {
                    session: session.as_ref(),
                    policies,
                    resource_policy,
                    owner,
                    vpc_endpoint: record.vpc_endpoint_id.as_deref(),
                    unlisted: Unlisted::Unknown,
                    state,
                    derived,
                    call,
                    target,
                    assume: &self.options.assume,
                });
            }
        }
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
}

/// How a session is found: by its access key, or its ARN.
fn session_keys(record: &Record) -> impl Iterator<Item = &str> {
    let identity = &record.user_identity;
    let keys = [identity.access_key_id.as_deref(), identity.arn.as_deref()];
    keys.into_iter().flatten()
}

/// What the verdict on one action on one resource comes to, with what is not
/// known of the policies.
fn judge(question: &Question<'_>, in_force: &InForce, verdict: &Verdict<'_>) -> Judgement {
    let Question { call, target, .. } = question;
    if let Some(why) = &in_force.no_such_role {
        return Judgement::no_such_role(format!("{} was not there: {why}", target.arn));
    }
    let mut judgement = convert::judgement(verdict, &in_force.request);
    let settled = judgement.decision == Decision::ExplicitDeny;
    let unknown_target = target.provenance == Provenance::Unknown;
    if let Some(gap) = in_force.gaps.first().filter(|_| !settled) {
        judgement = Judgement::open(CauseType::NoPoliciesKnown, gap.clone());
    } else if unknown_target && judgement.decision == Decision::ImplicitDeny {
        let text = format!(
            "{} may be allowed on some resources, and the record does not say which it was on",
            call.action
        );
        judgement = Judgement::open(CauseType::UnmappedRequest, text);
    }
    if unknown_target && judgement.decision == Decision::Allow {
        judgement.assumption = Some(format!(
            "the record does not name the resource of {}; it was evaluated on {}",
            call.action, target.arn
        ));
    }
    judgement
}

/// Each text once, in the order of the first.
fn distinct(mut texts: Vec<String>) -> Vec<String> {
    let mut at = 1;
    while at < texts.len() {
        if texts[..at].contains(&texts[at]) {
            texts.remove(at);
        } else {
            at += 1;
        }
    }
    texts
}

#[cfg(test)]
mod invictus;
#[cfg(test)]
mod tests;
