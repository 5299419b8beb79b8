//! From the lines of the data to what a call needs, worked out once for each
//! operation that occurs.

use trailwright_evaluator::ActionName;
use trailwright_evaluator::service_data::{ArnTemplate, Piece, ResourceType, Service};

use super::operation::{
    Alternative, Form, Kind, Mapping, Needed, Operation, Part, Path, Reading, Resources, Variable,
};
use super::{Catalogue, Entry, Listed};

impl Catalogue {
    /// What calls of an operation need; `name` is that of the event or of its
    /// family.
    pub(super) fn plan(&self, listed: &Listed, name: &str) -> Operation {
        let alternative = |condition, mapping| Alternative { condition, mapping };
        if let Some(reason) = listed.without_action {
            return Operation {
                alternatives: vec![alternative(None, Mapping::Unmapped(reason))],
            };
        }
        let actions = |entries: &[Entry]| {
            let needed = |entry| self.needed(entry, name);
            Mapping::Actions(entries.iter().map(needed).collect())
        };
        let exceptions = listed.exceptions.iter();
        let mut alternatives: Vec<Alternative> = exceptions
            .map(|exception| alternative(exception.condition, actions(&exception.entries)))
            .collect();
        if let Some(entries) = &listed.entries {
            alternatives.push(alternative(None, actions(entries)));
        } else if let Some(action) = &listed.action {
            let own = Entry::of_action(action);
            alternatives.push(alternative(None, actions(&[own])));
        }
        Operation { alternatives }
    }

    fn needed(&self, entry: &Entry, event_name: &str) -> Needed {
        Needed {
            action: ActionName::known(&entry.action, self.services()),
            when: entry.when.clone(),
            resources: self.resources(entry, event_name),
        }
    }

    fn resources(&self, entry: &Entry, event_name: &str) -> Resources {
        if let Some(path) = entry.role {
            return Resources::PassedRole(Path::new(path));
        }
        if let Some(template) = &entry.template {
            return Resources::Form(self.form(entry, event_name, "", template));
        }
        let Some(action) = self.services().action(&entry.action) else {
            return Resources::Unknown;
        };
        let kind = |(kind, required): (&ResourceType, bool)| {
            self.kind(entry, event_name, action.service(), kind, required)
        };
        let kinds: Vec<Kind> = action.resource_types().map(kind).collect();
        if kinds.is_empty() {
            Resources::None
        } else {
            Resources::Types(kinds)
        }
    }

    fn kind(
        &self,
        entry: &Entry,
        event_name: &str,
        service: &Service,
        kind: &ResourceType,
        required: bool,
    ) -> Kind {
        Kind {
            name: kind.name,
            required,
            is_fixed: kind.template.variables().next().is_none(),
            test: service.type_test(kind),
            form: self.form(entry, event_name, kind.name, &kind.template),
        }
    }

    fn form(&self, entry: &Entry, event_name: &str, kind: &str, template: &ArnTemplate) -> Form {
        let mut before = "";
        let parts = template.pieces().map(|piece| match piece {
            Piece::Literal(text) => {
                before = text;
                Part::Literal(text)
            }
            Piece::Variable("Partition") => Part::Partition,
            Piece::Variable("Region") => Part::Region,
            Piece::Variable(name) => {
                Part::Variable(self.variable(entry, event_name, kind, name, before))
            }
        });
        let parts: Vec<Part> = parts.collect();
        let is_iam = matches!(parts.first(), Some(Part::Literal(text)) if text.starts_with("iam:"));
        Form {
            parts,
            entity: ENTITIES
                .into_iter()
                .find(|entity| is_iam && *entity == kind),
        }
    }

    fn variable(
        &self,
        entry: &Entry,
        event_name: &str,
        kind: &str,
        name: &'static str,
        before: &'static str,
    ) -> Variable {
        let (prefix, _) = entry.action.split_once(':').unwrap_or_default();
        let stated = entry.variables.iter().find(|(known, _)| *known == name);
        let stated = stated.map_or(&[][..], |(_, paths)| paths);
        let mut paths: Vec<String> = Vec::new();
        if stated != ["*"] {
            let listed = stated.iter().chain(self.aliases(prefix, name));
            let listed = listed.filter(|path| **path != "*");
            paths = listed.map(|path| (*path).to_owned()).collect();
            paths.extend(guesses(name, kind, event_name));
        }
        let kind = before.trim_start_matches(':').strip_suffix('/');
        Variable {
            is_account: matches!(name, "Account" | "AccountId"),
            paths: paths.iter().map(|path| Path::new(path)).collect(),
            is_all_otherwise: stated.contains(&"*") || is_list(event_name),
            kind: kind.filter(|kind| !kind.is_empty() && !kind.contains('/')),
            reading: Reading::of(name),
        }
    }
}

/// Entities of IAM that have a path which requests leave out.
const ENTITIES: [&str; 5] = ["user", "role", "group", "policy", "instance-profile"];

fn is_list(event_name: &str) -> bool {
    let begins = |verb: &str| {
        let start = event_name.get(..verb.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(verb))
    };
    begins("Describe") || begins("List")
}

/// Names that a parameter with this variable's value may have.
fn guesses(variable: &str, kind: &str, event_name: &str) -> Vec<String> {
    let stem = ["WithPath", "WithoutLeadingSlash"]
        .iter()
        .find_map(|end| variable.strip_suffix(end))
        .unwrap_or(variable);
    let mut names = vec![stem.to_owned(), format!("{stem}s")];
    let kind = kind.replace(['-', ' '], "");
    let bare = ["Name", "Identifier", "Id"]
        .iter()
        .find_map(|end| stem.strip_suffix(end));
    if let Some(bare) = bare.filter(|bare| !bare.is_empty() && *bare != "Resource") {
        names.extend(["Name", "Id", "Identifier", "Ids", ""].map(|end| format!("{bare}{end}")));
    } else if !kind.is_empty() {
        names.extend(["Id", "Name", "Identifier", "Ids"].map(|end| format!("{kind}{end}")));
    }
    // `CreateMonitor {"name": …}` names the monitor.
    if !kind.is_empty() && event_name.to_ascii_lowercase().contains(&kind) {
        names.extend(["name", "id", "identifier"].map(str::to_owned));
    }
    names
}
