//! Action, Resource and Principal with their negations.

use super::Compiler;
use crate::arn::ResourcePattern;
use crate::diagnostic::Code;
use crate::json::{Node, Value};
use crate::pattern::Glob;
use crate::principal_element::{PrincipalElement, PrincipalPattern};
use crate::statement::{ActionElement, ResourceElement};

impl Compiler<'_> {
    /// Without a readable action a statement is broken and taken to mean every action.
    pub(super) fn actions(
        &mut self,
        statement: &Node,
        plain: Option<&Node>,
        not: Option<&Node>,
    ) -> ActionElement {
        let (negated, node) = match (plain, not) {
            (Some(node), None) => (false, node),
            (None, Some(node)) => (true, node),
            (Some(_), Some(node)) => {
                self.error(
                    Code::BadAction,
                    node.start,
                    "a statement has either `Action` or `NotAction`, not both",
                );
                return ActionElement::new(false, Box::new([Glob::Anything]));
            }
            (None, None) => {
                self.error(
                    Code::BadAction,
                    statement.start,
                    "the statement has neither `Action` nor `NotAction`",
                );
                return ActionElement::new(false, Box::new([Glob::Anything]));
            }
        };
        let texts = self.strings(node, Code::BadAction);
        for (start, text) in &texts {
            if *text != "*" && !text.contains(':') {
                let message = format!("`{text}` is no action: write it as `service:Name`");
                self.error(Code::BadAction, *start, message);
            }
        }
        let patterns = texts
            .iter()
            .map(|(_, text)| Glob::new(&text.to_lowercase()))
            .collect();
        ActionElement::new(negated, patterns)
    }

    pub(super) fn resources(
        &mut self,
        plain: Option<&Node>,
        not: Option<&Node>,
    ) -> Option<ResourceElement> {
        let (negated, node) = match (plain, not) {
            (None, None) => return None,
            (Some(node), None) => (false, node),
            (None, Some(node)) => (true, node),
            (Some(node), Some(second)) => {
                self.error(
                    Code::BadResource,
                    second.start,
                    "a statement has either `Resource` or `NotResource`, not both",
                );
                (false, node)
            }
        };
        let mut patterns = Vec::new();
        for (start, text) in self.strings(node, Code::BadResource) {
            match ResourcePattern::new(text, self.variables) {
                Ok(pattern) => {
                    if let Some((_, key)) = pattern
                        .template()
                        .and_then(|t| t.keys().find(|(_, key)| !key.contains(':')))
                    {
                        let message =
                            format!("`{key}` is no condition key, so `{text}` matches nothing");
                        self.warn(Code::BadVariable, start, message);
                    }
                    patterns.push(pattern);
                }
                Err(message) => self.error(Code::BadVariable, start, message),
            }
        }
        Some(ResourceElement {
            negated,
            patterns: patterns.into(),
        })
    }

    pub(super) fn principals(
        &mut self,
        plain: Option<&Node>,
        not: Option<&Node>,
    ) -> Option<PrincipalElement> {
        let (negated, node) = match (plain, not) {
            (None, None) => return None,
            (Some(node), None) => (false, node),
            (None, Some(node)) => (true, node),
            (Some(node), Some(second)) => {
                let message = "a statement has either `Principal` or `NotPrincipal`, not both";
                self.error(Code::BadPrincipal, second.start, message);
                (false, node)
            }
        };
        let patterns = match &node.value {
            Value::String(text) if text == "*" => vec![PrincipalPattern::Everyone],
            Value::Object(members) => {
                self.report_duplicates(members);
                members
                    .iter()
                    .flat_map(|m| self.principal_kind(m.start, &m.key, &m.value))
                    .collect()
            }
            _ => {
                let message =
                    "a principal is \"*\" or an object such as {\"AWS\": \"111122223333\"}";
                self.error(Code::BadPrincipal, node.start, message);
                Vec::new()
            }
        };
        Some(PrincipalElement {
            negated,
            patterns: patterns.into(),
        })
    }

    fn principal_kind(&mut self, start: usize, kind: &str, node: &Node) -> Vec<PrincipalPattern> {
        let texts = self.strings(node, Code::BadPrincipal);
        let read: fn(&str) -> PrincipalPattern = match kind {
            "AWS" => PrincipalPattern::aws,
            "Service" => |text| PrincipalPattern::Service(text.into()),
            "Federated" => |text| PrincipalPattern::Federated(text.into()),
            "CanonicalUser" => |_| PrincipalPattern::Nobody,
            _ => {
                let message = format!(
                    "`{kind}` is no kind of principal: use AWS, Service, Federated or CanonicalUser"
                );
                self.error(Code::BadPrincipal, start, message);
                return Vec::new();
            }
        };
        for (start, text) in &texts {
            if text.len() > 1 && text.contains('*') {
                let message = format!(
                    "`{text}`: a principal takes no wildcard but a lone `*`; this names nobody"
                );
                self.warn(Code::BadPrincipal, *start, message);
            }
        }
        texts.iter().map(|(_, text)| read(text)).collect()
    }

    /// A string or a list of strings, each with its offset. Anything else is an error.
    pub(super) fn strings<'n>(&mut self, node: &'n Node, code: Code) -> Vec<(usize, &'n str)> {
        let nodes = match &node.value {
            Value::Array(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let mut texts = Vec::with_capacity(nodes.len());
        for node in nodes {
            match &node.value {
                Value::String(text) => texts.push((node.start, text.as_str())),
                _ => self.error(code, node.start, "expected a string or a list of strings"),
            }
        }
        texts
    }
}
