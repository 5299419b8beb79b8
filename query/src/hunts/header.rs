//! Reading a hunt's file. Strict: whatever the header does not say plainly is
//! an error, and the statement uses exactly what the header declares.
//!
//! ```sql
//! -- title: Failed calls of an address
//! -- question: Which calls from this address failed?
//! -- catalogue: Q4
//! -- idea: who asks this, and where
//! -- window: required
//! -- geo: required
//! -- parameter: cidr text required; Network or address.
//! -- parameter: at_least integer = 10; How many failures count.
//! -- parameter: account text optional; Only this account.
//! -- note: A line that goes on
//! --   is indented.
//! SELECT …
//! ```

use std::collections::BTreeSet;

use super::{Hunt, WINDOW};
use crate::questions::{Entry, Parameter, check_placeholders, entries, parameter};

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
            needs_geo: false,
            parameters: Vec::new(),
            sql: text.to_owned(),
        };
        for Entry { line, key, value } in entries(text)? {
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
            "geo" if value == "required" && !self.needs_geo => {
                self.needs_geo = true;
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
        if self.needs_geo != self.sql.contains("geo_lookup(") {
            return Err(
                "the header says \"geo: required\" if and only if the statement calls geo_lookup"
                    .to_owned(),
            );
        }
        let declared = self
            .parameters
            .iter()
            .map(|parameter| parameter.name.as_str());
        let declared: BTreeSet<&str> = declared.chain(WINDOW).collect();
        check_placeholders(&self.sql, &declared)
    }
}
