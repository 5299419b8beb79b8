//! From what each layer says to the decision: the rules of AWS, readable top down.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>

use crate::arn::Tri;
use crate::request::Target;
use crate::{Decision, Layers, Options, PolicyType, Principal, Request};

/// What one layer's statements say: whether any allows, whether any denies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Side<T> {
    pub(crate) allow: T,
    pub(crate) deny: T,
}

/// What all layers say. `T` is [`Tri`] as found, `bool` once the unknown is taken one way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<T> {
    pub(crate) identity: Side<T>,
    pub(crate) boundary: Side<T>,
    pub(crate) session: Side<T>,
    /// Every level allows; some level denies.
    pub(crate) scp: Side<T>,
    pub(crate) rcp: Side<T>,
    pub(crate) vpc_endpoint: Side<T>,
    /// The resource-based policy allows the principal itself, or everyone.
    pub(crate) resource: Side<T>,
    /// It allows the session's role, or the federation session's user.
    pub(crate) resource_by_role: T,
    /// It names the principal's account.
    pub(crate) resource_by_account: Side<T>,
}

impl Facts<Tri> {
    pub(crate) fn none() -> Self {
        let none = Side {
            allow: Tri::False,
            deny: Tri::False,
        };
        Facts {
            identity: none,
            boundary: none,
            session: none,
            scp: none,
            rcp: none,
            vpc_endpoint: none,
            resource: none,
            resource_by_role: Tri::False,
            resource_by_account: none,
        }
    }

    /// Everything unknown turns out in the principal's favour, or against it.
    pub(crate) fn taking_unknown(&self, favourably: bool) -> Facts<bool> {
        let allow = |tri: Tri| tri == Tri::True || (tri == Tri::Unknown && favourably);
        let deny = |tri: Tri| tri == Tri::True || (tri == Tri::Unknown && !favourably);
        let side = |side: Side<Tri>| Side {
            allow: allow(side.allow),
            deny: deny(side.deny),
        };
        Facts {
            identity: side(self.identity),
            boundary: side(self.boundary),
            session: side(self.session),
            scp: side(self.scp),
            rcp: side(self.rcp),
            vpc_endpoint: side(self.vpc_endpoint),
            resource: side(self.resource),
            resource_by_role: allow(self.resource_by_role),
            resource_by_account: side(self.resource_by_account),
        }
    }
}

impl Facts<bool> {
    fn any_deny(&self) -> bool {
        let sides = [
            self.scp,
            self.rcp,
            self.resource,
            self.resource_by_account,
            self.identity,
            self.boundary,
            self.session,
            self.vpc_endpoint,
        ];
        sides.iter().any(|side| side.deny)
    }

    pub(crate) fn resource_allows(&self) -> bool {
        self.resource.allow || self.resource_by_role || self.resource_by_account.allow
    }
}

/// What about request and layers the decision depends on, besides what the statements say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Situation {
    pub(crate) caller: Caller,
    pub(crate) same_account: bool,
    /// The resource's own policy must allow: a KMS key, or a role with a trust policy.
    pub(crate) own_policy_rules: bool,
    /// The key's policy is not given and taken to be the default one.
    pub(crate) default_key_policy: bool,
    pub(crate) boundary: bool,
    pub(crate) session: bool,
    pub(crate) session_required: bool,
    pub(crate) scp: bool,
    pub(crate) rcp: bool,
    pub(crate) vpc_endpoint: bool,
    /// S3 Block Public Access takes the effect from the bucket policy.
    pub(crate) public_access_blocked: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    Root,
    /// Has identity-based policies.
    Identity,
    /// Has none and belongs to no account: service, anonymous, web identity, SAML.
    Outside,
}

/// What grants a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grant {
    Root,
    Identity,
    Resource,
}

/// The decision and what it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Allow(Grant),
    ExplicitDeny,
    ImplicitDeny(PolicyType),
    BlockedPublicAccess,
}

impl Outcome {
    pub(crate) fn decision(self) -> Decision {
        match self {
            Outcome::Allow(_) => Decision::Allow,
            Outcome::ExplicitDeny => Decision::ExplicitDeny,
            Outcome::ImplicitDeny(_) | Outcome::BlockedPublicAccess => Decision::ImplicitDeny,
        }
    }
}

impl Situation {
    pub(crate) fn of(request: &Request<'_>, layers: &Layers, options: &Options) -> Self {
        let caller = match *request.principal {
            Principal::Root { .. } => Caller::Root,
            Principal::WebIdentity { .. }
            | Principal::Saml { .. }
            | Principal::Service { .. }
            | Principal::Anonymous => Caller::Outside,
            _ => Caller::Identity,
        };
        let accounts = request.accounts();
        let is_key = request.target == Target::Key;
        let is_trust = request.target == Target::Role;
        let federated = matches!(*request.principal, Principal::FederatedUser { .. });
        Situation {
            caller,
            same_account: accounts.same,
            own_policy_rules: is_key || (is_trust && layers.resource.is_some()),
            default_key_policy: is_key
                && layers.resource.is_none()
                && options.assume_default_key_policy,
            boundary: layers.boundary.is_some() && caller == Caller::Identity,
            session: layers.session.is_some() && caller == Caller::Identity,
            session_required: federated && options.federation_needs_session_policy,
            scp: layers.scp.is_some()
                && caller != Caller::Outside
                && !request.service_linked
                && !accounts.principal_in_management,
            rcp: layers.rcp.is_some()
                && !request.service_linked
                && request.under_rcp
                && request.action.key() != "kms:retiregrant"
                && !accounts.resource_in_management,
            vpc_endpoint: layers.vpc_endpoint.is_some(),
            public_access_blocked: false,
        }
    }

    /// The decision.
    pub(crate) fn outcome(&self, facts: &Facts<bool>) -> Outcome {
        if facts.any_deny() {
            return Outcome::ExplicitDeny;
        }
        if self.scp && !facts.scp.allow {
            return Outcome::ImplicitDeny(PolicyType::Scp);
        }
        if self.vpc_endpoint && !facts.vpc_endpoint.allow {
            return Outcome::ImplicitDeny(PolicyType::VpcEndpoint);
        }
        match self.grant(facts) {
            Ok(grant) => Outcome::Allow(grant),
            Err(PolicyType::Resource) if self.public_access_blocked && facts.resource_allows() => {
                Outcome::BlockedPublicAccess
            }
            Err(lacking) => Outcome::ImplicitDeny(lacking),
        }
    }

    /// Which of identity-based and resource-based policies grants the request, or the layer that
    /// keeps them from it.
    fn grant(&self, facts: &Facts<bool>) -> Result<Grant, PolicyType> {
        let resource_allows = facts.resource_allows() && !self.public_access_blocked;
        match self.caller {
            Caller::Outside => {
                let named =
                    (facts.resource.allow || facts.resource_by_role) && !self.public_access_blocked;
                named.then_some(Grant::Resource).ok_or(PolicyType::Resource)
            }
            Caller::Root if self.same_account && !self.own_policy_rules => Ok(Grant::Root),
            Caller::Root if self.same_account && self.default_key_policy => Ok(Grant::Root),
            Caller::Root => resource_allows
                .then_some(Grant::Resource)
                .ok_or(PolicyType::Resource),
            Caller::Identity if self.same_account => self.grant_in_account(facts),
            Caller::Identity => {
                self.identity_grant(facts)?;
                resource_allows
                    .then_some(Grant::Identity)
                    .ok_or(PolicyType::Resource)
            }
        }
    }

    fn grant_in_account(&self, facts: &Facts<bool>) -> Result<Grant, PolicyType> {
        // Named by itself, the principal needs nothing else: neither boundary nor session policy
        // limits it unless they deny. Named by its role, they limit it.
        if facts.resource.allow && !self.public_access_blocked {
            return Ok(Grant::Resource);
        }
        if facts.resource_by_role && !self.public_access_blocked && self.limits(facts).is_ok() {
            return Ok(Grant::Resource);
        }
        if !facts.identity.allow {
            return Err(PolicyType::Identity);
        }
        if self.own_policy_rules && !self.default_key_policy && !facts.resource_allows() {
            return Err(PolicyType::Resource);
        }
        self.identity_grant(facts)
    }

    fn identity_grant(&self, facts: &Facts<bool>) -> Result<Grant, PolicyType> {
        if !facts.identity.allow {
            return Err(PolicyType::Identity);
        }
        self.limits(facts).map(|()| Grant::Identity)
    }

    /// What limits identity-based policies: the boundary and the session policy.
    fn limits(&self, facts: &Facts<bool>) -> Result<(), PolicyType> {
        if self.boundary && !facts.boundary.allow {
            return Err(PolicyType::Boundary);
        }
        if (self.session || self.session_required) && !facts.session.allow {
            return Err(PolicyType::Session);
        }
        Ok(())
    }

    /// Which layers stop a request that identity-based or resource-based policies grant. The
    /// session policy counts as part of the identity side.
    pub(crate) fn blocked(&self, facts: &Facts<bool>) -> Vec<PolicyType> {
        let resource_denies = facts.resource.deny || facts.resource_by_account.deny;
        let session_holds = !self.session || (facts.session.allow && !facts.session.deny);
        let identity = facts.identity.allow && !facts.identity.deny && session_holds;
        let direct = facts.resource.allow && !facts.session.deny;
        let by_role = facts.resource_by_role && session_holds;
        // A statement for the account makes identity-based policies count, whoever else is denied.
        let identity_counts = !self.own_policy_rules
            || self.default_key_policy
            || facts.resource_by_account.allow
            || (facts.resource_allows() && !resource_denies);
        let granted = match self.caller {
            Caller::Outside => facts.resource.allow && !resource_denies,
            _ if self.same_account => {
                (identity && identity_counts) || ((direct || by_role) && !resource_denies)
            }
            _ => identity && facts.resource_allows() && !resource_denies,
        };
        if !granted {
            return Vec::new();
        }
        let boundary_limits = !(self.same_account && facts.resource.allow);
        let blockers = [
            (
                PolicyType::Boundary,
                self.boundary
                    && (facts.boundary.deny || (boundary_limits && !facts.boundary.allow)),
            ),
            (PolicyType::Identity, facts.identity.deny),
            (PolicyType::Rcp, self.rcp && facts.rcp.deny),
            (PolicyType::Resource, resource_denies),
            (
                PolicyType::Scp,
                self.scp && (facts.scp.deny || !facts.scp.allow),
            ),
            (
                PolicyType::VpcEndpoint,
                self.vpc_endpoint && (facts.vpc_endpoint.deny || !facts.vpc_endpoint.allow),
            ),
        ];
        blockers
            .into_iter()
            .filter(|(_, blocks)| *blocks)
            .map(|(layer, _)| layer)
            .collect()
    }
}
