//! The verdict for a person: what nearly matched, and numbered steps.

use crate::evaluate::evaluate;
use crate::layers::{Layers, PolicySet};
use crate::matching::{Element, Subject};
use crate::statement::Effect;
use crate::verdict::{Cause, Decision, LayerResult, Match, PolicyType, ResourceResult, Verdict};
use crate::{Options, Policy, Request};

/// A verdict with what a person needs to follow it.
#[derive(Debug, Clone)]
pub struct Explanation<'a> {
    /// The verdict.
    pub verdict: Verdict<'a>,
    /// Statements of which exactly one element or condition did not match.
    pub near_misses: Vec<NearMiss<'a>>,
    /// How the decision came about, in order.
    pub steps: Vec<Step>,
}

/// A statement that would have matched but for one element.
#[derive(Debug, Clone)]
pub struct NearMiss<'a> {
    /// The statement.
    pub statement: Match<'a>,
    /// What did not match, for a person.
    pub reason: String,
}

/// One step of an explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// From 1.
    pub number: usize,
    /// What was looked at and what came of it, for a person.
    pub text: String,
}

/// Decides a request and explains the decision.
#[must_use]
pub fn explain<'a>(request: &Request, layers: &'a Layers, options: &Options) -> Explanation<'a> {
    let verdict = evaluate(request, layers, options);
    let near_misses = near_misses(request, layers, options);
    let steps = steps(request, &verdict, &near_misses);
    Explanation {
        near_misses,
        steps,
        verdict,
    }
}

fn near_misses<'a>(request: &Request, layers: &'a Layers, options: &Options) -> Vec<NearMiss<'a>> {
    let subject = Subject {
        request,
        context: &request.context,
        options,
        bounded: layers.boundary.is_some(),
    };
    let mut near = Vec::new();
    let mut look = |policy: &'a Policy, policy_type, level, source| {
        for (index, statement) in policy.statements().iter().enumerate() {
            if let Some(element) = subject.only_failing(statement, policy_type) {
                let statement = Match {
                    policy_type,
                    level,
                    source,
                    policy,
                    index,
                };
                near.push(NearMiss {
                    reason: reason(request, statement, element),
                    statement,
                });
            }
        }
    };
    for (policy_type, levels) in [
        (PolicyType::Scp, &layers.scp),
        (PolicyType::Rcp, &layers.rcp),
    ] {
        for level in levels.iter().flatten() {
            level
                .policies
                .policies()
                .iter()
                .for_each(|p| look(p, policy_type, Some(&*level.name), None));
        }
    }
    layers
        .resource
        .iter()
        .for_each(|p| look(p, PolicyType::Resource, None, None));
    for group in &layers.identity {
        group
            .policies
            .policies()
            .iter()
            .for_each(|p| look(p, PolicyType::Identity, None, Some(group.source)));
    }
    let sets: [(PolicyType, &'a Option<PolicySet>); 3] = [
        (PolicyType::Boundary, &layers.boundary),
        (PolicyType::Session, &layers.session),
        (PolicyType::VpcEndpoint, &layers.vpc_endpoint),
    ];
    for (policy_type, set) in sets {
        let policies = set.iter().flat_map(|s| s.policies());
        policies.for_each(|p| look(p, policy_type, None, None));
    }
    near
}

fn reason(request: &Request, found: Match<'_>, element: Element) -> String {
    match element {
        Element::Action => format!("the action {} is not covered", request.action),
        Element::Resource => format!("the resource {} is not covered", request.resource),
        Element::Principal => "the principal is not named".to_owned(),
        Element::Broken => {
            "the statement is not valid in this kind of policy, so it allows nothing".to_owned()
        }
        Element::Condition(n) => match found.statement().conditions.get(n) {
            Some(condition) => format!(
                "the condition {} on {} ({}) does not hold",
                condition.source.operator, condition.source.key, condition.source.position
            ),
            None => "a condition does not hold".to_owned(),
        },
    }
}

fn steps(request: &Request, verdict: &Verdict<'_>, near: &[NearMiss<'_>]) -> Vec<Step> {
    let principal = request
        .principal
        .arn()
        .unwrap_or_else(|| "an anonymous caller".to_owned());
    let mut texts = vec![format!(
        "{principal} asks for {} on {}.",
        request.action, request.resource
    )];
    for deny in &verdict.denies {
        texts.push(format!("{} denies.", statement_text(deny)));
    }
    let layers = verdict.layers;
    let results = [
        (PolicyType::Scp, layers.scp),
        (PolicyType::Rcp, layers.rcp),
        (PolicyType::VpcEndpoint, layers.vpc_endpoint),
        (PolicyType::Identity, Some(layers.identity)),
        (PolicyType::Boundary, layers.boundary),
        (PolicyType::Session, layers.session),
    ];
    for (policy_type, result) in results {
        if let Some(result) = result {
            texts.push(layer_text(verdict, policy_type, result));
        }
    }
    if let Some(result) = layers.resource {
        texts.push(resource_text(result));
    }
    if verdict.decision == Decision::ImplicitDeny {
        let allows = near
            .iter()
            .filter(|n| n.statement.statement().effect() == Effect::Allow);
        texts.extend(allows.map(|n| {
            format!(
                "{} would allow, but {}.",
                statement_text(&n.statement),
                n.reason
            )
        }));
    }
    texts.push(conclusion(verdict));
    (1..)
        .zip(texts)
        .map(|(number, text)| Step { number, text })
        .collect()
}

fn layer_text(verdict: &Verdict<'_>, policy_type: PolicyType, result: LayerResult) -> String {
    let name = policy_type.as_str();
    let allow = verdict.allows.iter().find(|m| m.policy_type == policy_type);
    match (result, allow) {
        (LayerResult::Allow, Some(allow)) => {
            format!("The {name} allows: {}.", statement_text(allow))
        }
        (LayerResult::Allow, None) => format!("The {name} does not restrict the request."),
        (LayerResult::ExplicitDeny, _) => format!("The {name} denies."),
        (LayerResult::ImplicitDeny, _) => format!("No {name} allows."),
        (LayerResult::Indeterminate, _) => {
            format!("Whether the {name} allows or denies depends on unknown keys.")
        }
    }
}

fn resource_text(result: ResourceResult) -> String {
    match result {
        ResourceResult::Allow => "The resource-based policy allows the principal.",
        ResourceResult::AllowAccount => {
            "The resource-based policy allows the principal's account, whose own policies must allow too."
        }
        ResourceResult::ExplicitDeny => "The resource-based policy denies the principal.",
        ResourceResult::DenyAccount => "The resource-based policy denies the principal's account.",
        ResourceResult::ImplicitDeny => "The resource-based policy does not allow the principal.",
        ResourceResult::Indeterminate => "What the resource-based policy says depends on unknown keys.",
    }
    .to_owned()
}

fn conclusion(verdict: &Verdict<'_>) -> String {
    let decision = match verdict.decision {
        Decision::Allow => "Allowed",
        Decision::ExplicitDeny => "Denied explicitly",
        Decision::ImplicitDeny => "Denied implicitly",
        Decision::Indeterminate => "Cannot be said",
    };
    match &verdict.cause {
        Cause::Statement(found) => format!("{decision} by {}.", statement_text(found)),
        Cause::NoAllow(missing) => match missing.level {
            Some(level) => format!(
                "{decision}: no {} at {level} allows the action.",
                missing.policy_type.as_str()
            ),
            None => format!(
                "{decision}: no {} allows the action.",
                missing.policy_type.as_str()
            ),
        },
        Cause::Root => format!("{decision}: the root user needs no allow in its own account."),
        Cause::NoPermissionNeeded => format!("{decision}: the action needs no permission."),
        Cause::BlockPublicAccess => {
            format!("{decision}: S3 Block Public Access is on and the bucket policy is public.")
        }
        Cause::UnknownKeys if verdict.unknown_keys.is_empty() => {
            format!("{decision}, whatever the unknown keys hold.")
        }
        Cause::UnknownKeys => format!(
            "{decision} without knowing {}.",
            verdict.unknown_keys.join(", ")
        ),
    }
}

/// A statement as people refer to it: policy, Sid or number, line.
fn statement_text(found: &Match<'_>) -> String {
    let id = found.policy.id();
    let name = id.arn.as_deref().unwrap_or(&id.name);
    let version = id
        .version_id
        .as_ref()
        .map(|v| format!(" ({v})"))
        .unwrap_or_default();
    let sid = found
        .statement()
        .sid()
        .map(|sid| format!(" `{sid}`"))
        .unwrap_or_default();
    let level = found
        .level
        .map(|level| format!(" at {level}"))
        .unwrap_or_default();
    let kind = found.policy_type.as_str();
    let (number, position) = (found.index + 1, found.statement().position());
    format!("{kind} {name}{version}{level}, statement {number}{sid} ({position})")
}
