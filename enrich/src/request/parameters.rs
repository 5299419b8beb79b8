//! Looking for a value in request parameters whose shape differs per API.

use std::borrow::Cow;

use super::json::Json;
use crate::catalogue::Path;

/// How deep a parameter may lie: `Request.Set.items[].item.id` is the deepest
/// seen in real records.
const DEPTH_MAX: usize = 6;

/// The scalars at a path: exactly there, or else any member called like its
/// last part, because CloudTrail's shapes differ from the API's.
pub(super) fn at<'t>(tree: &'t Json<'_>, path: &Path) -> Vec<Cow<'t, str>> {
    let mut found = Vec::new();
    follow(tree, path.as_str(), &mut found);
    if let (true, Some(name)) = (found.is_empty(), path.telling_name()) {
        search(tree, name, DEPTH_MAX, &mut found);
    }
    found
}

/// What stands at a path, and nowhere else.
pub(super) fn exactly<'t, 'r>(tree: &'t Json<'r>, way: &str) -> Option<&'t Json<'r>> {
    way.split('.')
        .try_fold(tree, |value, name| value.member(name))
}

/// Every text that begins like an ARN, at any depth.
pub(super) fn arns<'t>(tree: &'t Json<'_>) -> Vec<&'t str> {
    let mut found = Vec::new();
    collect_arns(tree, DEPTH_MAX, &mut found);
    found
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
