//! The history of a user, group or role.

use chrono::SecondsFormat;

use super::Change;
use super::steps::{Step, Value, Verb, Whole, steps};
use crate::policies::change::{EntityKey, Kind, Life};
use crate::policies::entity::Entity;
use crate::policies::life::{Existence, Listings, existence};
use crate::policies::moment::{Phase, When};
use crate::policies::series::{Fact, Series, Start};
use crate::policies::timeline::Timeline;

impl Timeline {
    pub(super) fn entity_changes(&self, key: &EntityKey, entity: &Entity) -> Vec<Change> {
        let listings = self.listings_of(key);
        let history = Of {
            key,
            entity,
            listings,
        };
        let mut changes = history.life();
        changes.extend(history.attachments());
        if key.kind == Kind::Group {
            let users = self.entities.iter();
            let users = users.filter(|(user, _)| user.account == key.account);
            for (user, member) in users {
                if let Some(series) = member.groups.get(&key.name) {
                    let history = Of {
                        key: user,
                        entity: member,
                        listings: self.listings_of(user),
                    };
                    changes.extend(history.membership(&key.name, series));
                }
            }
        }
        changes
    }
}

/// A user, group or role.
struct Of<'a> {
    key: &'a EntityKey,
    entity: &'a Entity,
    listings: &'a Listings,
}

impl<'a> Of<'a> {
    fn name(&self) -> String {
        format!("{} {}", self.key.kind.word(), self.key.name)
    }

    fn life(&self) -> Vec<Change> {
        let life = &self.entity.life;
        let read = |when: When<'_>| match life.latest(when) {
            Some(entry) => Value::Known(&entry.value),
            None => Value::Absent,
        };
        let changes = steps(life, &[], read).into_iter();
        let mut changes: Vec<Change> = changes.map(|step| self.lived(&step)).collect();
        changes.extend(self.no_longer_listed());
        changes
    }

    fn lived(&self, step: &Step<'_, Option<Life>>) -> Change {
        let name = self.name();
        let created = match &step.after {
            Value::Known(Some(life)) => life.created,
            _ => None,
        };
        let created = created.map(|time| {
            let time = time.to_rfc3339_opts(SecondsFormat::Secs, true);
            format!(", created at {time}")
        });
        step.change(match step.verb {
            Verb::Shown => format!("{name} is there{}", created.unwrap_or_default()),
            Verb::Missing | Verb::Removed => format!("{name} deleted"),
            Verb::Added | Verb::Set | Verb::Changed | Verb::SetAgain => format!("{name} created"),
        })
    }

    /// Exports of all of its kind that it should be in and is not.
    fn no_longer_listed(&self) -> impl Iterator<Item = Change> {
        let first_after = |moment| self.listings.iter().find(move |(at, _)| *at > moment);
        let lives = self.entity.life.dated.iter();
        lives.filter_map(move |entry| {
            let (at, origin) = first_after(entry.at.clone())?;
            let latest = self.entity.life.latest(When::Through(at))?;
            let gone = entry.value.is_some() && latest.at == entry.at;
            gone.then(|| Change {
                at: Some(at.clone()),
                origin: origin.clone(),
                what: format!("{} is no longer there", self.name()),
                document: None,
            })
        })
    }

    fn attachments(&self) -> Vec<Change> {
        let entity = self.entity;
        let mut changes = Vec::new();
        for (name, series) in &entity.inline {
            let name = format!("inline policy {name}");
            let steps = self.steps(series).into_iter();
            changes.extend(steps.map(|step| step.of_document(&name)));
        }
        for (arn, series) in &entity.attached {
            changes.extend(self.steps(series).into_iter().map(|step| {
                step.change(format!(
                    "managed policy {arn} {}",
                    step.verb.of_attachment()
                ))
            }));
        }
        for (group, series) in &entity.groups {
            changes.extend(self.membership(group, series));
        }
        for step in self.steps(&entity.boundary) {
            changes.push(step.change(match &step.after {
                Value::Known(Some(arn)) => {
                    format!("permissions boundary {arn} {}", step.verb.of_attachment())
                }
                _ => "permissions boundary removed".to_owned(),
            }));
        }
        let steps = self.steps(&entity.trust).into_iter();
        changes.extend(steps.map(|step| step.of_document("trust policy")));
        for (key, series) in &entity.tags {
            changes.extend(self.steps(series).into_iter().map(|step| {
                step.change(match &step.after {
                    Value::Known(Some(value)) => format!("tag {key} = {value}"),
                    _ => format!("tag {key} removed"),
                })
            }));
        }
        changes
    }

    fn membership(&self, group: &str, series: &'a Series<bool>) -> Vec<Change> {
        let changes = self.steps(series).into_iter().map(|step| {
            let verb = step.verb.of_membership();
            step.change(format!("{} {verb} group {group}", self.name()))
        });
        changes.collect()
    }

    fn steps<T: Fact>(&self, series: &'a Series<T>) -> Vec<Step<'a, T>> {
        // Snapshots show all that an entity has.
        let wholes = self
            .entity
            .life
            .dated
            .iter()
            .filter(|entry| entry.at.phase == Phase::Snapshot && entry.value.is_some());
        let wholes: Vec<Whole<'a>> = wholes.map(|entry| (&entry.at, &entry.origin)).collect();
        steps(series, &wholes, |when| {
            let start = match existence(&self.entity.life, self.listings, when) {
                Existence::There(start, _) => start,
                Existence::Gone(_) => return Value::Absent,
                Existence::InPart => Start::Partly,
            };
            Value::of(series.at(when, start))
        })
    }
}
