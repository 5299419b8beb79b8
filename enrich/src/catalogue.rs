//! From CloudTrail's names to IAM's: which actions a call needs, where their
//! resources are named, and which parameters are condition keys. The data and
//! their sources: `data/README.md`.

mod operation;
mod plan;
mod read;

use std::sync::OnceLock;

use hashbrown::HashMap;
use trailwright_evaluator::ServiceData;
use trailwright_evaluator::service_data::ArnTemplate;

pub use operation::{
    Form, Kind, Mapping, NameBits, Needed, Operation, Part, Path, Reading, Resources, Variable,
};

/// AWS's services with what is particular to CloudTrail, read once per process.
#[derive(Clone, Debug)]
pub struct Catalogue {
    services: ServiceData,
    sources: HashMap<&'static str, &'static str>,
    /// Beginnings of sources, and their prefix.
    source_families: Vec<(&'static str, &'static str)>,
    free: Vec<&'static str>,
    aliases: HashMap<&'static str, Vec<(&'static str, Vec<&'static str>)>>,
    /// By `prefix:name` in lower case.
    operations: HashMap<String, Slot>,
    families: Vec<Family>,
    /// By name in lower case.
    parameter_keys: HashMap<String, Vec<ParameterKey>>,
    global_sources: Vec<&'static str>,
    passed_to: HashMap<&'static str, &'static str>,
    unreadable: Vec<&'static str>,
}

/// What the data say of one operation, and what follows, once it was asked for.
#[derive(Clone, Debug, Default)]
struct Slot {
    listed: Listed,
    planned: OnceLock<Operation>,
}

/// What the data say of one operation.
#[derive(Clone, Debug, Default)]
struct Listed {
    /// Why no action is published.
    without_action: Option<&'static str>,
    exceptions: Vec<Exception>,
    /// From `operations.txt`.
    entries: Option<Vec<Entry>>,
    /// The action of the same name.
    action: Option<String>,
}

/// One line for an event name that is not its action's name.
#[derive(Clone, Debug)]
struct Exception {
    /// The parameter that must be present.
    condition: Option<&'static str>,
    entries: Vec<Entry>,
}

/// Operations whose names begin alike.
#[derive(Clone, Debug)]
struct Family {
    prefix: &'static str,
    stem: &'static str,
    slot: Slot,
}

/// An action as the data name it.
#[derive(Clone, Debug, Default)]
struct Entry {
    action: String,
    when: Vec<&'static str>,
    /// Template variables and the paths of the parameters that fill them.
    variables: Vec<(&'static str, Vec<&'static str>)>,
    template: Option<ArnTemplate>,
    role: Option<&'static str>,
}

impl Entry {
    fn of_action(action: &str) -> Self {
        Self {
            action: action.to_owned(),
            ..Self::default()
        }
    }
}

/// A condition key whose value is a request parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterKey {
    /// The prefix of the services whose calls have the key.
    pub prefix: &'static str,
    /// The key in AWS's spelling.
    pub name: &'static str,
    /// It holds a list of values.
    pub is_list: bool,
    /// Without the parameter the key is absent; otherwise not known.
    pub is_absent_otherwise: bool,
    /// The parameters, best first.
    pub parameters: Vec<&'static str>,
    /// The events that have it; empty: all.
    pub events: Vec<&'static str>,
}

impl Catalogue {
    /// The data that this version was built with. Takes some milliseconds.
    pub fn embedded() -> Self {
        let mut catalogue = Self {
            services: ServiceData::embedded(),
            sources: HashMap::new(),
            source_families: Vec::new(),
            free: Vec::new(),
            aliases: HashMap::new(),
            operations: HashMap::new(),
            families: Vec::new(),
            parameter_keys: HashMap::new(),
            global_sources: Vec::new(),
            passed_to: HashMap::new(),
            unreadable: Vec::new(),
        };
        catalogue.read_actions();
        catalogue.read_operations(include_str!("../data/operations.txt"));
        catalogue.read_exceptions(include_str!("../data/exceptions.txt"));
        catalogue.read_context_keys(include_str!("../data/context-keys.txt"));
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
        let label = label(event_source);
        if let Some(prefix) = self.sources.get(label) {
            return prefix;
        }
        let mut families = self.source_families.iter();
        match families.find(|(stem, _)| label.starts_with(stem)) {
            Some((_, prefix)) => prefix,
            None => label.split('.').next().unwrap_or(label),
        }
    }

    /// Whether everyone may call the action, whatever the policies say.
    pub fn is_permissionless(&self, action: &str) -> bool {
        self.free
            .iter()
            .any(|free| free.eq_ignore_ascii_case(action))
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

    /// The parameters that are the condition key of this name, given in lower
    /// case.
    pub fn parameter_keys(&self, key: &str) -> &[ParameterKey] {
        self.parameter_keys.get(key).map_or(&[], Vec::as_slice)
    }

    /// All condition keys that are parameters.
    pub fn all_parameter_keys(&self) -> impl Iterator<Item = &ParameterKey> {
        self.parameter_keys.values().flatten()
    }

    /// Whether the service answers from one Region for all.
    pub fn is_global(&self, event_source: &str) -> bool {
        self.global_sources.contains(&label(event_source))
    }

    /// The service that a role is passed to by a call of this source.
    pub fn passed_to<'a>(&self, event_source: &'a str) -> &'a str
    where
        'static: 'a,
    {
        let named = self.passed_to.get(label(event_source));
        named.copied().unwrap_or(event_source)
    }

    /// What a call of `event_name` needs. `has`: whether it has a parameter of
    /// a name.
    ///
    /// # Errors
    /// Why there is no published action.
    pub fn map(
        &self,
        event_source: &str,
        event_name: &str,
        has: impl Fn(&str) -> bool,
    ) -> Result<&[Needed], String> {
        let prefix = self.prefix(event_source);
        let name = event_name.trim();
        // A trailing API version belongs to the name of some events
        // (`CreateFunction20150331`), and to the action of others.
        let bare = name.trim_end_matches(|last: char| last.is_ascii_digit() || "v_".contains(last));
        let found = self.look_up(prefix, name, &has);
        let found = match found {
            None if bare != name => self.look_up(prefix, bare, &has),
            found => found,
        };
        match found {
            Some(Mapping::Actions(needed)) => Ok(needed),
            Some(Mapping::Unmapped(reason)) => Err((*reason).to_owned()),
            None => Err(self.why_unmapped(prefix, name)),
        }
    }

    fn look_up(&self, prefix: &str, name: &str, has: impl Fn(&str) -> bool) -> Option<&Mapping> {
        let fits = |slot| self.mapping(slot, name, &has);
        let own = self.operations.get(&key(prefix, name)).and_then(fits);
        let of_family = |family: &&Family| {
            let start = name.get(..family.stem.len());
            family.prefix == prefix
                && start.is_some_and(|start| start.eq_ignore_ascii_case(family.stem))
        };
        own.or_else(|| {
            let family = self.families.iter().find(of_family)?;
            self.mapping(&family.slot, family.stem, &has)
        })
    }

    fn mapping<'c>(
        &'c self,
        slot: &'c Slot,
        name: &str,
        has: impl Fn(&str) -> bool,
    ) -> Option<&'c Mapping> {
        let operation = slot.planned.get_or_init(|| self.plan(&slot.listed, name));
        let mut alternatives = operation.alternatives.iter();
        let fits = |condition: Option<&str>| condition.is_none_or(&has);
        let found = alternatives.find(|alternative| fits(alternative.condition))?;
        Some(&found.mapping)
    }

    fn why_unmapped(&self, prefix: &str, name: &str) -> String {
        if self.services.service(prefix).is_some() {
            format!("no action {prefix}:{name} is published, and no other is known for this call")
        } else {
            format!("no actions of a service {prefix} are published")
        }
    }
}

/// What is before `.amazonaws.com`.
fn label(event_source: &str) -> &str {
    const DOMAIN: &str = ".amazonaws.com";
    event_source.strip_suffix(DOMAIN).unwrap_or_else(|| {
        let end = event_source.split_once(DOMAIN);
        end.map_or(event_source, |(label, _)| label)
    })
}

/// Under what an operation is filed.
fn key(prefix: &str, name: &str) -> String {
    let mut key = String::with_capacity(prefix.len() + 1 + name.len());
    key.push_str(prefix);
    key.push(':');
    key.push_str(name);
    key.make_ascii_lowercase();
    key
}

#[cfg(test)]
mod tests;
