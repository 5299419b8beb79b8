//! Headers of `.sql` files: comment lines `-- key: value` before a statement,
//! where a line that goes on is indented.

use std::collections::BTreeSet;

use super::{Kind, Parameter, Presence, Value};

/// One line of a header with its continuations.
pub(crate) struct Entry<'t> {
    /// Its line in the text, from 1.
    pub(crate) line: usize,
    pub(crate) key: &'t str,
    pub(crate) value: String,
}

/// The header with which a text begins: its lines up to the first that is no
/// comment.
pub(crate) fn entries(text: &str) -> Result<Vec<Entry<'_>>, String> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some(comment) = line.strip_prefix("--") else {
            break;
        };
        if let Some(more) = comment.strip_prefix("   ") {
            let last = entries
                .last_mut()
                .ok_or("the header begins with a continuation")?;
            last.value.push(' ');
            last.value.push_str(more.trim());
            continue;
        }
        let (key, value) = comment
            .strip_prefix(' ')
            .and_then(|comment| comment.split_once(": "))
            .ok_or_else(|| format!("line {} is no \"-- key: value\"", index + 1))?;
        entries.push(Entry {
            line: index + 1,
            key,
            value: value.trim().to_owned(),
        });
    }
    Ok(entries)
}

/// `NAME KIND required|optional|= VALUE; MEANING`
pub(crate) fn parameter(text: &str) -> Result<Parameter, String> {
    let (declaration, meaning) = text
        .split_once("; ")
        .ok_or("a parameter has no \"; meaning\"")?;
    let mut words = declaration.splitn(3, ' ');
    let (Some(name), Some(kind), Some(default)) = (words.next(), words.next(), words.next()) else {
        return Err("a parameter is NAME KIND required|optional|= VALUE; MEANING".to_owned());
    };
    if name.is_empty()
        || !name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    {
        return Err(format!("{name:?} is no name: lower-case letters and _"));
    }
    let kind = Kind::named(kind).ok_or_else(|| format!("{kind:?} is no kind of value"))?;
    let presence = match (default, default.strip_prefix("= ")) {
        ("required", _) => Presence::Required,
        ("optional", _) => Presence::Optional,
        (_, Some(value)) => Presence::Default(
            Value::read(kind, value)
                .ok_or_else(|| format!("default of {name}: {}", kind.expected()))?,
        ),
        _ => {
            return Err(format!(
                "{default:?} is neither required, optional nor = VALUE"
            ));
        }
    };
    Ok(Parameter {
        name: name.to_owned(),
        kind,
        presence,
        meaning: meaning.to_owned(),
    })
}

/// Statements use exactly what their header declares.
pub(crate) fn check_placeholders(sql: &str, declared: &BTreeSet<&str>) -> Result<(), String> {
    let used = placeholders(sql);
    if let Some(name) = declared.difference(&used).next() {
        return Err(format!("the statement does not use ${name}"));
    }
    match used.difference(declared).next() {
        Some(name) => Err(format!("the header does not declare ${name}")),
        None => Ok(()),
    }
}

/// The names after `$` in the statement, outside comments.
fn placeholders(sql: &str) -> BTreeSet<&str> {
    let code = sql
        .lines()
        .map(|line| line.split_once("--").map_or(line, |(code, _)| code));
    code.flat_map(|code| code.split('$').skip(1))
        .map(name)
        .filter(|name| !name.is_empty())
        .collect()
}

fn name(text: &str) -> &str {
    let end = text
        .find(|c: char| !c.is_ascii_lowercase() && c != '_')
        .unwrap_or(text.len());
    &text[..end]
}
