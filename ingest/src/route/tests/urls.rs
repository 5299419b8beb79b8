//! Sign-in URLs.

use std::collections::BTreeMap;

use trailwright_schemas::Scope;

use crate::route::{Account, SignInUrl};

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
    assert_eq!(url.endpoint, crate::route::endpoint::Endpoint::Global);
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
