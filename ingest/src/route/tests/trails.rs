//! Trails and their event selectors.

use std::collections::BTreeMap;

use trailwright_schemas::{Limits, Record};

use crate::route::{Router, TrailConfig};

fn trail(toml_like: serde_json::Value) -> TrailConfig {
    serde_json::from_value(toml_like).unwrap()
}

/// Trails that differ in one setting each.
fn trails() -> Vec<TrailConfig> {
    let main = "111122223333";
    vec![
        trail(
            serde_json::json!({"name": "multi", "home_region": "eu-west-1", "accounts": [main], "multi_region": true}),
        ),
        trail(
            serde_json::json!({"name": "single-ireland", "home_region": "eu-west-1", "accounts": [main]}),
        ),
        trail(
            serde_json::json!({"name": "single-virginia", "home_region": "us-east-1", "accounts": [main]}),
        ),
        trail(
            serde_json::json!({"name": "virginia-no-global", "home_region": "us-east-1", "accounts": [main], "include_global_service_events": false}),
        ),
        trail(
            serde_json::json!({"name": "organization", "home_region": "us-east-1", "multi_region": true, "organization": true}),
        ),
        trail(
            serde_json::json!({"name": "other-account", "home_region": "us-east-1", "accounts": ["999999999999"], "multi_region": true}),
        ),
        trail(
            serde_json::json!({"name": "gov", "home_region": "us-gov-west-1", "multi_region": true}),
        ),
    ]
}

#[test]
fn trails_cover_accounts_regions_and_global_events_as_cloudtrail_does() {
    let router = Router::new(trails(), BTreeMap::new()).unwrap();
    let names = |source: &str, region: &str, day: &str| {
        let json = format!(
            r#"{{"eventTime":"{day}T10:00:00Z","awsRegion":"{region}","eventSource":"{source}","eventName":"X","recipientAccountId":"111122223333","eventType":"AwsApiCall","managementEvent":true}}"#
        );
        let record = Record::parse(json.as_bytes(), &Limits::default()).unwrap();
        router.route(&record).trails.join(" ")
    };
    // A regional event.
    assert_eq!(
        names("ec2.amazonaws.com", "eu-west-1", "2024-01-01"),
        "multi organization single-ireland"
    );
    // A global service event, before and after 2021-11-22.
    assert_eq!(
        names("iam.amazonaws.com", "us-east-1", "2021-11-21"),
        "multi organization single-ireland single-virginia"
    );
    assert_eq!(
        names("iam.amazonaws.com", "us-east-1", "2021-11-22"),
        "multi organization single-virginia"
    );
    // A service without Regions that CloudTrail never called global.
    assert_eq!(
        names("organizations.amazonaws.com", "us-east-1", "2021-11-21"),
        "multi organization single-virginia virginia-no-global"
    );
}

#[test]
fn event_selectors_take_what_the_api_says() {
    let select = |selector: serde_json::Value, event: &str| {
        let key = if selector.get("FieldSelectors").is_some() {
            "advanced_event_selectors"
        } else {
            "event_selectors"
        };
        let config =
            serde_json::json!({"name": "trail", "home_region": "eu-west-1", key: [selector]});
        let router = Router::new(vec![trail(config)], BTreeMap::new()).unwrap();
        let json = format!(
            r#"{{"eventTime":"2024-01-01T10:00:00Z","awsRegion":"eu-west-1","eventName":"X",{event}}}"#
        );
        let record = Record::parse(json.as_bytes(), &Limits::default()).unwrap();
        !router.route(&record).trails.is_empty()
    };
    let read = r#""eventSource":"ec2.amazonaws.com","readOnly":true,"eventCategory":"Management""#;
    let write =
        r#""eventSource":"ec2.amazonaws.com","readOnly":false,"eventCategory":"Management""#;
    let kms = r#""eventSource":"kms.amazonaws.com","readOnly":true,"eventCategory":"Management""#;
    let object = r#""eventSource":"s3.amazonaws.com","readOnly":true,"eventCategory":"Data","managementEvent":false,"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::logs/a"},{"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::logs"}]"#;
    let network = r#""eventSource":"s3.amazonaws.com","eventCategory":"NetworkActivity","errorCode":"VpceAccessDenied","vpcEndpointId":"vpce-1""#;
    let field = |field: &str, operator: &str, value: &str| serde_json::json!({"Field": field, operator: [value]});
    let data = |more: Vec<serde_json::Value>| {
        let mut fields = vec![
            field("eventCategory", "Equals", "Data"),
            field("resources.type", "Equals", "AWS::S3::Object"),
        ];
        fields.extend(more);
        serde_json::json!({"FieldSelectors": fields})
    };
    let management = |more: serde_json::Value| serde_json::json!({"FieldSelectors": [field("eventCategory", "Equals", "Management"), more]});
    let cases = [
        (serde_json::json!({"ReadWriteType": "ReadOnly"}), read, true),
        (
            serde_json::json!({"ReadWriteType": "ReadOnly"}),
            write,
            false,
        ),
        (
            serde_json::json!({"ReadWriteType": "WriteOnly"}),
            write,
            true,
        ),
        (
            serde_json::json!({"IncludeManagementEvents": false}),
            write,
            false,
        ),
        (
            serde_json::json!({"ExcludeManagementEventSources": ["kms.amazonaws.com"]}),
            kms,
            false,
        ),
        (serde_json::json!({}), object, false),
        (
            serde_json::json!({"DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::logs/"]}]}),
            object,
            true,
        ),
        (
            serde_json::json!({"DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::other/"]}]}),
            object,
            false,
        ),
        (
            serde_json::json!({"DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}),
            network,
            false,
        ),
        (management(field("readOnly", "Equals", "true")), read, true),
        (
            management(field("readOnly", "Equals", "true")),
            write,
            false,
        ),
        (
            management(field("eventSource", "NotEquals", "kms.amazonaws.com")),
            kms,
            false,
        ),
        (
            management(field("eventSource", "NotEquals", "kms.amazonaws.com")),
            read,
            true,
        ),
        (data(vec![]), object, true),
        (data(vec![]), read, false),
        (
            data(vec![field(
                "resources.ARN",
                "StartsWith",
                "arn:aws:s3:::logs/",
            )]),
            object,
            true,
        ),
        (
            data(vec![field(
                "resources.ARN",
                "NotStartsWith",
                "arn:aws:s3:::logs/",
            )]),
            object,
            false,
        ),
        (
            data(vec![field("resources.ARN", "Equals", "arn:aws:s3:::logs")]),
            object,
            false,
        ),
        (
            data(vec![field("eventName", "EndsWith", "X")]),
            object,
            true,
        ),
        (
            data(vec![field("eventName", "NotEndsWith", "X")]),
            object,
            false,
        ),
        (
            serde_json::json!({"FieldSelectors": [field("eventCategory", "Equals", "NetworkActivity"), field("eventSource", "Equals", "s3.amazonaws.com"), field("errorCode", "Equals", "VpceAccessDenied")]}),
            network,
            true,
        ),
    ];
    for (selector, event, expected) in cases {
        assert_eq!(
            select(selector.clone(), event),
            expected,
            "{selector} on {event}"
        );
    }
}

#[test]
fn what_cloudtrail_would_refuse_is_refused_with_its_key_and_all_at_once() {
    let wrong = vec![
        trail(serde_json::json!({"name": "x", "home_region": "mars", "accounts": ["1"]})),
        trail(
            serde_json::json!({"name": "fine", "home_region": "eu-west-1", "multi_region": true, "include_global_service_events": false,
            "event_selectors": [{"ExcludeManagementEventSources": ["s3.amazonaws.com"], "DataResources": [{"Type": "AWS::SQS::Queue", "Values": ["queue"]}]}],
            "advanced_event_selectors": [
                {"FieldSelectors": [{"Field": "readOnly", "NotEquals": ["true"]}]},
                {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.ARN"}]},
                {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "eventName", "Equals": ["X"]}, {"Field": "eventSource", "Equals": ["s3.amazonaws.com"]}]}
            ]}),
        ),
        trail(serde_json::json!({"name": "fine", "home_region": "eu-west-1"})),
    ];
    let aliases = BTreeMap::from([("Bad--Alias".to_owned(), "12".to_owned())]);
    let errors = Router::new(wrong, aliases).unwrap_err();
    let text: Vec<String> = errors.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(text.join("\n"));
}
