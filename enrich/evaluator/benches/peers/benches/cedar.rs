//! `cedar-policy`, with policies translated: identity-based policies only, conditions of text and
//! Null operators on single-valued keys, no variables and no `?`.

use std::fmt::Write;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request, RestrictedExpression,
};
use serde_json::Value;

use crate::Peer;
use crate::figures::{bucket_object, bucket_policy};

pub(crate) struct Ready {
    authorizer: Authorizer,
    request: Request,
    policies: PolicySet,
    entities: Entities,
}

impl Peer for Ready {
    const NAME: &'static str = "cedar-policy";

    fn ready(case: &Value) -> Option<Self> {
        let (request, policies) = (&case["req"], case["pol"].as_object()?);
        let identity_only = policies.keys().all(|layer| layer == "identity");
        let own = request["principal"]["account"] == request["resourceAccount"];
        let plain = matches!(request["principal"]["type"].as_str()?, "user" | "role");
        let is_key = request["action"].as_str()?.starts_with("kms:");
        if !identity_only || !own || !plain || is_key {
            return None;
        }
        let mut text = String::new();
        for policy in policies.get("identity")?.as_array()? {
            text.push_str(&translate(&policy["doc"])?);
        }
        let (action, resource) = (request["action"].as_str()?, request["resource"].as_str()?);
        let context = request["context"].as_object()?.iter();
        let pairs = context.filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)));
        Some(ready(&text, action, resource, pairs))
    }

    fn allows(&self) -> bool {
        let answer = self
            .authorizer
            .is_authorized(&self.request, &self.policies, &self.entities);
        answer.decision() == Decision::Allow
    }

    fn many_policies(count: usize) -> Self {
        let policy = |n| translate(&serde_json::from_str(&bucket_policy(n)).unwrap()).unwrap();
        let text: String = (0..count).map(policy).collect();
        ready(&text, "s3:GetObject", &bucket_object(count), std::iter::empty())
    }
}

fn ready<'a>(
    policies: &str,
    action: &str,
    resource: &str,
    keys: impl Iterator<Item = (&'a str, &'a str)>,
) -> Ready {
    let pair = |key: &str, value: &str| {
        let value = RestrictedExpression::new_string(value.to_owned());
        (key.to_lowercase(), value)
    };
    let mut pairs: Vec<_> = keys.map(|(key, value)| pair(key, value)).collect();
    pairs.push(pair("action", &action.to_lowercase()));
    pairs.push(pair("resource", resource));
    let uid = |text: &str| text.parse::<EntityUid>().unwrap();
    let context = Context::from_pairs(pairs).unwrap();
    let (principal, action, resource) = (uid("P::\"p\""), uid("Action::\"a\""), uid("R::\"r\""));
    Ready {
        authorizer: Authorizer::new(),
        request: Request::new(principal, action, resource, context, None).unwrap(),
        policies: policies.parse().unwrap(),
        entities: Entities::empty(),
    }
}

/// The policies of one document in Cedar; `None` if it says what Cedar cannot.
fn translate(document: &Value) -> Option<String> {
    let mut cedar = String::new();
    for statement in list(&document["Statement"]) {
        let head = match statement["Effect"].as_str()? {
            "Allow" => "permit",
            _ => "forbid",
        };
        let mut tests = Vec::new();
        for (element, key) in [("Action", "action"), ("Resource", "resource")] {
            let not = statement.get(format!("Not{element}"));
            let patterns = not.or(statement.get(element))?;
            let lower = element == "Action";
            let any = any_like(&format!("context.{key}"), patterns, true, lower)?;
            tests.push(if not.is_some() { format!("!{any}") } else { any });
        }
        for (operator, keys) in statement["Condition"].as_object().into_iter().flatten() {
            for (key, values) in keys.as_object()? {
                tests.push(condition(operator, &key.to_lowercase(), values)?);
            }
        }
        let tests = tests.join(" && ");
        writeln!(cedar, "{head}(principal, action, resource) when {{ {tests} }};").ok()?;
    }
    Some(cedar)
}

fn condition(operator: &str, key: &str, values: &Value) -> Option<String> {
    let exists = format!("context has {key:?}");
    let any = |wildcards| any_like(&format!("context[{key:?}]"), values, wildcards, false);
    Some(match operator {
        "StringEquals" => format!("({exists} && {})", any(false)?),
        "StringLike" => format!("({exists} && {})", any(true)?),
        "StringNotEquals" => format!("(!({exists}) || !{})", any(false)?),
        "StringNotLike" => format!("(!({exists}) || !{})", any(true)?),
        "Null" => match list(values)[0].as_str()? {
            "true" => format!("!({exists})"),
            _ => format!("({exists})"),
        },
        _ => return None,
    })
}

/// Whether a text is like any of the patterns.
fn any_like(subject: &str, patterns: &Value, wildcards: bool, lower: bool) -> Option<String> {
    let mut tests = Vec::new();
    for pattern in list(patterns) {
        let pattern = pattern.as_str()?;
        if pattern.contains("${") || pattern.contains('\\') || (wildcards && pattern.contains('?')) {
            return None;
        }
        let pattern = if lower { pattern.to_lowercase() } else { pattern.to_owned() };
        tests.push(match wildcards {
            true => format!("{subject} like {pattern:?}"),
            false => format!("{subject} == {pattern:?}"),
        });
    }
    Some(format!("({})", tests.join(" || ")))
}

fn list(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        one => std::slice::from_ref(one),
    }
}
