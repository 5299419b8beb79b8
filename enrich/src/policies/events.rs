//! From records of calls that changed policies to the facts they tell. Only
//! calls that succeeded change anything.

mod iam;
mod organizations;
mod resources;
mod sessions;
mod sign_in;

use std::sync::Arc;

use serde_json::Value;
use trailwright_schemas::{JsonText, Record};

use super::change::{Change, Stated};
use super::files::document::decode;
use super::moment::{Moment, Origin, Phase};

/// A successful call, with its parameters read.
pub(super) struct Call<'a> {
    pub(super) record: &'a Record,
    pub(super) parameters: Value,
    pub(super) response: Value,
    /// The account whose policies the call is about.
    pub(super) account: &'a str,
}

/// The calls that change policies.
#[derive(Debug)]
pub(super) struct Calls {
    resources: resources::Table,
}

impl Default for Calls {
    /// Those that this version knows.
    fn default() -> Self {
        Self {
            resources: resources::Table::embedded(),
        }
    }
}

impl Calls {
    /// Whether the record may tell of a change, by its names alone.
    pub(super) fn is_change(&self, record: &Record) -> bool {
        record.error_code.is_none()
            && record.error_message.is_none()
            && match record.event_source.as_str() {
                "iam.amazonaws.com" => iam::is_change(&record.event_name),
                "organizations.amazonaws.com" => organizations::is_change(&record.event_name),
                "sts.amazonaws.com" => sessions::is_change(&record.event_name),
                "signin.amazonaws.com" => {
                    sessions::is_change(&record.event_name)
                        || sign_in::is_change(&record.event_name)
                }
                _ => self.resources.is_change(record),
            }
    }

    /// What the record tells; nothing for all but a few.
    pub(super) fn read(&self, record: &Record) -> Vec<Change> {
        if !self.is_change(record) {
            return Vec::new();
        }
        let call = Call {
            record,
            parameters: tree(record.request_parameters.as_ref()),
            response: tree(record.response_elements.as_ref()),
            account: record
                .recipient_account_id
                .as_deref()
                .or(record.user_identity.account_id.as_deref())
                .unwrap_or_default(),
        };
        let facts = match record.event_source.as_str() {
            "iam.amazonaws.com" => iam::read(&call),
            "organizations.amazonaws.com" => organizations::read(&call),
            "signin.amazonaws.com" if sign_in::is_change(&record.event_name) => {
                sign_in::read(&call)
            }
            "sts.amazonaws.com" | "signin.amazonaws.com" => sessions::read(&call),
            _ => self.resources.read(&call),
        };
        let origin = Arc::new(origin(record));
        let with_time = |fact: Stated| Change {
            at: Some(moment(record, phase(&fact))),
            origin: origin.clone(),
            fact,
        };
        facts.into_iter().map(with_time).collect()
    }
}

/// The place of an event of this record in the order of changes.
pub(super) fn moment(record: &Record, phase: Phase) -> Moment {
    Moment {
        time: record.event_time,
        phase,
        event_id: record.event_id.as_deref().unwrap_or_default().into(),
    }
}

fn phase(fact: &Stated) -> Phase {
    match fact {
        Stated::Entity(_, Some(_))
        | Stated::Policy(_, true)
        | Stated::ResourcePolicy { document: None, .. } => Phase::Creation,
        Stated::Entity(_, None) | Stated::Policy(_, false) => Phase::Deletion,
        _ => Phase::Change,
    }
}

fn origin(record: &Record) -> Origin {
    let identity = &record.user_identity;
    Origin::Event {
        event_id: record.event_id.as_deref().unwrap_or_default().into(),
        event_name: record.event_name.clone(),
        time: record.event_time,
        by: identity.arn.clone().or_else(|| identity.invoked_by.clone()),
    }
}

fn tree(json: Option<&JsonText>) -> Value {
    json.and_then(JsonText::to_value).unwrap_or(Value::Null)
}

impl Call<'_> {
    /// A text in the parameters, at `outer.inner`.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        text_at(&self.parameters, path)
    }

    /// A text in the response.
    pub(super) fn answer(&self, path: &str) -> Option<&str> {
        text_at(&self.response, path)
    }

    pub(super) fn partition(&self) -> &'static str {
        crate::request::partition(&self.record.aws_region)
    }
}

/// Members are looked for in any letter case: CloudTrail lowers the first
/// letter of most.
pub(super) fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, name| {
        let members = value.as_object()?;
        members.get(name).or_else(|| {
            let found = members
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value)
        })
    })
}

fn text_at<'v>(value: &'v Value, path: &str) -> Option<&'v str> {
    at(value, path)?.as_str().filter(|text| !text.is_empty())
}

/// A policy document: JSON, JSON in a string, or the same URL-encoded.
pub(super) fn document_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(decode(text)),
        Value::Object(_) => Some(value.to_string()),
        _ => None,
    }
}

/// `[{"key": …, "value": …}]`
pub(super) fn tags(value: Option<&Value>) -> Vec<(String, String)> {
    let pair = |tag: &Value| {
        let value = text_at(tag, "value").unwrap_or_default();
        Some((text_at(tag, "key")?.to_owned(), value.to_owned()))
    };
    let list = value.and_then(Value::as_array);
    list.into_iter().flatten().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::{iam, organizations, sessions, sign_in};

    const PAGE: &str = include_str!("../../../docs/reference/policies.md");

    #[test]
    fn the_page_names_every_call_of_iam_and_organizations_that_is_read() {
        for name in iam::CHANGES.iter().chain(&organizations::CHANGES) {
            assert!(PAGE.contains(&format!("`{name}`")), "{name}");
        }
    }

    #[test]
    fn every_call_in_the_table_of_the_page_is_read() {
        let lines = |start: &str| -> Vec<&str> {
            let of_table = |line: &&str| line.starts_with(&format!("| {start}"));
            PAGE.lines().filter(of_table).collect()
        };
        let names = |line: &'static str| -> Vec<&'static str> {
            let calls = line.split('|').nth(2).unwrap_or_default();
            calls.split('`').skip(1).step_by(2).collect()
        };
        let is_read = |of: &str, name: &str| match of {
            "IAM: " => iam::is_change(name),
            "Organizations" => organizations::is_change(name),
            "STS" => sessions::is_change(name),
            _ => sessions::is_change(name) || sign_in::is_change(name),
        };
        for of in ["IAM: ", "Organizations", "STS", "Sign-In"] {
            let lines = lines(of);
            assert!(!lines.is_empty(), "{of}");
            for name in lines.into_iter().flat_map(names) {
                assert!(is_read(of, name), "{of}: {name}");
            }
        }
    }
}
