//! From CloudTrail's names to IAM's: which actions a call needs, and on which
//! types of resources. The data and their sources: `data/README.md`.

mod read;

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use trailwright_evaluator::ServiceData;
use trailwright_evaluator::service_data::ArnTemplate;

/// Where the resource of an action comes from in the request's parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needed {
    /// `prefix:Name`.
    pub action: String,
    /// Template variables and the paths of the parameters that fill them.
    pub variables: Vec<(&'static str, Vec<&'static str>)>,
    /// An ARN template of this operation's own.
    pub template: Option<ArnTemplate>,
    /// The parameter with the role that is passed (`iam:PassRole`).
    pub role: Option<&'static str>,
}

/// What a call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mapping {
    /// These actions, all of them.
    Actions(Vec<Needed>),
    /// No published action; why.
    Unmapped(String),
}

/// One line for an event name that is not its action's name.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Exception {
    /// The parameter that must be present.
    condition: Option<&'static str>,
    needed: Vec<Needed>,
}

/// AWS's services with what is particular to CloudTrail, read once per process.
#[derive(Clone, Debug)]
pub struct Catalogue {
    services: ServiceData,
    sources: HashMap<&'static str, &'static str>,
    free: HashSet<String>,
    aliases: HashMap<&'static str, Vec<(&'static str, Vec<&'static str>)>>,
    exceptions: HashMap<String, Vec<Exception>>,
    families: Vec<(&'static str, String, Vec<Needed>)>,
    without_action: HashMap<String, &'static str>,
    operations: HashMap<String, Vec<Needed>>,
    unreadable: Vec<&'static str>,
}

impl Catalogue {
    /// The data that this version was built with.
    pub fn embedded() -> Self {
        let mut catalogue = Self {
            services: ServiceData::embedded(),
            sources: HashMap::new(),
            free: HashSet::new(),
            aliases: HashMap::new(),
            exceptions: HashMap::new(),
            families: Vec::new(),
            without_action: HashMap::new(),
            operations: HashMap::new(),
            unreadable: Vec::new(),
        };
        catalogue.read_operations(include_str!("../data/operations.txt"));
        catalogue.read_exceptions(include_str!("../data/exceptions.txt"));
        catalogue
    }

    /// Actions, resource types and condition keys.
    pub fn services(&self) -> &ServiceData {
        &self.services
    }

    /// Lines of the data that do not have the documented form; none, unless
    /// the data were edited wrongly.
    pub fn unreadable(&self) -> &[&'static str] {
        &self.unreadable
    }

    /// The IAM prefix of an `eventSource`: its first label, with exceptions.
    pub fn prefix<'a>(&self, event_source: &'a str) -> &'a str
    where
        'static: 'a,
    {
        let label = event_source
            .split_once(".amazonaws.com")
            .map_or(event_source, |(label, _)| label);
        if let Some(prefix) = self.sources.get(label) {
            return prefix;
        }
        let family = self.sources.iter().find_map(|(source, prefix)| {
            let stem = source.strip_suffix('*')?;
            label.starts_with(stem).then_some(*prefix)
        });
        family.unwrap_or_else(|| label.split('.').next().unwrap_or(label))
    }

    /// Whether everyone may call the action, whatever the policies say.
    pub fn is_permissionless(&self, action: &str) -> bool {
        self.free.contains(&action.to_ascii_lowercase())
    }

    /// The request parameters that fill a template variable, beyond the one of
    /// the same name.
    pub fn aliases(&self, prefix: &str, variable: &str) -> &[&'static str] {
        let of_prefix = self.aliases.get(prefix).map_or(&[][..], Vec::as_slice);
        of_prefix
            .iter()
            .find(|(name, _)| *name == variable)
            .map_or(&[], |(_, parameters)| parameters)
    }

    /// The actions that a call of `event_name` needs.
    pub fn map(&self, event_source: &str, event_name: &str, parameters: &Value) -> Mapping {
        let prefix = self.prefix(event_source);
        let name = event_name.trim();
        // A trailing API version belongs to the name of some events
        // (`CreateFunction20150331`), and to the action of others.
        let bare = name.trim_end_matches(|last: char| last.is_ascii_digit() || "v_".contains(last));
        self.look_up(prefix, name, parameters)
            .or_else(|| self.look_up(prefix, bare, parameters))
            .unwrap_or_else(|| Mapping::Unmapped(self.why_unmapped(prefix, name)))
    }

    fn look_up(&self, prefix: &str, name: &str, parameters: &Value) -> Option<Mapping> {
        let key = format!("{prefix}:{name}").to_ascii_lowercase();
        if let Some(reason) = self.without_action.get(&key) {
            return Some(Mapping::Unmapped((*reason).to_owned()));
        }
        let exception = self.exceptions.get(&key).and_then(|lines| {
            lines
                .iter()
                .find(|line| line.condition.is_none_or(|name| has(parameters, name)))
        });
        let needed = exception
            .map(|exception| &exception.needed)
            .or_else(|| self.operations.get(&key));
        if let Some(needed) = needed {
            return Some(Mapping::Actions(needed.clone()));
        }
        if let Some(action) = self.services.action(&key) {
            let own = Needed {
                action: action.to_string(),
                ..Needed::default()
            };
            return Some(Mapping::Actions(vec![own]));
        }
        self.families
            .iter()
            .find(|(of, stem, _)| *of == prefix && key[prefix.len() + 1..].starts_with(stem))
            .map(|(_, _, needed)| Mapping::Actions(needed.clone()))
    }

    fn why_unmapped(&self, prefix: &str, name: &str) -> String {
        if self.services.service(prefix).is_some() {
            format!("no action {prefix}:{name} is published, and no other is known for this call")
        } else {
            format!("no actions of a service {prefix} are published")
        }
    }
}

fn has(parameters: &Value, name: &str) -> bool {
    parameters.as_object().is_some_and(|members| {
        members
            .iter()
            .any(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_null())
    })
}

#[cfg(test)]
mod tests;
