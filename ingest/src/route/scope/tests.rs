#![allow(clippy::unwrap_used)]
use serde_json::{Value, json};
use trailwright_schemas::{Limits, Record};

use super::decide;

/// Scope and reason of a record with these elements besides a common few.
fn decided(elements: Value) -> String {
    let mut record = json!({
        "eventTime": "2026-01-01T10:00:00Z",
        "awsRegion": "us-east-1",
        "eventSource": "signin.amazonaws.com",
    });
    for (name, value) in elements.as_object().unwrap() {
        record[name] = value.clone();
    }
    let record = Record::parse(record.to_string().as_bytes(), &Limits::default()).unwrap();
    let decided = decide(&record);
    format!("{} {}", decided.scope.as_str(), decided.reason.as_str())
}

#[test]
fn under_the_old_rule_a_region_in_the_url_counts_before_the_console_and_only_if_recorded() {
    let console = "https://console.aws.amazon.com";
    let cases = [
        ("2022-06-01", "/s3/home", "global console_without_region"),
        (
            "2022-06-01",
            "/s3/home?region=us-east-1",
            "regional region_in_url",
        ),
        (
            "2022-06-01",
            "/s3/home?region=eu-west-1",
            "global home_region_sign_in",
        ),
        (
            "2022-06-01",
            "/ec2/home?region=eu-west-1",
            "global home_region_sign_in",
        ),
        (
            "2022-06-01",
            "/ec2/home?region=us-east-1",
            "regional region_in_url",
        ),
        ("2022-06-01", "/ec2/home", "global home_region_sign_in"),
        // Since 2023-02-01 the page does not count.
        (
            "2023-02-01",
            "/s3/home?region=us-east-1",
            "global home_region_sign_in",
        ),
        ("2023-02-01", "/s3/home", "global home_region_sign_in"),
    ];
    for (day, path, expected) in cases {
        let found = decided(json!({
            "eventTime": format!("{day}T10:00:00Z"),
            "eventName": "ConsoleLogin",
            "eventType": "AwsConsoleSignIn",
            "userIdentity": { "type": "IAMUser" },
            "additionalEventData": { "LoginTo": format!("{console}{path}") },
        }));
        assert_eq!(found, expected, "{day} {path}");
    }
}

#[test]
fn oauth_is_regional_for_everybody_even_without_a_recorded_endpoint() {
    let oauth = Some("us-east-1.oauth.signin.aws");
    let sign_in = Some("us-east-1.signin.aws.amazon.com");
    let cases = [
        (
            "IAMUser",
            "AuthorizeOAuth2Access",
            None,
            "regional regional_sign_in",
        ),
        (
            "IAMUser",
            "CreateOAuth2Token",
            None,
            "regional regional_sign_in",
        ),
        (
            "Root",
            "CreateOAuth2Token",
            None,
            "regional regional_sign_in",
        ),
        (
            "Root",
            "CreateOAuth2Token",
            oauth,
            "regional regional_endpoint",
        ),
        (
            "Root",
            "CreateOAuth2Token",
            sign_in,
            "regional regional_endpoint",
        ),
        (
            "Root",
            "CreateOAuth2Token",
            Some("eu-west-1.oauth.signin.aws"),
            "regional recorded_region",
        ),
        ("Root", "ConsoleLogin", sign_in, "global root_sign_in"),
        (
            "IAMUser",
            "ConsoleLogin",
            None,
            "global home_region_sign_in",
        ),
    ];
    for (identity, name, host, expected) in cases {
        let found = decided(json!({
            "eventName": name,
            "userIdentity": { "type": identity },
            "tlsDetails": { "clientProvidedHostHeader": host },
        }));
        assert_eq!(found, expected, "{identity} {name} {host:?}");
    }
}

#[test]
fn identity_center_sign_ins_belong_to_the_region_of_the_instance() {
    let cases = [
        (
            "signin.amazonaws.com",
            "UserAuthentication",
            "regional identity_center_region",
        ),
        (
            "signin.amazonaws.com",
            "CredentialChallenge",
            "regional identity_center_region",
        ),
        (
            "sso.amazonaws.com",
            "CredentialVerification",
            "regional identity_center_region",
        ),
        (
            "example.amazonaws.com",
            "UserAuthentication",
            "regional regional_service",
        ),
    ];
    for (source, name, expected) in cases {
        let found = decided(json!({
            "eventSource": source,
            "eventName": name,
            "eventType": "AwsServiceEvent",
            "userIdentity": { "type": "Unknown" },
        }));
        assert_eq!(found, expected, "{source} {name}");
    }
}
