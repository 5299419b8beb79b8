#![allow(clippy::unwrap_used)]
use std::collections::BTreeMap;

use trailwright_schemas::{Limits, Record, Scope};

use super::{Account, Router, SignInUrl, TrailConfig};

fn record(fields: &str) -> Record {
    let json = format!(
        r#"{{"eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","eventType":"AwsConsoleSignIn","recipientAccountId":"111122223333",{fields}}}"#
    );
    Record::parse(json.as_bytes(), &Limits::default()).unwrap()
}

/// A sign-in: identity, day, Region, host header and LoginTo (`-` for none).
fn sign_in(identity: &str, day: &str, region: &str, host: &str, login_to: &str) -> Record {
    let tls = match host {
        "-" => String::new(),
        host => format!(r#","tlsDetails":{{"clientProvidedHostHeader":"{host}"}}"#),
    };
    let login = match login_to {
        "-" => String::new(),
        url => format!(r#","additionalEventData":{{"LoginTo":"{url}"}}"#),
    };
    record(&format!(
        r#""eventTime":"{day}T10:00:00Z","awsRegion":"{region}","userIdentity":{{"type":"{identity}"}}{tls}{login}"#
    ))
}

#[test]
fn every_sign_in_rule_decides_as_documented() {
    let old_s3 = "https://console.aws.amazon.com/s3/home";
    let old_home_with_region = "https://console.aws.amazon.com/console/home?region=us-east-1";
    // identity, day, awsRegion, host header, LoginTo → scope reason cookie
    let cases = [
        // a. Root is always global, whatever the console it was heading to.
        (
            "Root",
            "2024-01-01",
            "us-east-1",
            "us-east-1.signin.aws.amazon.com",
            "-",
            "global root_sign_in",
        ),
        (
            "Root",
            "2024-01-01",
            "us-east-1",
            "-",
            "https://console.aws.amazon.com/console/home?state=hashArgsFromTB_ap-southeast-2_1",
            "global root_sign_in",
        ),
        // b. A host without a Region is the global endpoint, in each partition.
        (
            "IAMUser",
            "2024-01-01",
            "us-east-1",
            "signin.aws.amazon.com",
            "-",
            "global global_endpoint",
        ),
        (
            "IAMUser",
            "2024-01-01",
            "us-east-1",
            "acme.signin.aws.amazon.com",
            "-",
            "global global_endpoint",
        ),
        (
            "IAMUser",
            "2024-01-01",
            "us-gov-west-1",
            "signin.amazonaws-us-gov.com",
            "-",
            "global global_endpoint",
        ),
        (
            "IAMUser",
            "2024-01-01",
            "cn-north-1",
            "signin.amazonaws.cn",
            "-",
            "global global_endpoint",
        ),
        // c. A Region's host: regional; in three Regions a cookie is possible, since the rule of 2023-02-01.
        (
            "IAMUser",
            "2024-01-01",
            "eu-west-1",
            "eu-west-1.signin.aws.amazon.com",
            "-",
            "regional regional_endpoint",
        ),
        (
            "IAMUser",
            "2024-01-01",
            "us-gov-east-1",
            "us-gov-east-1.signin.amazonaws-us-gov.com",
            "-",
            "regional regional_endpoint",
        ),
        (
            "IAMUser",
            "2024-01-01",
            "us-east-1",
            "us-east-1.signin.aws.amazon.com",
            "-",
            "regional regional_endpoint",
        ),
        (
            "IAMUser",
            "2024-01-01",
            "us-east-2",
            "us-east-2.signin.aws.amazon.com",
            "-",
            "regional regional_endpoint cookie",
        ),
        (
            "IAMUser",
            "2024-01-01",
            "eu-north-1",
            "eu-north-1.signin.aws.amazon.com",
            "-",
            "regional regional_endpoint cookie",
        ),
        (
            "IAMUser",
            "2024-01-01",
            "ap-southeast-2",
            "ap-southeast-2.signin.aws.amazon.com",
            "-",
            "regional regional_endpoint cookie",
        ),
        (
            "IAMUser",
            "2023-02-01",
            "us-east-2",
            "us-east-2.signin.aws.amazon.com",
            "-",
            "regional regional_endpoint cookie",
        ),
        (
            "IAMUser",
            "2023-01-31",
            "us-east-2",
            "us-east-2.signin.aws.amazon.com",
            "-",
            "regional regional_endpoint",
        ),
        (
            "AssumedRole",
            "2024-01-01",
            "us-east-2",
            "us-east-2.signin.aws.amazon.com",
            "-",
            "regional regional_endpoint",
        ),
        (
            "IAMUser",
            "2026-01-01",
            "eu-west-1",
            "eu-west-1.oauth.signin.aws",
            "-",
            "regional regional_endpoint",
        ),
        // awsRegion is evidence: a host that names another Region does not move the event.
        (
            "IAMUser",
            "2024-01-01",
            "eu-west-1",
            "us-west-2.signin.aws.amazon.com",
            "-",
            "regional recorded_region",
        ),
        // d. Without an endpoint the home Region stands for global, for IAM users.
        (
            "IAMUser",
            "2019-01-01",
            "us-east-1",
            "-",
            "-",
            "global home_region_sign_in",
        ),
        (
            "IAMUser",
            "2019-01-01",
            "us-gov-west-1",
            "-",
            "-",
            "global home_region_sign_in",
        ),
        (
            "IAMUser",
            "2019-01-01",
            "eu-west-1",
            "-",
            "-",
            "regional regional_sign_in",
        ),
        (
            "AssumedRole",
            "2019-01-01",
            "us-east-1",
            "-",
            "-",
            "regional regional_sign_in",
        ),
        // The old rule looks at the console the user was heading to.
        (
            "IAMUser",
            "2023-01-31",
            "us-east-1",
            "-",
            old_s3,
            "global console_without_region",
        ),
        (
            "IAMUser",
            "2023-01-31",
            "us-east-1",
            "-",
            old_home_with_region,
            "regional region_in_url",
        ),
        (
            "IAMUser",
            "2023-02-01",
            "us-east-1",
            "-",
            old_home_with_region,
            "global home_region_sign_in",
        ),
        // An S3 console in a Region contradicts the old rule: the record's Region counts.
        (
            "IAMUser",
            "2023-01-31",
            "us-east-2",
            "-",
            old_s3,
            "regional regional_sign_in",
        ),
    ];
    for (identity, day, region, host, login_to, expected) in cases {
        let routing = Router::default().route(&sign_in(identity, day, region, host, login_to));
        let cookie = if routing.possible_alias_cookie {
            " cookie"
        } else {
            ""
        };
        let found = format!(
            "{} {}{cookie}",
            routing.scope.as_str(),
            routing.reason.as_str()
        );
        assert_eq!(
            found, expected,
            "{identity} {day} {region} {host} {login_to}"
        );
    }
}

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

/// The three examples the product began with, and what became of them.
#[test]
fn the_founding_examples_of_sign_in_urls_route_as_described() {
    let outcomes = |url: &str, day: &str| {
        let time = format!("{day}T00:00:00Z").parse().unwrap();
        let outcomes = SignInUrl::parse(url).unwrap().outcomes(time);
        outcomes
            .iter()
            .map(|outcome| format!("{} {}", outcome.scope.as_str(), outcome.regions.join("|")))
            .collect::<Vec<_>>()
    };
    let home = "https://acme.signin.aws.amazon.com/console";
    let s3 = "https://acme.signin.aws.amazon.com/console/s3";
    let region = "https://acme.signin.aws.amazon.com/console?region=ap-southeast-1";
    assert_eq!(outcomes(home, "2023-01-31"), ["regional "]);
    assert_eq!(outcomes(s3, "2023-01-31"), ["global us-east-1"]);
    assert_eq!(outcomes(region, "2023-01-31"), ["regional ap-southeast-1"]);
    let by_cookie = [
        "regional us-east-2|eu-north-1|ap-southeast-2",
        "global us-east-1",
    ];
    assert_eq!(outcomes(home, "2023-02-01"), by_cookie);
    assert_eq!(outcomes(s3, "2023-02-01"), by_cookie);
    assert_eq!(outcomes(region, "2023-02-01"), ["regional ap-southeast-1"]);
}

#[test]
fn the_alias_cookie_counts_in_the_commercial_partition_only() {
    let time = "2024-01-01T00:00:00Z".parse().unwrap();
    for (host, home) in [
        ("acme.signin.amazonaws-us-gov.com", "us-gov-west-1"),
        ("acme.signin.amazonaws.cn", "cn-north-1"),
        ("acme.signin.amazonaws-eusc.eu", "eusc-de-east-1"),
    ] {
        let url = SignInUrl::parse(&format!("https://{host}/console")).unwrap();
        let outcomes = url.outcomes(time);
        assert_eq!(outcomes.len(), 1, "{host}");
        assert_eq!(outcomes[0].scope, Scope::Global);
        assert_eq!(outcomes[0].regions, [home]);
        assert_eq!(outcomes[0].condition, "");
    }
}

#[test]
fn an_alias_that_ends_like_a_region_is_still_an_alias() {
    let url = SignInUrl::parse("https://acme-prod-1.signin.aws.amazon.com/console").unwrap();
    assert_eq!(url.account, Some(Account::Alias("acme-prod-1".into())));
    assert_eq!(url.endpoint, super::endpoint::Endpoint::Global);
}

#[test]
fn sign_in_urls_are_taken_apart_and_aliases_resolve() {
    let url =
        SignInUrl::parse("https://acme-prod.signin.aws.amazon.com/console/ec2?region=eu-west-1")
            .unwrap();
    assert_eq!(url.account, Some(Account::Alias("acme-prod".into())));
    assert_eq!(url.service.as_deref(), Some("ec2"));
    assert_eq!(url.region.as_deref(), Some("eu-west-1"));
    let aliases = BTreeMap::from([("acme-prod".to_owned(), "111122223333".to_owned())]);
    assert_eq!(url.account_id(&aliases), Some("111122223333"));

    let id = SignInUrl::parse("https://111122223333.signin.aws.amazon.com/console").unwrap();
    assert_eq!(id.account_id(&BTreeMap::new()), Some("111122223333"));
    let console = SignInUrl::parse(
        "https://eu-west-1.console.aws.amazon.com/s3/buckets?state=hashArgsFromTB_ap-southeast-2_0123",
    )
    .unwrap();
    assert_eq!(console.service.as_deref(), Some("s3"));
    assert_eq!(console.console_region.as_deref(), Some("ap-southeast-2"));

    for wrong in [
        "nonsense",
        "https://example.com/console",
        "https://-x.signin.aws.amazon.com/console",
        "https://acme.oauth.signin.aws/v1/authorize",
    ] {
        assert!(SignInUrl::parse(wrong).is_err(), "{wrong}");
    }
}

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
