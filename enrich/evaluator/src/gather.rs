//! What the statements of all layers say to a request.

use crate::arn::Tri;
use crate::decision::{Facts, Side, Situation};
use crate::layers::{IdentitySource, Layers, PolicySet};
use crate::matching::Subject;
use crate::principal_element::Named;
use crate::statement::Effect;
use crate::verdict::{Match, PolicyType};
use crate::{Context, Options, Policy, Request};

/// What the statements say.
pub(crate) struct Gathered<'a> {
    pub(crate) situation: Situation,
    pub(crate) facts: Facts<Tri>,
    /// Keep every match; otherwise only what the decision needs.
    keep_all: bool,
    pub(crate) denies: Vec<Match<'a>>,
    pub(crate) allows: Vec<Match<'a>>,
    /// Statements that match or not depending on unknown keys.
    pub(crate) open: Vec<Match<'a>>,
    pub(crate) identity_allow: Option<Match<'a>>,
    pub(crate) resource_allow: Option<(Named, Match<'a>)>,
    pub(crate) lacking_levels: Vec<&'a str>,
}

impl<'a> Gathered<'a> {
    pub(crate) fn new(
        request: &Request<'_>,
        context: &Context<'_>,
        layers: &'a Layers,
        options: &Options,
        keep_all: bool,
    ) -> Self {
        let situation = Situation::of(request, layers, options);
        let mut gathered = Gathered {
            situation,
            facts: Facts::none(),
            keep_all,
            denies: Vec::new(),
            // Few requests are allowed by more, and growing is dear.
            allows: Vec::with_capacity(if keep_all { 8 } else { 0 }),
            open: Vec::new(),
            identity_allow: None,
            resource_allow: None,
            lacking_levels: Vec::new(),
        };
        let subject = Subject {
            request,
            context,
            options,
            bounded: situation.boundary,
        };
        gathered.run(&subject, layers);
        gathered
    }

    /// The layers in the order in which their denies are named.
    fn run(&mut self, subject: &Subject<'_>, layers: &'a Layers) {
        if self.situation.scp {
            self.facts.scp = self.levels(
                subject,
                layers.scp.as_deref().unwrap_or_default(),
                PolicyType::Scp,
            );
        }
        if self.situation.rcp && !self.settled() {
            self.facts.rcp = self.levels(
                subject,
                layers.rcp.as_deref().unwrap_or_default(),
                PolicyType::Rcp,
            );
        }
        if let (Some(policy), false) = (&layers.resource, self.settled()) {
            self.resource(subject, policy);
            if subject.options.s3_block_public_access {
                self.situation.public_access_blocked =
                    crate::matching::blocks_public_access(subject.request, policy);
            }
        }
        for group in layers.identity.iter() {
            let side = self.set(
                subject,
                &group.policies,
                PolicyType::Identity,
                None,
                Some(group.source),
            );
            self.facts.identity = self.facts.identity.or(side);
        }
        let restricting = [
            (
                self.situation.boundary,
                &layers.boundary,
                PolicyType::Boundary,
            ),
            (self.situation.session, &layers.session, PolicyType::Session),
            (
                self.situation.vpc_endpoint,
                &layers.vpc_endpoint,
                PolicyType::VpcEndpoint,
            ),
        ];
        for (applies, set, layer) in restricting {
            let Some(set) = set.as_ref().filter(|_| applies) else {
                continue;
            };
            let side = self.set(subject, set, layer, None, None);
            match layer {
                PolicyType::Boundary => self.facts.boundary = side,
                PolicyType::Session => self.facts.session = side,
                _ => self.facts.vpc_endpoint = side,
            }
        }
    }

    /// A deny was found and nothing more is wanted.
    fn settled(&self) -> bool {
        !self.keep_all && !self.denies.is_empty()
    }

    /// All levels must allow; any may deny.
    fn levels(
        &mut self,
        subject: &Subject<'_>,
        levels: &'a [crate::Level],
        layer: PolicyType,
    ) -> Side<Tri> {
        let mut all = Side {
            allow: Tri::True,
            deny: Tri::False,
        };
        for level in levels {
            let side = self.set(subject, &level.policies, layer, Some(&level.name), None);
            if side.allow != Tri::True && layer == PolicyType::Scp {
                self.lacking_levels.push(&level.name);
            }
            all.allow = all.allow.min(side.allow);
            all.deny = all.deny.max(side.deny);
        }
        all
    }

    fn set(
        &mut self,
        subject: &Subject<'_>,
        set: &'a PolicySet,
        layer: PolicyType,
        level: Option<&'a str>,
        source: Option<IdentitySource>,
    ) -> Side<Tri> {
        let mut side = Side {
            allow: Tri::False,
            deny: Tri::False,
        };
        if self.settled() {
            return side;
        }
        set.candidates(subject.request, |policy, index| {
            let found = Match {
                policy_type: layer,
                level,
                source,
                policy,
                index,
            };
            let effect = found.statement().effect;
            if effect == Effect::Allow && side.allow == Tri::True && !self.keep_all {
                return true;
            }
            let Some((tri, _)) = subject.matches(found.statement(), layer) else {
                return true;
            };
            match effect {
                Effect::Allow => side.allow = side.allow.max(tri),
                Effect::Deny => side.deny = side.deny.max(tri),
            }
            self.note(found, effect, tri);
            !self.settled()
        });
        side
    }

    fn resource(&mut self, subject: &Subject<'_>, policy: &'a Policy) {
        for (index, statement) in policy.statements().iter().enumerate() {
            let Some((tri, named)) = subject.matches(statement, PolicyType::Resource) else {
                continue;
            };
            let found = Match {
                policy_type: PolicyType::Resource,
                level: None,
                source: None,
                policy,
                index,
            };
            let facts = &mut self.facts;
            let fact = match (statement.effect, named) {
                (Effect::Allow, Named::Directly) => &mut facts.resource.allow,
                (Effect::Allow, Named::ByRole) => &mut facts.resource_by_role,
                (Effect::Allow, Named::ByAccount) => &mut facts.resource_by_account.allow,
                (Effect::Deny, Named::Directly | Named::ByRole) => &mut facts.resource.deny,
                (Effect::Deny, Named::ByAccount) => &mut facts.resource_by_account.deny,
            };
            *fact = (*fact).max(tri);
            let stronger = self.resource_allow.is_none_or(|(before, _)| named > before);
            if statement.effect == Effect::Allow && tri == Tri::True && stronger {
                self.resource_allow = Some((named, found));
            }
            self.note(found, statement.effect, tri);
        }
    }

    fn note(&mut self, found: Match<'a>, effect: Effect, tri: Tri) {
        match (tri, effect) {
            (Tri::False, _) => {}
            (Tri::Unknown, _) => self.open.push(found),
            (Tri::True, Effect::Deny) if self.keep_all || self.denies.is_empty() => {
                self.denies.push(found)
            }
            (Tri::True, Effect::Deny) => {}
            (Tri::True, Effect::Allow) => {
                if found.policy_type == PolicyType::Identity && self.identity_allow.is_none() {
                    self.identity_allow = Some(found);
                }
                if self.keep_all {
                    self.allows.push(found);
                }
            }
        }
    }
}

impl Side<Tri> {
    fn or(self, other: Self) -> Self {
        Side {
            allow: self.allow.max(other.allow),
            deny: self.deny.max(other.deny),
        }
    }
}
