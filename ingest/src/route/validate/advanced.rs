//! Advanced event selectors.
//!
//! Source: CloudTrail API Reference, AdvancedEventSelector and
//! AdvancedFieldSelector; CloudTrail User Guide, quotas.

use std::collections::BTreeSet;

use super::super::selector::{AdvancedEventSelector, FieldSelector};
use super::{EXCLUDABLE, Errors};

/// Over all selectors of a trail.
const VALUES_MAX: usize = 500;
const VALUE_CHARACTERS_MAX: usize = 2048;
const NAME_CHARACTERS_MAX: usize = 1000;
const CATEGORIES: [&str; 3] = ["Management", "Data", "NetworkActivity"];

/// A field of advanced selectors.
struct Field {
    name: &'static str,
    /// The categories of events it can be used for.
    categories: &'static [&'static str],
    operators: &'static [&'static str],
    /// The only values it takes; any when empty.
    values: &'static [&'static str],
}

const fn field(
    name: &'static str,
    categories: &'static [&'static str],
    operators: &'static [&'static str],
    values: &'static [&'static str],
) -> Field {
    Field {
        name,
        categories,
        operators,
        values,
    }
}

const EQUALS: &[&str] = &["Equals"];
const EQUALS_OR_NOT: &[&str] = &["Equals", "NotEquals"];
const ALL_OPERATORS: &[&str] = &[
    "Equals",
    "StartsWith",
    "EndsWith",
    "NotEquals",
    "NotStartsWith",
    "NotEndsWith",
];
const DATA: &[&str] = &["Data"];
const NETWORK: &[&str] = &["NetworkActivity"];
const FLAGS: &[&str] = &["true", "false"];

/// What each field of a trail's selectors allows, apart from the special cases
/// of `eventSource`. Event data stores allow more.
const FIELDS: [Field; 11] = [
    field("eventCategory", &CATEGORIES, EQUALS, &[]),
    field("readOnly", &["Management", "Data"], EQUALS, FLAGS),
    field("eventSource", &CATEGORIES, ALL_OPERATORS, &[]),
    field(
        "eventName",
        &["Data", "NetworkActivity"],
        ALL_OPERATORS,
        &[],
    ),
    field("eventType", DATA, ALL_OPERATORS, &[]),
    field("errorCode", NETWORK, EQUALS, &["VpceAccessDenied"]),
    field("resources.type", DATA, EQUALS, &[]),
    field("resources.ARN", DATA, ALL_OPERATORS, &[]),
    field("userIdentity.arn", DATA, ALL_OPERATORS, &[]),
    field("sessionCredentialFromConsole", DATA, EQUALS_OR_NOT, FLAGS),
    field("vpcEndpointId", NETWORK, ALL_OPERATORS, &[]),
];

pub(super) fn check(selectors: &[AdvancedEventSelector], key: &str, errors: &mut Errors) {
    for (index, selector) in selectors.iter().enumerate() {
        check_selector(selector, &format!("{key}[{index}]"), errors);
    }
    let values: usize = selectors
        .iter()
        .flat_map(|selector| &selector.field_selectors)
        .flat_map(FieldSelector::operators)
        .map(|(_, values)| values.len())
        .sum();
    if values > VALUES_MAX {
        errors.add(
            key,
            format!("{values} values over all selectors; at most {VALUES_MAX}"),
        );
    }
}

fn check_selector(selector: &AdvancedEventSelector, key: &str, errors: &mut Errors) {
    let characters = selector.name.as_deref().unwrap_or_default().chars().count();
    if characters > NAME_CHARACTERS_MAX {
        errors.add(
            format!("{key}.Name"),
            format!("{characters} characters; at most {NAME_CHARACTERS_MAX}"),
        );
    }
    let category = category(selector);
    if category.is_none() {
        let known = CATEGORIES.join(", ");
        errors.add(
            key,
            format!("it needs the field eventCategory with Equals and one of {known}"),
        );
    }
    let mut fields = BTreeSet::new();
    for (place, given) in selector.field_selectors.iter().enumerate() {
        let key = format!("{key}.FieldSelectors[{place}]");
        if !fields.insert(given.field.as_str()) {
            errors.add(
                format!("{key}.Field"),
                format!("{} occurs twice in this selector", given.field),
            );
        }
        check_values(given, &key, errors);
        check_field(given, category, &key, errors);
    }
    let (events, needed) = match category {
        Some("Data") => ("data", "resources.type"),
        Some("NetworkActivity") => ("network activity", "eventSource"),
        _ => return,
    };
    if !fields.contains(needed) {
        errors.add(
            key,
            format!("a selector for {events} events needs {needed}"),
        );
    }
}

/// Every selector says its category with one `Equals`.
fn category(selector: &AdvancedEventSelector) -> Option<&'static str> {
    let mut fields = selector.field_selectors.iter();
    let field = fields.find(|field| field.field == "eventCategory")?;
    match field.equals.as_deref()? {
        [one] => CATEGORIES.into_iter().find(|category| category == one),
        _ => None,
    }
}

/// What holds for every field.
fn check_values(given: &FieldSelector, key: &str, errors: &mut Errors) {
    if given.operators().next().is_none() {
        let known = ALL_OPERATORS.join(", ");
        errors.add(
            key,
            format!("it has no operator; the operators are {known}"),
        );
    }
    for (operator, values) in given.operators() {
        let key = format!("{key}.{operator}");
        if values.is_empty() {
            errors.add(&key, "it has no value");
        }
        let fits = |value: &String| (1..=VALUE_CHARACTERS_MAX).contains(&value.chars().count());
        if !values.iter().all(fits) {
            errors.add(
                &key,
                format!("a value has 1 to {VALUE_CHARACTERS_MAX} characters"),
            );
        }
    }
}

fn check_field(given: &FieldSelector, category: Option<&str>, key: &str, errors: &mut Errors) {
    let name = given.field.as_str();
    let Some(field) = FIELDS.iter().find(|field| field.name == name) else {
        let known = FIELDS.each_ref().map(|field| field.name).join(", ");
        errors.add(
            format!("{key}.Field"),
            format!("{name:?} is not a field; the fields are {known}"),
        );
        return;
    };
    if let Some(category) = category.filter(|category| !field.categories.contains(category)) {
        errors.add(
            format!("{key}.Field"),
            format!("{name} cannot be used for {category} events"),
        );
        return;
    }
    let (operators, values) = match (name, category) {
        ("eventSource", Some("Management")) => (&["NotEquals"][..], &EXCLUDABLE[..]),
        ("eventSource", Some("NetworkActivity")) => (EQUALS, field.values),
        _ => (field.operators, field.values),
    };
    let one_value = matches!(name, "readOnly" | "resources.type");
    for (operator, texts) in given.operators() {
        let key = format!("{key}.{operator}");
        if !operators.contains(&operator) {
            let known = operators.join(" and ");
            errors.add(&key, format!("{name} takes only {known}"));
        }
        if one_value && texts.len() > 1 {
            errors.add(&key, format!("{name} takes one value"));
        }
        if !values.is_empty() && !texts.iter().all(|text| values.contains(&text.as_str())) {
            let known = values.join(" or ");
            errors.add(&key, format!("{name} can be {known} only"));
        }
    }
}
