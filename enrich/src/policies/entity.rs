//! A user, group or role over time, and what is attached to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::change::{Document, EntityKey, Life, Stated};
use super::life::{Existence, Listings, existence, name_free_from};
use super::moment::{Moment, Origin, Phase, When};
use super::series::{Reading, Series, Start};

/// All facts about a user, group or role.
#[derive(Clone, Debug, Default)]
pub(super) struct Entity {
    pub(super) life: Series<Option<Life>>,
    pub(super) inline: BTreeMap<Arc<str>, Series<Option<Document>>>,
    pub(super) attached: BTreeMap<Arc<str>, Series<bool>>,
    pub(super) groups: BTreeMap<Arc<str>, Series<bool>>,
    pub(super) boundary: Series<Option<Arc<str>>>,
    pub(super) trust: Series<Option<Document>>,
    pub(super) tags: BTreeMap<Arc<str>, Series<Option<Arc<str>>>>,
}

/// A fact that holds, with what told of it.
#[derive(Clone, Debug)]
pub(super) struct Held<'a, T> {
    pub(super) value: T,
    pub(super) since: &'a Arc<Origin>,
}

/// What is attached at a moment.
#[derive(Debug, Default)]
pub(super) struct Attachments<'a> {
    pub(super) inline: Vec<(&'a Arc<str>, Held<'a, &'a Document>)>,
    pub(super) managed: Vec<Held<'a, &'a Arc<str>>>,
    pub(super) groups: Vec<Held<'a, &'a Arc<str>>>,
    pub(super) boundary: Option<Held<'a, &'a Arc<str>>>,
    pub(super) tags: Vec<(&'a Arc<str>, Held<'a, &'a Arc<str>>)>,
    /// What is not known, in words.
    pub(super) gaps: Vec<String>,
}

impl Entity {
    /// The ARNs that it has or had.
    pub(super) fn arns(&self) -> impl Iterator<Item = &Arc<str>> {
        let dated = self.life.dated.iter().map(|entry| &entry.value);
        let undated = self.life.undated.iter().map(|(life, _)| life);
        dated.chain(undated).flatten().map(|life| &life.arn)
    }

    /// Takes a fact about this entity.
    pub(super) fn set(&mut self, at: Option<&Moment>, fact: Stated, origin: &Arc<Origin>) {
        match fact {
            Stated::Entity(_, life) => {
                if at.is_none() {
                    self.forget_undated();
                }
                self.life.set(at, life, origin);
            }
            Stated::Inline(_, name, document) => {
                self.inline
                    .entry(name)
                    .or_default()
                    .set(at, document, origin);
            }
            Stated::Attached(_, policy, attached) => {
                self.attached
                    .entry(policy)
                    .or_default()
                    .set(at, attached, origin);
            }
            Stated::Member(_, group, member) => {
                self.groups
                    .entry(group)
                    .or_default()
                    .set(at, member, origin);
            }
            Stated::Boundary(_, policy) => self.boundary.set(at, policy, origin),
            Stated::Trust(_, document) => self.trust.set(at, document, origin),
            Stated::Tag(_, key, value) => {
                self.tags.entry(key).or_default().set(at, value, origin);
            }
            _ => {}
        }
    }

    /// A newer file without a date takes the place of an older one.
    fn forget_undated(&mut self) {
        self.inline
            .values_mut()
            .for_each(|series| series.undated = None);
        self.attached
            .values_mut()
            .for_each(|series| series.undated = None);
        self.groups
            .values_mut()
            .for_each(|series| series.undated = None);
        self.tags
            .values_mut()
            .for_each(|series| series.undated = None);
        self.boundary.undated = None;
        self.trust.undated = None;
    }

    /// Every change of anything about it, with what told of it, in no order.
    pub(super) fn changes(&self) -> impl Iterator<Item = (&Moment, &Arc<Origin>)> {
        let life = self.life.changes();
        let inline = self.inline.values().flat_map(Series::changes);
        let attached = self.attached.values().flat_map(Series::changes);
        let groups = self.groups.values().flat_map(Series::changes);
        let tags = self.tags.values().flat_map(Series::changes);
        let single = self.boundary.changes().chain(self.trust.changes());
        life.chain(inline)
            .chain(attached)
            .chain(groups)
            .chain(tags)
            .chain(single)
    }

    /// When the life began, as far as it was seen, that it has at a moment.
    pub(super) fn began(&self, when: When<'_>) -> Option<&Moment> {
        let mut began = None;
        let passed = self.life.dated.iter().rev();
        for entry in passed.skip_while(|entry| !when.includes(&entry.at)) {
            if entry.value.is_none() {
                break;
            }
            began = Some(&entry.at);
            if entry.at.phase == Phase::Creation {
                break;
            }
        }
        began
    }

    /// When it was made, where only a file tells.
    pub(super) fn created(&self) -> Option<Moment> {
        let undated = self
            .life
            .undated
            .as_ref()
            .and_then(|(life, _)| life.as_ref());
        let first = self
            .life
            .dated
            .first()
            .and_then(|entry| entry.value.as_ref());
        let created = first.or(undated)?.created?;
        Some(Moment::snapshot(created))
    }

    /// From when on nothing had its name, before its first creation.
    pub(super) fn name_free(&self) -> Option<Moment> {
        let first = self.life.dated.first()?;
        (first.at.phase == Phase::Creation).then(|| name_free_from(&first.at))
    }

    /// Its trust policy.
    pub(super) fn trust<'a>(&'a self, when: When<'_>, listings: &'a Listings) -> Trust<'a> {
        let start = match existence(&self.life, listings, when) {
            Existence::There(start, _) => start,
            Existence::Gone(origin) => return Trust::NoRole(origin),
            // What made the role set its trust policy too.
            Existence::InPart => match self.life.latest(when) {
                Some(entry) => Start::From {
                    moment: &entry.at,
                    undated: false,
                },
                None => Start::Partly,
            },
        };
        match self.trust.at(when, start) {
            Reading::Known(Some(document), since) => Trust::Known(document, since),
            _ => Trust::Unknown,
        }
    }

    /// What is attached; what tells so when it is known not to be there.
    pub(super) fn attachments<'a>(
        &'a self,
        key: &EntityKey,
        when: When<'_>,
        listings: &'a Listings,
    ) -> Result<Attachments<'a>, &'a Arc<Origin>> {
        let mut found = Attachments::default();
        let what = format!("{} {}", key.kind.word(), key.name);
        let start = match existence(&self.life, listings, when) {
            Existence::There(start, _) => start,
            Existence::Gone(origin) => return Err(origin),
            Existence::InPart => {
                found.gaps.push(format!(
                    "no export or creation shows {what} as a whole; only changes of it are known"
                ));
                Start::Partly
            }
        };
        for (name, series) in &self.inline {
            match series.at(when, start) {
                Reading::Known(Some(value), since) => {
                    found.inline.push((name, Held { value, since }))
                }
                Reading::Known(None, _) | Reading::Absent => {}
                Reading::Before(next) => found.gaps.push(before(
                    &format!("inline policy {name} of {what}"),
                    &next.origin,
                )),
            }
        }

        found.managed = self
            .attached
            .iter()
            .filter_map(|(name, series)| held(name, series, when, start))
            .collect();
        found.groups = self
            .groups
            .iter()
            .filter_map(|(name, series)| held(name, series, when, start))
            .collect();
        match self.boundary.at(when, start) {
            Reading::Known(Some(value), since) => found.boundary = Some(Held { value, since }),
            Reading::Known(None, _) | Reading::Absent => {}
            Reading::Before(next) => {
                let boundary = format!("the permissions boundary of {what}");
                found.gaps.push(before(&boundary, &next.origin));
            }
        }
        for (name, series) in &self.tags {
            match series.at(when, start) {
                Reading::Known(Some(value), since) => {
                    found.tags.push((name, Held { value, since }))
                }
                Reading::Known(None, _) | Reading::Absent => {}
                Reading::Before(next) => {
                    found
                        .gaps
                        .push(before(&format!("tag {name} of {what}"), &next.origin));
                }
            }
        }
        Ok(found)
    }
}

/// What is so, with what told of it: a change to its contrary tells too.
pub(super) fn held<'a>(
    name: &'a Arc<str>,
    series: &'a Series<bool>,
    when: When<'_>,
    start: Start<'_>,
) -> Option<Held<'a, &'a Arc<str>>> {
    let (holds, since) = match series.at(when, start) {
        Reading::Known(value, since) => (*value, since),
        Reading::Absent => return None,
        Reading::Before(next) => (!next.value, &next.origin),
    };
    holds.then_some(Held { value: name, since })
}

/// A role's trust policy at a moment.
#[derive(Debug)]
pub(super) enum Trust<'a> {
    Known(&'a Document, &'a Arc<Origin>),
    /// There was no such role, because of what this tells.
    NoRole(&'a Arc<Origin>),
    Unknown,
}

/// Something that is known only from a change on.
pub(super) fn before(what: &str, change: &Origin) -> String {
    format!("{what} is not known before {change}")
}
