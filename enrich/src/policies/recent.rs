//! What changed shortly before a request: IAM takes a while to take note.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::change::{EntityKey, Kind};
use super::moment::{Moment, Origin};
use super::timeline::{Timeline, managed_key};

/// A change and what told of it.
pub type Recent<'a> = (&'a Moment, &'a Arc<Origin>);

impl Timeline {
    /// The changes in the `window` up to `time` that bear on a request of
    /// `principal` on `resources`, the newest first.
    pub fn changes_before<'a, 'r>(
        &'a self,
        time: DateTime<Utc>,
        window: TimeDelta,
        principal: Option<&str>,
        resources: impl IntoIterator<Item = &'r str>,
    ) -> Vec<Recent<'a>> {
        let mut found: Vec<Recent<'_>> = Vec::new();
        if let Some(key) = principal.and_then(EntityKey::of_arn) {
            self.of_entity(&key, &mut found);
        }
        for arn in resources {
            if let Some(entity) = EntityKey::of_arn(arn).and_then(|key| self.entities.get(&key)) {
                found.extend(entity.changes());
            }
            if let Some((_, resource)) = self.resource_of(arn) {
                found.extend(resource.changes());
            }
        }
        found.extend(self.tree.changes());
        found.extend(self.console_authorizations.changes());
        found.retain(|(moment, _)| moment.time <= time && moment.time > time - window);
        found.sort_unstable_by(|(a, _), (b, _)| b.cmp(a));
        found.dedup_by(|(a, _), (b, _)| a == b);
        found
    }

    fn of_entity<'a>(&'a self, key: &EntityKey, found: &mut Vec<Recent<'a>>) {
        let Some(entity) = self.entities.get(key) else {
            return;
        };
        found.extend(entity.changes());
        let attached = entity.attached.keys();
        let boundaries = entity
            .boundary
            .dated
            .iter()
            .filter_map(|entry| entry.value.as_ref());
        for arn in attached.chain(boundaries) {
            let managed = self.managed.get(&managed_key(arn));
            found.extend(managed.into_iter().flat_map(|policy| policy.changes()));
        }
        for group in entity.groups.keys() {
            self.of_entity(&EntityKey::new(Kind::Group, &key.account, group), found);
        }
    }
}
