//! Warnings about a policy that AWS accepts and that probably does not do what it seems to.

mod actions;
mod conditions;
mod resources;
mod suggest;

use super::{Action, ServiceData};
use crate::diagnostic::{Code, Diagnostic, Lines, Severity};
use crate::json::{Node, Value, parse};
use crate::{Policy, Statement};

/// Compares a policy with what AWS's services offer: services and actions that do not exist,
/// condition operators that do not fit their key's type, resources that none of a statement's
/// actions works on. All are warnings, in the order of the text: AWS accepts such policies, and
/// the data may be older than a service.
#[must_use]
pub fn lint(policy: &Policy, data: &ServiceData) -> Vec<Diagnostic> {
    // A policy exists only for text that parses.
    let Ok(root) = parse(policy.text()) else {
        return Vec::new();
    };
    let mut linter = Linter {
        data,
        lines: Lines::new(policy.text()),
        findings: Vec::new(),
    };
    let statements = root.member("Statement").map_or(&[][..], Node::items);
    for node in statements {
        linter.statement(node);
    }
    for statement in policy.statements() {
        linter.conditions(statement);
    }
    linter.findings.sort_by_key(|finding| finding.position);
    linter.findings
}

struct Linter<'a> {
    data: &'a ServiceData,
    lines: Lines<'a>,
    findings: Vec<Diagnostic>,
}

impl<'a> Linter<'a> {
    fn statement(&mut self, statement: &Node) {
        if let Some(not) = statement.member("NotAction") {
            self.actions(not);
        }
        let Some(actions) = statement.member("Action") else {
            return;
        };
        let known = self.actions(actions);
        if let (Some(actions), Some(resources)) = (known, statement.member("Resource")) {
            self.resources(&actions, resources);
        }
    }

    /// The actions that the patterns cover. `None`: some are not known, or it is all of them.
    fn actions(&mut self, patterns: &Node) -> Option<Vec<Action<'a>>> {
        let mut all = Some(Vec::new());
        for (start, pattern) in patterns.texts() {
            match actions::find(self.data, pattern) {
                Ok(Some(found)) => all.iter_mut().for_each(|all| all.extend_from_slice(&found)),
                Ok(None) => all = None,
                Err((code, message)) => {
                    all = None;
                    self.warn(code, start, message);
                }
            }
        }
        all
    }

    fn resources(&mut self, actions: &[Action<'_>], resources: &Node) {
        let types = resources::types_of(actions);
        for (start, resource) in resources.texts() {
            if let Some(message) = resources::check(&types, actions, resource) {
                self.warn(Code::UnsupportedResource, start, message);
            }
        }
    }

    fn conditions(&mut self, statement: &Statement) {
        for condition in &statement.conditions {
            if let Some(message) = conditions::check(self.data, condition) {
                self.findings.push(warning(
                    Code::OperatorType,
                    condition.source.position,
                    message,
                ));
            }
        }
    }

    fn warn(&mut self, code: Code, offset: usize, message: String) {
        let position = self.lines.position(offset);
        self.findings.push(warning(code, position, message));
    }
}

fn warning(code: Code, position: crate::Position, message: String) -> Diagnostic {
    Diagnostic {
        code,
        severity: Severity::Warning,
        message,
        position,
    }
}

impl Node {
    fn member(&self, name: &str) -> Option<&Node> {
        let Value::Object(members) = &self.value else {
            return None;
        };
        members
            .iter()
            .find(|member| member.key == name)
            .map(|member| &member.value)
    }

    /// The entries of a list; anything else is a list of one.
    fn items(&self) -> &[Node] {
        match &self.value {
            Value::Array(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// A string or the strings of a list, each with its offset.
    fn texts(&self) -> impl Iterator<Item = (usize, &str)> {
        self.items().iter().filter_map(|node| match &node.value {
            Value::String(text) => Some((node.start, text.as_str())),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests;
