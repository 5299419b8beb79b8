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
    /// Reads, writes or both.
    #[serde(default)]
    pub read_write_type: ReadWriteType,
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

/// `ReadWriteType`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum ReadWriteType {
    /// Both.
    #[default]
    All,
    /// Only events with `readOnly` true.
    ReadOnly,
    /// Only events with `readOnly` false.
    WriteOnly,
}

/// `DataResource`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DataResource {
    /// `AWS::S3::Object`, `AWS::Lambda::Function` or `AWS::DynamoDB::Table`.
    pub r#type: String,
    /// Beginnings of ARNs.
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

/// `AdvancedFieldSelector`: within one operator any value may match; of a
/// negative operator none may; all operators given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct FieldSelector {
    /// The field, such as `eventCategory` or `resources.ARN`.
    pub field: String,
    /// Equal to one of these.
    #[serde(default)]
    pub equals: Vec<String>,
    /// Begins with one of these.
    #[serde(default)]
    pub starts_with: Vec<String>,
    /// Ends with one of these.
    #[serde(default)]
    pub ends_with: Vec<String>,
    /// Equal to none of these.
    #[serde(default)]
    pub not_equals: Vec<String>,
    /// Begins with none of these.
    #[serde(default)]
    pub not_starts_with: Vec<String>,
    /// Ends with none of these.
    #[serde(default)]
    pub not_ends_with: Vec<String>,
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
}

impl Category {
    /// The category of a record.
    pub fn of(record: &Record) -> Self {
        match record.event_category.as_deref() {
            Some("Data") => Self::Data,
            Some("NetworkActivity") => Self::NetworkActivity,
            Some(_) => Self::Management,
            None if record.management_event == Some(false) => Self::Data,
            None => Self::Management,
        }
    }

    /// CloudTrail's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Management => "Management",
            Self::Data => "Data",
            Self::NetworkActivity => "NetworkActivity",
        }
    }
}

impl EventSelector {
    /// True when the selector takes the event.
    pub fn selects(&self, record: &Record) -> bool {
        let wanted = match (self.read_write_type, record.read_only) {
            (ReadWriteType::ReadOnly, Some(false)) | (ReadWriteType::WriteOnly, Some(true)) => {
                false
            }
            // A record that does not say which it is may not get lost.
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
                Category::NetworkActivity => false,
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
                && self
                    .values
                    .iter()
                    .any(|value| arn.starts_with(value.as_str()))
        })
    }
}

impl AdvancedEventSelector {
    /// True when the selector takes the event. Conditions on `resources.type`
    /// and `resources.ARN` must hold for the same resource.
    pub fn selects(&self, record: &Record) -> bool {
        let (of_resource, of_record): (Vec<_>, Vec<_>) = self
            .field_selectors
            .iter()
            .partition(|field| field.field.starts_with("resources."));
        of_record
            .iter()
            .all(|field| field.holds(&value(record, &field.field)))
            && (of_resource.is_empty()
                || record.resources.iter().any(|resource| {
                    of_resource
                        .iter()
                        .all(|field| field.holds(resource_value(resource, &field.field)))
                }))
    }
}

impl FieldSelector {
    fn holds(&self, value: &str) -> bool {
        let any = |texts: &[String], test: fn(&str, &str) -> bool| {
            texts.iter().any(|text| test(value, text))
        };
        let positive = |texts: &[String], test| texts.is_empty() || any(texts, test);
        positive(&self.equals, |value, text| value == text)
            && positive(&self.starts_with, |value, text| value.starts_with(text))
            && positive(&self.ends_with, |value, text| value.ends_with(text))
            && !any(&self.not_equals, |value, text| value == text)
            && !any(&self.not_starts_with, |value, text| value.starts_with(text))
            && !any(&self.not_ends_with, |value, text| value.ends_with(text))
    }

    /// The operators given, by the API's names.
    pub(crate) fn operators(&self) -> [(&'static str, &[String]); 6] {
        [
            ("Equals", &self.equals),
            ("StartsWith", &self.starts_with),
            ("EndsWith", &self.ends_with),
            ("NotEquals", &self.not_equals),
            ("NotStartsWith", &self.not_starts_with),
            ("NotEndsWith", &self.not_ends_with),
        ]
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
