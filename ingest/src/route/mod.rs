//! Routing: which trail an event belongs to, and why.
//!
//! `awsRegion` is evidence and is never rewritten. Rules that changed are data
//! with their dates in [`rules`]; the rule in force at `eventTime` decides.

mod endpoint;
mod partition;
pub mod rules;
mod scope;
mod selector;
mod sign_in_url;
mod trail;
mod validate;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use trailwright_schemas::{Record, Routing, Scope};

pub use partition::Partition;
pub use selector::{AdvancedEventSelector, Category, DataResource, EventSelector, FieldSelector};
pub use sign_in_url::{Account, Outcome, SignInUrl, UrlError, is_sign_in_url};
pub use trail::{Delivery, TrailConfig};
pub use validate::ConfigError;

use rules::{GLOBAL_EVENT_RULES, SIGN_IN_RULES, in_force};

/// Routes records. Made once from a configuration that has been checked.
#[derive(Clone, Debug, Default)]
pub struct Router {
    trails: Vec<TrailConfig>,
    aliases: BTreeMap<String, String>,
}

/// How a record was routed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The result.
    pub routing: Routing,
    /// What was looked at: name and value, in the order of importance.
    pub facts: Vec<(&'static str, String)>,
    /// Each configured trail and whether it receives the event.
    pub deliveries: Vec<(String, Delivery)>,
}

impl Router {
    /// A router for these trails and account aliases. Without trails there is
    /// one called `global` and one per Region, which take everything.
    pub fn new(
        trails: Vec<TrailConfig>,
        aliases: BTreeMap<String, String>,
    ) -> Result<Self, Vec<ConfigError>> {
        let errors = validate::validate(&trails, &aliases);
        if errors.is_empty() {
            Ok(Self { trails, aliases })
        } else {
            Err(errors)
        }
    }

    /// Where the event belongs.
    pub fn route(&self, record: &Record) -> Routing {
        let decided = scope::decide(record);
        let mut routing = Routing {
            scope: decided.scope,
            reason: decided.reason,
            possible_alias_cookie: decided.possible_alias_cookie,
            trails: Vec::new(),
        };
        routing.trails = if self.trails.is_empty() {
            vec![routing.trail_region(&record.aws_region).to_owned()]
        } else {
            let receives =
                |trail: &&TrailConfig| trail.delivery(record, decided.scope) == Delivery::Delivered;
            self.trails
                .iter()
                .filter(receives)
                .map(|trail| trail.name.clone())
                .collect()
        };
        routing.trails.sort();
        routing
    }

    /// Where the event belongs, and everything that led there.
    pub fn explain(&self, record: &Record) -> Explanation {
        let routing = self.route(record);
        let deliveries = self
            .trails
            .iter()
            .map(|trail| (trail.name.clone(), trail.delivery(record, routing.scope)))
            .collect();
        Explanation {
            deliveries,
            facts: self.facts(record, routing.scope),
            routing,
        }
    }

    /// The account that a sign-in URL belongs to, through the aliases.
    pub fn account_of<'a>(&'a self, url: &'a SignInUrl) -> Option<&'a str> {
        url.account_id(&self.aliases)
    }

    fn facts(&self, record: &Record, scope: Scope) -> Vec<(&'static str, String)> {
        let mut facts = vec![("awsRegion", record.aws_region.clone())];
        let mut fact = |name: &'static str, value: Option<String>| {
            facts.extend(value.map(|value| (name, value)));
        };
        fact("host header", record.host_header().map(str::to_owned));
        let identity = record.user_identity.identity_type.as_ref();
        fact("identity", identity.map(|kind| kind.as_str().to_owned()));
        fact("endpoint", record.additional("RequestDetails"));
        let login_to = record.additional("LoginTo");
        let url = login_to
            .as_deref()
            .and_then(|text| SignInUrl::parse(text).ok());
        let account = url
            .as_ref()
            .and_then(|url| self.account_of(url).map(str::to_owned));
        fact("heading to", login_to);
        fact("account of the alias", account);
        fact(
            "console it came from",
            url.and_then(|url| url.console_region),
        );
        let time = record.event_time;
        if scope::is_sign_in(record) {
            fact(
                "sign-in rule in force",
                Some(since(in_force(&SIGN_IN_RULES, time).since, time)),
            );
        }
        if scope == Scope::Global {
            let rule = in_force(&GLOBAL_EVENT_RULES, time);
            fact("global-event rule in force", Some(since(rule.since, time)));
        }
        facts
    }
}

fn since(date: chrono::NaiveDate, time: DateTime<Utc>) -> String {
    if date == chrono::NaiveDate::MIN {
        format!("the oldest one (the event is of {})", time.date_naive())
    } else {
        format!("that of {date}")
    }
}

#[cfg(test)]
mod tests;
