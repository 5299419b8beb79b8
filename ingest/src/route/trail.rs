//! Trails, with CloudTrail's own meaning of their settings.
//!
//! Source: CloudTrail User Guide, "CloudTrail concepts", "Understanding
//! multi-Region trails", "Creating a trail for an organization".

use serde::Deserialize;
use trailwright_schemas::{Record, Scope};

use super::partition::Partition;
use super::rules::{GLOBAL_EVENT_RULES, GLOBAL_SERVICE_EVENTS, GlobalEventRule, in_force};
use super::scope::is_sign_in;
use super::selector::{AdvancedEventSelector, Category, EventSelector};

/// A trail as configured.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrailConfig {
    /// Its name, stored with every event it receives.
    pub name: String,
    /// The Region it was made in.
    pub home_region: String,
    /// The accounts it covers; every account when left out.
    #[serde(default)]
    pub accounts: Vec<String>,
    /// Covers every Region of the partition.
    #[serde(default)]
    pub multi_region: bool,
    /// Covers every account of the organization.
    #[serde(default)]
    pub organization: bool,
    /// Takes global service events. A multi-Region trail always does.
    #[serde(default = "yes")]
    pub include_global_service_events: bool,
    /// Basic event selectors; without any selector the trail takes all
    /// management events and nothing else.
    #[serde(default)]
    pub event_selectors: Vec<EventSelector>,
    /// Advanced event selectors; not together with basic ones.
    #[serde(default)]
    pub advanced_event_selectors: Vec<AdvancedEventSelector>,
}

const fn yes() -> bool {
    true
}

/// Whether a trail receives an event, and if not, why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It does.
    Delivered,
    /// The event belongs to another account.
    OtherAccount,
    /// The trail does not cover the event's Region.
    OtherRegion,
    /// The trail leaves out global service events.
    NoGlobalServiceEvents,
    /// No event selector takes the event.
    NotSelected,
}

impl Delivery {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "receives it",
            Self::OtherAccount => "does not: another account",
            Self::OtherRegion => "does not: it does not cover the Region",
            Self::NoGlobalServiceEvents => "does not: it leaves out global service events",
            Self::NotSelected => "does not: no event selector takes it",
        }
    }
}

impl TrailConfig {
    /// Whether the trail receives the event, given the scope it was routed to.
    pub fn delivery(&self, record: &Record, scope: Scope) -> Delivery {
        if !self.covers_account(record) {
            return Delivery::OtherAccount;
        }
        let region = if is_global_service_event(record, scope) {
            self.global_delivery(record)
        } else {
            self.regional_delivery(record)
        };
        if region != Delivery::Delivered {
            return region;
        }
        if self.selects(record) {
            Delivery::Delivered
        } else {
            Delivery::NotSelected
        }
    }

    /// Records older than version 1.02 do not name the account that received
    /// them; the caller's account has to do.
    fn covers_account(&self, record: &Record) -> bool {
        let received_by = record.recipient_account_id.as_ref();
        let account = received_by.or(record.user_identity.account_id.as_ref());
        self.accounts.is_empty() || account.is_some_and(|account| self.accounts.contains(account))
    }

    fn global_delivery(&self, record: &Record) -> Delivery {
        if !self.same_partition(record) {
            return Delivery::OtherRegion;
        }
        if !self.multi_region && !self.include_global_service_events {
            return Delivery::NoGlobalServiceEvents;
        }
        match in_force(&GLOBAL_EVENT_RULES, record.event_time).rule {
            GlobalEventRule::EveryTrail => Delivery::Delivered,
            GlobalEventRule::RecordedRegionOnly => self.regional_delivery(record),
        }
    }

    fn regional_delivery(&self, record: &Record) -> Delivery {
        let covers = if self.multi_region {
            self.same_partition(record)
        } else {
            self.home_region == record.aws_region
        };
        if covers {
            Delivery::Delivered
        } else {
            Delivery::OtherRegion
        }
    }

    fn same_partition(&self, record: &Record) -> bool {
        Partition::of_region(&self.home_region) == Partition::of_region(&record.aws_region)
    }

    fn selects(&self, record: &Record) -> bool {
        if self.event_selectors.is_empty() && self.advanced_event_selectors.is_empty() {
            return Category::of(record) == Category::Management;
        }
        self.event_selectors
            .iter()
            .any(|selector| selector.selects(record))
            || self
                .advanced_event_selectors
                .iter()
                .any(|selector| selector.selects(record))
    }
}

/// IAM, CloudFront, STS and sign-ins at global endpoints. Other services
/// without Regions were never global service events to CloudTrail.
fn is_global_service_event(record: &Record, scope: Scope) -> bool {
    scope == Scope::Global
        && (is_sign_in(record) || GLOBAL_SERVICE_EVENTS.contains(&record.event_source.as_str()))
}

#[cfg(test)]
mod tests;
