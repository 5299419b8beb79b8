//! Reading the data files. A line of another form than documented is kept in
//! `unreadable`; a test holds that there is none.

use trailwright_evaluator::service_data::ArnTemplate;

use super::{Catalogue, Entry, Exception, Family, ParameterKey, Slot, key};

type Words = Vec<&'static str>;

impl Catalogue {
    /// Every published action is an operation of the same name.
    pub(super) fn read_actions(&mut self) {
        let services = self.services.services().iter();
        for action in services.flat_map(|service| service.actions()) {
            let name = action.to_string();
            let slot = self.operations.entry(name.to_ascii_lowercase());
            slot.or_default().listed.action = Some(name);
        }
    }

    pub(super) fn read_operations(&mut self, text: &'static str) {
        for line in lines(text) {
            let fields: Words = line.split('\t').collect();
            match fields.as_slice() {
                [prefix, name, actions @ ..] if !actions.is_empty() => {
                    self.slot(prefix, name).listed.entries = Some(entries(actions));
                }
                _ => self.unreadable.push(line),
            }
        }
    }

    pub(super) fn read_exceptions(&mut self, text: &'static str) {
        for line in lines(text) {
            let fields: Words = line.split('\t').collect();
            match fields.as_slice() {
                ["source", label, prefix] => match label.strip_suffix('*') {
                    Some(stem) => self.source_families.push((stem, prefix)),
                    None => {
                        self.sources.insert(label, prefix);
                    }
                },
                ["free", action] => self.free.push(action),
                ["alias", prefix, variable, names] => {
                    let names = names.split(',').collect();
                    let aliases = self.aliases.entry(prefix).or_default();
                    aliases.push((variable, names));
                }
                ["none", prefix, name, reason] => {
                    self.slot(prefix, name).listed.without_action = Some(reason);
                }
                ["event", prefix, name, condition, actions @ ..] if !actions.is_empty() => {
                    let condition = (*condition != "-").then_some(*condition);
                    self.add_event(prefix, name, condition, entries(actions));
                }
                _ => self.unreadable.push(line),
            }
        }
    }

    fn add_event(
        &mut self,
        prefix: &'static str,
        name: &'static str,
        condition: Option<&'static str>,
        entries: Vec<Entry>,
    ) {
        let exception = Exception { condition, entries };
        let Some(stem) = name.strip_suffix('*') else {
            self.slot(prefix, name).listed.exceptions.push(exception);
            return;
        };
        let mut slot = Slot::default();
        slot.listed.exceptions.push(exception);
        self.families.push(Family { prefix, stem, slot });
    }

    fn slot(&mut self, prefix: &str, name: &str) -> &mut Slot {
        self.operations.entry(key(prefix, name)).or_default()
    }

    pub(super) fn read_context_keys(&mut self, text: &'static str) {
        for line in lines(text) {
            let fields: Words = line.split('\t').collect();
            match fields.as_slice() {
                [
                    "parameter",
                    prefix,
                    name,
                    kind,
                    otherwise,
                    parameters,
                    events @ ..,
                ] if events.len() < 2 => {
                    let of_events = events.first().map(|names| names.split(',').collect());
                    let rule = ParameterKey {
                        prefix,
                        name,
                        is_list: *kind == "list",
                        is_absent_otherwise: *otherwise == "absent",
                        parameters: parameters.split(',').collect(),
                        events: of_events.unwrap_or_default(),
                    };
                    let lower = name.to_ascii_lowercase();
                    self.parameter_keys.entry(lower).or_default().push(rule);
                }
                ["global", source] => self.global_sources.push(source),
                ["passed", source, service] => {
                    self.passed_to.insert(source, service);
                }
                _ => self.unreadable.push(line),
            }
        }
    }
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn entries(fields: &[&'static str]) -> Vec<Entry> {
    fields.iter().map(|field| entry(field)).collect()
}

/// `prefix:Action when@path,path =template Variable@path,path role@path`
fn entry(field: &'static str) -> Entry {
    let mut words = field.split(' ');
    let mut entry = Entry::of_action(words.next().unwrap_or_default());
    for word in words {
        match (word.strip_prefix('='), word.split_once('@')) {
            (Some(template), _) => entry.template = Some(ArnTemplate::new(template)),
            (None, Some(("role", path))) => entry.role = Some(path),
            (None, Some(("when", paths))) => entry.when = paths.split(',').collect(),
            (None, Some((variable, paths))) => {
                entry.variables.push((variable, paths.split(',').collect()));
            }
            (None, None) => {}
        }
    }
    entry
}
