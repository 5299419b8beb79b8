//! The scope of calls of services.

use trailwright_schemas::{Limits, Record};

use crate::route::Router;

#[test]
fn services_and_sts_endpoints_decide_the_scope_of_calls() {
    let call = |source: &str, region: &str, more: &str| {
        let json = format!(
            r#"{{"eventTime":"2025-06-01T10:00:00Z","awsRegion":"{region}","eventSource":"{source}","eventName":"X","eventType":"AwsApiCall"{more}}}"#
        );
        Record::parse(json.as_bytes(), &Limits::default()).unwrap()
    };
    let host = |name: &str| format!(r#","tlsDetails":{{"clientProvidedHostHeader":"{name}"}}"#);
    let details = |kind: &str| {
        format!(
            r#","additionalEventData":{{"RequestDetails":{{"endpointType":"{kind}","awsServingRegion":"eu-west-1"}}}}"#
        )
    };
    let cases = [
        (
            "iam.amazonaws.com",
            "us-east-1",
            String::new(),
            "global global_service",
        ),
        (
            "organizations.amazonaws.com",
            "us-east-1",
            String::new(),
            "global global_service",
        ),
        (
            "networkmanager.amazonaws.com",
            "us-west-2",
            String::new(),
            "global global_service",
        ),
        (
            "s3.amazonaws.com",
            "us-east-1",
            String::new(),
            "regional regional_service",
        ),
        (
            "ec2.amazonaws.com",
            "eu-west-1",
            String::new(),
            "regional regional_service",
        ),
        (
            "sts.amazonaws.com",
            "us-east-1",
            host("sts.amazonaws.com"),
            "global global_endpoint",
        ),
        (
            "sts.amazonaws.com",
            "us-east-1",
            host("sts-global.eu-west-1.amazonaws.com"),
            "global global_endpoint",
        ),
        (
            "sts.amazonaws.com",
            "eu-west-1",
            host("sts.eu-west-1.amazonaws.com"),
            "regional regional_endpoint",
        ),
        (
            "sts.amazonaws.com",
            "eu-west-1",
            host("sts.us-west-2.amazonaws.com"),
            "regional recorded_region",
        ),
        (
            "sts.amazonaws.com",
            "us-east-1",
            details("global"),
            "global global_endpoint",
        ),
        (
            "sts.amazonaws.com",
            "eu-west-1",
            details("regional"),
            "regional regional_endpoint",
        ),
        (
            "sts.amazonaws.com",
            "us-east-1",
            String::new(),
            "regional endpoint_not_recorded",
        ),
    ];
    for (source, region, more, expected) in cases {
        let routing = Router::default().route(&call(source, region, &more));
        let found = format!("{} {}", routing.scope.as_str(), routing.reason.as_str());
        assert_eq!(found, expected, "{source} {region} {more}");
    }
}
