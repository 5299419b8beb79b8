//! Policies change, and somebody calls before the change has reached all of AWS.

use trailwright_schemas::Agreement;

use super::Story;
use super::record::Recorded;
use super::tried::Candidate;
use crate::generator::history::actor::Actor;
use crate::generator::history::change::{Change, EntityChange, Request};
use crate::generator::history::decide::{Verdict, Who, account_of};
use crate::generator::history::schedule;
use crate::generator::history::setup::ADMINISTRATOR;
use crate::generator::history::world::{EntityKind, EntityName};
use crate::generator::organization::OFFICE;

/// So many calls are tried for one that a change turns round.
const PROBES: usize = 40;

impl Story {
    /// The changes of the next turn, one after the other.
    pub(super) fn change(&mut self, watch: &mut dyn FnMut(&Self)) {
        let turn = self.turn;
        self.turn += 1;
        if self.random.once_in(5) {
            self.fail(turn * 7 + 3);
        }
        for change in schedule::next(&self.world, &mut self.random, turn) {
            self.carry_out(change, watch);
        }
    }

    /// Nothing else happens in the second of a change.
    fn carry_out(&mut self, change: Change, watch: &mut dyn FnMut(&Self)) {
        let Some((candidate, request)) = self.request(&change) else {
            return;
        };
        let Some(verdict) = self.verdict(&candidate) else {
            return;
        };
        self.pause(2, 4);
        watch(self);
        self.record(
            &candidate.actor.caller,
            request.call,
            &verdict,
            &Recorded::True,
        );
        if !verdict.allows() {
            self.pause(1, 1);
            return;
        }
        let probes = self.probes(&change);
        self.drop_sessions(&change);
        let time = self.time();
        change.apply(&mut self.world, &time);
        self.changed = self.at;
        self.pause(1, 2);
        self.call_too_early(&probes);
    }

    /// The administrator of the account makes the change.
    fn request(&mut self, change: &Change) -> Option<(Candidate, Request)> {
        let name = EntityName {
            account: change.account(),
            kind: EntityKind::User,
            name: ADMINISTRATOR.to_owned(),
        };
        let key = self.key_of(&name);
        let actor = Actor::user(&self.world, &name, &key, OFFICE)?;
        Some(self.request_by(actor, change))
    }

    fn request_by(&self, actor: Actor, change: &Change) -> (Candidate, Request) {
        let moment = self.long_time(self.at, "%b %-d, %Y %-I:%M:%S %p");
        let request = change.request(&self.world, &moment);
        let candidate = Candidate {
            actor,
            action: request.action,
            resource: request.resource.clone(),
            region: request.call.region,
        };
        (candidate, request)
    }

    /// A change that fails and must change nothing: somebody may not make it,
    /// or AWS refuses it.
    fn fail(&mut self, turn: usize) {
        let next = schedule::next(&self.world, &mut self.random, turn);
        let Some(change) = next.into_iter().next() else {
            return;
        };
        // A denial by Organizations says neither what was asked for nor on what.
        let refused = matches!(change, Change::Control(_)) || self.random.once_in(2);
        let actor = match refused {
            true => self.request(&change).map(|(candidate, _)| candidate.actor),
            false => self.user(change.account()),
        };
        let Some(actor) = actor else {
            return;
        };
        let (candidate, request) = self.request_by(actor, &change);
        let Some(verdict) = self.verdict(&candidate) else {
            return;
        };
        let recorded = match refused {
            true if verdict.allows() => refusal(&mut self.random, request.call.service),
            false if verdict.denies() => Recorded::True,
            _ => return,
        };
        self.pause(2, 4);
        self.record(&candidate.actor.caller, request.call, &verdict, &recorded);
        self.pause(1, 1);
    }

    /// Sessions of a role end with it. Whether those that exist see its new
    /// tags is not documented, so nobody uses them any more.
    fn drop_sessions(&mut self, change: &Change) {
        let Change::Entity(of, change) = change else {
            return;
        };
        let ends = matches!(
            change,
            EntityChange::Delete | EntityChange::Tag(..) | EntityChange::Untag(_)
        );
        if !ends {
            return;
        }
        self.sessions.retain(|session| {
            let is_of = session.entity().as_ref() == Some(of);
            let keeps = of.kind == EntityKind::User && !matches!(change, EntityChange::Delete);
            !is_of || keeps
        });
    }

    /// Calls of those whom the change may concern, with their verdicts before it.
    fn probes(&mut self, change: &Change) -> Vec<(Candidate, Verdict)> {
        let account = change.account();
        let mut probes = Vec::new();
        for _ in 0..PROBES {
            let Some(actor) = self.concerned(change) else {
                continue;
            };
            let is_near = account_of(&actor.who) == Some(account);
            if !is_near && !matches!(change, Change::Control(_) | Change::Resource(..)) {
                continue;
            }
            let candidate = self.candidate(&actor);
            if let Some(verdict) = self.verdict(&candidate) {
                probes.push((candidate, verdict));
            }
        }
        probes
    }

    /// The user or role that changes, or anybody.
    fn concerned(&mut self, change: &Change) -> Option<Actor> {
        if let Change::Entity(of, _) = change {
            let session = self
                .sessions
                .iter()
                .find(|session| session.entity().as_ref() == Some(of));
            if session.is_some() {
                return session.cloned();
            }
            if of.kind == EntityKind::User && self.world.entity(of).is_some() {
                let key = self.key_of(of);
                return Actor::user(&self.world, of, &key, OFFICE);
            }
        }
        let actor = self.actor()?;
        (!matches!(actor.who, Who::Root(_))).then_some(actor)
    }

    /// Seconds after a change, one call whose outcome is still that of before.
    fn call_too_early(&mut self, probes: &[(Candidate, Verdict)]) {
        let turned = |(candidate, before): &&(Candidate, Verdict)| {
            let is_user = matches!(candidate.actor.who, Who::User(..));
            let exists = candidate
                .actor
                .entity()
                .is_some_and(|name| self.world.entity(&name).is_some());
            let after = self.verdict(candidate).filter(|_| exists || !is_user);
            after.is_some_and(|after| {
                (before.allows() && after.denies()) || (before.denies() && after.allows())
            })
        };
        let Some((candidate, before)) = probes.iter().find(turned) else {
            return;
        };
        if self.random.once_in(2) {
            return;
        }
        let Some(after) = self.verdict(candidate) else {
            return;
        };
        self.pause(1, 12);
        let recorded = Recorded::As(before.clone(), Agreement::Propagation);
        self.record(&candidate.actor.caller, candidate.call(), &after, &recorded);
        self.pause(1, 1);
    }
}

/// An error that comes after authorization.
fn refusal(random: &mut crate::generator::random::Random, service: &str) -> Recorded {
    let none = Agreement::NotComparable;
    match (service, random.between(0, 2)) {
        ("iam", 0) => {
            let message = "The requested entity cannot be found.";
            Recorded::Failed("NoSuchEntityException", message, none)
        }
        ("iam", 1) => {
            let message = "Cannot exceed quota for this entity.";
            Recorded::Failed("LimitExceededException", message, Agreement::OtherGate)
        }
        ("iam", _) => {
            let message = "This policy contains invalid Json";
            Recorded::Failed("MalformedPolicyDocumentException", message, none)
        }
        ("s3", _) => Recorded::Failed("MalformedPolicy", "Invalid policy syntax.", none),
        _ => Recorded::Failed("ThrottlingException", "Rate exceeded", none),
    }
}
