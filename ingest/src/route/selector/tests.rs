#![allow(clippy::unwrap_used)]
use serde_json::{Value, json};
use trailwright_schemas::{Limits, Record};

use super::{AdvancedEventSelector, Category, EventSelector};

/// A record with these elements besides the mandatory ones.
fn record(elements: Value) -> Record {
    let mut record = json!({
        "eventTime": "2024-01-01T10:00:00Z",
        "awsRegion": "eu-west-1",
        "eventSource": "example.amazonaws.com",
        "eventName": "DoIt",
    });
    for (name, value) in elements.as_object().unwrap() {
        record[name] = value.clone();
    }
    Record::parse(record.to_string().as_bytes(), &Limits::default()).unwrap()
}

#[test]
fn the_category_is_read_from_the_record_or_from_its_type() {
    let cases = [
        (json!({ "eventCategory": "Management" }), "Management"),
        (json!({ "eventCategory": "Data" }), "Data"),
        (
            json!({ "eventCategory": "NetworkActivity" }),
            "NetworkActivity",
        ),
        (json!({ "eventCategory": "Insight" }), "Insight"),
        (json!({ "eventCategory": "Aggregated" }), "Aggregated"),
        (json!({ "eventCategory": "New" }), "other"),
        (json!({}), "Management"),
        (json!({ "managementEvent": false }), "Data"),
        (json!({ "eventType": "AwsVpceEvent" }), "NetworkActivity"),
        (
            json!({ "eventType": "AwsVpceEvents", "managementEvent": false }),
            "NetworkActivity",
        ),
        (json!({ "eventType": "AwsCloudTrailInsight" }), "Insight"),
        (json!({ "eventType": "AwsAggregatedEvent" }), "Aggregated"),
        (json!({ "eventType": "AwsServiceEvent" }), "Management"),
    ];
    for (elements, expected) in cases {
        let found = Category::of(&record(elements.clone()));
        assert_eq!(found.as_str(), expected, "{elements}");
    }
}

#[test]
fn objects_match_by_beginning_functions_and_tables_exactly() {
    let function = "arn:aws:lambda:eu-west-1:111122223333:function:pay";
    let table = "arn:aws:dynamodb:eu-west-1:111122223333:table/pay";
    let cases = [
        ("AWS::S3::Object", "arn:aws:s3", "arn:aws:s3:::a/b", true),
        (
            "AWS::S3::Object",
            "arn:aws:s3:::a/",
            "arn:aws:s3:::a/b",
            true,
        ),
        (
            "AWS::S3::Object",
            "arn:aws:s3:::a/",
            "arn:aws:s3:::ab/b",
            false,
        ),
        ("AWS::Lambda::Function", "arn:aws:lambda", function, true),
        ("AWS::Lambda::Function", function, function, true),
        (
            "AWS::Lambda::Function",
            function,
            "arn:aws:lambda:eu-west-1:111122223333:function:payments",
            false,
        ),
        ("AWS::DynamoDB::Table", "arn:aws:dynamodb", table, true),
        ("AWS::DynamoDB::Table", table, table, true),
        (
            "AWS::DynamoDB::Table",
            table,
            "arn:aws:dynamodb:eu-west-1:111122223333:table/payments",
            false,
        ),
    ];
    for (kind, value, arn, expected) in cases {
        let selector: EventSelector = serde_json::from_value(json!({
            "DataResources": [{ "Type": kind, "Values": [value] }],
        }))
        .unwrap();
        let event = record(json!({
            "eventCategory": "Data",
            "resources": [{ "type": kind, "ARN": arn }],
        }));
        assert_eq!(selector.selects(&event), expected, "{value} for {arn}");
    }
}

#[test]
fn a_record_that_does_not_say_whether_it_reads_is_never_left_out() {
    let silent = record(json!({ "eventCategory": "Management" }));
    for kind in ["ReadOnly", "WriteOnly", "All"] {
        let basic: EventSelector =
            serde_json::from_value(json!({ "ReadWriteType": kind })).unwrap();
        assert!(basic.selects(&silent), "{kind}");
    }
    for flag in ["true", "false"] {
        let advanced: AdvancedEventSelector = serde_json::from_value(json!({
            "FieldSelectors": [
                { "Field": "eventCategory", "Equals": ["Management"] },
                { "Field": "readOnly", "Equals": [flag] },
            ],
        }))
        .unwrap();
        assert!(advanced.selects(&silent), "{flag}");
    }
}

#[test]
fn including_operators_are_alternatives_and_excluding_ones_must_all_hold() {
    let cases = [
        (
            json!({ "Equals": ["PutObject"], "StartsWith": ["Get"] }),
            "GetObject",
            true,
        ),
        (
            json!({ "Equals": ["PutObject"], "StartsWith": ["Get"] }),
            "PutObject",
            true,
        ),
        (
            json!({ "StartsWith": ["Get"], "EndsWith": ["Acl"] }),
            "PutObjectAcl",
            true,
        ),
        (
            json!({ "StartsWith": ["Get"], "EndsWith": ["Acl"] }),
            "PutObject",
            false,
        ),
        (
            json!({ "StartsWith": ["Get"], "NotEndsWith": ["Acl"] }),
            "GetObject",
            true,
        ),
        (
            json!({ "StartsWith": ["Get"], "NotEndsWith": ["Acl"] }),
            "GetObjectAcl",
            false,
        ),
        (
            json!({ "NotEquals": ["A"], "NotStartsWith": ["B", "C"] }),
            "D",
            true,
        ),
        (
            json!({ "NotEquals": ["A"], "NotStartsWith": ["B", "C"] }),
            "Cd",
            false,
        ),
    ];
    for (operators, name, expected) in cases {
        let mut field = operators.clone();
        field["Field"] = json!("eventName");
        let selector: AdvancedEventSelector =
            serde_json::from_value(json!({ "FieldSelectors": [field] })).unwrap();
        let event = record(json!({ "eventName": name }));
        assert_eq!(selector.selects(&event), expected, "{operators} for {name}");
    }
}
