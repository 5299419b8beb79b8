//! A policy document inside an export, and where it stands.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use trailwright_evaluator::{Policy, PolicyId, Position, Severity};

use crate::policies::change::{Change, Document, Stated};
use crate::policies::moment::{Moment, Origin, Phase};

/// Something wrong with a file of policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// Line and column, from 1, where it can be told.
    pub position: Option<Position>,
    /// What is wrong and what to do about it.
    pub message: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(position) = self.position {
            write!(f, ":{position}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// One file while it is read.
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
    /// When it was so; `None`: always.
    pub(super) at: Option<Moment>,
    pub(super) origin: Arc<Origin>,
    pub(super) problems: &'a mut Vec<Problem>,
    pub(super) changes: &'a mut Vec<Change>,
}

impl Source<'_> {
    /// Takes a fact from the file.
    pub(super) fn state(&mut self, fact: Stated) {
        self.changes.push(Change {
            at: self.at.clone(),
            origin: self.origin.clone(),
            fact,
        });
    }

    /// Takes a fact that was published at a time of its own.
    pub(super) fn published(&mut self, time: DateTime<Utc>, fact: Stated) {
        self.changes.push(Change {
            at: Some(Moment {
                time,
                phase: Phase::Change,
                event_id: "".into(),
            }),
            origin: Arc::new(Origin::Published { time }),
            fact,
        });
    }

    /// Notes a problem at a part of the text.
    pub(super) fn problem(&mut self, part: Option<&str>, message: impl Into<String>) {
        let position = part.and_then(|part| self.position(part));
        self.problems.push(Problem {
            file: self.path.to_owned(),
            position,
            message: message.into(),
        });
    }

    /// Notes a problem where the text first mentions `name`.
    pub(super) fn problem_with(&mut self, name: &str, message: impl Into<String>) {
        let text = self.text;
        let at = text.find(&format!("\"{name}\""));
        self.problem(at.and_then(|at| text.get(at..)), message);
    }

    /// Compiles a document that stands in the file as JSON, or as JSON in a
    /// string, URL-encoded or not. What is wrong with it is noted.
    pub(super) fn compile(&mut self, id: PolicyId, document: &RawValue) -> Document {
        let raw = document.get();
        let decoded = raw.starts_with('"').then(|| {
            let text: String = serde_json::from_str(raw).unwrap_or_default();
            decode(&text)
        });
        self.compile_as(id, document, decoded)
    }

    /// Compiles a document that stands in the file, or another that is read in
    /// its place.
    pub(super) fn compile_as(
        &mut self,
        id: PolicyId,
        document: &RawValue,
        instead: Option<String>,
    ) -> Document {
        let raw = document.get();
        let base = self.position(raw);
        let name = id.arn.clone().unwrap_or_else(|| id.name.clone());
        let compiled = Policy::compile(id, instead.as_deref().unwrap_or(raw));
        let place = |inner: Position| match (&instead, base) {
            (None, Some(base)) => Some(add(base, inner)),
            _ => base,
        };
        match compiled {
            Ok(policy) => {
                for finding in policy.diagnostics() {
                    if finding.severity == Severity::Error {
                        let message = format!(
                            "policy {name}: {}; until it is mended this statement allows nothing",
                            finding.message
                        );
                        self.problems.push(Problem {
                            file: self.path.to_owned(),
                            position: place(finding.position),
                            message,
                        });
                    }
                }
                Document::Readable(policy)
            }
            Err(unreadable) => {
                let message = format!(
                    "policy {name} cannot be read: {}; export it again",
                    unreadable.diagnostic.message
                );
                self.problems.push(Problem {
                    file: self.path.to_owned(),
                    position: place(unreadable.diagnostic.position),
                    message,
                });
                Document::Unreadable {
                    name,
                    why: unreadable.diagnostic.message,
                }
            }
        }
    }

    /// Line and column of a part that was borrowed from the text.
    fn position(&self, part: &str) -> Option<Position> {
        let offset = (part.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize)?;
        let before = self.text.get(..offset)?;
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        Some(Position {
            line: u32::try_from(line).ok()?,
            column: u32::try_from(column).ok()?,
        })
    }
}

fn add(base: Position, inner: Position) -> Position {
    Position {
        line: base.line + inner.line - 1,
        column: if inner.line == 1 {
            base.column + inner.column - 1
        } else {
            inner.column
        },
    }
}

/// The IAM API itself returns documents URL-encoded; the AWS CLI decodes them.
pub(crate) fn decode(text: &str) -> String {
    if !text.trim_start().starts_with('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = (*first == b'%')
            .then(|| std::str::from_utf8(after.get(..2)?).ok())
            .flatten();
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
