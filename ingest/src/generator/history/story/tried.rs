//! Who calls what next.

use serde_json::{Value, json};
use trailwright_schemas::{Agreement, CauseType, Decision};

use super::record::Recorded;
use super::{QUIET, Story};
use crate::generator::call::Call;
use crate::generator::caller::Caller;
use crate::generator::history::accounts::{ACCOUNTS, DATA};
use crate::generator::history::action::{
    Action, DELETE_OBJECT, DESCRIBE_INSTANCES, DESCRIBE_VPCS, GET_CALLER_IDENTITY, GET_OBJECT,
    PUT_OBJECT, STOP_INSTANCES, TRIED,
};
use crate::generator::history::actor::Actor;
use crate::generator::history::call;
use crate::generator::history::decide::{Ask, Verdict, Who, account_of, decide};
use crate::generator::history::draw;
use crate::generator::history::resource::{Kind, Resource};
use crate::generator::history::setup::{
    ADMINISTRATOR, BROKER, CLOUDTRAIL, FOLDERS, PARTNER_FOLDER, SHARED_BUCKET,
};
use crate::generator::history::world::{EntityKind, EntityName};
use crate::generator::organization::{FRANKFURT, HOME, OFFICE, PARTNER};

/// So many calls are thought of for one that is made.
const CANDIDATES: usize = 8;

/// A call that somebody may make.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) actor: Actor,
    pub(super) action: Action,
    pub(super) resource: Resource,
    pub(super) region: &'static str,
}

impl Story {
    /// One ordinary call, or a few events that belong together.
    pub(super) fn call(&mut self) {
        self.sessions.retain(|session| session.until > self.at + 60);
        match self.random.between(0, 99) {
            0..=2 => self.enter(),
            3 => self.service_event(),
            4 => self.caller_identity(),
            5 => self.cloudtrail_writes(),
            6 => self.outsider_calls(),
            _ => {
                if let Some((candidate, verdict)) = self.choose() {
                    self.make(&candidate, &verdict);
                }
            }
        }
    }

    /// The verdict on a candidate.
    pub(super) fn verdict(&self, candidate: &Candidate) -> Option<Verdict> {
        let actor = &candidate.actor;
        decide(
            &self.world,
            &Ask {
                who: &actor.who,
                session: actor.session.as_deref(),
                situation: &actor.situation(&self.world, candidate.region),
                action: candidate.action,
                resource: &candidate.resource,
            },
        )
    }

    /// A call that is allowed, if there is one among some of the same actor;
    /// every third time the rarest outcome among some of several.
    fn choose(&mut self) -> Option<(Candidate, Verdict)> {
        let seeks_rare = self.random.once_in(3);
        let mut actor = self.actor()?;
        let mut best: Option<(Candidate, Verdict)> = None;
        for _ in 0..CANDIDATES {
            if seeks_rare {
                actor = self.actor()?;
            }
            let candidate = self.candidate(&actor);
            let Some(verdict) = self.verdict(&candidate) else {
                continue;
            };
            let settles = !seeks_rare && verdict.allows();
            let better = match &best {
                Some((_, kept)) if seeks_rare => self.times(&verdict) < self.times(kept),
                Some(_) => settles,
                None => true,
            };
            if better {
                best = Some((candidate, verdict));
            }
            if settles {
                break;
            }
        }
        best
    }

    fn times(&self, verdict: &Verdict) -> usize {
        let key = (verdict.decision, verdict.cause);
        self.seen.get(&key).copied().unwrap_or_default()
    }

    /// A principal of the organization with credentials.
    pub(super) fn actor(&mut self) -> Option<Actor> {
        let session = match self.sessions.is_empty() {
            true => None,
            false => Some(draw::one_of(&mut self.random, &self.sessions)),
        };
        match (self.random.between(0, 99), session) {
            (0..=2, _) => Some(self.root()),
            (3..=55, Some(session)) => Some(session),
            _ => {
                let account = draw::an_account(&mut self.random);
                let actor = self.user(account)?;
                // A service calls on the user's behalf: its address hides the
                // user's.
                if self.random.once_in(30) {
                    let mut actor = actor;
                    actor.caller = actor.caller.through("cloudformation.amazonaws.com");
                    return Some(actor);
                }
                Some(actor)
            }
        }
    }

    /// A user who is neither the administrator nor the broker.
    pub(super) fn user(&mut self, account: &'static str) -> Option<Actor> {
        let users = self.world.accounts.get(account)?.users.keys();
        let names: Vec<String> = users
            .filter(|name| *name != ADMINISTRATOR && *name != BROKER)
            .cloned()
            .collect();
        let name = EntityName {
            account,
            kind: EntityKind::User,
            name: draw::one_of(&mut self.random, &names),
        };
        let key = self.key_of(&name);
        let address = if self.random.once_in(3) { HOME } else { OFFICE };
        Actor::user(&self.world, &name, &key, address)
    }

    fn root(&mut self) -> Actor {
        let account = draw::an_account(&mut self.random);
        let key = self.random.temporary_key();
        let caller = Caller::root(account, &key, OFFICE, &self.time());
        let mut actor = Actor::new(Who::Root(account), caller);
        actor.mfa = Some(true);
        actor
    }

    pub(super) fn candidate(&mut self, actor: &Actor) -> Candidate {
        let home = account_of(&actor.who).unwrap_or(DATA);
        let action = match actor.who {
            // Scaling does nothing but scale.
            Who::Linked(..) => {
                let own = [DESCRIBE_INSTANCES, DESCRIBE_VPCS, STOP_INSTANCES];
                draw::one_of(&mut self.random, &own)
            }
            _ => draw::one_of(&mut self.random, &TRIED),
        };
        let resource = self.resource_for(actor, &action, home);
        Candidate {
            actor: actor.clone(),
            region: call::region(&mut self.random, &action),
            action,
            resource,
        }
    }

    fn resource_for(&mut self, actor: &Actor, action: &Action, home: &'static str) -> Resource {
        let random = &mut self.random;
        if action.on == Kind::User {
            let name = format!("worker-{}", random.between(1, 6));
            return Resource::new(Kind::User, home, name);
        }
        let kind = match action.on {
            Kind::Object => Kind::Bucket,
            kind => kind,
        };
        let stays = matches!(actor.who, Who::Root(_) | Who::Linked(..));
        let abroad = !stays && random.once_in(6);
        let account = if abroad {
            draw::an_account(random)
        } else {
            home
        };
        let here = draw::resource(&self.world, random, kind, account);
        // Of a resource elsewhere without a policy nobody tells that it has none.
        let known = here.filter(|resource| {
            account == home || self.world.resource_policies.contains_key(&resource.arn())
        });
        let own = || draw::resource(&self.world, random, kind, home);
        let Some(resource) = known.or_else(own) else {
            return Resource::nothing(home);
        };
        if action.on != Kind::Object {
            return resource;
        }
        let folder = draw::one_of(&mut self.random, &FOLDERS);
        let rest = format!("part-{:04}.json", self.random.between(1, 9999));
        resource.object(folder, rest)
    }

    /// Makes the call; now and then it fails otherwise, and rarely, when no
    /// change explains it, its outcome is not what the policies say.
    pub(super) fn make(&mut self, candidate: &Candidate, verdict: &Verdict) {
        let call = candidate.call();
        let settled = verdict.allows() || verdict.denies();
        let is_quiet = self.at > self.changed + QUIET;
        let recorded = if is_quiet && settled && self.random.once_in(120) {
            let opposite = Verdict {
                decision: if verdict.allows() {
                    Decision::ImplicitDeny
                } else {
                    Decision::Allow
                },
                cause: None,
                layer: None,
                policy: None,
            };
            Recorded::As(opposite, Agreement::Disagrees)
        } else if verdict.allows() && self.random.once_in(200) {
            let agreement = Agreement::NotComparable;
            Recorded::Failed("ThrottlingException", "Rate exceeded", agreement)
        } else {
            Recorded::True
        };
        self.record(&candidate.actor.caller, call, verdict, &recorded);
    }

    fn caller_identity(&mut self) {
        let account = draw::an_account(&mut self.random);
        let Some(actor) = self.user(account) else {
            return;
        };
        let candidate = Candidate {
            actor,
            action: GET_CALLER_IDENTITY,
            resource: Resource::nothing(account),
            region: FRANKFURT,
        };
        if let Some(verdict) = self.verdict(&candidate) {
            self.make(&candidate, &verdict);
        }
    }

    fn shared_object(&mut self, folder: &'static str) -> Resource {
        let bucket = Resource::new(Kind::Bucket, DATA, SHARED_BUCKET);
        bucket.object(
            folder,
            format!("part-{:04}.json", self.random.between(1, 9999)),
        )
    }

    /// CloudTrail delivers to a bucket whose policy lets it.
    fn cloudtrail_writes(&mut self) {
        let caller = Caller::service(CLOUDTRAIL, DATA);
        let candidate = Candidate {
            actor: Actor::new(Who::Service(CLOUDTRAIL), caller),
            action: PUT_OBJECT,
            resource: self.shared_object("archive"),
            region: FRANKFURT,
        };
        if let Some(verdict) = self.verdict(&candidate) {
            self.record(
                &candidate.actor.caller,
                candidate.call(),
                &verdict,
                &Recorded::True,
            );
        }
    }

    /// Somebody of the partner fetches, or tries to delete.
    fn outsider_calls(&mut self) {
        let principal = format!("AIDA{}", "PARTNERUSER234567");
        let action = if self.random.once_in(4) {
            DELETE_OBJECT
        } else {
            GET_OBJECT
        };
        let caller = Caller::foreign(PARTNER, &principal, DATA, HOME);
        let candidate = Candidate {
            actor: Actor::new(Who::Outsider(PARTNER), caller),
            action,
            resource: self.shared_object(PARTNER_FOLDER),
            region: FRANKFURT,
        };
        if let Some(verdict) = self.verdict(&candidate) {
            self.record(
                &candidate.actor.caller,
                candidate.call(),
                &verdict,
                &Recorded::True,
            );
        }
    }

    /// KMS rotates a key by itself.
    fn service_event(&mut self) {
        let account = draw::one_of(&mut self.random, &ACCOUNTS).0;
        let Some(key) = draw::resource(&self.world, &mut self.random, Kind::Key, account) else {
            return;
        };
        let fields = json!({
            "eventType": "AwsServiceEvent",
            "eventSource": "kms.amazonaws.com",
            "eventName": "RotateKey",
            "readOnly": false,
            "userIdentity": { "accountId": account, "invokedBy": "AWS Internal" },
            "sourceIPAddress": "AWS Internal",
            "userAgent": "AWS Internal",
            "serviceEventDetails": { "keyId": key.name },
            "responseElements": Value::Null,
        });
        let verdict = Verdict {
            decision: Decision::NotEvaluated,
            cause: Some(CauseType::ServiceEvent),
            layer: None,
            policy: None,
        };
        self.add(
            account,
            FRANKFURT,
            fields,
            &verdict,
            Agreement::NotComparable,
        );
    }
}

impl Candidate {
    pub(super) fn call(&self) -> Call {
        let caller = account_of(&self.actor.who);
        call::call(&self.action, &self.resource, self.region, caller)
    }
}
