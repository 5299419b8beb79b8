//! What a user, group or role had.

use std::sync::Arc;

use super::{PolicyInForce, PolicyKind, kinds, plain_arn};
use crate::policies::as_of::AsOf;
use crate::policies::change::{EntityKey, Kind};
use crate::policies::entity::{Attachments, Entity, Trust};
use crate::policies::life::{Existence, existence};
use crate::policies::moment::{Origin, When};
use crate::request::Names as _;

/// A user, group or role with all that it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalListing {
    /// Its ARN, with the path where it is known.
    pub arn: String,
    /// `user`, `group` or `role`.
    pub kind: &'static str,
    /// Whether it was there.
    pub presence: Presence,
    /// The groups of a user.
    pub groups: Vec<Membership>,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// Its policies: inline, managed, those of its groups, boundary, trust.
    pub policies: Vec<PolicyInForce>,
    /// What is not known of them, in words.
    pub gaps: Vec<String>,
}

/// Whether something was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It was, as this told first.
    There(Arc<Origin>),
    /// Only changes of it are known.
    InPart,
    /// It was not, as this tells.
    Gone(Arc<Origin>),
}

/// A user's place in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Name of the group.
    pub group: String,
    /// What told of it.
    pub since: Arc<Origin>,
}

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
    /// What told of it.
    pub since: Arc<Origin>,
}

impl<'a> AsOf<'a> {
    /// What the user, group or role with this ARN had, or the role of the session
    /// with it; `None` when nothing tells of it.
    pub fn principal_listing(&self, arn: &str) -> Option<PrincipalListing> {
        self.listing_of(&EntityKey::meant_by(arn)?)
    }

    pub(super) fn listing_of(&self, key: &EntityKey) -> Option<PrincipalListing> {
        let entity = self.timeline.entities.get(key)?;
        let listings = self.timeline.listings_of(key);
        let arn = self.arn(key.kind.word(), &key.account, &key.name);
        let mut found = PrincipalListing {
            arn: arn.unwrap_or_else(|| plain_arn(key.kind, &key.account, &key.name)),
            kind: key.kind.word(),
            presence: self.presence(key, entity),
            groups: Vec::new(),
            tags: Vec::new(),
            policies: Vec::new(),
            gaps: Vec::new(),
        };
        let Ok(attached) = entity.attachments(key, self.when, listings) else {
            return Some(found);
        };
        found.gaps = self.timeline.work_out(key, self.when).gaps;
        let began = entity.began(self.when);
        for (name, held) in &attached.tags {
            let since = entity.tags.get(*name);
            let since = since.map_or(held.since, |s| s.since(held.since, self.when, began));
            found.tags.push(Tag {
                key: name.to_string(),
                value: held.value.to_string(),
                since: since.clone(),
            });
        }
        self.add(&mut found.policies, key, entity, &attached, false);
        for held in &attached.groups {
            let since = entity.groups.get(held.value);
            let since = since.map_or(held.since, |s| s.since(held.since, self.when, began));
            found.groups.push(Membership {
                group: held.value.to_string(),
                since: since.clone(),
            });
            let group = EntityKey::new(Kind::Group, &key.account, held.value);
            let listings = self.timeline.listings_of(&group);
            if let Some(of_group) = self.timeline.entities.get(&group)
                && let Ok(attached) = of_group.attachments(&group, self.when, listings)
            {
                self.add(&mut found.policies, &group, of_group, &attached, true);
            }
        }
        if let Some(held) = &attached.boundary {
            let since = entity.boundary.since(held.since, self.when, began);
            found
                .policies
                .push(self.managed(PolicyKind::Boundary, &key.name, held.value, since));
        }
        if let Trust::Known(document, told) = entity.trust(self.when, listings) {
            let since = entity.trust.since(told, self.when, began);
            let name = format!("trust policy of {}", key.name);
            let trust = PolicyInForce::new(PolicyKind::Trust, &key.name, &name, since);
            found.policies.push(trust.with_document(document));
        }
        Some(found)
    }

    fn presence(&self, key: &EntityKey, entity: &Entity) -> Presence {
        let listings = self.timeline.listings_of(key);
        match existence(&entity.life, listings, self.when) {
            Existence::Gone(origin) => Presence::Gone(origin.clone()),
            Existence::InPart => Presence::InPart,
            Existence::There(_, told) => {
                let began = entity.began(self.when);
                let entry = began.and_then(|moment| entity.life.entry(moment));
                Presence::There(entry.map_or(told, |entry| &entry.origin).clone())
            }
        }
    }

    /// The inline and managed policies of one entity.
    fn add(
        &self,
        policies: &mut Vec<PolicyInForce>,
        key: &EntityKey,
        entity: &Entity,
        attached: &Attachments<'_>,
        of_group_of_user: bool,
    ) {
        let [inline, managed] = kinds(of_group_of_user);
        let began = entity.began(self.when);
        for (name, held) in &attached.inline {
            let since = entity.inline.get(*name);
            let since = since.map_or(held.since, |s| s.since(held.since, self.when, began));
            let policy = PolicyInForce::new(inline, &key.name, name, since);
            policies.push(policy.with_document(held.value));
        }
        for held in &attached.managed {
            let since = entity.attached.get(held.value);
            let since = since.map_or(held.since, |s| s.since(held.since, self.when, began));
            policies.push(self.managed(managed, &key.name, held.value, since));
        }
    }

    fn managed(
        &self,
        kind: PolicyKind,
        attached_to: &str,
        arn: &str,
        since: &Arc<Origin>,
    ) -> PolicyInForce {
        managed(self, kind, attached_to, arn, since, self.when)
    }

    /// What was passed to the session with this access key ID or ARN.
    pub fn session_listing(&self, key: &str) -> Vec<PolicyInForce> {
        let Some(issued) = self.timeline.sessions.get(key) else {
            return Vec::new();
        };
        let inline = issued.session.inline.iter().map(|document| {
            let policy =
                PolicyInForce::new(PolicyKind::Session, key, "session policy", &issued.origin);
            policy.with_document(document)
        });
        let when = issued.at.as_ref().map_or(self.when, When::Through);
        let managed = issued
            .session
            .managed
            .iter()
            .map(|arn| managed(self, PolicyKind::Session, key, arn, &issued.origin, when));
        inline.chain(managed).collect()
    }
}

/// A managed policy in the version in force.
fn managed(
    state: &AsOf<'_>,
    kind: PolicyKind,
    attached_to: &str,
    arn: &str,
    since: &Arc<Origin>,
    when: When<'_>,
) -> PolicyInForce {
    let policy = PolicyInForce::new(kind, attached_to, arn, since);
    match state.timeline.managed_in_force(arn, when) {
        Ok(version) => PolicyInForce {
            version_since: Some(version.since.clone()),
            version_created: version.created,
            ..policy.with_policy(version.policy)
        },
        Err(gap) => PolicyInForce {
            document: Err(gap),
            ..policy
        },
    }
}
