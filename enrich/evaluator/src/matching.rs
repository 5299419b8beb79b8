//! Whether a statement matches a request.

use crate::arn::Tri;
use crate::principal_element::Named;
use crate::statement::{Effect, Statement};
use crate::{Context, Options, PolicyType, Principal, Request};

/// What is matched, and in which circumstances.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'r> {
    pub(crate) request: &'r Request<'r>,
    pub(crate) context: &'r Context<'r>,
    pub(crate) options: &'r Options,
    /// The principal has a permissions boundary.
    pub(crate) bounded: bool,
}

/// The elements of a statement, in the order they are checked: the cheap ones first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Element {
    Action,
    Resource,
    Principal,
    Condition(usize),
    /// The statement is one AWS would refuse, so it does not allow.
    Broken,
}

impl Subject<'_> {
    /// Whether the statement matches, and how it names the principal. `None`: it does not.
    pub(crate) fn matches(&self, statement: &Statement, layer: PolicyType) -> Option<(Tri, Named)> {
        if !self.action_matches(statement) {
            return None;
        }
        let resource = self.resource_matches(statement, layer);
        if resource == Tri::False || self.refused(statement, layer) {
            return None;
        }
        let named = self.names(statement, layer)?;
        let mut all = resource;
        for condition in &statement.conditions {
            all = all.min(condition.holds(self.context));
            if all == Tri::False {
                return None;
            }
        }
        Some((all, named))
    }

    /// The one element that keeps a statement from matching; `None` if none does, or several do.
    pub(crate) fn only_failing(&self, statement: &Statement, layer: PolicyType) -> Option<Element> {
        let mut only = None;
        let mut is_second = |fails: bool, element| fails && only.replace(element).is_some();
        if is_second(!self.action_matches(statement), Element::Action)
            || is_second(
                self.resource_matches(statement, layer) == Tri::False,
                Element::Resource,
            )
            || is_second(self.refused(statement, layer), Element::Broken)
            || is_second(self.names(statement, layer).is_none(), Element::Principal)
        {
            return None;
        }
        for (n, condition) in statement.conditions.iter().enumerate() {
            let fails = condition.holds(self.context) == Tri::False;
            if is_second(fails, Element::Condition(n)) {
                return None;
            }
        }
        only
    }

    fn action_matches(&self, statement: &Statement) -> bool {
        statement
            .actions
            .covers(self.request.action.key(), self.request.action.bits())
    }

    /// A pattern with a variable that has no value matches nothing, so as NotResource it excludes
    /// nothing.
    fn resource_matches(&self, statement: &Statement, layer: PolicyType) -> Tri {
        let Some(resources) = &statement.resources else {
            // Trust policies have no Resource: they speak of the role they belong to.
            return (layer == PolicyType::Resource || statement.effect == Effect::Deny).into();
        };
        let crossing = self.options.trailing_wildcard_crosses_segments;
        let mut matched = Tri::False;
        for pattern in &resources.patterns {
            matched = matched.max(pattern.matches(&self.request.resource, self.context, crossing));
            if matched == Tri::True {
                break;
            }
        }
        if resources.negated { !matched } else { matched }
    }

    /// A statement AWS would not have accepted in this kind of policy never allows.
    fn refused(&self, statement: &Statement, layer: PolicyType) -> bool {
        statement.effect == Effect::Allow && (statement.broken || !principal_fits(statement, layer))
    }

    fn names(&self, statement: &Statement, layer: PolicyType) -> Option<Named> {
        match layer {
            PolicyType::Identity | PolicyType::Boundary | PolicyType::Session | PolicyType::Scp => {
                Some(Named::Directly)
            }
            PolicyType::Resource | PolicyType::Rcp | PolicyType::VpcEndpoint => {
                let Some(principals) = &statement.principals else {
                    return Some(Named::Directly);
                };
                let denies = statement.effect == Effect::Deny;
                let named = principals.names(self.request, denies, self.bounded)?;
                let root_only =
                    layer == PolicyType::VpcEndpoint && self.options.vpc_endpoint_is_gateway;
                let is_root = matches!(*self.request.principal, Principal::Root { .. });
                (named != Named::ByAccount || !root_only || is_root).then_some(named)
            }
        }
    }
}

/// Policies attached to identities and to organizations name no principal; the others must.
fn principal_fits(statement: &Statement, layer: PolicyType) -> bool {
    match layer {
        PolicyType::Identity | PolicyType::Boundary | PolicyType::Session | PolicyType::Scp => {
            statement.principals.is_none()
        }
        PolicyType::Resource | PolicyType::VpcEndpoint => statement.principals.is_some(),
        // A customer's resource control policies only deny.
        PolicyType::Rcp => true,
    }
}

/// Whether S3 Block Public Access (`RestrictPublicBuckets`) takes the effect of a bucket policy
/// from this caller: the policy is public and the caller is neither of the bucket's account nor an
/// AWS service.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
pub(crate) fn blocks_public_access(request: &Request<'_>, policy: &crate::Policy) -> bool {
    let service = matches!(*request.principal, Principal::Service { .. });
    request.resource.contains(":s3:::")
        && !request.accounts().same
        && !service
        && policy.statements().iter().any(is_public)
}

/// A statement is public if it allows everyone, unless a condition pins one of the keys that name
/// a caller or a network.
fn is_public(statement: &Statement) -> bool {
    const PINNING_KEYS: [&str; 12] = [
        "aws:sourcearn",
        "aws:sourceaccount",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:sourceip",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principalarn",
        "aws:principalaccount",
        "aws:userid",
        "s3:dataaccesspointaccount",
    ];
    let everyone = statement
        .principals
        .as_ref()
        .is_some_and(|p| p.is_everyone());
    let pinned = statement
        .conditions
        .iter()
        .any(|c| !c.operator.negated && PINNING_KEYS.contains(&&*c.key));
    statement.effect == Effect::Allow && everyone && !pinned
}
