//! The limits that CloudTrail's API puts on trails and selectors.
//!
//! Source: CloudTrail API Reference (CreateTrail, InvalidTrailNameException);
//! CloudTrail User Guide, "Naming requirements".

mod advanced;
mod basic;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::Ipv4Addr;

use super::endpoint::is_region;
use super::sign_in_url::is_alias;
use super::trail::TrailConfig;

/// One error, with the key it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Path of the key, such as `trails[1].home_region`.
    pub key: String,
    /// What is wrong and what is accepted.
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.message)
    }
}

/// The sources whose management events a trail may leave out.
const EXCLUDABLE: [&str; 2] = ["kms.amazonaws.com", "rdsdata.amazonaws.com"];

/// Collects errors under a key path.
struct Errors(Vec<ConfigError>);

impl Errors {
    fn add(&mut self, key: impl Into<String>, message: impl Into<String>) {
        self.0.push(ConfigError {
            key: key.into(),
            message: message.into(),
        });
    }
}

/// All errors of a set of trails and account aliases; none when it is valid.
pub(super) fn validate(
    trails: &[TrailConfig],
    aliases: &BTreeMap<String, String>,
) -> Vec<ConfigError> {
    let mut errors = Errors(Vec::new());
    let mut names = BTreeSet::new();
    for (index, trail) in trails.iter().enumerate() {
        let key = format!("trails[{index}]");
        if !names.insert(&trail.name) {
            errors.add(
                format!("{key}.name"),
                format!("a second trail is called {:?}", trail.name),
            );
        }
        check_trail(trail, &key, &mut errors);
    }
    for (alias, account) in aliases {
        let key = format!("aliases.{alias}");
        if !is_alias(alias) {
            errors.add(&key, "an alias has 3 to 63 lower-case letters, digits and single hyphens, and is not 12 digits");
        }
        check_account(account, &key, &mut errors);
    }
    errors.0
}

fn check_account(text: &str, key: &str, errors: &mut Errors) {
    if text.len() != 12 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        errors.add(key, format!("{text:?} is not a 12-digit account ID"));
    }
}

fn check_trail(trail: &TrailConfig, key: &str, errors: &mut Errors) {
    if let Some(rule) = broken_name_rule(&trail.name) {
        errors.add(format!("{key}.name"), rule);
    }
    if !is_region(&trail.home_region) {
        let message = format!(
            "{:?} is not a Region code like eu-west-1",
            trail.home_region
        );
        errors.add(format!("{key}.home_region"), message);
    }
    for (index, account) in trail.accounts.iter().enumerate() {
        check_account(account, &format!("{key}.accounts[{index}]"), errors);
    }
    if trail.organization && !trail.accounts.is_empty() {
        errors.add(
            format!("{key}.accounts"),
            "an organization trail covers every account; leave accounts out",
        );
    }
    if trail.multi_region && !trail.include_global_service_events {
        errors.add(
            format!("{key}.include_global_service_events"),
            "a multi-Region trail always includes global service events",
        );
    }
    if !trail.event_selectors.is_empty() && !trail.advanced_event_selectors.is_empty() {
        errors.add(
            format!("{key}.advanced_event_selectors"),
            "a trail has either event_selectors or advanced_event_selectors",
        );
    }
    let basic_key = format!("{key}.event_selectors");
    basic::check(&trail.event_selectors, &basic_key, errors);
    let advanced_key = format!("{key}.advanced_event_selectors");
    advanced::check(&trail.advanced_event_selectors, &advanced_key, errors);
}

/// The first rule that the name of a trail breaks.
fn broken_name_rule(name: &str) -> Option<&'static str> {
    let is_mark = |c: char| matches!(c, '.' | '_' | '-');
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || is_mark(c);
    let adjacent = |pair: &[u8]| pair.iter().all(|byte| is_mark(char::from(*byte)));
    if !(3..=128).contains(&name.len()) || !name.chars().all(is_allowed) {
        Some("a name has 3 to 128 letters, digits, '.', '_' or '-'")
    } else if name.starts_with(is_mark) || name.ends_with(is_mark) {
        Some("a name begins and ends with a letter or digit")
    } else if name.as_bytes().windows(2).any(adjacent) {
        Some("a name has no two of '.', '_' and '-' next to each other")
    } else if name.parse::<Ipv4Addr>().is_ok() {
        Some("a name may not look like an IP address")
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
