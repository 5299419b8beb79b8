#![allow(clippy::unwrap_used)]
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::validate;

/// The errors of a trail with these settings besides a name and a Region.
fn errors(settings: Value) -> String {
    let mut trail = json!({ "name": "trail", "home_region": "eu-west-1" });
    for (key, value) in settings.as_object().unwrap() {
        trail[key] = value.clone();
    }
    let trails = [serde_json::from_value(trail).unwrap()];
    let errors = validate(&trails, &BTreeMap::new());
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn assert_errors(cases: Vec<(Value, &str)>) {
    for (settings, words) in cases {
        let found = errors(settings.clone());
        let as_expected = if words.is_empty() {
            found.is_empty()
        } else {
            found.contains(words)
        };
        assert!(as_expected, "{settings}: {found:?} instead of {words:?}");
    }
}

#[test]
fn names_accounts_and_regions_of_trails_follow_the_api() {
    assert_errors(vec![
        (json!({ "name": "a.b_c-d" }), ""),
        (json!({ "name": "-trail" }), "trails[0].name: a name begins"),
        (json!({ "name": "trail." }), "trails[0].name: a name begins"),
        (
            json!({ "name": "my-_trail" }),
            "trails[0].name: a name has no two",
        ),
        (
            json!({ "name": "my--trail" }),
            "trails[0].name: a name has no two",
        ),
        (
            json!({ "name": "192.168.5.4" }),
            "trails[0].name: a name may not look like an IP",
        ),
        (
            json!({ "name": "ab" }),
            "trails[0].name: a name has 3 to 128",
        ),
        (
            json!({ "name": "trail/a" }),
            "trails[0].name: a name has 3 to 128",
        ),
        (
            json!({ "home_region": "acme-prod-1" }),
            "trails[0].home_region",
        ),
        (json!({ "home_region": "eusc-de-east-1" }), ""),
        (json!({ "accounts": ["111122223333", "444455556666"] }), ""),
        (
            json!({ "accounts": ["111122223333", "4444"] }),
            "trails[0].accounts[1]: \"4444\"",
        ),
        (
            json!({ "accounts": ["111122223333"], "organization": true }),
            "trails[0].accounts: an organization trail",
        ),
    ]);
}

#[test]
fn values_of_basic_selectors_are_what_cloudtrail_accepts() {
    let values = |kind: &str, value: &str| {
        let resource = json!({ "Type": kind, "Values": [value] });
        json!({ "event_selectors": [{ "DataResources": [resource] }] })
    };
    let objects = |value| values("AWS::S3::Object", value);
    let functions = |value| values("AWS::Lambda::Function", value);
    let tables = |value| values("AWS::DynamoDB::Table", value);
    let wrong = "trails[0].event_selectors[0].DataResources[0].Values";
    assert_errors(vec![
        (objects("arn:aws:s3"), ""),
        (objects("arn:aws:s3:::"), ""),
        (objects("arn:aws-us-gov:s3:::logs/"), ""),
        (objects("arn:aws:s3:::logs/2024/a"), ""),
        (objects("arn:aws:s3:::logs"), wrong),
        (objects("arn:aws:lambda"), wrong),
        (objects("logs/"), wrong),
        (functions("arn:aws:lambda"), ""),
        (
            functions("arn:aws:lambda:eu-west-1:111122223333:function:a"),
            "",
        ),
        (functions("arn:aws:lambda:eu-west-1"), wrong),
        (functions("arn:aws:dynamodb"), wrong),
        (tables("arn:aws:dynamodb"), ""),
        (
            tables("arn:aws:dynamodb:eu-west-1:111122223333:table/a"),
            "",
        ),
        (tables("arn:aws:dynamodb:eu-west-1:111122223333:"), wrong),
    ]);
}

#[test]
fn the_limit_of_data_resources_spares_values_for_a_whole_service() {
    let settings = |tables: usize| {
        let table = |i| format!("arn:aws:dynamodb:eu-west-1:111122223333:table/{i}");
        let tables: Vec<String> = (0..tables).map(table).collect();
        json!({ "event_selectors": [{ "DataResources": [
            { "Type": "AWS::DynamoDB::Table", "Values": tables },
            { "Type": "AWS::S3::Object", "Values": ["arn:aws:s3"] },
            { "Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda"] },
        ] }] })
    };
    assert_eq!(errors(settings(250)), "");
    assert_eq!(
        errors(settings(251)),
        "trails[0].event_selectors: 251 data resources over all selectors; at most 250"
    );
}

#[test]
fn a_wrong_read_write_type_is_reported_with_its_key_beside_other_errors() {
    let found = errors(json!({
        "name": "x",
        "event_selectors": [{}, { "ReadWriteType": "Reads" }],
    }));
    let expected = "trails[0].name: a name has 3 to 128 letters, digits, '.', '_' or '-'\n\
        trails[0].event_selectors[1].ReadWriteType: \"Reads\" is not one of ReadOnly, WriteOnly, All";
    assert_eq!(found, expected);
}

#[test]
fn fields_of_advanced_selectors_are_those_of_trails() {
    let selector = |category: &str, more: Value| {
        let mut fields = vec![json!({ "Field": "eventCategory", "Equals": [category] })];
        fields.extend(more.as_array().unwrap().clone());
        json!({ "advanced_event_selectors": [{ "FieldSelectors": fields }] })
    };
    let one = |category: &str, field: &str, operator: &str, values: Value| {
        selector(category, json!([{ "Field": field, operator: values }]))
    };
    let first = "trails[0].advanced_event_selectors[0].FieldSelectors[1]";
    let management =
        |field, operator, value: &str| one("Management", field, operator, json!([value]));
    let network =
        |field, operator, value: &str| one("NetworkActivity", field, operator, json!([value]));
    let kms = "kms.amazonaws.com";
    assert_errors(vec![
        (management("readOnly", "Equals", "true"), ""),
        (
            management("readOnly", "Equals", "yes"),
            "readOnly can be true or false only",
        ),
        (
            management("readOnly", "NotEquals", "true"),
            "readOnly takes only Equals",
        ),
        (
            one("Management", "readOnly", "Equals", json!(["true", "false"])),
            "readOnly takes one value",
        ),
        (management("eventSource", "NotEquals", kms), ""),
        (
            management("eventSource", "Equals", kms),
            "eventSource takes only NotEquals",
        ),
        (
            management("eventSource", "NotEquals", "s3.amazonaws.com"),
            "eventSource can be kms",
        ),
        (management("eventType", "Equals", "AwsApiCall"), first),
        (management("eventName", "Equals", "X"), first),
        (management("userIdentity.arn", "Equals", "X"), first),
        (
            management("sessionCredentialFromConsole", "Equals", "true"),
            first,
        ),
        (
            one("Management", "readOnly", "Equals", json!([])),
            "FieldSelectors[1].Equals: it has no value",
        ),
        (
            selector("Management", json!([{ "Field": "readOnly" }])),
            "it has no operator",
        ),
        (
            selector("Data", json!([])),
            "data events needs resources.type",
        ),
        (network("eventSource", "Equals", "s3.amazonaws.com"), ""),
        (
            network("eventSource", "StartsWith", "s3"),
            "eventSource takes only Equals",
        ),
        (
            selector("NetworkActivity", json!([])),
            "network activity events needs eventSource",
        ),
        (
            network("errorCode", "Equals", "AccessDenied"),
            "errorCode can be VpceAccessDenied only",
        ),
        (
            network("resources.type", "Equals", "AWS::S3::Object"),
            first,
        ),
        (
            selector("Insight", json!([])),
            "it needs the field eventCategory",
        ),
    ]);
}

#[test]
fn names_of_advanced_selectors_have_at_most_1000_characters() {
    let named = |name: String| {
        let fields = json!([{ "Field": "eventCategory", "Equals": ["Management"] }]);
        json!({ "advanced_event_selectors": [{ "Name": name, "FieldSelectors": fields }] })
    };
    assert_eq!(errors(named("ä".repeat(1000))), "");
    assert_eq!(
        errors(named("ä".repeat(1001))),
        "trails[0].advanced_event_selectors[0].Name: 1001 characters; at most 1000"
    );
}
