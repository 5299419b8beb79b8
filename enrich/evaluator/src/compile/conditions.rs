//! The Condition element.

use super::Compiler;
use crate::condition::{Condition, Operator, Source, Test};
use crate::context::key_hash;
use crate::diagnostic::Code;
use crate::json::{Member, Node, Value};

impl Compiler<'_> {
    /// All conditions of a statement. One that cannot be read is left out: the statement is broken
    /// then, so that it does not allow, and denies without it.
    pub(super) fn conditions(&mut self, node: &Node) -> Vec<Condition> {
        let Value::Object(operators) = &node.value else {
            self.error(
                Code::Shape,
                node.start,
                "`Condition` is an object of operators",
            );
            return Vec::new();
        };
        self.report_duplicates(operators);
        let mut conditions = Vec::new();
        for member in operators {
            let Some(operator) = Operator::parse(&member.key) else {
                let message = format!("there is no condition operator `{}`", member.key);
                self.error(Code::UnknownOperator, member.start, message);
                continue;
            };
            let Value::Object(keys) = &member.value.value else {
                self.error(
                    Code::Shape,
                    member.value.start,
                    "an operator holds an object of condition keys",
                );
                continue;
            };
            self.report_duplicates(keys);
            conditions.extend(
                keys.iter()
                    .map(|key| self.condition(operator, &member.key, key)),
            );
        }
        conditions
    }

    fn condition(&mut self, operator: Operator, operator_text: &str, key: &Member) -> Condition {
        let values = self.condition_values(&key.value);
        let texts: Vec<&str> = values.iter().map(|(_, text)| text.as_str()).collect();
        let (test, wrong) = Test::new(operator, &texts, self.variables);
        for (at, message) in wrong {
            let start = values.get(at).map_or(key.start, |(start, _)| *start);
            if texts[at].contains("${") && operator.takes_variables() {
                self.error(Code::BadVariable, start, message);
            } else {
                self.warn(
                    Code::BadValue,
                    start,
                    format!("{message}; it matches nothing"),
                );
            }
        }
        let lower = key.key.to_lowercase();
        Condition {
            operator,
            hash: key_hash(&lower),
            key: lower.into(),
            test,
            source: Box::new(Source {
                operator: operator_text.into(),
                key: key.key.as_str().into(),
                position: self.lines.position(key.start),
            }),
        }
    }

    /// Values as text: numbers and booleans may be written without quotes.
    fn condition_values(&mut self, node: &Node) -> Vec<(usize, String)> {
        let nodes = match &node.value {
            Value::Array(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let mut values = Vec::with_capacity(nodes.len());
        for node in nodes {
            match &node.value {
                Value::String(text) => values.push((node.start, text.clone())),
                Value::Number(digits) => values.push((node.start, digits.clone())),
                Value::Bool(value) => values.push((node.start, value.to_string())),
                _ => self.error(
                    Code::Shape,
                    node.start,
                    "a condition value is a string, a number or a boolean",
                ),
            }
        }
        values
    }
}
