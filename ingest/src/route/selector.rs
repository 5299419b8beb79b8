//! Event selectors: what a trail takes.
//!
//! The field names are those of the CloudTrail API, so that the output of
//! `aws cloudtrail get-event-selectors` can be pasted into the configuration.
//! Source: CloudTrail API Reference, EventSelector, AdvancedEventSelector and
//! AdvancedFieldSelector.

use serde::Deserialize;
use trailwright_schemas::{Record, Resource};

/// A basic event selector.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct EventSelector {
    /// `ReadOnly`, `WriteOnly` or `All`. Text, so that a wrong word is reported
    /// with its key, together with the other errors.
    #[serde(default = "all")]
    pub read_write_type: String,
    /// Takes management events.
    #[serde(default = "yes")]
    pub include_management_events: bool,
    /// Takes data events of these resources.
    #[serde(default)]
    pub data_resources: Vec<DataResource>,
    /// Leaves out management events of these sources.
    #[serde(default)]
    pub exclude_management_event_sources: Vec<String>,
}

const fn yes() -> bool {
    true
}

fn all() -> String {
    "All".to_owned()
}

/// What `ReadWriteType` may be.
pub(super) const READ_WRITE_TYPES: [&str; 3] = ["ReadOnly", "WriteOnly", "All"];

/// `DataResource`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DataResource {
    /// `AWS::S3::Object`, `AWS::Lambda::Function` or `AWS::DynamoDB::Table`.
    pub r#type: String,
    /// ARNs. Of objects they are beginnings, of functions and tables whole
    /// ones; `arn:aws:lambda` stands for everything of the service.
    pub values: Vec<String>,
}

/// An advanced event selector: all fields must match.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct AdvancedEventSelector {
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// Its fields.
    pub field_selectors: Vec<FieldSelector>,
}

/// `AdvancedFieldSelector`. Operators that include (`Equals`, `StartsWith`,
/// `EndsWith`) are alternatives, as are their values: one match is enough.
/// Operators that exclude (`NotEquals`, `NotStartsWith`, `NotEndsWith`) must all
/// hold for all their values. A field with both kinds must satisfy both.
/// Source: CloudTrail User Guide, "Filtering data events".
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct FieldSelector {
    /// The field, such as `eventCategory` or `resources.ARN`.
    pub field: String,
    /// Equal to one of these.
    #[serde(default)]
    pub equals: Option<Vec<String>>,
    /// Begins with one of these.
    #[serde(default)]
    pub starts_with: Option<Vec<String>>,
    /// Ends with one of these.
    #[serde(default)]
    pub ends_with: Option<Vec<String>>,
    /// Equal to none of these.
    #[serde(default)]
    pub not_equals: Option<Vec<String>>,
    /// Begins with none of these.
    #[serde(default)]
    pub not_starts_with: Option<Vec<String>>,
    /// Ends with none of these.
    #[serde(default)]
    pub not_ends_with: Option<Vec<String>>,
}

/// `eventCategory`, also for records older than that field (1.07).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// Operations on resources, sign-ins, service events.
    Management,
    /// Operations in resources.
    Data,
    /// Through VPC endpoints.
    NetworkActivity,
    /// Unusual activity. Trails get it by Insight selectors, not event selectors.
    Insight,
    /// Sums of data events over some minutes. No event selector takes them.
    Aggregated,
    /// A category this version does not know. No event selector takes it.
    Other,
}

impl Category {
    /// The category of a record.
    pub fn of(record: &Record) -> Self {
        match record.event_category.as_deref() {
            Some("Management") => Self::Management,
            Some("Data") => Self::Data,
            Some("NetworkActivity") => Self::NetworkActivity,
            Some("Insight") => Self::Insight,
            Some("Aggregated") => Self::Aggregated,
            Some(_) => Self::Other,
            None => Self::without_category(record),
        }
    }

    fn without_category(record: &Record) -> Self {
        let event_type = record.event_type.as_deref().unwrap_or_default();
        match event_type.to_ascii_lowercase().as_str() {
            "awsvpceevent" | "awsvpceevents" => Self::NetworkActivity,
            "awscloudtrailinsight" => Self::Insight,
            "awsaggregatedevent" => Self::Aggregated,
            _ if record.management_event == Some(false) => Self::Data,
            _ => Self::Management,
        }
    }

    /// CloudTrail's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Management => "Management",
            Self::Data => "Data",
            Self::NetworkActivity => "NetworkActivity",
            Self::Insight => "Insight",
            Self::Aggregated => "Aggregated",
            Self::Other => "other",
        }
    }
}

impl EventSelector {
    /// True when the selector takes the event.
    pub fn selects(&self, record: &Record) -> bool {
        // A record that does not say which it is may not get lost.
        let wanted = match (self.read_write_type.as_str(), record.read_only) {
            ("ReadOnly", Some(is_read)) => is_read,
            ("WriteOnly", Some(is_read)) => !is_read,
            _ => true,
        };
        wanted
            && match Category::of(record) {
                Category::Management => {
                    self.include_management_events
                        && !self
                            .exclude_management_event_sources
                            .contains(&record.event_source)
                }
                Category::Data => self
                    .data_resources
                    .iter()
                    .any(|resource| resource.selects(record)),
                Category::NetworkActivity
                | Category::Insight
                | Category::Aggregated
                | Category::Other => false,
            }
    }
}

impl DataResource {
    fn selects(&self, record: &Record) -> bool {
        record.resources.iter().any(|resource| {
            let arn = resource
                .arn
                .as_deref()
                .or(resource.arn_prefix.as_deref())
                .unwrap_or_default();
            resource.resource_type.as_deref() == Some(self.r#type.as_str())
                && self.values.iter().any(|value| self.covers(value, arn))
        })
    }

    fn covers(&self, value: &str, arn: &str) -> bool {
        if is_whole_service(value) || self.r#type == "AWS::S3::Object" {
            arn.starts_with(value)
        } else {
            arn == value
        }
    }
}

/// `arn:aws:s3`, with or without the colons that would follow.
pub(super) fn is_whole_service(value: &str) -> bool {
    value.trim_end_matches(':').split(':').count() == 3
}

impl AdvancedEventSelector {
    /// True when the selector takes the event. Conditions on `resources.type`
    /// and `resources.ARN` must hold for the same resource.
    pub fn selects(&self, record: &Record) -> bool {
        let (of_resource, of_record): (Vec<_>, Vec<_>) = self
            .field_selectors
            .iter()
            .partition(|field| field.field.starts_with("resources."));
        of_record.iter().all(|field| field.holds_for(record))
            && (of_resource.is_empty()
                || record.resources.iter().any(|resource| {
                    of_resource
                        .iter()
                        .all(|field| field.holds(resource_value(resource, &field.field)))
                }))
    }
}

impl FieldSelector {
    /// A record that does not say whether it reads may not get lost.
    fn holds_for(&self, record: &Record) -> bool {
        (self.field == "readOnly" && record.read_only.is_none())
            || self.holds(&value(record, &self.field))
    }

    fn holds(&self, value: &str) -> bool {
        type Test = fn(&str, &str) -> bool;
        let equal: Test = |value, text| value == text;
        let starts: Test = |value, text| value.starts_with(text);
        let ends: Test = |value, text| value.ends_with(text);
        let any = |texts: &Option<Vec<String>>, test: Test| {
            let mut texts = texts.iter().flatten();
            texts.any(|text| test(value, text))
        };
        let included = any(&self.equals, equal)
            || any(&self.starts_with, starts)
            || any(&self.ends_with, ends);
        let excluded = any(&self.not_equals, equal)
            || any(&self.not_starts_with, starts)
            || any(&self.not_ends_with, ends);
        let only_excludes =
            self.equals.is_none() && self.starts_with.is_none() && self.ends_with.is_none();
        (included || only_excludes) && !excluded
    }

    /// The operators given, by the API's names.
    pub(super) fn operators(&self) -> impl Iterator<Item = (&'static str, &[String])> {
        [
            ("Equals", &self.equals),
            ("StartsWith", &self.starts_with),
            ("EndsWith", &self.ends_with),
            ("NotEquals", &self.not_equals),
            ("NotStartsWith", &self.not_starts_with),
            ("NotEndsWith", &self.not_ends_with),
        ]
        .into_iter()
        .filter_map(|(name, texts)| Some((name, texts.as_deref()?)))
    }
}

/// A field of the record as text; a missing one is empty.
fn value(record: &Record, field: &str) -> String {
    let flag = |flag: Option<bool>| flag.map(|flag| flag.to_string());
    match field {
        "eventCategory" => Some(Category::of(record).as_str().to_owned()),
        "readOnly" => flag(record.read_only),
        "eventSource" => Some(record.event_source.clone()),
        "eventName" => Some(record.event_name.clone()),
        "eventType" => record.event_type.clone(),
        "errorCode" => record.error_code.clone(),
        "userIdentity.arn" => record.user_identity.arn.clone(),
        "vpcEndpointId" => record.vpc_endpoint_id.clone(),
        "sessionCredentialFromConsole" => {
            flag(Some(record.session_credential_from_console == Some(true)))
        }
        _ => None,
    }
    .unwrap_or_default()
}

fn resource_value<'r>(resource: &'r Resource, field: &str) -> &'r str {
    let text = match field {
        "resources.type" => resource.resource_type.as_deref(),
        _ => resource.arn.as_deref().or(resource.arn_prefix.as_deref()),
    };
    text.unwrap_or_default()
}

#[cfg(test)]
mod tests;
