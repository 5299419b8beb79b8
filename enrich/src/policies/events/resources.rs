//! Calls that change the policies of resources. Which they are is data:
//! `data/policy_events.txt`; here are the shapes that a table cannot say.

use std::sync::Arc;

use hashbrown::HashMap;
use serde_json::{Value, json};
use trailwright_evaluator::PolicyId;
use trailwright_schemas::Record;

use super::{Call, at, document_text};
use crate::policies::change::{Document, Stated};

/// One line of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Line {
    effect: Effect,
    resource: &'static str,
    document: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Set,
    Delete,
    Create,
}

/// The data, by source and name of the call.
#[derive(Debug)]
pub(super) struct Table(HashMap<(&'static str, &'static str), Line>);

impl Table {
    pub(super) fn embedded() -> Self {
        Self(lines(include_str!("../../../data/policy_events.txt")))
    }

    pub(super) fn is_change(&self, record: &Record) -> bool {
        let key = (label(record), record.event_name.as_str());
        key == ("kms", "CreateKey") || STATEMENTS.contains(&key) || self.0.contains_key(&key)
    }

    pub(super) fn read(&self, call: &Call<'_>) -> Vec<Stated> {
        let key = (label(call.record), call.record.event_name.as_str());
        let fact = match key {
            ("kms", "CreateKey") => key_created(call),
            key if STATEMENTS.contains(&key) => statement(call, key.0),
            key => self.0.get(&key).and_then(|line| by_line(call, line)),
        };
        fact.into_iter().collect()
    }
}

fn lines(text: &'static str) -> HashMap<(&'static str, &'static str), Line> {
    let line = |line: &'static str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [source, event, effect, resource, document] = fields.as_slice() else {
            return None;
        };
        let effect = match *effect {
            "set" => Effect::Set,
            "delete" => Effect::Delete,
            "create" => Effect::Create,
            _ => return None,
        };
        let line = Line {
            effect,
            resource,
            document: (*document != "-").then_some(*document),
        };
        Some(((*source, *event), line))
    };
    text.lines().filter_map(line).collect()
}

/// Statements that are added and removed one by one.
const STATEMENTS: [(&str, &str); 6] = [
    ("lambda", "AddPermission20150331v2"),
    ("lambda", "RemovePermission20150331v2"),
    ("sqs", "AddPermission"),
    ("sqs", "RemovePermission"),
    ("sns", "AddPermission"),
    ("sns", "RemovePermission"),
];

fn label(record: &Record) -> &str {
    record.event_source.split('.').next().unwrap_or_default()
}

fn by_line(call: &Call<'_>, line: &Line) -> Option<Stated> {
    let resource = fill(call, line.resource)?;
    let stated = line.document.and_then(|path| document(call, path));
    let document = match (line.effect, stated) {
        (Effect::Delete, _) | (Effect::Create, None) => None,
        (Effect::Set, None) => return None,
        // The empty text takes the policy away.
        (_, Some(Value::String(text))) if text.is_empty() => None,
        (_, Some(stated)) => Some(compiled(&resource, &document_text(stated)?)),
    };
    Some(policy_of(call, resource, document))
}

fn policy_of(call: &Call<'_>, resource: String, document: Option<Document>) -> Stated {
    Stated::ResourcePolicy {
        resource: resource.into(),
        account: Some(call.account.into()).filter(|account: &Arc<str>| !account.is_empty()),
        document,
    }
}

fn compiled(resource: &str, text: &str) -> Document {
    Document::compile(PolicyId::named(format!("policy of {resource}")), text)
}

/// The document at `path`, or at `path?member=value` where that holds.
fn document<'c>(call: &'c Call<'_>, path: &str) -> Option<&'c Value> {
    let (path, condition) = match path.split_once('?') {
        Some((path, condition)) => (path, condition.split_once('=')),
        None => (path, None),
    };
    match condition {
        Some((member, value)) if call.text(member) != Some(value) => None,
        _ => at(&call.parameters, path),
    }
}

fn fill(call: &Call<'_>, template: &str) -> Option<String> {
    let mut arn = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        let value = match name {
            "partition" => call.partition(),
            "region" => &call.record.aws_region,
            "account" => call.account,
            "queue" => call.text("queueUrl")?.rsplit('/').next()?,
            name => match name.strip_prefix('=') {
                Some(name) => call.answer(name)?,
                None => call.text(name)?,
            },
        };
        if value.starts_with("arn:") {
            return Some(value.to_owned());
        }
        arn.push_str(before);
        arn.push_str(value);
        rest = after;
    }
    arn.push_str(rest);
    Some(arn)
}

/// A key without a policy gets the default one, which leaves it to IAM.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>
fn key_created(call: &Call<'_>) -> Option<Stated> {
    let arn = call.answer("keyMetadata.arn")?.to_owned();
    let stated = at(&call.parameters, "policy").and_then(document_text);
    let text = stated.unwrap_or_else(|| {
        let root = format!("arn:{}:iam::{}:root", call.partition(), call.account);
        let statement = json!({
            "Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": {"AWS": root},
            "Action": "kms:*", "Resource": "*",
        });
        json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    });
    let document = compiled(&arn, &text);
    Some(policy_of(call, arn, Some(document)))
}

fn statement(call: &Call<'_>, service: &str) -> Option<Stated> {
    let (resource, sid) = match service {
        "lambda" => (function(call)?, call.text("statementId")?),
        "sqs" => (
            fill(call, "arn:{partition}:sqs:{region}:{account}:{queue}")?,
            call.text("label")?,
        ),
        _ => (call.text("topicArn")?.to_owned(), call.text("label")?),
    };
    let statement = if call.record.event_name.starts_with("Remove") {
        None
    } else if service == "lambda" {
        Some(call.answer("statement")?.to_owned())
    } else {
        Some(permission(call, service, &resource, sid)?)
    };
    Some(Stated::ResourceStatement {
        resource: resource.into(),
        account: Some(call.account.into()),
        sid: sid.into(),
        statement: statement.map(Into::into),
    })
}

fn function(call: &Call<'_>) -> Option<String> {
    let name = call.text("functionName")?;
    let bare = name.rsplit_once("function:").map_or(name, |(_, bare)| bare);
    let template = "arn:{partition}:lambda:{region}:{account}:function:";
    let mut arn = if name.starts_with("arn:") {
        name.to_owned()
    } else {
        fill(call, template)? + bare
    };
    if let Some(qualifier) = call.text("qualifier") {
        arn = format!("{arn}:{qualifier}");
    }
    Some(arn)
}

/// What AddPermission of queues and topics adds: these accounts may do these
/// actions.
fn permission(call: &Call<'_>, service: &str, resource: &str, sid: &str) -> Option<String> {
    let texts = |name: &str| -> Option<Vec<&str>> {
        let list = at(&call.parameters, name)?.as_array()?;
        Some(list.iter().filter_map(Value::as_str).collect())
    };
    let accounts = texts("aWSAccountIds").or_else(|| texts("aWSAccountId"))?;
    let actions = texts("actions").or_else(|| texts("actionName"))?;
    let arns: Vec<String> = accounts
        .iter()
        .map(|account| format!("arn:{}:iam::{account}:root", call.partition()))
        .collect();
    let actions: Vec<String> = actions
        .iter()
        .map(|action| format!("{service}:{action}"))
        .collect();
    let statement = json!({
        "Sid": sid, "Effect": "Allow", "Principal": {"AWS": arns}, "Action": actions, "Resource": resource,
    });
    Some(statement.to_string())
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn every_line_of_the_data_is_read() {
        let text = include_str!("../../../data/policy_events.txt");
        let written = text.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(lines(text).len(), written);
    }
}
