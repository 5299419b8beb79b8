//! All that changed about one thing, in order, with what told of each change.

mod entity;
mod managed;
mod organization;
mod resource;
mod steps;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::change::{Document, EntityKey};
use super::listing::plain_arn;
use super::moment::{Moment, Origin};
use super::timeline::{Timeline, managed_key};
use crate::request::Names as _;

/// One change, or one thing that a file shows first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// When; `None` for what a file without a date shows.
    pub at: Option<Moment>,
    /// What told of it.
    pub origin: Arc<Origin>,
    /// What changed, in words.
    pub what: String,
    /// The document, for changes of one.
    pub document: Option<DocumentChange>,
}

/// A policy document before and after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentChange {
    /// Before.
    pub before: DocumentState,
    /// After.
    pub after: DocumentState,
}

/// What is known of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentState {
    /// There is none.
    None,
    /// It says this.
    Text(String),
    /// There is one that cannot be read; why.
    Unreadable(String),
    /// Nothing tells.
    Unknown,
}

impl DocumentState {
    fn of(document: &Document) -> Self {
        match document {
            Document::Readable(policy) => Self::Text(policy.text().to_owned()),
            Document::Unreadable { why, .. } => Self::Unreadable(why.clone()),
        }
    }

    /// The text, if it is known.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::None | Self::Unreadable(_) | Self::Unknown => None,
        }
    }
}

impl Timeline {
    /// All that changed about the user, group, role (or session of one), managed
    /// policy or resource with this ARN, or the control policy, account, unit or root with this
    /// ARN or id. `None` when nothing tells of it.
    pub fn history(&self, name: &str) -> Option<Vec<Change>> {
        let mut changes = self.changes_of(name)?;
        changes.sort_by(|a, b| a.at.cmp(&b.at));
        Some(changes)
    }

    fn changes_of(&self, name: &str) -> Option<Vec<Change>> {
        if let Some(key) = EntityKey::meant_by(name) {
            return self
                .entities
                .get(&key)
                .map(|entity| self.entity_changes(&key, entity));
        }
        if let Some(policy) = self.managed.get(&managed_key(name)) {
            return Some(managed::changes(policy));
        }
        let name = match name.split_once(":vpc-endpoint/") {
            Some((_, endpoint)) => endpoint,
            None => name,
        };
        if let Some((arn, resource)) = self.resource_of(name) {
            return Some(resource::changes(arn, resource));
        }
        organization::changes(&self.tree, name.rsplit('/').next()?)
    }

    /// What a history can be asked of, in no order.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let latest = self.as_of(DateTime::<Utc>::MAX_UTC);
        let principals = self.entities.keys().map(move |key| {
            let arn = latest.arn(key.kind.word(), &key.account, &key.name);
            arn.unwrap_or_else(|| plain_arn(key.kind, &key.account, &key.name))
        });
        let shared = self.managed.keys().chain(self.resources.keys());
        let tree = self.tree.contents.keys().chain(self.tree.parents.keys());
        principals.chain(shared.chain(tree).map(ToString::to_string))
    }
}
