//! The policies of a user or role at a moment, put together from what is
//! attached to it and to its groups.

use std::sync::Arc;

use trailwright_evaluator::{IdentityPolicies, IdentitySource, Policy, PolicySet};

use super::change::{Document, EntityKey, Kind};
use super::entity::Attachments;
use super::managed::InForce;
use super::moment::When;
use super::timeline::{Timeline, managed_key};

/// What is attached to a user or role.
#[derive(Clone, Debug, Default)]
pub struct PrincipalPolicies {
    /// Inline and managed policies, of a user's groups too.
    pub identity: Arc<[IdentityPolicies]>,
    /// The permissions boundary.
    pub boundary: Option<PolicySet>,
    /// Tags of the user or role.
    pub tags: Vec<(Arc<str>, Arc<str>)>,
    /// Whether these are all tags there are.
    pub all_tags_known: bool,
    /// What is not known of the policies, in words.
    pub gaps: Vec<String>,
}

impl Timeline {
    /// Puts together what is in force for a principal.
    pub(super) fn work_out(&self, key: &EntityKey, when: When<'_>) -> PrincipalPolicies {
        let mut found = PrincipalPolicies::default();
        let Some(attached) = self.attachments(key, when, &mut found.gaps) else {
            return found;
        };
        found.all_tags_known = attached.gaps.is_empty();
        found.tags = attached
            .tags
            .iter()
            .map(|(name, held)| ((*name).clone(), held.value.clone()))
            .collect();
        found.gaps.extend(attached.gaps.iter().cloned());
        let sources = match key.kind {
            Kind::Role => [IdentitySource::RoleInline, IdentitySource::RoleManaged],
            _ => [IdentitySource::UserInline, IdentitySource::UserManaged],
        };
        let mut identity = self.attached(key, &attached, sources, when, &mut found.gaps);
        for group in &attached.groups {
            let group = EntityKey::new(Kind::Group, &key.account, group.value);
            if let Some(attached) = self.attachments(&group, when, &mut found.gaps) {
                found.gaps.extend(attached.gaps.iter().cloned());
                let sources = [IdentitySource::GroupInline, IdentitySource::GroupManaged];
                identity.extend(self.attached(&group, &attached, sources, when, &mut found.gaps));
            }
        }
        found.identity = identity.into();
        if let Some(boundary) = &attached.boundary {
            match self.managed_policy(boundary.value, when) {
                Ok(policy) => found.boundary = Some(policy.clone().into()),
                Err(gap) => found.gaps.push(format!("permissions boundary: {gap}")),
            }
        }
        found
    }

    fn attachments(
        &self,
        key: &EntityKey,
        when: When<'_>,
        gaps: &mut Vec<String>,
    ) -> Option<Attachments<'_>> {
        let what = format!("{} {}", key.kind.word(), key.name);
        let Some(entity) = self.entities.get(key) else {
            gaps.push(format!(
                "{what} is in no file and was not created in the records seen"
            ));
            return None;
        };
        let listings = self.listings_of(key);
        match entity.attachments(key, when, listings) {
            Ok(attached) => Some(attached),
            Err(origin) => {
                gaps.push(format!("{what} was not there: {origin}"));
                None
            }
        }
    }

    /// The inline and the managed policies of one entity.
    fn attached(
        &self,
        key: &EntityKey,
        attached: &Attachments<'_>,
        [inline, managed]: [IdentitySource; 2],
        when: When<'_>,
        gaps: &mut Vec<String>,
    ) -> Vec<IdentityPolicies> {
        let mut found = Vec::new();
        let mut add = |source, policies: Vec<Policy>| {
            if !policies.is_empty() {
                found.push(IdentityPolicies {
                    source,
                    attached_to: Some(key.name.clone()),
                    policies: PolicySet::new(policies),
                });
            }
        };
        let mut policies: Vec<Policy> = Vec::new();
        for (_, held) in &attached.inline {
            match held.value {
                Document::Readable(policy) => policies.push(policy.clone()),
                Document::Unreadable { name, why } => {
                    gaps.push(format!("inline policy {name} cannot be read: {why}"));
                }
            }
        }
        add(inline, policies);
        let mut policies: Vec<Policy> = Vec::new();
        for held in &attached.managed {
            match self.managed_policy(held.value, when) {
                Ok(policy) => policies.push(policy.clone()),
                Err(gap) => gaps.push(format!("attached {gap}")),
            }
        }
        add(managed, policies);
        found
    }

    /// The version of a managed policy in force.
    pub(super) fn managed_policy(&self, arn: &str, when: When<'_>) -> Result<&Policy, String> {
        self.managed_in_force(arn, when).map(|found| found.policy)
    }

    /// The same, with what told of the version.
    pub(super) fn managed_in_force(&self, arn: &str, when: When<'_>) -> InForce<'_> {
        match self.managed.get(&managed_key(arn)) {
            Some(policy) => policy.in_force(arn, when),
            None => Err(format!(
                "policy {arn} is in no file and was not created in the records seen"
            )),
        }
    }
}
