#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::{Value, json};
use trailwright_evaluator::ContextValue;

use super::{HASHES, RULES};
use crate::catalogue::Catalogue;
use crate::request::tests::asked;
use crate::request::{ContextKey, Provenance, derive};
use crate::samples;

/// A key as `value (how it is known)`, `-` for absent, `?` for unknown.
fn shown(context: &[ContextKey], name: &str) -> String {
    let Some(key) = context.iter().find(|key| key.name == name) else {
        return "?".to_owned();
    };
    let value = match &key.value {
        ContextValue::One(value) => value.clone(),
        ContextValue::Many(values) => format!("[{}]", values.join(" ")),
        ContextValue::Absent => "-".to_owned(),
        ContextValue::Unknown => "?".to_owned(),
    };
    format!("{value} ({})", key.provenance.as_str())
}

/// Records and what their keys must be.
fn hold(changes: Value, expected: &[(&str, &str)]) {
    let asked = asked(changes.clone());
    let context = asked.derived().context();
    for (name, value) in expected {
        assert_eq!(shown(&context, name), *value, "{name} of {changes}");
    }
}
