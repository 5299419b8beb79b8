//! The verdict for a person: what nearly matched, and numbered steps.

use std::fmt::{Display, Write};

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
    failing: Element,
    request: &'a Request<'a>,
}

impl NearMiss<'_> {
    /// What did not match, for a person.
    #[must_use]
    pub fn reason(&self) -> String {
        let mut text = String::new();
        self.push_reason(&mut text);
        text
    }

    fn push_reason(&self, text: &mut String) {
        let conditions = &self.statement.statement().conditions;
        match self.failing {
            Element::Action => push(
                text,
                &[
                    "the action ",
                    self.request.action.as_str(),
                    " is not covered",
                ],
            ),
            Element::Resource => {
                push(
                    text,
                    &["the resource ", &self.request.resource, " is not covered"],
                );
            }
            Element::Principal => text.push_str("the principal is not named"),
            Element::Broken => text.push_str(
                "the statement is not valid in this kind of policy, so it allows nothing",
            ),
            Element::Condition(n) => match conditions.get(n).map(|c| &c.source) {
                Some(source) => {
                    push(
                        text,
                        &[
                            "the condition ",
                            &source.operator,
                            " on ",
                            &source.key,
                            " (",
                        ],
                    );
                    push_shown(text, source.position);
                    text.push_str(") does not hold");
                }
                None => text.push_str("a condition does not hold"),
            },
        }
    }
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
pub fn explain<'a>(
    request: &'a Request<'_>,
    layers: &'a Layers,
    options: &Options,
) -> Explanation<'a> {
    let verdict = evaluate(request, layers, options);
    let near_misses = near_misses(request, layers, options);
    let steps = steps(request, &verdict, &near_misses);
    Explanation {
        near_misses,
        steps,
        verdict,
    }
}

fn near_misses<'a>(
    request: &'a Request<'_>,
    layers: &'a Layers,
    options: &Options,
) -> Vec<NearMiss<'a>> {
    let subject = Subject {
        request,
        context: &request.context,
        options,
        bounded: layers.boundary.is_some(),
    };
    let mut near = Vec::new();
    let mut look = |policy: &'a Policy, policy_type, level, source| {
        for (index, statement) in policy.statements().iter().enumerate() {
            if let Some(failing) = subject.only_failing(statement, policy_type) {
                let statement = Match {
                    policy_type,
                    level,
                    source,
                    policy,
                    index,
                };
                near.push(NearMiss {
                    statement,
                    failing,
                    request,
                });
            }
        }
    };
    for (policy_type, levels) in [
        (PolicyType::Scp, &layers.scp),
        (PolicyType::Rcp, &layers.rcp),
    ] {
        for level in levels.iter().flat_map(|levels| levels.iter()) {
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
    for group in layers.identity.iter() {
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

fn steps(request: &Request<'_>, verdict: &Verdict<'_>, near: &[NearMiss<'_>]) -> Vec<Step> {
    let mut steps = Steps(Vec::with_capacity(8));
    let principal = request.principal.arn();
    let principal = principal.as_deref().unwrap_or("an anonymous caller");
    let (action, resource) = (request.action.as_str(), &request.resource);
    steps.add(|text| {
        push(
            text,
            &[principal, " asks for ", action, " on ", resource, "."],
        )
    });
    for deny in &verdict.denies {
        steps.add(|text| {
            push_statement(text, deny);
            text.push_str(" denies.");
        });
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
            steps.add(|text| push_layer(text, verdict, policy_type, result));
        }
    }
    if let Some(result) = layers.resource {
        steps.add(|text| text.push_str(resource_text(result)));
    }
    if verdict.decision == Decision::ImplicitDeny {
        let allows = |n: &&NearMiss<'_>| n.statement.statement().effect() == Effect::Allow;
        for near_miss in near.iter().filter(allows) {
            steps.add(|text| {
                push_statement(text, &near_miss.statement);
                text.push_str(" would allow, but ");
                near_miss.push_reason(text);
                text.push('.');
            });
        }
    }
    steps.add(|text| push_conclusion(text, verdict));
    steps.0
}

/// Steps are put together from pieces, without formatting: most of the time of an explanation goes
/// into its texts.
struct Steps(Vec<Step>);

impl Steps {
    fn add(&mut self, write: impl FnOnce(&mut String)) {
        let mut text = String::with_capacity(160);
        write(&mut text);
        let number = self.0.len() + 1;
        self.0.push(Step { number, text });
    }
}

fn push(text: &mut String, pieces: &[&str]) {
    pieces.iter().for_each(|piece| text.push_str(piece));
}

fn push_shown(text: &mut String, value: impl Display) {
    // Writing to a String cannot fail.
    let _ = write!(text, "{value}");
}

fn push_layer(
    text: &mut String,
    verdict: &Verdict<'_>,
    policy_type: PolicyType,
    result: LayerResult,
) {
    let name = policy_type.as_str();
    let allow = verdict.allows.iter().find(|m| m.policy_type == policy_type);
    match (result, allow) {
        (LayerResult::Allow, Some(allow)) => {
            push(text, &["The ", name, " allows: "]);
            push_statement(text, allow);
            text.push('.');
        }
        (LayerResult::Allow, None) => {
            push(text, &["The ", name, " does not restrict the request."]);
        }
        (LayerResult::ExplicitDeny, _) => push(text, &["The ", name, " denies."]),
        (LayerResult::ImplicitDeny, _) => push(text, &["No ", name, " allows."]),
        (LayerResult::Indeterminate, _) => {
            let rest = " allows or denies depends on unknown keys.";
            push(text, &["Whether the ", name, rest]);
        }
    }
}

fn resource_text(result: ResourceResult) -> &'static str {
    match result {
        ResourceResult::Allow => "The resource-based policy allows the principal.",
        ResourceResult::AllowAccount => {
            "The resource-based policy allows the principal's account, whose own policies must allow too."
        }
        ResourceResult::ExplicitDeny => "The resource-based policy denies the principal.",
        ResourceResult::DenyAccount => "The resource-based policy denies the principal's account.",
        ResourceResult::ImplicitDeny => "The resource-based policy does not allow the principal.",
        ResourceResult::Indeterminate => {
            "What the resource-based policy says depends on unknown keys."
        }
    }
}

fn push_conclusion(text: &mut String, verdict: &Verdict<'_>) {
    text.push_str(match verdict.decision {
        Decision::Allow => "Allowed",
        Decision::ExplicitDeny => "Denied explicitly",
        Decision::ImplicitDeny => "Denied implicitly",
        Decision::Indeterminate => "Cannot be said",
    });
    match &verdict.cause {
        Cause::Statement(found) => {
            text.push_str(" by ");
            push_statement(text, found);
            text.push('.');
        }
        Cause::NoAllow(missing) => {
            push(text, &[": no ", missing.policy_type.as_str()]);
            if let Some(level) = missing.level {
                push(text, &[" at ", level]);
            }
            text.push_str(" allows the action.");
        }
        Cause::Root => text.push_str(": the root user needs no allow in its own account."),
        Cause::NoPermissionNeeded => text.push_str(": the action needs no permission."),
        Cause::BlockPublicAccess => {
            text.push_str(": S3 Block Public Access is on and the bucket policy is public.");
        }
        Cause::UnknownKeys if verdict.unknown_keys.is_empty() => {
            text.push_str(", whatever the unknown keys hold.");
        }
        Cause::UnknownKeys => {
            push(
                text,
                &[" without knowing ", &verdict.unknown_keys.join(", "), "."],
            );
        }
    }
}

/// A statement as people refer to it: policy, Sid or number, line.
fn push_statement(text: &mut String, found: &Match<'_>) {
    let id = found.policy.id();
    let name = id.arn.as_deref().unwrap_or(&id.name);
    push(text, &[found.policy_type.as_str(), " ", name]);
    if let Some(version) = &id.version_id {
        push(text, &[" (", version, ")"]);
    }
    if let Some(level) = found.level {
        push(text, &[" at ", level]);
    }
    text.push_str(", statement ");
    push_shown(text, found.index + 1);
    if let Some(sid) = found.statement().sid() {
        push(text, &[" `", sid, "`"]);
    }
    text.push_str(" (");
    push_shown(text, found.statement().position());
    text.push(')');
}
