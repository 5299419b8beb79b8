//! An action with everything that is known of it.

use std::fmt;

use super::{ConditionKey, ResourceType, Service};

/// What an action does, in AWS's five classes.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AccessLevel {
    /// Says which resources there are.
    List,
    /// Reads what a resource holds, and changes nothing.
    Read,
    /// Creates, changes or deletes resources.
    Write,
    /// Grants or changes permissions.
    PermissionsManagement,
    /// Changes nothing but tags.
    Tagging,
}

impl AccessLevel {
    /// The level as AWS writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            AccessLevel::List => "List",
            AccessLevel::Read => "Read",
            AccessLevel::Write => "Write",
            AccessLevel::PermissionsManagement => "Permissions management",
            AccessLevel::Tagging => "Tagging",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) level: AccessLevel,
    pub(super) name: &'static str,
    pub(super) keys: Box<[u16]>,
    pub(super) uses: Box<[Use]>,
}

/// A type of resource that an action works on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) place: u16,
    pub(super) required: bool,
    pub(super) keys: Box<[u16]>,
}

/// An action of a service.
#[derive(Clone, Copy, Debug)]
pub struct Action<'d> {
    service: &'d Service,
    entry: &'d Entry,
}

impl<'d> Action<'d> {
    pub(super) fn new(service: &'d Service, entry: &'d Entry) -> Self {
        Action { service, entry }
    }

    /// The service it belongs to.
    #[must_use]
    pub fn service(&self) -> &'d Service {
        self.service
    }

    /// Its name without the prefix, such as `GetObject`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.entry.name
    }

    /// What it does.
    #[must_use]
    pub fn access_level(&self) -> AccessLevel {
        self.entry.level
    }

    /// The types of resources it works on, with whether it always needs one of that type. None:
    /// policies must say `*`.
    pub fn resource_types(&self) -> impl Iterator<Item = (&'d ResourceType, bool)> + use<'d> {
        let service = self.service;
        let uses = self.entry.uses.iter();
        uses.filter_map(|used| Some((service.types.get(usize::from(used.place))?, used.required)))
    }

    /// The condition keys that its requests can have, besides those of every request: its own and
    /// those of its types of resources, in the order of the service's list.
    #[must_use]
    pub fn condition_keys(&self) -> Vec<ConditionKey> {
        let of_uses = self.entry.uses.iter().flat_map(|used| &used.keys);
        let of_types = self.resource_types().flat_map(|(kind, _)| &kind.keys);
        let places = self.entry.keys.iter().chain(of_uses).chain(of_types);
        let mut places: Vec<usize> = places.map(|place| usize::from(*place)).collect();
        places.sort_unstable();
        places.dedup();
        let keys = places
            .into_iter()
            .filter_map(|place| self.service.keys.get(place));
        keys.copied().collect()
    }
}

/// `s3:GetObject`
impl fmt::Display for Action<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service.prefix, self.entry.name)
    }
}
