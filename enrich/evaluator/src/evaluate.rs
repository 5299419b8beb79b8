//! Evaluation: every layer's statements against the request, then the decision.

use crate::arn::Tri;
use crate::completions;
use crate::decision::{Facts, Grant, Outcome, Side};
use crate::gather::Gathered;
use crate::layers::Layers;
use crate::statement::Effect;
use crate::verdict::{
    Cause, Decided, Decision, LayerResult, LayerResults, Match, Missing, PolicyType,
    ResourceResult, Verdict,
};
use crate::{Context, Options, Request};

/// Decides a request and lists everything that matched.
#[must_use]
pub fn evaluate<'a>(request: &Request<'_>, layers: &'a Layers, options: &Options) -> Verdict<'a> {
    let gathered = Gathered::new(request, &request.context, layers, options, true);
    let facts = gathered.facts.taking_unknown(false);
    let (decided, unknown_keys) = gathered.decide(&facts, request, layers, options);
    let situation = gathered.situation;
    let missing = match decided.decision {
        Decision::ImplicitDeny => gathered.missing(request, layers, decided.cause),
        _ => Vec::new(),
    };
    let blocked = match decided.decision {
        Decision::Allow => Vec::new(),
        _ => situation.blocked(&facts),
    };
    Verdict {
        decision: decided.decision,
        cause: decided.cause,
        layers: gathered.layer_results(layers),
        missing,
        blocked,
        unknown_keys,
        denies: gathered.denies,
        allows: gathered.allows,
    }
}

/// Decides a request: the decision and its cause, at the lowest cost.
#[must_use]
pub fn decide<'a>(request: &Request<'_>, layers: &'a Layers, options: &Options) -> Decided<'a> {
    let gathered = Gathered::new(request, &request.context, layers, options, false);
    let facts = gathered.facts.taking_unknown(false);
    gathered.decide(&facts, request, layers, options).0
}

/// The decision in a context without unknown keys.
pub(crate) fn decision_in(
    request: &Request<'_>,
    context: &Context<'_>,
    layers: &Layers,
    options: &Options,
) -> Decision {
    let gathered = Gathered::new(request, context, layers, options, false);
    gathered
        .situation
        .outcome(&gathered.facts.taking_unknown(false))
        .decision()
}

impl<'a> Gathered<'a> {
    /// By the facts with what is unknown taken against the principal.
    fn decide(
        &self,
        facts: &Facts<bool>,
        request: &Request<'_>,
        layers: &'a Layers,
        options: &Options,
    ) -> (Decided<'a>, Vec<String>) {
        if needs_no_permission(request) {
            return (
                Decided {
                    decision: Decision::Allow,
                    cause: Cause::NoPermissionNeeded,
                },
                Vec::new(),
            );
        }
        let outcome = self.situation.outcome(facts);
        if !self.open.is_empty() {
            let best = self.situation.outcome(&self.facts.taking_unknown(true));
            if best.decision() != outcome.decision() {
                let (decision, keys) = completions::settle(self, request, layers, options);
                return (
                    Decided {
                        decision,
                        cause: Cause::UnknownKeys,
                    },
                    keys,
                );
            }
        }
        (
            Decided {
                decision: outcome.decision(),
                cause: self.cause(outcome),
            },
            Vec::new(),
        )
    }

    /// The open statements that can make a difference: an Allow cannot where its layer allows anyway.
    pub(crate) fn relevant(&self) -> impl Iterator<Item = &Match<'a>> {
        let facts = &self.facts;
        self.open.iter().filter(move |open| {
            let allows = match open.policy_type {
                PolicyType::Identity => facts.identity.allow,
                PolicyType::Resource => facts.resource.allow,
                PolicyType::Boundary => facts.boundary.allow,
                PolicyType::Session => facts.session.allow,
                PolicyType::VpcEndpoint => facts.vpc_endpoint.allow,
                PolicyType::Rcp => Tri::True,
                PolicyType::Scp => open
                    .level
                    .is_some_and(|level| !self.lacking_levels.contains(&level))
                    .into(),
            };
            open.statement().effect == Effect::Deny || allows != Tri::True
        })
    }

    fn cause(&self, outcome: Outcome) -> Cause<'a> {
        let statement = match outcome {
            Outcome::ExplicitDeny => self.denies.first().copied(),
            Outcome::Allow(Grant::Identity) => self.identity_allow,
            Outcome::Allow(Grant::Resource) => self.resource_allow.map(|(_, found)| found),
            Outcome::Allow(Grant::Root) => return Cause::Root,
            Outcome::BlockedPublicAccess => return Cause::BlockPublicAccess,
            Outcome::ImplicitDeny(policy_type) => {
                let level = self
                    .lacking_levels
                    .first()
                    .copied()
                    .filter(|_| policy_type == PolicyType::Scp);
                return Cause::NoAllow(Missing { policy_type, level });
            }
        };
        statement.map_or(Cause::UnknownKeys, Cause::Statement)
    }

    /// Layers in which no statement allows.
    fn missing(
        &self,
        request: &Request<'_>,
        layers: &'a Layers,
        cause: Cause<'a>,
    ) -> Vec<Missing<'a>> {
        let facts = &self.facts;
        let lacks = |tri: Tri| tri != Tri::True;
        let mut missing = Vec::new();
        let mut add = |lacking: bool, policy_type| {
            if lacking {
                missing.push(Missing {
                    policy_type,
                    level: None,
                });
            }
        };
        let resource_silent = lacks(
            facts
                .resource
                .allow
                .max(facts.resource_by_role)
                .max(facts.resource_by_account.allow),
        );
        let in_account = request.principal.account().is_some() && self.situation.same_account;
        add(lacks(facts.identity.allow), PolicyType::Identity);
        add(
            resource_silent && (layers.resource.is_some() || !in_account),
            PolicyType::Resource,
        );
        add(
            self.situation.boundary && lacks(facts.boundary.allow),
            PolicyType::Boundary,
        );
        add(
            self.situation.session && lacks(facts.session.allow),
            PolicyType::Session,
        );
        add(
            self.situation.vpc_endpoint && lacks(facts.vpc_endpoint.allow),
            PolicyType::VpcEndpoint,
        );
        let levels = self.lacking_levels.iter();
        missing.extend(levels.map(|level| Missing {
            policy_type: PolicyType::Scp,
            level: Some(level),
        }));
        if let (true, Cause::NoAllow(decided)) = (missing.is_empty(), cause) {
            // A federation session without a session policy, or a key without a policy, which the
            // caller did not give: the layer that decided is not among the given ones.
            missing.extend((decided.policy_type == PolicyType::Session).then_some(decided));
        }
        missing
    }

    fn layer_results(&self, layers: &Layers) -> LayerResults {
        let facts = &self.facts;
        let restricting = |applies: bool, side: Side<Tri>| applies.then(|| side.result());
        LayerResults {
            identity: facts.identity.result(),
            resource: layers.resource.is_some().then(|| self.resource_result()),
            boundary: restricting(self.situation.boundary, facts.boundary),
            session: restricting(self.situation.session, facts.session),
            scp: restricting(self.situation.scp, facts.scp),
            // RCPFullAWSAccess always allows.
            rcp: restricting(
                self.situation.rcp,
                Side {
                    allow: Tri::True,
                    deny: facts.rcp.deny,
                },
            ),
            vpc_endpoint: restricting(self.situation.vpc_endpoint, facts.vpc_endpoint),
        }
    }

    fn resource_result(&self) -> ResourceResult {
        let facts = &self.facts;
        let direct = facts.resource.allow.max(facts.resource_by_role);
        let (account, denied) = (facts.resource_by_account, facts.resource.deny);
        match (denied, account.deny, direct, account.allow) {
            (Tri::True, ..) => ResourceResult::ExplicitDeny,
            (_, Tri::True, ..) => ResourceResult::DenyAccount,
            (Tri::Unknown, ..) | (_, Tri::Unknown, ..) => ResourceResult::Indeterminate,
            (_, _, Tri::True, _) => ResourceResult::Allow,
            (_, _, Tri::Unknown, _) | (_, _, _, Tri::Unknown) => ResourceResult::Indeterminate,
            (_, _, _, Tri::True) => ResourceResult::AllowAccount,
            _ => ResourceResult::ImplicitDeny,
        }
    }
}

impl Side<Tri> {
    fn result(self) -> LayerResult {
        match (self.deny, self.allow) {
            (Tri::True, _) => LayerResult::ExplicitDeny,
            (Tri::Unknown, _) => LayerResult::Indeterminate,
            (_, Tri::True) => LayerResult::Allow,
            (_, Tri::Unknown) => LayerResult::Indeterminate,
            _ => LayerResult::ImplicitDeny,
        }
    }
}

/// Calls that work even when a policy denies them.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
fn needs_no_permission(request: &Request<'_>) -> bool {
    matches!(
        request.action.key(),
        "sts:getcalleridentity" | "sts:getsessiontoken"
    )
}
