//! A rendered verdict against the expected one.

use serde_json::{Map, Value};

/// Every field of `expected` that `found` does not have, in words. A case that gives layers gives
/// `blocked` whenever something blocks, so an unexpected `blocked` is a difference too.
#[must_use]
pub fn differences(expected: &Map<String, Value>, found: &Value) -> Vec<String> {
    let mut differences: Vec<String> = expected
        .iter()
        .filter_map(|(field, value)| {
            let found = found.get(field).unwrap_or(&Value::Null);
            (found != value).then(|| format!("{field}: expected {value}, found {found}"))
        })
        .collect();
    let says_what_blocks = expected.contains_key("blocked") || !expected.contains_key("layers");
    if let (false, Some(found)) = (says_what_blocks, found.get("blocked")) {
        differences.push(format!("blocked: expected none, found {found}"));
    }
    differences
}
