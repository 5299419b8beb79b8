//! What AWS's services offer to policies: actions, access levels, resource types, condition keys.
//! The data and their source: `data/README.md`.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html>

mod action;
mod arn_template;
mod condition_key;
mod lint;
mod read;
mod support;

use std::cmp::Ordering;

pub use action::{AccessLevel, Action};
pub use arn_template::{ArnTemplate, Piece};
pub use condition_key::{ConditionKey, KeyType};
pub use lint::lint;
pub use support::{TypeTest, UnsupportedResource};

use crate::pattern::Glob;
use action::{Entry, Use};

/// Actions, resource types and condition keys of AWS's services. Read it once and pass it on.
#[derive(Clone, Debug)]
pub struct ServiceData {
    release: Release,
    /// Sorted by prefix.
    services: Vec<Service>,
    global_keys: Vec<ConditionKey>,
    unreadable: Vec<&'static str>,
}

/// Where the data come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release {
    /// The package they were made from.
    pub source: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Its date, as `2026-09-26`.
    pub date: &'static str,
    /// Its licence.
    pub licence: &'static str,
}

/// What one service prefix offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    prefix: &'static str,
    under_rcp: bool,
    /// Its actions work on more types of resources than are listed.
    is_partial: bool,
    keys: Vec<ConditionKey>,
    types: Vec<ResourceType>,
    /// Sorted by name, ignoring case.
    actions: Vec<Entry>,
}

/// A type of resource of one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceType {
    /// Such as `bucket`.
    pub name: &'static str,
    /// The form of its ARNs.
    pub template: ArnTemplate,
    keys: Box<[u16]>,
}

impl ServiceData {
    /// The data that this version was built with. Takes some milliseconds.
    #[must_use]
    pub fn embedded() -> Self {
        read::read(
            include_str!("../../data/service-data.txt"),
            include_str!("../../data/global-keys.txt"),
        )
    }

    /// Where the data come from.
    #[must_use]
    pub fn release(&self) -> Release {
        self.release
    }

    /// Lines of the data that do not have the documented form; none, unless
    /// the data were edited wrongly.
    #[must_use]
    pub fn unreadable(&self) -> &[&'static str] {
        &self.unreadable
    }

    /// All services, sorted by prefix.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The service of a prefix such as `s3`, in any case.
    #[must_use]
    pub fn service(&self, prefix: &str) -> Option<&Service> {
        let at = self
            .services
            .binary_search_by(|service| order(service.prefix, prefix));
        self.services.get(at.ok()?)
    }

    /// What is known of an action, given as `s3:GetObject` in any case.
    #[must_use]
    pub fn action(&self, action: &str) -> Option<Action<'_>> {
        let (prefix, name) = action.split_once(':')?;
        self.service(prefix)?.action(name)
    }

    /// The actions that a pattern such as `s3:Get*` covers, in AWS's spelling, sorted. Case does
    /// not matter, and wildcards may stand anywhere.
    #[must_use]
    pub fn expand(&self, pattern: &str) -> Vec<Action<'_>> {
        let pattern = pattern.to_lowercase();
        let glob = Glob::new(&pattern);
        let one = pattern
            .split_once(':')
            .filter(|(prefix, _)| !prefix.contains(['*', '?']))
            .map(|(prefix, _)| self.service(prefix));
        let services = match one {
            Some(service) => service.map_or(&[][..], std::slice::from_ref),
            None => &self.services,
        };
        let actions = services.iter().flat_map(Service::actions);
        actions
            .filter(|action| glob.matches(&action.to_string().to_lowercase()))
            .collect()
    }

    /// The types that a resource's ARN can be of, with the services that list them, the ARN's own
    /// service first. Of two types of a service whose templates fit, it is of the narrower.
    #[must_use]
    pub fn resource_types_of(&self, arn: &str) -> Vec<(&Service, &ResourceType)> {
        let of_service = |service| {
            let types = Service::types(service).iter();
            types
                .filter(|kind| service.has_type(kind, arn))
                .map(move |kind| (service, kind))
        };
        let mut found: Vec<_> = self.services.iter().flat_map(of_service).collect();
        let own = arn.split(':').nth(2).unwrap_or_default();
        found.sort_by_key(|(service, _)| service.prefix != own);
        found
    }

    /// The condition key of this name, in any case: a global one or one of a service.
    #[must_use]
    pub fn condition_key(&self, name: &str) -> Option<ConditionKey> {
        let prefix = name.split(':').next().unwrap_or_default();
        let own = self
            .service(prefix)
            .map_or(&[][..], Service::condition_keys);
        // Keys such as `saml:aud` are listed by another service (STS) than their name begins with.
        let others = self.services.iter().flat_map(|service| &service.keys);
        let mut keys = self.global_keys.iter().chain(own).chain(others);
        keys.find(|key| key.is_named(name)).copied()
    }

    /// Whether resource control policies apply to the action's service.
    /// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>
    #[must_use]
    pub fn is_under_rcp(&self, action: &str) -> bool {
        let prefix = action.split(':').next().unwrap_or_default();
        self.service(prefix)
            .is_some_and(|service| service.under_rcp)
    }
}

impl Service {
    /// Its prefix in actions, such as `s3`.
    #[must_use]
    pub fn prefix(&self) -> &'static str {
        self.prefix
    }

    /// Its types of resources.
    #[must_use]
    pub fn types(&self) -> &[ResourceType] {
        &self.types
    }

    /// Its condition keys; those of every service only where the service lists them.
    #[must_use]
    pub fn condition_keys(&self) -> &[ConditionKey] {
        &self.keys
    }

    /// Its actions, sorted by name.
    pub fn actions(&self) -> impl Iterator<Item = Action<'_>> {
        self.actions.iter().map(|entry| Action::new(self, entry))
    }

    /// The action of this name (without prefix), in any case.
    #[must_use]
    pub fn action(&self, name: &str) -> Option<Action<'_>> {
        let at = self
            .actions
            .binary_search_by(|entry| order(entry.name, name));
        Some(Action::new(self, self.actions.get(at.ok()?)?))
    }
}

/// The order of the data: without regard to case.
fn order(left: &str, right: &str) -> Ordering {
    let left = left.bytes().map(|byte| byte.to_ascii_lowercase());
    left.cmp(right.bytes().map(|byte| byte.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests;
