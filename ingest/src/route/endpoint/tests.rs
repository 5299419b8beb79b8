use super::{Endpoint, Partition, is_region, sign_in, sts};

fn regional(region: &str) -> Option<Endpoint> {
    Some(Endpoint::Regional(region.to_owned()))
}

#[test]
fn a_region_is_known_by_its_shape_and_an_alias_is_not_one() {
    let regions = [
        "us-east-1",
        "ap-southeast-2",
        "mx-central-1",
        "il-central-1",
        "xy-northwest-12",
        "us-gov-west-1",
        "us-iso-east-1",
        "us-isob-east-1",
        "eu-isoe-west-1",
        "us-isof-south-1",
        "cn-northwest-1",
        "eusc-de-east-1",
    ];
    for region in regions {
        assert!(is_region(region), "{region}");
    }
    let others = [
        "acme-prod-1",
        "acme-west-1",
        "my-app-central-1",
        "us-prod-1",
        "us-east",
        "us-east-",
        "us-east-123",
        "us-east-1a",
        "US-EAST-1",
        "eusc-east-1",
        "east-1",
        "",
    ];
    for other in others {
        assert!(!is_region(other), "{other}");
    }
}

#[test]
fn every_partition_has_a_home_region_of_its_own_and_a_sign_in_host() {
    for partition in Partition::ALL {
        let (home, host) = (partition.home_region(), partition.sign_in_host());
        assert!(is_region(home), "{home}");
        assert_eq!(Partition::of_region(home), partition);
        assert_eq!(sign_in(host), Some(Endpoint::Global), "{host}");
        assert_eq!(sign_in(&format!("{home}.{host}")), regional(home));
    }
}

#[test]
fn hosts_name_the_endpoint() {
    let global = Some(Endpoint::Global);
    assert_eq!(sign_in("acme-prod-1.signin.aws.amazon.com"), global);
    assert_eq!(sign_in("eu-west-1.oauth.signin.aws"), regional("eu-west-1"));
    assert_eq!(sign_in("acme.oauth.signin.aws"), None);
    assert_eq!(sign_in("notsignin.aws.amazon.com"), None);
    assert_eq!(sts("sts.amazonaws.com"), global);
    assert_eq!(sts("sts-global.eu-west-1.amazonaws.com"), global);
    let of_region = [
        ("sts.eu-west-1.amazonaws.com", "eu-west-1"),
        ("sts-fips.us-east-1.amazonaws.com", "us-east-1"),
        ("STS.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("sts.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
        ("sts.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"),
        (
            "vpce-0a1b-2c3d.sts.eu-west-1.vpce.amazonaws.com",
            "eu-west-1",
        ),
        (
            "vpce-0a1b-2c3d-us-gov-west-1a.sts.us-gov-west-1.vpce.amazonaws.com",
            "us-gov-west-1",
        ),
    ];
    for (host, region) in of_region {
        assert_eq!(sts(host), regional(region), "{host}");
    }
    for other in [
        "vpce-0a1b.s3.eu-west-1.vpce.amazonaws.com",
        "sts.example.com",
        "s3.amazonaws.com",
    ] {
        assert_eq!(sts(other), None, "{other}");
    }
}
