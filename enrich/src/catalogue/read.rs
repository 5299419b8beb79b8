//! Reading the data files. A line of another form than documented is kept in
//! `unreadable`; a test holds that there is none.

use trailwright_evaluator::service_data::ArnTemplate;

use super::{Catalogue, Exception, Needed};

type Words = Vec<&'static str>;

impl Catalogue {
    pub(super) fn read_operations(&mut self, text: &'static str) {
        for line in lines(text) {
            let fields: Words = line.split('\t').collect();
            match fields.as_slice() {
                [prefix, name, actions @ ..] if !actions.is_empty() => {
                    self.operations
                        .insert(key(prefix, name), needed_all(actions));
                }
                _ => self.unreadable.push(line),
            }
        }
    }

    pub(super) fn read_exceptions(&mut self, text: &'static str) {
        for line in lines(text) {
            let fields: Words = line.split('\t').collect();
            match fields.as_slice() {
                ["source", label, prefix] => {
                    self.sources.insert(label, prefix);
                }
                ["free", action] => {
                    self.free.insert(action.to_ascii_lowercase());
                }
                ["alias", prefix, variable, names] => {
                    let names = names.split(',').collect();
                    self.aliases
                        .entry(prefix)
                        .or_default()
                        .push((variable, names));
                }
                ["none", prefix, name, reason] => {
                    self.without_action.insert(key(prefix, name), reason);
                }
                ["event", prefix, name, condition, actions @ ..] if !actions.is_empty() => {
                    self.add_event(prefix, name, condition, needed_all(actions));
                }
                _ => self.unreadable.push(line),
            }
        }
    }

    fn add_event(
        &mut self,
        prefix: &'static str,
        name: &'static str,
        condition: &'static str,
        needed: Vec<Needed>,
    ) {
        if let Some(stem) = name.strip_suffix('*') {
            self.families
                .push((prefix, stem.to_ascii_lowercase(), needed));
            return;
        }
        let exception = Exception {
            condition: (condition != "-").then_some(condition),
            needed,
        };
        self.exceptions
            .entry(key(prefix, name))
            .or_default()
            .push(exception);
    }
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn key(prefix: &str, name: &str) -> String {
    format!("{prefix}:{name}").to_ascii_lowercase()
}

fn needed_all(fields: &[&'static str]) -> Vec<Needed> {
    fields.iter().map(|field| needed(field)).collect()
}

/// `prefix:Action =template Variable@path,path role@path`
fn needed(field: &'static str) -> Needed {
    let mut words = field.split(' ');
    let mut needed = Needed {
        action: words.next().unwrap_or_default().to_owned(),
        ..Needed::default()
    };
    for word in words {
        match (word.strip_prefix('='), word.split_once('@')) {
            (Some(template), _) => needed.template = Some(ArnTemplate::new(template)),
            (None, Some(("role", path))) => needed.role = Some(path),
            (None, Some((variable, paths))) => {
                needed
                    .variables
                    .push((variable, paths.split(',').collect()));
            }
            (None, None) => {}
        }
    }
    needed
}
