//! Reading a hunt's file. Strict: whatever the header does not say plainly is
//! an error, and the statement uses exactly what the header declares.
//!
//! ```sql
//! -- title: Failed calls of an address
//! -- question: Which calls from this address failed?
//! -- catalogue: Q4
//! -- idea: who asks this, and where
//! -- window: required
//! -- parameter: cidr text required; Network or address.
//! -- parameter: at_least integer = 10; How many failures count.
//! -- parameter: account text optional; Only this account.
//! -- note: A line that goes on
//! --   is indented.
//! SELECT …
//! ```

use std::collections::BTreeSet;

use super::{Hunt, Kind, Parameter, Presence, Value, WINDOW};

impl Hunt {
    /// Reads the file of the hunt `name`. The error names the line.
    pub fn parse(name: &str, text: &str) -> Result<Self, String> {
        let mut hunt = Self {
            name: name.to_owned(),
            title: String::new(),
            question: String::new(),
            catalogue: String::new(),
            idea: String::new(),
            notes: Vec::new(),
            needs_since: false,
            parameters: Vec::new(),
            sql: text.to_owned(),
        };
        for (line, key, value) in entries(text)? {
            hunt.set(key, value)
                .map_err(|error| format!("{name}.sql:{line}: {error}"))?;
        }
        hunt.check()
            .map_err(|error| format!("{name}.sql: {error}"))?;
        Ok(hunt)
    }

    fn set(&mut self, key: &str, value: String) -> Result<(), String> {
        let field = match key {
            "title" => &mut self.title,
            "question" => &mut self.question,
            "catalogue" => &mut self.catalogue,
            "idea" => &mut self.idea,
            "note" => {
                self.notes.push(value);
                return Ok(());
            }
            "parameter" => return self.add(parameter(&value)?),
            "window" if value == "required" && !self.needs_since => {
                self.needs_since = true;
                return Ok(());
            }
            _ => return Err(format!("the header knows no \"{key}: {value}\"")),
        };
        if !field.is_empty() {
            return Err(format!("a second {key}"));
        }
        *field = value;
        Ok(())
    }

    fn add(&mut self, parameter: Parameter) -> Result<(), String> {
        let name = parameter.name.as_str();
        if self.parameter(name).is_some() || WINDOW.contains(&name) {
            return Err(format!("a second parameter {name}"));
        }
        self.parameters.push(parameter);
        Ok(())
    }

    fn check(&self) -> Result<(), String> {
        let fields = [
            ("title", &self.title),
            ("question", &self.question),
            ("catalogue", &self.catalogue),
            ("idea", &self.idea),
        ];
        if let Some((key, _)) = fields.iter().find(|(_, value)| value.is_empty()) {
            return Err(format!("the header has no {key}"));
        }
        let declared = self
            .parameters
            .iter()
            .map(|parameter| parameter.name.as_str());
        let declared: BTreeSet<&str> = declared.chain(WINDOW).collect();
        let used = placeholders(&self.sql);
        if let Some(name) = declared.difference(&used).next() {
            return Err(format!("the statement does not use ${name}"));
        }
        match used.difference(&declared).next() {
            Some(name) => Err(format!("the header does not declare ${name}")),
            None => Ok(()),
        }
    }
}

/// The lines of the header: number, key, value with its continuations.
fn entries(text: &str) -> Result<Vec<(usize, &str, String)>, String> {
    let mut entries: Vec<(usize, &str, String)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some(comment) = line.strip_prefix("--") else {
            break;
        };
        if let Some(more) = comment.strip_prefix("   ") {
            let last = entries
                .last_mut()
                .ok_or("the header begins with a continuation")?;
            last.2.push(' ');
            last.2.push_str(more.trim());
            continue;
        }
        let (key, value) = comment
            .strip_prefix(' ')
            .and_then(|comment| comment.split_once(": "))
            .ok_or_else(|| format!("line {} is no \"-- key: value\"", index + 1))?;
        entries.push((index + 1, key, value.trim().to_owned()));
    }
    Ok(entries)
}

/// `NAME KIND required|optional|= VALUE; MEANING`
fn parameter(text: &str) -> Result<Parameter, String> {
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
