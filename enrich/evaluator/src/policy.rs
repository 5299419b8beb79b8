//! A policy, compiled once and shared.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Severity};
use crate::statement::Statement;

/// What a policy is called.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct PolicyId {
    /// Name: of an inline policy, the last part of a managed policy's ARN, or whatever tells a
    /// resource's policy apart.
    pub name: String,
    /// ARN, if the policy has one of its own.
    pub arn: Option<String>,
    /// Version id of a managed policy, for example `v3`.
    pub version_id: Option<String>,
}

impl PolicyId {
    /// An inline policy, or any other without an ARN.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        PolicyId {
            name: name.into(),
            ..Self::default()
        }
    }

    /// A managed policy, called by the last part of its ARN.
    #[must_use]
    pub fn managed(arn: impl Into<String>, version_id: Option<String>) -> Self {
        let arn = arn.into();
        let name = arn.rsplit('/').next().unwrap_or_default().to_owned();
        PolicyId {
            name,
            arn: Some(arn),
            version_id,
        }
    }
}

/// A compiled policy. Cloning is cheap; clones share everything.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Apart from the document, so that a decision reads nothing else.
    pub(crate) statements: Arc<[Statement]>,
    pub(crate) document: Arc<Document>,
}

/// What a policy was compiled from.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) id: PolicyId,
    pub(crate) text: Box<str>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Policy {
    /// What the policy is called.
    #[must_use]
    pub fn id(&self) -> &PolicyId {
        &self.document.id
    }

    /// The statements in the order of the document.
    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// The document as it was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.document.text
    }

    /// The text of one statement; `index` counts from 0.
    #[must_use]
    pub fn statement_text(&self, index: usize) -> Option<&str> {
        self.text()
            .get(self.statements.get(index)?.source.span.clone())
    }

    /// What is wrong with the document, errors and warnings, in the order of the text.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.document.diagnostics
    }

    /// Whether AWS would accept the document as far as can be told.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.document
            .diagnostics
            .iter()
            .all(|d| d.severity != Severity::Error)
    }
}
