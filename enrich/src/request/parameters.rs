//! Looking for a value in request parameters whose shape differs per API.

use serde_json::Value;

/// How deep a parameter may lie: `Request.Set.items[].item.id` is the deepest
/// seen in real records.
const DEPTH_MAX: usize = 6;

/// The scalars of all members called `name`, in any letter case, at any depth.
fn named(tree: &Value, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    search(tree, name, DEPTH_MAX, &mut found);
    found
}

/// Names that too many things have: they count only where the path says.
const COMMON: [&str; 5] = ["arn", "id", "key", "name", "value"];

/// The scalars at `path` (`Outer.Inner`): exactly there, or else any member
/// called like its last part, because CloudTrail's shapes differ from the API's.
pub(super) fn at(tree: &Value, path: &str) -> Vec<String> {
    let mut exact = vec![tree];
    for part in path.split('.') {
        exact = exact
            .into_iter()
            .flat_map(elements)
            .filter_map(|value| member(value, part))
            .collect();
    }
    let mut found = Vec::new();
    exact
        .into_iter()
        .for_each(|value| scalars(value, &mut found));
    let last = path.rsplit('.').next().unwrap_or(path);
    if found.is_empty() && !COMMON.contains(&last.to_ascii_lowercase().as_str()) {
        return named(tree, last);
    }
    found
}

/// A member at the top, in any letter case, as text.
pub(super) fn top(tree: &Value, name: &str) -> Option<String> {
    let mut found = Vec::new();
    scalars(member(tree, name)?, &mut found);
    found.into_iter().next()
}

/// Every text that begins like an ARN, at any depth.
pub(super) fn arns(tree: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    collect_arns(tree, DEPTH_MAX, &mut found);
    found
}

fn collect_arns<'a>(value: &'a Value, depth: usize, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) if text.starts_with("arn:") => found.push(text),
        Value::Array(values) if depth > 0 => {
            for value in values {
                collect_arns(value, depth - 1, found);
            }
        }
        Value::Object(members) if depth > 0 => {
            for value in members.values() {
                collect_arns(value, depth - 1, found);
            }
        }
        _ => {}
    }
}

fn search(value: &Value, name: &str, depth: usize, found: &mut Vec<String>) {
    match value {
        Value::Array(values) if depth > 0 => {
            for value in values {
                search(value, name, depth - 1, found);
            }
        }
        Value::Object(members) if depth > 0 => {
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

fn scalars(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if !text.is_empty() => push(found, text.clone()),
        Value::Number(number) => push(found, number.to_string()),
        Value::Array(values) => values.iter().for_each(|value| scalars(value, found)),
        // EC2 writes `{"tag": 1, "content": "nat-0123"}` for a list's entry.
        Value::Object(members) => {
            if let Some(content) = members.get("content") {
                scalars(content, found);
            }
        }
        _ => {}
    }
}

fn push(found: &mut Vec<String>, text: String) {
    if !found.contains(&text) {
        found.push(text);
    }
}

fn elements(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        other => vec![other],
    }
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let members = value.as_object()?;
    members.get(name).or_else(|| {
        members
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    })
}
