//! The limits that CloudTrail's API puts on trails and selectors.
//!
//! Source: CloudTrail API Reference (AdvancedFieldSelector, EventSelector,
//! CreateTrail); CloudTrail User Guide, quotas.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::endpoint::is_region;
use super::selector::{AdvancedEventSelector, EventSelector};
use super::sign_in_url::is_alias;
use super::trail::TrailConfig;

/// One error, with the key it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Path of the key, such as `trails[1].home_region`.
    pub key: String,
    /// What is wrong and what is accepted.
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.message)
    }
}

const BASIC_SELECTORS_MAX: usize = 5;
const DATA_RESOURCES_MAX: usize = 250;
const VALUES_MAX: usize = 500;
const VALUE_CHARACTERS_MAX: usize = 2048;
const EXCLUDABLE: [&str; 2] = ["kms.amazonaws.com", "rdsdata.amazonaws.com"];
const BASIC_DATA_TYPES: [&str; 3] = [
    "AWS::S3::Object",
    "AWS::Lambda::Function",
    "AWS::DynamoDB::Table",
];
const CATEGORIES: [&str; 3] = ["Management", "Data", "NetworkActivity"];

/// Fields of advanced selectors: name, categories, operators (`=`: only
/// Equals, `!`: Equals and NotEquals, `*`: all).
const FIELDS: [(&str, &[&str], char); 11] = [
    ("eventCategory", &CATEGORIES, '='),
    ("readOnly", &["Management", "Data"], '='),
    ("eventSource", &CATEGORIES, '*'),
    ("eventName", &["Data", "NetworkActivity"], '*'),
    ("eventType", &["Management", "Data"], '*'),
    ("errorCode", &["NetworkActivity"], '='),
    ("resources.type", &["Data"], '='),
    ("resources.ARN", &["Data"], '*'),
    ("userIdentity.arn", &["Management", "Data"], '*'),
    ("sessionCredentialFromConsole", &["Management", "Data"], '!'),
    ("vpcEndpointId", &["NetworkActivity"], '*'),
];

/// Collects errors under a key path.
struct Errors(Vec<ConfigError>);

impl Errors {
    fn add(&mut self, key: impl Into<String>, message: impl Into<String>) {
        self.0.push(ConfigError {
            key: key.into(),
            message: message.into(),
        });
    }
}

/// All errors of a set of trails and account aliases; none when it is valid.
pub(super) fn validate(
    trails: &[TrailConfig],
    aliases: &BTreeMap<String, String>,
) -> Vec<ConfigError> {
    let mut errors = Errors(Vec::new());
    let mut names = BTreeSet::new();
    for (index, trail) in trails.iter().enumerate() {
        let key = format!("trails[{index}]");
        if !names.insert(&trail.name) {
            errors.add(
                format!("{key}.name"),
                format!("a second trail is called {:?}", trail.name),
            );
        }
        check_trail(trail, &key, &mut errors);
    }
    for (alias, account) in aliases {
        let key = format!("aliases.{alias}");
        if !is_alias(alias) {
            errors.add(&key, "an alias has 3 to 63 lower-case letters, digits and single hyphens, and is not 12 digits");
        }
        if !is_account(account) {
            errors.add(&key, format!("{account:?} is not a 12-digit account ID"));
        }
    }
    errors.0
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn check_trail(trail: &TrailConfig, key: &str, errors: &mut Errors) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if !(3..=128).contains(&trail.name.len()) || !trail.name.chars().all(allowed) {
        errors.add(
            format!("{key}.name"),
            "a name has 3 to 128 letters, digits, '.', '_' or '-'",
        );
    }
    if !is_region(&trail.home_region) {
        let message = format!(
            "{:?} is not a Region code like eu-west-1",
            trail.home_region
        );
        errors.add(format!("{key}.home_region"), message);
    }
    if let Some(account) = trail
        .account
        .as_ref()
        .filter(|account| !is_account(account))
    {
        errors.add(
            format!("{key}.account"),
            format!("{account:?} is not a 12-digit account ID"),
        );
    }
    if trail.multi_region && !trail.include_global_service_events {
        errors.add(
            format!("{key}.include_global_service_events"),
            "a multi-Region trail always includes global service events",
        );
    }
    if !trail.event_selectors.is_empty() && !trail.advanced_event_selectors.is_empty() {
        errors.add(
            format!("{key}.advanced_event_selectors"),
            "a trail has either event_selectors or advanced_event_selectors",
        );
    }
    check_basic(
        &trail.event_selectors,
        &format!("{key}.event_selectors"),
        errors,
    );
    check_advanced(
        &trail.advanced_event_selectors,
        &format!("{key}.advanced_event_selectors"),
        errors,
    );
}

fn check_basic(selectors: &[EventSelector], key: &str, errors: &mut Errors) {
    if selectors.len() > BASIC_SELECTORS_MAX {
        errors.add(
            key,
            format!(
                "{} selectors; at most {BASIC_SELECTORS_MAX}",
                selectors.len()
            ),
        );
    }
    let mut values = 0;
    for (index, selector) in selectors.iter().enumerate() {
        for source in &selector.exclude_management_event_sources {
            if !EXCLUDABLE.contains(&source.as_str()) {
                let message = format!(
                    "{source:?} cannot be excluded, only {}",
                    EXCLUDABLE.join(" and ")
                );
                errors.add(
                    format!("{key}[{index}].ExcludeManagementEventSources"),
                    message,
                );
            }
        }
        for (place, resource) in selector.data_resources.iter().enumerate() {
            let key = format!("{key}[{index}].DataResources[{place}]");
            if !BASIC_DATA_TYPES.contains(&resource.r#type.as_str()) {
                let known = BASIC_DATA_TYPES.join(", ");
                errors.add(
                    format!("{key}.Type"),
                    format!(
                        "{:?} needs an advanced selector; basic ones know {known}",
                        resource.r#type
                    ),
                );
            }
            for value in resource
                .values
                .iter()
                .filter(|value| !value.starts_with("arn:"))
            {
                errors.add(
                    format!("{key}.Values"),
                    format!("{value:?} is not the beginning of an ARN"),
                );
            }
            values += resource.values.len();
        }
    }
    if values > DATA_RESOURCES_MAX {
        errors.add(
            key,
            format!("{values} data resources over all selectors; at most {DATA_RESOURCES_MAX}"),
        );
    }
}

fn check_advanced(selectors: &[AdvancedEventSelector], key: &str, errors: &mut Errors) {
    let mut values = 0;
    for (index, selector) in selectors.iter().enumerate() {
        let key = format!("{key}[{index}]");
        let category = check_category(selector, &key, errors);
        let mut fields = BTreeSet::new();
        for (place, field) in selector.field_selectors.iter().enumerate() {
            let key = format!("{key}.FieldSelectors[{place}]");
            if !fields.insert(&field.field) {
                errors.add(
                    format!("{key}.Field"),
                    format!("{} occurs twice in this selector", field.field),
                );
            }
            let given: Vec<_> = field
                .operators()
                .into_iter()
                .filter(|(_, texts)| !texts.is_empty())
                .collect();
            if given.is_empty() {
                errors.add(&key, "it has no operator: Equals, StartsWith, EndsWith, NotEquals, NotStartsWith or NotEndsWith");
            }
            check_field(&field.field, category, &given, &key, errors);
            for (operator, texts) in given {
                values += texts.len();
                let fits =
                    |text: &String| (1..=VALUE_CHARACTERS_MAX).contains(&text.chars().count());
                if !texts.iter().all(fits) {
                    errors.add(
                        format!("{key}.{operator}"),
                        format!("a value has 1 to {VALUE_CHARACTERS_MAX} characters"),
                    );
                }
            }
        }
        let has_type = fields.iter().any(|field| *field == "resources.type");
        if category == Some("Data") && !has_type {
            errors.add(&key, "a selector for data events needs resources.type");
        }
    }
    if values > VALUES_MAX {
        errors.add(
            key,
            format!("{values} values over all selectors; at most {VALUES_MAX}"),
        );
    }
}

/// Every selector says its category with one `Equals`.
fn check_category(
    selector: &AdvancedEventSelector,
    key: &str,
    errors: &mut Errors,
) -> Option<&'static str> {
    let field = selector
        .field_selectors
        .iter()
        .find(|field| field.field == "eventCategory");
    let category = field.and_then(|field| match field.equals.as_slice() {
        [one] => CATEGORIES.into_iter().find(|category| category == one),
        _ => None,
    });
    if category.is_none() {
        let known = CATEGORIES.join(", ");
        errors.add(
            key,
            format!("it needs the field eventCategory with Equals and one of {known}"),
        );
    }
    category
}

fn check_field(
    name: &str,
    category: Option<&str>,
    given: &[(&'static str, &[String])],
    key: &str,
    errors: &mut Errors,
) {
    let Some((_, categories, operators)) = FIELDS.iter().find(|(field, ..)| *field == name) else {
        let known: Vec<&str> = FIELDS.iter().map(|(field, ..)| *field).collect();
        errors.add(
            format!("{key}.Field"),
            format!(
                "{name:?} is not a field; the fields are {}",
                known.join(", ")
            ),
        );
        return;
    };
    if let Some(category) = category.filter(|category| !categories.contains(category)) {
        errors.add(
            format!("{key}.Field"),
            format!("{name} cannot be used for {category} events"),
        );
    }
    for (operator, texts) in given {
        let allowed = match operators {
            '=' => *operator == "Equals",
            '!' => matches!(*operator, "Equals" | "NotEquals"),
            _ => true,
        };
        if !allowed {
            errors.add(
                format!("{key}.{operator}"),
                format!("{name} does not take {operator}"),
            );
        }
        if matches!(name, "resources.type" | "readOnly") && texts.len() > 1 {
            errors.add(
                format!("{key}.{operator}"),
                format!("{name} takes one value"),
            );
        }
        let kms_only = category == Some("Management") && name == "eventSource";
        if kms_only
            && (*operator != "NotEquals"
                || !texts.iter().all(|text| EXCLUDABLE.contains(&text.as_str())))
        {
            let message = format!(
                "of management events a trail can only leave out {}",
                EXCLUDABLE.join(" and ")
            );
            errors.add(format!("{key}.{operator}"), message);
        }
        if name == "errorCode" && texts.iter().any(|text| text != "VpceAccessDenied") {
            errors.add(
                format!("{key}.{operator}"),
                "errorCode takes only VpceAccessDenied",
            );
        }
    }
}
