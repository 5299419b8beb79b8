//! The state of IAM, of the organization and of resource policies as a
//! function of time.
//!
//! Facts are put into their place in time whatever the order in which they
//! arrive, so that the same inputs give the same timeline. What is asked for
//! most, the policies of a principal and of an account, is worked out once per
//! stretch of time in which nothing that it depends on changes, so that a
//! look-up is one in a hash map and a binary search.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use hashbrown::{HashMap, HashSet};
use trailwright_schemas::Record;

use super::as_of::AsOf;
use super::change::{Change, EntityKey, Kind, Stated};
use super::entity::Entity;
use super::events::Calls;
use super::files::{self, PolicyFile, Problem};
use super::life::{Listings, NAME_FREE};
use super::managed::ManagedPolicy;
use super::moment::{Moment, Origin, Phase, When};
use super::organization::{Organization, Tree};
use super::principal::PrincipalPolicies;
use super::resource::{Resource, ResourcePolicy};
use super::series::{Epochs, Series};
use super::session::{Issued, Sessions};
use super::sign_in::ConsoleAuthorizations;

/// Policies and entities over time.
#[derive(Debug, Default)]
pub struct Timeline {
    calls: Calls,
    pub(super) entities: HashMap<EntityKey, Entity>,
    pub(super) listings: HashMap<(Arc<str>, Kind), Listings>,
    pub(super) managed: HashMap<Arc<str>, ManagedPolicy>,
    pub(super) resources: HashMap<Arc<str>, Resource>,
    pub(super) sessions: Sessions,
    pub(super) tree: Tree,
    pub(super) aliases: HashMap<Arc<str>, Series<Option<Arc<str>>>>,
    pub(super) console_authorizations: ConsoleAuthorizations,
    /// Accounts whose users and roles some input shows.
    pub(super) accounts: BTreeSet<Arc<str>>,
    /// Managed policies by account and name, for names without a path.
    pub(super) managed_names: HashMap<(Arc<str>, Arc<str>), Arc<str>>,
    /// What the policies of a principal were worked out from.
    dependents: HashMap<Dependency, HashSet<EntityKey>>,
    pub(super) principals: Vec<Principal>,
    /// Places in `principals`.
    pub(super) places: HashMap<EntityKey, usize>,
    /// The same by ARN, which is what records have.
    pub(super) places_by_arn: HashMap<Arc<str>, usize>,
    pub(super) resource_policies: HashMap<Arc<str>, OfResource>,
    pub(super) organization: Option<Epochs<Organization>>,
}

/// The policies of a user or role over time.
#[derive(Debug)]
pub(super) struct Principal {
    pub(super) key: EntityKey,
    pub(super) policies: Epochs<PrincipalPolicies>,
}

/// The policy of a resource over time, and the account it belongs to.
#[derive(Debug)]
pub(super) struct OfResource {
    pub(super) account: Option<Arc<str>>,
    pub(super) policy: Epochs<ResourcePolicy>,
}

/// What principals share.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Dependency {
    Group(EntityKey),
    Managed(Arc<str>),
}

/// Whose decisions a change may change, and from when on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Concerned {
    /// The user or role with this ARN, wherever it acts, and what acts on it.
    Principal {
        /// Twelve digits.
        account: Arc<str>,
        /// Without its path.
        name: Arc<str>,
    },
    /// The session with this access key ID or ARN.
    Session(Arc<str>),
    /// Everyone.
    Everyone,
}

/// A change that was not known before.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Concern {
    /// Whose decisions it may change.
    pub who: Concerned,
    /// From when on; `None`: at all times.
    pub since: Option<DateTime<Utc>>,
}

impl Timeline {
    /// Takes files of policies. What is wrong with them is told and counts as
    /// not known.
    pub fn add_files(&mut self, files: &[PolicyFile]) -> (Vec<Concern>, Vec<Problem>) {
        let read: Vec<_> = files.iter().map(files::changes).collect();
        let (changes, problems): (Vec<_>, Vec<_>) = read.into_iter().unzip();
        let concerns = self.add(changes.into_iter().flatten().collect());
        (concerns, problems.into_iter().flatten().collect())
    }

    /// Takes records; those that tell of no change are passed over.
    pub fn add_records<'r>(
        &mut self,
        records: impl IntoIterator<Item = &'r Record>,
    ) -> Vec<Concern> {
        let changes = records
            .into_iter()
            .flat_map(|record| self.calls.read(record));
        let changes = changes.collect();
        self.add(changes)
    }

    /// Whether the record may tell of a change, by its names alone: such
    /// records are what the timeline is made of.
    pub fn is_change(&self, record: &Record) -> bool {
        self.calls.is_change(record)
    }

    /// The state in which the request of this record was evaluated: a change is
    /// not yet in force for the call that makes it.
    pub fn for_record<'a>(&'a self, record: &Record, own: &'a mut Option<Moment>) -> AsOf<'a> {
        let issues_credentials = matches!(
            record.event_source.as_str(),
            "sts.amazonaws.com" | "signin.amazonaws.com"
        );
        if issues_credentials || !self.calls.is_change(record) {
            return self.as_of(record.event_time);
        }
        self.before(own.insert(super::events::moment(record, Phase::Creation)))
    }

    /// Takes what inputs say, in any order, and tells what it concerns.
    fn add(&mut self, changes: Vec<Change>) -> Vec<Concern> {
        let mut concerns = HashSet::new();
        let mut stale = Stale::default();
        for Change { at, origin, fact } in changes {
            let creates = matches!(fact, Stated::Entity(_, Some(_)));
            let who = self.set(at.as_ref(), fact, &origin, &mut stale);
            // A snapshot tells of what was before it too.
            let since = match *origin {
                // It was not there shortly before.
                Origin::Event { time, .. } if creates => Some(time - NAME_FREE),
                Origin::Event { time, .. } | Origin::Published { time } => Some(time),
                Origin::Undated { .. } | Origin::Snapshot { .. } => None,
            };
            concerns.extend(who.into_iter().map(|who| Concern { who, since }));
        }
        self.work_out_again(stale);
        concerns.into_iter().collect()
    }

    fn set(
        &mut self,
        at: Option<&Moment>,
        fact: Stated,
        origin: &Arc<Origin>,
        stale: &mut Stale,
    ) -> Vec<Concerned> {
        match fact {
            Stated::AllListed { account, kind } => {
                let Some(moment) = at else {
                    return Vec::new();
                };
                let listings = self.listings.entry((account.clone(), kind)).or_default();
                let place = listings.partition_point(|(known, _)| known < moment);
                if listings.get(place).is_none_or(|(known, _)| known != moment) {
                    listings.insert(place, (moment.clone(), origin.clone()));
                }
                let of_account = |key: &&EntityKey| key.account == account;
                stale
                    .entities
                    .extend(self.entities.keys().filter(of_account).cloned());
                vec![Concerned::Everyone]
            }
            Stated::Entity(ref key, _)
            | Stated::Inline(ref key, ..)
            | Stated::Attached(ref key, ..)
            | Stated::Member(ref key, ..)
            | Stated::Boundary(ref key, _)
            | Stated::Trust(ref key, _)
            | Stated::Tag(ref key, ..) => {
                let key = key.clone();
                self.set_entity(&key, at, fact, origin, stale)
            }
            Stated::Policy(ref arn, _)
            | Stated::PolicyVersion(ref arn, ..)
            | Stated::VersionCreated(ref arn, ..)
            | Stated::DefaultVersion(ref arn, _) => {
                let arn = managed_key(arn);
                self.name_managed(&arn);
                let who = self.concerned_by(&Dependency::Managed(arn.clone()));
                stale.dependencies.insert(Dependency::Managed(arn.clone()));
                self.managed.entry(arn).or_default().set(at, fact, origin);
                who
            }
            Stated::ResourcePolicy {
                resource,
                account,
                document,
            } => {
                let known = self.resource(resource.clone(), account);
                known.set_policy(at, document, origin);
                stale.resources.insert(resource);
                vec![Concerned::Everyone]
            }
            Stated::ResourceStatement {
                resource,
                account,
                sid,
                statement,
            } => {
                let known = self.resource(resource.clone(), account);
                known.set_statement(at, sid, statement, origin);
                stale.resources.insert(resource);
                vec![Concerned::Everyone]
            }
            Stated::Session(key, session) => {
                let issued = Issued {
                    session,
                    at: at.cloned(),
                    origin: origin.clone(),
                };
                self.sessions.issue(key.clone(), issued);
                vec![Concerned::Session(key)]
            }
            Stated::SessionGoesOn { key, before } => {
                self.sessions.go_on(key.clone(), before);
                vec![Concerned::Session(key)]
            }
            Stated::ConsoleAuthorization { target, on } => {
                self.console_authorizations.set(target, at, on, origin);
                vec![Concerned::Everyone]
            }
            Stated::Alias(account, alias) => {
                self.aliases
                    .entry(account)
                    .or_default()
                    .set(at, alias, origin);
                Vec::new()
            }
            Stated::Organization { .. }
            | Stated::Parent(..)
            | Stated::Control { .. }
            | Stated::ControlContent { .. }
            | Stated::ControlInUse(..) => {
                self.tree.set(at, fact, origin);
                stale.organization = true;
                vec![Concerned::Everyone]
            }
        }
    }

    fn set_entity(
        &mut self,
        key: &EntityKey,
        at: Option<&Moment>,
        fact: Stated,
        origin: &Arc<Origin>,
        stale: &mut Stale,
    ) -> Vec<Concerned> {
        match &fact {
            Stated::Attached(_, policy, _) | Stated::Boundary(_, Some(policy)) => {
                let dependency = Dependency::Managed(managed_key(policy));
                self.dependents
                    .entry(dependency)
                    .or_default()
                    .insert(key.clone());
            }
            Stated::Member(_, group, _) => {
                let group = EntityKey::new(Kind::Group, &key.account, group);
                let dependents = self.dependents.entry(Dependency::Group(group)).or_default();
                dependents.insert(key.clone());
            }
            _ => {}
        }
        self.accounts.insert(key.account.clone());
        let entity = self.entities.entry(key.clone()).or_default();
        entity.set(at, fact, origin);
        stale.entities.insert(key.clone());
        if key.kind == Kind::Group {
            stale.dependencies.insert(Dependency::Group(key.clone()));
            return self.concerned_by(&Dependency::Group(key.clone()));
        }
        vec![concerned(key)]
    }

    fn resource(&mut self, arn: Arc<str>, account: Option<Arc<str>>) -> &mut Resource {
        let known = self.resources.entry(arn).or_default();
        known.account = account.or(known.account.take());
        known
    }

    fn name_managed(&mut self, arn: &Arc<str>) {
        let mut parts = arn.splitn(6, ':').skip(4);
        if let (Some(account), Some(resource)) = (parts.next(), parts.next())
            && let Some(name) = resource.rsplit('/').next()
        {
            self.managed_names
                .insert((account.into(), name.into()), arn.clone());
        }
    }

    /// The principals that depend on something shared.
    fn concerned_by(&self, dependency: &Dependency) -> Vec<Concerned> {
        let mut who = Vec::new();
        for key in self.dependents.get(dependency).into_iter().flatten() {
            if key.kind == Kind::Group {
                who.extend(self.concerned_by(&Dependency::Group(key.clone())));
            } else {
                who.push(concerned(key));
            }
        }
        who
    }

    /// Everything worked out from what has changed is worked out again when
    /// it is asked for.
    fn work_out_again(&mut self, stale: Stale) {
        let mut entities = stale.entities;
        for dependency in &stale.dependencies {
            for key in self.dependents.get(dependency).into_iter().flatten() {
                entities.insert(key.clone());
            }
        }
        let groups: Vec<EntityKey> = entities
            .iter()
            .filter(|key| key.kind == Kind::Group)
            .cloned()
            .collect();
        for group in groups {
            let members = self.dependents.get(&Dependency::Group(group));
            entities.extend(members.into_iter().flatten().cloned());
        }
        for key in entities {
            if key.kind != Kind::Group {
                self.begin_again(key);
            }
        }
        for arn in stale.resources {
            if let Some(resource) = self.resources.get(&arn) {
                let moments = resource.changes().map(|(moment, _)| moment.clone());
                let of_resource = OfResource {
                    account: resource.account.clone(),
                    policy: Epochs::between(moments),
                };
                self.resource_policies.insert(arn, of_resource);
            }
        }
        if stale.organization && self.tree.is_known() {
            self.organization = Some(Epochs::between(self.tree.moments().cloned()));
        }
    }

    fn begin_again(&mut self, key: EntityKey) {
        let policies = Epochs::between(self.moments_of(&key));
        let place = *self
            .places
            .entry(key.clone())
            .or_insert(self.principals.len());
        let arns = self.entities.get(&key).into_iter().flat_map(Entity::arns);
        self.places_by_arn
            .extend(arns.map(|arn| (arn.clone(), place)));
        let principal = Principal { key, policies };
        match self.principals.get_mut(place) {
            Some(known) => *known = principal,
            None => self.principals.push(principal),
        }
    }

    /// The moments at which the policies of a principal may change.
    fn moments_of(&self, key: &EntityKey) -> Vec<Moment> {
        let mut moments = Vec::new();
        let Some(entity) = self.entities.get(key) else {
            return moments;
        };
        self.add_moments(key, entity, &mut moments);
        for group in entity.groups.keys() {
            let group = EntityKey::new(Kind::Group, &key.account, group);
            if let Some(entity) = self.entities.get(&group) {
                self.add_moments(&group, entity, &mut moments);
            }
        }
        moments
    }

    fn add_moments(&self, key: &EntityKey, entity: &Entity, moments: &mut Vec<Moment>) {
        moments.extend(entity.changes().map(|(moment, _)| moment.clone()));
        moments.extend(entity.created());
        moments.extend(entity.name_free());
        let listings = self.listings.get(&(key.account.clone(), key.kind));
        moments.extend(
            listings
                .into_iter()
                .flatten()
                .map(|(moment, _)| moment.clone()),
        );
        let boundaries = entity
            .boundary
            .dated
            .iter()
            .filter_map(|e| e.value.as_ref());
        let undated = entity
            .boundary
            .undated
            .as_ref()
            .and_then(|(arn, _)| arn.as_ref());
        for arn in entity.attached.keys().chain(boundaries).chain(undated) {
            if let Some(policy) = self.managed.get(&managed_key(arn)) {
                moments.extend(policy.moments());
            }
        }
    }

    /// The state at the end of a second.
    pub fn as_of(&self, time: DateTime<Utc>) -> AsOf<'_> {
        AsOf::new(self, When::EndOf(time))
    }

    /// The state before a change.
    pub fn before<'a>(&'a self, moment: &'a Moment) -> AsOf<'a> {
        AsOf::new(self, When::Before(moment))
    }

    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
            && self.resources.is_empty()
            && self.managed.is_empty()
            && self.console_authorizations.is_empty()
            && !self.tree.is_known()
    }

    /// How many users, groups and roles are known.
    pub fn entity_count(&self) -> usize {
        self.entities.len()
    }

    /// How many resources' policies are known, trust policies apart.
    pub fn resource_count(&self) -> usize {
        self.resources.len()
    }

    /// How many sessions are known.
    pub fn session_count(&self) -> usize {
        self.sessions.len()
    }
}

/// What has to be worked out again.
#[derive(Default)]
struct Stale {
    entities: HashSet<EntityKey>,
    dependencies: HashSet<Dependency>,
    resources: HashSet<Arc<str>>,
    organization: bool,
}

fn concerned(key: &EntityKey) -> Concerned {
    Concerned::Principal {
        account: key.account.clone(),
        name: key.name.clone(),
    }
}

/// AWS's managed policies are known by name: lists of them leave out paths and
/// partitions, and names are unique.
pub(super) fn managed_key(arn: &str) -> Arc<str> {
    match (arn.split(':').nth(4), arn.rsplit('/').next()) {
        (Some("aws"), Some(name)) => format!("arn:aws:iam::aws:policy/{name}").into(),
        _ => arn.into(),
    }
}
