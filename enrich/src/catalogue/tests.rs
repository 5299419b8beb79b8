use serde_json::{Value, json};

use super::Catalogue;

fn actions(catalogue: &Catalogue, source: &str, event: &str, parameters: &Value) -> Vec<String> {
    let source = format!("{source}.amazonaws.com");
    let has = |name: &str| parameters.get(name).is_some();
    match catalogue.map(&source, event, has) {
        Ok(needed) => needed
            .iter()
            .map(|needed| needed.action.to_string())
            .collect(),
        Err(reason) => vec![format!("unmapped: {reason}")],
    }
}

#[test]
fn every_line_of_the_data_has_the_documented_form() {
    assert_eq!(Catalogue::embedded().unreadable(), [] as [&str; 0]);
}

#[test]
fn every_action_named_in_an_exception_is_published() {
    let catalogue = Catalogue::embedded();
    let slots = catalogue.operations.values();
    let slots = slots.chain(catalogue.families.iter().map(|family| &family.slot));
    let named = slots
        .flat_map(|slot| &slot.listed.exceptions)
        .flat_map(|exception| &exception.entries);
    let unknown: Vec<&str> = named
        .map(|entry| entry.action.as_str())
        .filter(|action| catalogue.services().action(action).is_none())
        .collect();
    assert_eq!(unknown, [] as [&str; 0]);
}

#[test]
fn names_that_differ_between_cloudtrail_and_iam_are_translated() {
    let catalogue = Catalogue::embedded();
    let none = json!({});
    let cases: &[(&str, &str, Value, &[&str])] = &[
        ("s3", "GetObject", none.clone(), &["s3:GetObject"]),
        (
            "s3",
            "GetObject",
            json!({"versionId": "v"}),
            &["s3:GetObjectVersion"],
        ),
        ("s3", "ListBuckets", none.clone(), &["s3:ListAllMyBuckets"]),
        (
            "s3",
            "GetBucketEncryption",
            none.clone(),
            &["s3:GetEncryptionConfiguration"],
        ),
        (
            "s3",
            "DeleteBucketCors",
            none.clone(),
            &["s3:PutBucketCORS"],
        ),
        (
            "s3",
            "CopyObject",
            none.clone(),
            &["s3:PutObject", "s3:GetObject"],
        ),
        ("s3", "DeleteObjects", none.clone(), &["s3:DeleteObject"]),
        (
            "kms",
            "ReEncrypt",
            none.clone(),
            &["kms:ReEncryptFrom", "kms:ReEncryptTo"],
        ),
        (
            "lambda",
            "UpdateFunctionCode20150331v2",
            none.clone(),
            &["lambda:UpdateFunctionCode"],
        ),
        ("lambda", "Invoke", none.clone(), &["lambda:InvokeFunction"]),
        (
            "lambda",
            "CreateFunction20150331",
            none.clone(),
            &["lambda:CreateFunction", "iam:PassRole"],
        ),
        (
            "cloudfront",
            "CreateDistribution2020_05_31",
            none.clone(),
            &["cloudfront:CreateDistribution"],
        ),
        (
            "monitoring",
            "PutMetricAlarm",
            none.clone(),
            &["cloudwatch:PutMetricAlarm"],
        ),
        (
            "streams.dynamodb",
            "GetRecords",
            none.clone(),
            &["dynamodb:GetRecords"],
        ),
        (
            "amazonmq",
            "CreateBroker",
            none.clone(),
            &["mq:CreateBroker"],
        ),
        (
            "apigateway",
            "CreateRestApi",
            none.clone(),
            &["apigateway:POST"],
        ),
        (
            "apigateway",
            "DeleteRestApi",
            none.clone(),
            &["apigateway:DELETE"],
        ),
        (
            "apigateway",
            "TagResource",
            none.clone(),
            &["apigateway:PUT"],
        ),
        (
            "s3express",
            "GetObject",
            none.clone(),
            &["s3express:CreateSession"],
        ),
        ("iam", "getuser ", none.clone(), &["iam:GetUser"]),
    ];
    for (source, event, parameters, expected) in cases {
        assert_eq!(
            actions(&catalogue, source, event, parameters),
            *expected,
            "{source} {event}"
        );
    }
}

#[test]
fn a_call_without_an_action_says_why() {
    let catalogue = Catalogue::embedded();
    let why = |source, event| actions(&catalogue, source, event, &json!({})).remove(0);
    assert!(why("dynamodb", "ExecuteStatement").contains("depends on the statement"));
    assert!(why("ec2", "Nonsense").contains("no action ec2:Nonsense is published"));
    assert!(why("nonsense", "Call").contains("no actions of a service nonsense"));
}

#[test]
fn permissionless_actions_are_known_in_any_case() {
    let catalogue = Catalogue::embedded();
    assert!(catalogue.is_permissionless("sts:GetCallerIdentity"));
    assert!(catalogue.is_permissionless("STS:getcalleridentity"));
    assert!(!catalogue.is_permissionless("sts:AssumeRole"));
}
