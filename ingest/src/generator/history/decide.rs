//! The true decision, by set logic on the rules in force.
//!
//! The order follows the IAM User Guide, "Policy evaluation logic" and
//! "Cross-account policy evaluation logic".

use std::collections::BTreeSet;

use trailwright_schemas::{CauseType, Decision};

use super::action::Action;
use super::resource::{Kind, Resource};
use super::rule::{Grantee, Guess, Rule, Situation};
use super::world::{Account, Entity, World};
use crate::generator::answer::Layer;
use crate::generator::organization::MANAGEMENT;

/// Who asks, as policies see it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Who {
    Root(&'static str),
    User(&'static str, String),
    /// A session of the role, with its ARN.
    Session(&'static str, String, String),
    /// A session of `sts:GetFederationToken`, made by the user, with its ARN.
    Federated(&'static str, String, String),
    /// A session of a service-linked role.
    Linked(&'static str, String),
    Service(&'static str),
    /// Somebody of an account outside the organization, who is not named.
    Outsider(&'static str),
}

/// One request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask<'a> {
    pub(super) who: &'a Who,
    /// The policies passed when the session was made.
    pub(super) session: Option<&'a [Rule]>,
    pub(super) situation: &'a Situation,
    pub(super) action: Action,
    pub(super) resource: &'a Resource,
}

/// What the policies say of a request.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Verdict {
    pub(super) decision: Decision,
    /// What kind of thing decides, where that is one thing.
    pub(super) cause: Option<CauseType>,
    /// The one layer that denies, where it is one.
    pub(super) layer: Option<Layer>,
    /// The ARN of the one policy that denies explicitly, where it is one and
    /// has an ARN that AWS would name.
    pub(super) policy: Option<String>,
}

impl Verdict {
    fn plain(decision: Decision, cause: Option<CauseType>) -> Self {
        Self {
            decision,
            cause,
            layer: None,
            policy: None,
        }
    }

    pub(super) fn denies(&self) -> bool {
        matches!(
            self.decision,
            Decision::ExplicitDeny | Decision::ImplicitDeny
        )
    }

    pub(super) fn allows(&self) -> bool {
        self.decision == Decision::Allow
    }
}

/// The verdict; `None` where AWS's documents leave open what it is: not asked.
pub(super) fn decide(world: &World, ask: &Ask<'_>) -> Option<Verdict> {
    let mut verdicts = Vec::new();
    for guess in guesses(ask) {
        let request = Request::new(world, ask, guess);
        verdicts.push(request.verdict()?);
    }
    let first = verdicts.first()?.clone();
    if verdicts.iter().all(|verdict| *verdict == first) {
        return Some(first);
    }
    let decisions: BTreeSet<Decision> = verdicts.iter().map(|v| v.decision).collect();
    match decisions.len() {
        1 => Some(Verdict::plain(first.decision, None)),
        // Denied in either case, and only how depends on the unknown.
        _ if !decisions.contains(&Decision::Allow) => None,
        _ => Some(Verdict::plain(
            Decision::Indeterminate,
            Some(CauseType::UnknownKeys),
        )),
    }
}

/// All ways in which the facts may be that no record tells.
fn guesses(ask: &Ask<'_>) -> Vec<Guess> {
    let both = [false, true];
    let office: &[bool] = if ask.situation.office.is_some() {
        &both[..1]
    } else {
        &both
    };
    let owned: &[bool] = if ask.resource.kind == Kind::Instance {
        &both
    } else {
        &both[..1]
    };
    let pairs = office.iter().flat_map(|office| {
        owned.iter().map(|owned| Guess {
            office: *office,
            owned: *owned,
        })
    });
    pairs.collect()
}

/// Why a policy of a resource allows, by how much it lifts other limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Grant {
    None,
    /// It leaves the decision to the policies of the caller's account.
    Account,
    /// It names the role or user of a session.
    Behind,
    /// It names the caller itself, or everyone.
    Direct,
}

struct Request<'a> {
    world: &'a World,
    ask: &'a Ask<'a>,
    guess: Guess,
    account: Option<&'a Account>,
    entity: Option<&'a Entity>,
}

impl<'a> Request<'a> {
    fn new(world: &'a World, ask: &'a Ask<'a>, guess: Guess) -> Self {
        let account = account_of(ask.who).and_then(|id| world.accounts.get(id));
        let entity = account.and_then(|account| match ask.who {
            Who::User(_, name) | Who::Federated(_, name, _) => account.users.get(name),
            Who::Session(_, name, _) | Who::Linked(_, name) => account.roles.get(name),
            Who::Root(_) | Who::Service(_) | Who::Outsider(_) => None,
        });
        Self {
            world,
            ask,
            guess,
            account,
            entity,
        }
    }

    fn verdict(&self) -> Option<Verdict> {
        if self.ask.action == super::action::GET_CALLER_IDENTITY {
            let cause = Some(CauseType::PermissionlessAction);
            return Some(Verdict::plain(Decision::Allow, cause));
        }
        let denies = self.denies();
        if !denies.is_empty() {
            return Some(self.denied(&denies));
        }
        let missing = self.missing();
        if self.is_partly_unknown() {
            let open = missing.is_empty() || missing == BTreeSet::from([Layer::Identity]);
            let cause = Some(CauseType::NoPoliciesKnown);
            return open.then(|| Verdict::plain(Decision::Indeterminate, cause));
        }
        if missing.is_empty() {
            return Some(Verdict::plain(Decision::Allow, self.cause_of_allow()));
        }
        let layer = Some(missing).filter(|missing| missing.len() == 1);
        let layer = layer.and_then(|missing| missing.into_iter().next());
        Some(Verdict {
            decision: Decision::ImplicitDeny,
            cause: layer.map(Layer::cause),
            layer,
            policy: None,
        })
    }

    fn denied(&self, denies: &[(Layer, Option<String>)]) -> Verdict {
        let layers: BTreeSet<Layer> = denies.iter().map(|(layer, _)| *layer).collect();
        let layer = Some(layers).filter(|layers| layers.len() == 1);
        let layer = layer.and_then(|layers| layers.into_iter().next());
        let policy = match denies {
            [(_, policy)] => policy.clone(),
            _ => None,
        };
        Verdict {
            decision: Decision::ExplicitDeny,
            cause: layer.map(Layer::cause),
            layer,
            policy,
        }
    }

    fn covers(&self, rule: &Rule) -> bool {
        let Ask {
            action,
            resource,
            situation,
            ..
        } = self.ask;
        rule.covers(action, resource, situation, self.guess)
    }

    fn any(&self, rules: &[Rule], denying: bool) -> bool {
        let mut of_effect = rules.iter().filter(|rule| rule.denies == denying);
        of_effect.any(|rule| self.covers(rule))
    }

    /// The identity-based policies, with the ARNs of managed ones.
    fn identity(&self) -> Vec<(Option<&'a str>, &'a [Rule])> {
        let mut policies = Vec::new();
        for holder in self.holders() {
            policies.extend(holder.inline.values().map(|rules| (None, rules.as_slice())));
            for arn in &holder.attached {
                let known = self.account.and_then(|account| account.policies.get(arn));
                policies.extend(known.map(|policy| (Some(arn.as_str()), policy.rules())));
            }
        }
        policies
    }

    /// The user or role, and a user's groups.
    fn holders(&self) -> impl Iterator<Item = &'a Entity> {
        let account = self.account;
        let groups = self.entity.into_iter().flat_map(|entity| &entity.groups);
        let groups = groups.filter_map(move |name| account?.groups.get(name));
        self.entity.into_iter().chain(groups)
    }

    fn boundary(&self) -> Option<(&'a str, &'a [Rule])> {
        let arn = self.entity?.boundary.as_deref()?;
        Some((arn, self.account?.policies.get(arn)?.rules()))
    }

    /// Whether a policy is attached whose document nothing tells, or the
    /// policies of the caller are somebody else's.
    fn is_partly_unknown(&self) -> bool {
        let unknown = |arn: &String| {
            self.account
                .is_some_and(|account| !account.policies.contains_key(arn))
        };
        let mut attached = self.holders().flat_map(|holder| &holder.attached);
        matches!(self.ask.who, Who::Outsider(_)) || attached.any(unknown)
    }

    /// The accounts' service control policies bind the caller.
    fn is_under_scps(&self) -> bool {
        let account = account_of(self.ask.who);
        let exempt = matches!(self.ask.who, Who::Linked(..) | Who::Outsider(_));
        account.is_some_and(|account| account != MANAGEMENT) && !exempt
    }

    fn is_under_rcps(&self) -> bool {
        let controlled = matches!(
            self.ask.action.service,
            "s3" | "sts" | "kms" | "sqs" | "secretsmanager" | "dynamodb"
        );
        let exempt = matches!(self.ask.who, Who::Linked(..));
        controlled && !exempt && self.ask.resource.account != MANAGEMENT
    }

    /// Every layer with a rule that denies, and the ARN of the policy.
    fn denies(&self) -> Vec<(Layer, Option<String>)> {
        let mut found = Vec::new();
        for (arn, rules) in self.identity() {
            if self.any(rules, true) {
                found.push((Layer::Identity, arn.map(str::to_owned)));
            }
        }
        if let Some((arn, rules)) = self.boundary()
            && self.any(rules, true)
        {
            found.push((Layer::Boundary, Some(arn.to_owned())));
        }
        if self.ask.session.is_some_and(|rules| self.any(rules, true)) {
            found.push((Layer::Session, None));
        }
        if let Some((layer, rules)) = self.resource_policy() {
            let mut denying = rules.iter().filter(|rule| rule.denies);
            if denying.any(|rule| self.grant(rule) > Grant::None) {
                found.push((layer, None));
            }
        }
        if self.is_under_scps() {
            found.extend(self.organization_denies(account_of(self.ask.who), false));
        }
        if self.is_under_rcps() {
            found.extend(self.organization_denies(Some(self.ask.resource.account), true));
        }
        found
    }

    fn organization_denies(
        &self,
        account: Option<&str>,
        controls_resources: bool,
    ) -> Vec<(Layer, Option<String>)> {
        let organization = &self.world.organization;
        let layer = if controls_resources {
            Layer::Rcp
        } else {
            Layer::Scp
        };
        let mut arns = BTreeSet::new();
        for node in organization.up_from(account.unwrap_or_default()) {
            for (id, policy) in organization.at(node, controls_resources) {
                if self.any(&policy.rules, true) {
                    arns.insert(policy.arn(id));
                }
            }
        }
        arns.into_iter().map(|arn| (layer, Some(arn))).collect()
    }

    /// The policy of the resource: of a role, its trust policy.
    fn resource_policy(&self) -> Option<(Layer, &'a [Rule])> {
        let resource = self.ask.resource;
        if resource.kind == Kind::Role && self.ask.action.service == "sts" {
            let account = self.world.accounts.get(resource.account)?;
            let role = account.roles.get(&resource.name)?;
            return Some((Layer::Trust, &role.trust));
        }
        let holder = resource.policy_holder();
        let policy = self.world.resource_policies.get(&holder)?;
        Some((Layer::Resource, &policy.rules))
    }

    /// What a rule of the resource's policy means for the caller.
    fn grant(&self, rule: &Rule) -> Grant {
        let (Some(grantee), true) = (&rule.to, self.covers(rule)) else {
            return Grant::None;
        };
        let principal = self.ask.situation.principal.as_ref();
        let is_session = matches!(
            self.ask.who,
            Who::Session(..) | Who::Federated(..) | Who::Linked(..)
        );
        match (grantee, self.ask.who) {
            (Grantee::Anyone, _) => Grant::Direct,
            (Grantee::Service(one), Who::Service(other)) if one == other => Grant::Direct,
            (Grantee::Account(one), who) if account_of(who) == Some(one) => Grant::Account,
            (Grantee::Principal(arn), _) if principal == Some(arn) && is_session => Grant::Behind,
            (Grantee::Principal(arn), _) if principal == Some(arn) => Grant::Direct,
            (Grantee::Session(one), Who::Session(_, _, other) | Who::Federated(_, _, other))
                if one == other =>
            {
                Grant::Direct
            }
            _ => Grant::None,
        }
    }

    fn resource_grant(&self) -> Grant {
        let rules = self.resource_policy().map_or(&[][..], |(_, rules)| rules);
        let allowing = rules.iter().filter(|rule| !rule.denies);
        allowing
            .map(|rule| self.grant(rule))
            .max()
            .unwrap_or(Grant::None)
    }

    fn resource_layer(&self) -> Layer {
        match self.ask.resource.kind {
            Kind::Role => Layer::Trust,
            _ => Layer::Resource,
        }
    }

    /// The layers that lack an allow which is needed.
    fn missing(&self) -> BTreeSet<Layer> {
        let mut missing = BTreeSet::new();
        if self.is_under_scps() && !self.scps_allow() {
            missing.insert(Layer::Scp);
        }
        let grant = self.resource_grant();
        if self.is_decided_by_resource() && grant == Grant::None {
            missing.insert(self.resource_layer());
        }
        if matches!(
            self.ask.who,
            Who::Root(_) | Who::Service(_) | Who::Outsider(_)
        ) {
            return missing;
        }
        let abroad = account_of(self.ask.who) != Some(self.ask.resource.account);
        let (identity_needed, limits_apply) = match grant {
            _ if abroad => (true, true),
            Grant::Direct => (false, false),
            Grant::Behind => (false, true),
            Grant::Account | Grant::None => (true, true),
        };
        let identity = self.identity();
        if identity_needed && !identity.iter().any(|(_, rules)| self.any(rules, false)) {
            missing.insert(Layer::Identity);
        }
        if limits_apply {
            if self
                .boundary()
                .is_some_and(|(_, rules)| !self.any(rules, false))
            {
                missing.insert(Layer::Boundary);
            }
            if self
                .ask
                .session
                .is_some_and(|rules| !self.any(rules, false))
            {
                missing.insert(Layer::Session);
            }
        }
        // A policy of the caller would not be needed, and is as good a way.
        let by_identity = identity.iter().any(|(_, rules)| self.any(rules, false));
        if grant == Grant::Behind && !missing.is_empty() && !by_identity {
            missing.insert(Layer::Identity);
        }
        missing
    }

    /// Whether nothing goes without the resource's policy: across accounts, for
    /// keys and roles, and for callers that have no policies of their own.
    fn is_decided_by_resource(&self) -> bool {
        let resource = self.ask.resource;
        let own = resource.kind == Kind::Key
            || (resource.kind == Kind::Role && self.ask.action.service == "sts");
        own || account_of(self.ask.who) != Some(resource.account)
    }

    fn scps_allow(&self) -> bool {
        let organization = &self.world.organization;
        let account = account_of(self.ask.who).unwrap_or_default();
        organization.up_from(account).into_iter().all(|node| {
            let mut policies = organization.at(node, false);
            policies.any(|(_, policy)| self.any(&policy.rules, false))
        })
    }

    /// Which kind of policy allows, where it is one.
    fn cause_of_allow(&self) -> Option<CauseType> {
        let abroad = account_of(self.ask.who) != Some(self.ask.resource.account);
        let grant = self.resource_grant();
        let by_identity = self
            .identity()
            .iter()
            .any(|(_, rules)| self.any(rules, false));
        match self.ask.who {
            Who::Service(_) => Some(CauseType::ResourcePolicy),
            Who::Root(_) => (grant == Grant::None && !abroad).then_some(CauseType::RootUser),
            _ if abroad => None,
            _ if grant >= Grant::Behind && by_identity => None,
            _ if grant >= Grant::Behind => Some(CauseType::ResourcePolicy),
            _ => Some(CauseType::IdentityPolicy),
        }
    }
}

/// The caller's account; none of services.
pub(super) fn account_of(who: &Who) -> Option<&'static str> {
    match who {
        Who::Root(account)
        | Who::User(account, _)
        | Who::Session(account, ..)
        | Who::Federated(account, ..)
        | Who::Linked(account, _)
        | Who::Outsider(account) => Some(account),
        Who::Service(_) => None,
    }
}
