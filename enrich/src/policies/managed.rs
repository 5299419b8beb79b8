//! Managed policies over time: versions, and which of them is in force.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use trailwright_evaluator::Policy;

use super::change::{Document, Stated};
use super::entity::before;
use super::moment::{Moment, Origin, Phase, When};
use super::series::{Reading, Series, Start};

/// All facts about a managed policy.
#[derive(Clone, Debug, Default)]
pub(super) struct ManagedPolicy {
    pub(super) life: Series<bool>,
    pub(super) versions: BTreeMap<Arc<str>, Series<Option<Document>>>,
    /// The version in force.
    pub(super) default: Series<Option<Arc<str>>>,
    /// When versions were made, as far as files tell.
    pub(super) created: BTreeMap<Arc<str>, DateTime<Utc>>,
}

/// The version in force, or why it is not known.
pub(super) type InForce<'a> = Result<Version<'a>, String>;

/// A version in force.
#[derive(Clone, Copy, Debug)]
pub(super) struct Version<'a> {
    pub(super) policy: &'a Policy,
    /// What put it in force.
    pub(super) since: &'a Arc<Origin>,
    /// When it was made, where a file tells.
    pub(super) created: Option<DateTime<Utc>>,
}

impl ManagedPolicy {
    pub(super) fn set(&mut self, at: Option<&Moment>, fact: Stated, origin: &Arc<Origin>) {
        match fact {
            Stated::Policy(_, exists) => {
                if at.is_none() {
                    self.versions
                        .values_mut()
                        .for_each(|series| series.undated = None);
                    self.default.undated = None;
                }
                self.life.set(at, exists, origin);
            }
            Stated::PolicyVersion(_, version, document) => {
                self.versions
                    .entry(version)
                    .or_default()
                    .set(at, document, origin);
            }
            Stated::VersionCreated(_, version, time) => {
                self.created.insert(version, time);
            }
            Stated::DefaultVersion(_, version) => self.default.set(at, version, origin),
            _ => {}
        }
    }

    /// Every change, with what told of it, in no order.
    pub(super) fn changes(&self) -> impl Iterator<Item = (&Moment, &Arc<Origin>)> {
        let versions = self.versions.values().flat_map(Series::changes);
        self.life
            .changes()
            .chain(versions)
            .chain(self.default.changes())
    }

    /// The moments at which the document in force may change.
    pub(super) fn moments(&self) -> impl Iterator<Item = Moment> {
        let created = self.created.values().copied().map(Moment::snapshot);
        self.changes()
            .map(|(moment, _)| moment.clone())
            .chain(created)
    }

    /// The document in force.
    pub(super) fn in_force(&self, arn: &str, when: When<'_>) -> InForce<'_> {
        let start = self.start(when);
        let (version, since) = match self.default.at(when, start) {
            Reading::Known(Some(version), since) => (version, since),
            Reading::Known(None, _) | Reading::Absent => {
                return Err(format!(
                    "policy {arn} is in no file and was not created in the records seen"
                ));
            }
            Reading::Before(next) => {
                return Err(before(
                    &format!("the version of policy {arn} in force"),
                    &next.origin,
                ));
            }
        };
        let created = self.created.get(version).copied();
        if let Some(created) = created.filter(|time| !when.includes(&Moment::snapshot(*time))) {
            return Err(format!(
                "the version of policy {arn} in force is not known before {version} was created at {}",
                created.to_rfc3339_opts(SecondsFormat::Secs, true)
            ));
        }
        let document = self
            .versions
            .get(version)
            .map(|series| series.at(when, start));
        match document {
            Some(Reading::Known(Some(Document::Readable(policy)), _)) => Ok(Version {
                policy,
                since: self.default.since(since, when, None),
                created,
            }),
            Some(Reading::Known(Some(Document::Unreadable { why, .. }), _)) => Err(format!(
                "version {version} of policy {arn} cannot be read: {why}"
            )),
            _ => Err(format!(
                "version {version} of policy {arn} is in no file and was not created in the records seen"
            )),
        }
    }

    pub(super) fn start(&self, when: When<'_>) -> Start<'_> {
        match self.life.latest(when) {
            Some(entry) => Start::From {
                moment: &entry.at,
                undated: self.life.undated.is_some(),
            },
            None => match self.life.dated.first() {
                Some(entry) if entry.at.phase == Phase::Snapshot => {
                    Start::Backwards(Some(&entry.at))
                }
                _ if self.life.undated.is_some() => Start::Backwards(None),
                _ => Start::Partly,
            },
        }
    }
}
