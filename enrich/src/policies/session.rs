//! What was passed to sessions when their credentials were issued.

use std::sync::Arc;

use hashbrown::HashMap;

use super::change::Session;
use super::moment::{Moment, Origin};

/// A session and when it began; `None` for one that a file tells of.
#[derive(Clone, Debug)]
pub(super) struct Issued {
    pub(super) session: Session,
    pub(super) at: Option<Moment>,
    pub(super) origin: Arc<Origin>,
}

/// Sessions by access key ID or session ARN.
#[derive(Clone, Debug, Default)]
pub(super) struct Sessions {
    issued: HashMap<Arc<str>, Issued>,
    /// New access key → the one it goes on from.
    going_on: HashMap<Arc<str>, Arc<str>>,
}

/// A session that goes on goes on from one that did not, or from very few that did.
const STEPS_MAX: usize = 8;

impl Sessions {
    pub(super) fn issue(&mut self, key: Arc<str>, issued: Issued) {
        self.issued.insert(key, issued);
    }

    pub(super) fn go_on(&mut self, key: Arc<str>, before: Arc<str>) {
        if key != before {
            self.going_on.insert(key, before);
        }
    }

    /// The session with this access key ID or ARN.
    pub(super) fn get(&self, key: &str) -> Option<&Issued> {
        let mut key = key;
        for _ in 0..STEPS_MAX {
            if let Some(issued) = self.issued.get(key) {
                return Some(issued);
            }
            key = self.going_on.get(key)?;
        }
        None
    }

    pub(super) fn len(&self) -> usize {
        self.issued.len()
    }
}
