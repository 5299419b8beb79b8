//! What the command lines of hunts and reports have in common: finding one by
//! its name, the values it takes, and the list of all.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::ExitCode;

use serde_json::{Value, json};
use trailwright_query::{Format, Parameter, Presence};

use crate::failure::Failure;
use crate::near::did_you_mean;

/// The one of this name; if there is none, the error names what is near. `kind`
/// is what they are called.
pub(super) fn find<'q, Q>(
    kind: &str,
    all: &'q [Q],
    name_of: impl Fn(&Q) -> &str,
    name: &str,
) -> Result<&'q Q, Failure> {
    if let Some(found) = all.iter().find(|one| name_of(one) == name) {
        return Ok(found);
    }
    let hint = did_you_mean(name, all.iter().map(&name_of));
    Err(Failure::usage(format!(
        "there is no {kind} {name:?}; {hint}`trailwright {kind} list` shows all"
    )))
}

/// The values of `--param NAME=VALUE`.
pub(super) fn given(pairs: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let mut given = BTreeMap::new();
    for pair in pairs {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| Failure::usage(format!("--param {pair}: give NAME=VALUE")))?;
        if given.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(Failure::usage(format!("--param {name} is given twice")));
        }
    }
    Ok(given)
}

/// Writes a list, one text or one JSON object each.
pub(super) fn list<Q>(
    all: &[Q],
    format: Format,
    text: impl Fn(&Q) -> String,
    json: impl Fn(&Q) -> Value,
) -> Result<ExitCode, Failure> {
    let list = match format {
        Format::Table => all.iter().map(text).collect::<String>(),
        Format::Json => format!("{}\n", Value::Array(all.iter().map(json).collect())),
        Format::JsonLines => all.iter().map(|one| format!("{}\n", json(one))).collect(),
        _ => return Err(Failure::usage("the list is given as table, json or jsonl")),
    };
    print(&list)?;
    Ok(ExitCode::SUCCESS)
}

/// A line for each parameter.
pub(super) fn parameters_text(parameters: &[Parameter]) -> String {
    let line = |parameter: &Parameter| {
        let (name, meaning) = (&parameter.name, &parameter.meaning);
        format!(
            "    --param {name}=…  {meaning} ({})\n",
            presence(parameter)
        )
    };
    parameters.iter().map(line).collect()
}

pub(super) fn parameters_json(parameters: &[Parameter]) -> Vec<Value> {
    let parameter = |parameter: &Parameter| {
        let default = match &parameter.presence {
            Presence::Default(value) => Some(value.to_string()),
            _ => None,
        };
        json!({
            "name": parameter.name, "kind": parameter.kind.name(), "meaning": parameter.meaning,
            "required": parameter.presence == Presence::Required, "default": default,
        })
    };
    parameters.iter().map(parameter).collect()
}

fn presence(parameter: &Parameter) -> String {
    match &parameter.presence {
        Presence::Required => "required".to_owned(),
        Presence::Optional => "optional".to_owned(),
        Presence::Default(value) => format!("default {value}"),
    }
}

pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}
