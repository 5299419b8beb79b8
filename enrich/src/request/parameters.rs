//! Looking for a value in request parameters whose shape differs per API.

use std::borrow::Cow;

use trailwright_schemas::JsonText;

use super::json::Json;
use crate::catalogue::{NameBits, Path};

/// How deep a parameter may lie: `Request.Set.items[].item.id` is the deepest
/// seen in real records.
const DEPTH_MAX: usize = 6;

/// The parameters of a request or the elements of a response.
#[derive(Clone, Debug)]
pub(super) struct Parameters<'r> {
    pub(super) tree: Json<'r>,
    /// Which names its members have: most paths that are tried lead nowhere.
    names: NameBits,
    has_arns: bool,
}

impl<'r> Parameters<'r> {
    pub(super) fn read(text: Option<&'r JsonText>) -> Self {
        let mut read = Self {
            tree: Json::read(text),
            names: NameBits::default(),
            has_arns: false,
        };
        let tree = std::mem::replace(&mut read.tree, Json::Null);
        read.note(&tree);
        read.tree = tree;
        read
    }

    fn note(&mut self, value: &Json<'_>) {
        match value {
            Json::Text(text) => self.has_arns |= text.starts_with("arn:"),
            Json::List(values) => values.iter().for_each(|value| self.note(value)),
            Json::Object(members) => {
                for (name, value) in members {
                    self.names.add(name);
                    self.note(value);
                }
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    /// Whether a parameter of this name says anything.
    pub(super) fn says(&self, name: &str) -> bool {
        let found = self.tree.member(name);
        found.is_some_and(|value| !value.is_empty())
    }

    /// Whether there may be a value at a path: most paths are ruled out.
    pub(super) fn may_name(&self, path: &Path) -> bool {
        self.names.may_have(path.name_bits())
    }

    /// The scalars at a path: exactly there, or else any member called like its
    /// last part, because CloudTrail's shapes differ from the API's.
    pub(super) fn at(&self, path: &Path) -> Vec<Cow<'_, str>> {
        let mut found = Vec::new();
        if !self.may_name(path) {
            return found;
        }
        follow(&self.tree, path.as_str(), &mut found);
        if let (true, Some(name)) = (found.is_empty(), path.telling_name()) {
            search(&self.tree, name, DEPTH_MAX, &mut found);
        }
        found
    }

    /// What stands at a path, and nowhere else.
    pub(super) fn exactly(&self, way: &str) -> Option<&Json<'r>> {
        way.split('.')
            .try_fold(&self.tree, |value, name| value.member(name))
    }

    /// Every text that begins like an ARN, at any depth.
    pub(super) fn arns(&self) -> Vec<&str> {
        let mut found = Vec::new();
        if self.has_arns {
            collect_arns(&self.tree, DEPTH_MAX, &mut found);
        }
        found
    }
}

fn collect_arns<'t>(value: &'t Json<'_>, depth: usize, found: &mut Vec<&'t str>) {
    match value {
        Json::Text(text) if text.starts_with("arn:") => found.push(text),
        Json::List(values) if depth > 0 => {
            for value in values {
                collect_arns(value, depth - 1, found);
            }
        }
        Json::Object(members) if depth > 0 => {
            for (_, value) in members {
                collect_arns(value, depth - 1, found);
            }
        }
        _ => {}
    }
}

/// Adds the scalars at the end of the way; lists are gone through on it.
fn follow<'t>(value: &'t Json<'_>, way: &str, found: &mut Vec<Cow<'t, str>>) {
    if let Json::List(values) = value {
        values.iter().for_each(|value| follow(value, way, found));
        return;
    }
    let (name, rest) = way.split_once('.').unwrap_or((way, ""));
    match value.member(name) {
        Some(value) if rest.is_empty() => scalars(value, found),
        Some(value) => follow(value, rest, found),
        None => {}
    }
}

fn search<'t>(value: &'t Json<'_>, name: &str, depth: usize, found: &mut Vec<Cow<'t, str>>) {
    match value {
        Json::List(values) if depth > 0 => {
            for value in values {
                search(value, name, depth - 1, found);
            }
        }
        Json::Object(members) if depth > 0 => {
            for (key, value) in members {
                if key.eq_ignore_ascii_case(name) {
                    scalars(value, found);
                } else {
                    search(value, name, depth - 1, found);
                }
            }
        }
        _ => {}
    }
}

/// The scalars of a value or of the list it is, each once.
fn scalars<'t>(value: &'t Json<'_>, found: &mut Vec<Cow<'t, str>>) {
    match value {
        Json::List(values) => values.iter().for_each(|value| scalars(value, found)),
        // EC2 writes `{"tag": 1, "content": "nat-0123"}` for a list's entry.
        Json::Object(_) => {
            if let Some(content) = value.member("content") {
                scalars(content, found);
            }
        }
        // No parameter that names a resource is a truth value.
        Json::Bool(_) | Json::Null => {}
        Json::Text(_) | Json::Number(_) => {
            if let Some(text) = value.scalar().filter(|text| !found.contains(text)) {
                found.push(text);
            }
        }
    }
}
