//! From JSON text to a compiled policy.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

mod conditions;
mod elements;

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Lines, Severity};
use crate::json::{Member, Node, SyntaxError, Value, parse};
use crate::policy::{Document, Policy, PolicyId};
use crate::statement::{Effect, Source, Statement};

/// The text is no policy at all: not JSON, not an object, or without statements. There is nothing
/// to evaluate, so there is no [`Policy`]; see [`Policy::denying_all`] for failing closed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{diagnostic}")]
pub struct Unreadable {
    /// Why.
    pub diagnostic: Diagnostic,
}

impl Policy {
    /// Compiles a policy document. What is wrong inside a statement becomes a diagnostic, and the
    /// statement fails closed.
    ///
    /// # Errors
    /// [`Unreadable`] if the text is no policy at all.
    pub fn compile(id: PolicyId, text: &str) -> Result<Policy, Unreadable> {
        let unreadable = |code, offset: usize, message: &str| Unreadable {
            diagnostic: Diagnostic {
                code,
                severity: Severity::Error,
                message: message.to_owned(),
                position: Lines::new(text).position(offset),
            },
        };
        let root = parse(text).map_err(|SyntaxError { offset, message }| {
            unreadable(Code::Syntax, offset, &message)
        })?;
        let Value::Object(members) = &root.value else {
            return Err(unreadable(
                Code::Shape,
                root.start,
                "a policy is a JSON object",
            ));
        };
        let Some(statement) = members.iter().find(|m| m.key == "Statement") else {
            return Err(unreadable(
                Code::NoStatement,
                root.start,
                "the policy has no `Statement`",
            ));
        };
        let mut compiler = Compiler::new(text);
        compiler.read_version(members);
        let statements = compiler.statements(&statement.value);
        compiler.diagnostics.sort_by_key(|d| d.position);
        Ok(Policy {
            statements: statements.into(),
            document: Arc::new(Document {
                id,
                text: text.into(),
                diagnostics: compiler.diagnostics,
            }),
        })
    }

    /// A policy that denies everything: what an unreadable document becomes for those who must go
    /// on and fail closed.
    #[must_use]
    pub fn denying_all(id: PolicyId, why: &Unreadable) -> Policy {
        let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*","Principal":"*"}}"#;
        let statements = parse(text).map(|root| match root.value {
            Value::Object(members) => members
                .iter()
                .filter(|m| m.key == "Statement")
                .flat_map(|m| Compiler::new(text).statements(&m.value))
                .collect(),
            _ => Vec::new(),
        });
        Policy {
            statements: statements.unwrap_or_default().into(),
            document: Arc::new(Document {
                id,
                text: text.into(),
                diagnostics: vec![why.diagnostic.clone()],
            }),
        }
    }

    /// The document printed compactly: the same elements, values and order.
    #[must_use]
    pub fn to_json(&self) -> String {
        parse(self.text())
            .map(|root| root.to_string())
            .unwrap_or_default()
    }
}

/// Reads one document; collects what is wrong.
pub(super) struct Compiler<'t> {
    lines: Lines<'t>,
    /// Version 2012-10-17: policy variables are replaced.
    variables: bool,
    /// The statement being read has an error.
    broken: bool,
    diagnostics: Vec<Diagnostic>,
}

impl<'t> Compiler<'t> {
    fn new(text: &'t str) -> Self {
        Compiler {
            lines: Lines::new(text),
            variables: false,
            broken: false,
            diagnostics: Vec::new(),
        }
    }

    fn error(&mut self, code: Code, node_start: usize, message: impl Into<String>) {
        self.broken = true;
        self.report(Severity::Error, code, node_start, message.into());
    }

    fn warn(&mut self, code: Code, node_start: usize, message: impl Into<String>) {
        self.report(Severity::Warning, code, node_start, message.into());
    }

    fn report(&mut self, severity: Severity, code: Code, offset: usize, message: String) {
        let position = self.lines.position(offset);
        self.diagnostics.push(Diagnostic {
            code,
            severity,
            message,
            position,
        });
    }

    /// Without a `Version` a document is of 2008-10-17.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html>
    fn read_version(&mut self, members: &[Member]) {
        self.report_duplicates(members);
        for member in members {
            match (member.key.as_str(), &member.value.value) {
                ("Version", Value::String(version)) if version == "2012-10-17" => {
                    self.variables = true
                }
                ("Version", Value::String(version)) if version == "2008-10-17" => {}
                ("Version", _) => self.error(
                    Code::UnknownVersion,
                    member.value.start,
                    "`Version` must be \"2012-10-17\" (or the old \"2008-10-17\")",
                ),
                ("Id" | "Statement", _) => {}
                (other, _) => {
                    let message = format!("a policy has no element `{other}`");
                    self.warn(Code::UnknownElement, member.start, message);
                }
            }
        }
    }

    fn statements(&mut self, node: &Node) -> Vec<Statement> {
        let nodes = match &node.value {
            Value::Array(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        // An unknown version leaves open how to read every statement.
        let document_broken = self.broken;
        let mut statements: Vec<Statement> = Vec::with_capacity(nodes.len());
        for node in nodes {
            self.broken = document_broken;
            let statement = self.statement(node);
            let twice = statement
                .sid()
                .filter(|sid| statements.iter().any(|s| s.sid() == Some(sid)));
            if let Some(sid) = twice {
                let message = format!("the Sid `{sid}` is used twice");
                self.warn(Code::DuplicateSid, node.start, message);
            }
            statements.push(statement);
        }
        statements
    }

    fn statement(&mut self, node: &Node) -> Statement {
        let members = match &node.value {
            Value::Object(members) => members.as_slice(),
            _ => {
                self.error(Code::Shape, node.start, "a statement is a JSON object");
                &[]
            }
        };
        self.report_duplicates(members);
        for member in members {
            self.check_element(member);
        }
        let get = |key: &str| members.iter().find(|m| m.key == key).map(|m| &m.value);
        let sid = match get("Sid").map(|n| &n.value) {
            Some(Value::String(sid)) if !sid.is_empty() => Some(sid.as_str().into()),
            _ => None,
        };
        Statement {
            source: Box::new(Source {
                sid,
                position: self.lines.position(node.start),
                span: node.start..node.end,
            }),
            effect: self.effect(node, get("Effect")),
            actions: self.actions(node, get("Action"), get("NotAction")),
            resources: self.resources(get("Resource"), get("NotResource")),
            principals: self.principals(get("Principal"), get("NotPrincipal")),
            conditions: get("Condition")
                .map(|n| self.conditions(n))
                .unwrap_or_default()
                .into(),
            broken: self.broken,
        }
    }

    fn check_element(&mut self, member: &Member) {
        const ELEMENTS: [&str; 9] = [
            "Sid",
            "Effect",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Principal",
            "NotPrincipal",
            "Condition",
        ];
        if ELEMENTS.contains(&member.key.as_str()) {
            return;
        }
        let meant = ELEMENTS
            .iter()
            .find(|e| e.eq_ignore_ascii_case(&member.key));
        let hint = meant.map(|e| format!("; write `{e}`")).unwrap_or_default();
        let message = format!("a statement has no element `{}`{hint}", member.key);
        self.error(Code::UnknownElement, member.start, message);
    }

    /// An unreadable effect counts as Deny: failing closed.
    fn effect(&mut self, statement: &Node, effect: Option<&Node>) -> Effect {
        match effect.map(|n| &n.value) {
            Some(Value::String(effect)) if effect == "Allow" => Effect::Allow,
            Some(Value::String(effect)) if effect == "Deny" => Effect::Deny,
            _ => {
                let at = effect.map_or(statement.start, |n| n.start);
                self.error(
                    Code::BadEffect,
                    at,
                    "`Effect` must be \"Allow\" or \"Deny\"",
                );
                Effect::Deny
            }
        }
    }

    fn report_duplicates(&mut self, members: &[Member]) {
        for (at, member) in members.iter().enumerate() {
            if members[..at]
                .iter()
                .any(|earlier| earlier.key == member.key)
            {
                let message = format!("`{}` is given twice", member.key);
                self.error(Code::Duplicate, member.start, message);
            }
        }
    }
}
