//! Every rule of sign-ins.

use super::sign_in;
use crate::route::Router;

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
