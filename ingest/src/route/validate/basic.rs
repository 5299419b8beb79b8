//! Basic event selectors.
//!
//! Source: CloudTrail API Reference, EventSelector and DataResource.

use super::super::selector::{DataResource, EventSelector, READ_WRITE_TYPES, is_whole_service};
use super::{EXCLUDABLE, Errors};

const SELECTORS_MAX: usize = 5;
/// Over all selectors of a trail. Values that stand for everything of a
/// service do not count.
const DATA_RESOURCES_MAX: usize = 250;

/// The types that basic selectors know, with their service in ARNs.
const DATA_TYPES: [(&str, &str); 3] = [
    ("AWS::S3::Object", "s3"),
    ("AWS::Lambda::Function", "lambda"),
    ("AWS::DynamoDB::Table", "dynamodb"),
];

pub(super) fn check(selectors: &[EventSelector], key: &str, errors: &mut Errors) {
    if selectors.len() > SELECTORS_MAX {
        let message = format!("{} selectors; at most {SELECTORS_MAX}", selectors.len());
        errors.add(key, message);
    }
    for (index, selector) in selectors.iter().enumerate() {
        check_selector(selector, &format!("{key}[{index}]"), errors);
    }
    let resources = selectors
        .iter()
        .flat_map(|selector| &selector.data_resources)
        .flat_map(|resource| &resource.values)
        .filter(|value| !is_whole_service(value))
        .count();
    if resources > DATA_RESOURCES_MAX {
        errors.add(
            key,
            format!("{resources} data resources over all selectors; at most {DATA_RESOURCES_MAX}"),
        );
    }
}

fn check_selector(selector: &EventSelector, key: &str, errors: &mut Errors) {
    let kind = &selector.read_write_type;
    if !READ_WRITE_TYPES.contains(&kind.as_str()) {
        let known = READ_WRITE_TYPES.join(", ");
        errors.add(
            format!("{key}.ReadWriteType"),
            format!("{kind:?} is not one of {known}"),
        );
    }
    for source in &selector.exclude_management_event_sources {
        if !EXCLUDABLE.contains(&source.as_str()) {
            let known = EXCLUDABLE.join(" and ");
            errors.add(
                format!("{key}.ExcludeManagementEventSources"),
                format!("{source:?} cannot be excluded, only {known}"),
            );
        }
    }
    for (place, resource) in selector.data_resources.iter().enumerate() {
        check_resource(resource, &format!("{key}.DataResources[{place}]"), errors);
    }
}

fn check_resource(resource: &DataResource, key: &str, errors: &mut Errors) {
    let kind = &resource.r#type;
    let Some((_, service)) = DATA_TYPES.iter().find(|(known, _)| known == kind) else {
        let known = DATA_TYPES.map(|(known, _)| known).join(", ");
        errors.add(
            format!("{key}.Type"),
            format!("{kind:?} needs an advanced selector; basic ones know {known}"),
        );
        return;
    };
    for value in &resource.values {
        if !is_value(value, service) {
            let example = match *service {
                "s3" => "arn:aws:s3:::bucket/ or a longer beginning",
                "lambda" => "the whole ARN of a function",
                _ => "the whole ARN of a table",
            };
            errors.add(
                format!("{key}.Values"),
                format!("{value:?} is neither arn:aws:{service} nor {example}"),
            );
        }
    }
}

/// All of a service; or the beginning of the ARNs of objects, with at least the
/// bucket; or the whole ARN of a function or table.
fn is_value(value: &str, service: &str) -> bool {
    let parts: Vec<&str> = value.splitn(6, ':').collect();
    match *parts.as_slice() {
        ["arn", partition, of, ref rest @ ..] if of == service && partition.starts_with("aws") => {
            match *rest {
                _ if is_whole_service(value) => true,
                ["", "", object] if service == "s3" => object.contains('/'),
                [region, account, resource] => {
                    service != "s3"
                        && !(region.is_empty() || account.is_empty() || resource.is_empty())
                }
                _ => false,
            }
        }
        _ => false,
    }
}
