//! Reading a report's file. Strict: whatever the headers do not say plainly is
//! an error, and the statements together use exactly what is declared.
//!
//! ```sql
//! -- title: Failed calls
//! -- question: Who failed, and how often?
//! -- catalogue: R4
//! -- framework: cis-3.0 cis-4.0
//! -- parameter: at_least integer = 10; How many failures count.
//! -- note: A line that goes on
//! --   is indented.
//!
//! WITH failed AS (SELECT …)
//!
//! -- section: principals
//! -- title: Failures by principal
//! -- chart: bar principal failures
//! -- empty: Nobody failed.
//! SELECT … FROM failed ORDER BY …;
//! ```
//!
//! What stands before the first section begins every statement of the report.

use std::collections::BTreeSet;

use super::{Chart, ChartKind, FRAMEWORK, Report, SCOPE, Section};
use crate::questions::{Entry, check_placeholders, entries, parameter};

/// What a section begins with.
const SECTION: &str = "-- section: ";

impl Report {
    /// Reads the file of the report `name`. The error names the line.
    pub fn parse(name: &str, text: &str) -> Result<Self, String> {
        let mut report = Self {
            name: name.to_owned(),
            title: String::new(),
            question: String::new(),
            catalogue: String::new(),
            frameworks: Vec::new(),
            notes: Vec::new(),
            parameters: Vec::new(),
            sections: Vec::new(),
            sql: text.to_owned(),
        };
        let (header, sections) = parts(text);
        let at = |line: usize, error: String| format!("{name}.sql:{line}: {error}");
        for Entry { line, key, value } in entries(header).map_err(|error| at(1, error))? {
            report.set(key, value).map_err(|error| at(line, error))?;
        }
        let common = code(header).trim();
        if !common.is_empty() && !common.starts_with("WITH") {
            let line = common.lines().next().unwrap_or_default();
            return Err(at(
                1,
                format!("{line:?} belongs to no section and is no WITH for all of them"),
            ));
        }
        for (line, text) in sections {
            let section = Section::parse(text, common);
            let section = section.map_err(|(within, error)| at(line + within, error))?;
            report.add(section).map_err(|error| at(line, error))?;
        }
        report
            .check()
            .map_err(|error| format!("{name}.sql: {error}"))?;
        Ok(report)
    }

    fn set(&mut self, key: &str, value: String) -> Result<(), String> {
        match key {
            "title" => once(&mut self.title, key, value),
            "question" => once(&mut self.question, key, value),
            "catalogue" => once(&mut self.catalogue, key, value),
            "framework" if self.frameworks.is_empty() => {
                self.frameworks = value.split_whitespace().map(str::to_owned).collect();
                Ok(())
            }
            "parameter" => {
                let parameter = parameter(&value)?;
                let name = parameter.name.as_str();
                let mut others = self.parameters.iter().map(|one| one.name.as_str());
                if others.any(|other| other == name) || SCOPE.contains(&name) || name == FRAMEWORK {
                    return Err(format!("a second parameter {name}"));
                }
                self.parameters.push(parameter);
                Ok(())
            }
            "note" => {
                self.notes.push(value);
                Ok(())
            }
            _ => Err(format!("the header knows no \"{key}: {value}\"")),
        }
    }

    fn add(&mut self, section: Section) -> Result<(), String> {
        if self.sections.iter().any(|other| other.name == section.name) {
            return Err(format!("a second section {}", section.name));
        }
        self.sections.push(section);
        Ok(())
    }

    fn check(&self) -> Result<(), String> {
        let fields = [
            ("title", &self.title),
            ("question", &self.question),
            ("catalogue", &self.catalogue),
        ];
        if let Some((key, _)) = fields.iter().find(|(_, value)| value.is_empty()) {
            return Err(format!("the header has no {key}"));
        }
        if self.sections.is_empty() {
            return Err("there is no section".to_owned());
        }
        let mut declared: BTreeSet<&str> = SCOPE.into();
        declared.extend(self.parameters.iter().map(|one| one.name.as_str()));
        if !self.frameworks.is_empty() {
            declared.insert(FRAMEWORK);
        }
        check_placeholders(&self.sql, &declared)
    }
}

impl Section {
    /// Reads a section, whose statement begins with what is common to all; an
    /// error comes with the lines above it.
    fn parse(text: &str, common: &str) -> Result<Self, (usize, String)> {
        let mut section = Self {
            name: String::new(),
            title: String::new(),
            chart: None,
            empty: None,
            notes: Vec::new(),
            sql: String::new(),
        };
        for Entry { line, key, value } in entries(text).map_err(|error| (0, error))? {
            section.set(key, value).map_err(|error| (line - 1, error))?;
        }
        let fail = |error: &str| Err((0, error.to_owned()));
        if section.title.is_empty() {
            return fail("the section has no title");
        }
        let Some((sql, rest)) = code(text).split_once(";\n") else {
            return fail("the statement does not end with ; at the end of a line");
        };
        if sql.trim().is_empty() || !rest.trim().is_empty() {
            return fail("a section has one statement");
        }
        section.sql = match common {
            "" => sql.to_owned(),
            common => format!("{common}\n{sql}"),
        };
        Ok(section)
    }

    fn set(&mut self, key: &str, value: String) -> Result<(), String> {
        match key {
            "section" if is_name(&value) => once(&mut self.name, key, value),
            "section" => Err(format!("{value:?} is no name: lower-case letters and -")),
            "title" => once(&mut self.title, key, value),
            "chart" if self.chart.is_none() => {
                self.chart = Some(chart(&value)?);
                Ok(())
            }
            "empty" if self.empty.is_none() => {
                self.empty = Some(value);
                Ok(())
            }
            "note" => {
                self.notes.push(value);
                Ok(())
            }
            _ => Err(format!("the section knows no \"{key}: {value}\"")),
        }
    }
}

/// The header, and each section with the lines above it.
fn parts(text: &str) -> (&str, Vec<(usize, &str)>) {
    let mut starts = Vec::new();
    let mut place = 0;
    for (above, line) in text.split_inclusive('\n').enumerate() {
        if line.starts_with(SECTION) {
            starts.push((above, place));
        }
        place += line.len();
    }
    let header = starts.first().map_or(text.len(), |(_, start)| *start);
    let ends = starts.iter().skip(1).map(|(_, start)| *start);
    let ends = ends.chain([text.len()]);
    let sections = starts.iter().zip(ends);
    let sections = sections.map(|((above, start), end)| (above + 1, &text[*start..end]));
    (&text[..header], sections.collect())
}

/// What follows the header of a text.
fn code(text: &str) -> &str {
    let header = text.split_inclusive('\n');
    let header = header.take_while(|line| line.starts_with("--"));
    &text[header.map(str::len).sum::<usize>()..]
}

fn once(field: &mut String, key: &str, value: String) -> Result<(), String> {
    if !field.is_empty() {
        return Err(format!("a second {key}"));
    }
    *field = value;
    Ok(())
}

/// Names become names of files.
fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    !text.is_empty() && text.bytes().all(fits)
}

/// `bar|line LABEL VALUE`
fn chart(text: &str) -> Result<Chart, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (kind, label, value) = match words.as_slice() {
        ["bar", label, value] => (ChartKind::Bar, label, value),
        ["line", label, value] => (ChartKind::Line, label, value),
        _ => return Err("a chart is bar LABEL VALUE or line TIME VALUE".to_owned()),
    };
    Ok(Chart {
        kind,
        label: (*label).to_owned(),
        value: (*value).to_owned(),
    })
}
