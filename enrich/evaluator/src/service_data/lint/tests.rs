#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::lint;
use crate::service_data::ServiceData;
use crate::{Policy, PolicyId};

/// Each finding as `line:column code: message`.
fn findings(document: &str) -> Vec<String> {
    let policy = Policy::compile(PolicyId::named("p"), document).unwrap();
    let findings = lint(&policy, &ServiceData::embedded());
    findings.iter().map(ToString::to_string).collect()
}

/// The findings of one statement's elements, on one line.
fn of(elements: &str) -> Vec<String> {
    findings(&format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",{elements}}}}}"#
    ))
}

#[test]
fn unknown_names_are_warnings_at_their_place_with_what_was_meant() {
    let found = findings(
        r#"{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Action": ["s3:GetObjct", "dynamdb:GetItem",
      "sqs:Frob*", "s3:GetObject"],
    "Resource": "*"
  }]
}"#,
    );
    assert_eq!(
        found,
        [
            "5:16: warning[unknown-action]: s3 has no published action `GetObjct`; did you mean `s3:GetObject`?",
            "5:31: warning[unknown-service]: no service `dynamdb` is published; did you mean `dynamodb`?",
            "6:7: warning[unmatched-action]: `sqs:Frob*` covers no published action",
        ]
    );
}

#[test]
fn names_in_not_action_are_checked_too() {
    let found = of(r#""NotAction":"iam:PasRole","Resource":"*""#);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].contains("did you mean `iam:PassRole`?"),
        "{found:?}"
    );
}

#[test]
fn existing_actions_in_any_case_and_patterns_are_no_finding() {
    let actions =
        r#""Action":["*","S3:getOBJECT","ec2:Describe*","s3*:Get*","?am:*"],"Resource":"*""#;
    assert_eq!(of(actions), [] as [&str; 0]);
}

#[test]
fn an_operator_must_fit_the_type_of_its_key() {
    let with = |operator: &str, key: &str, value: &str| {
        of(&format!(
            r#""Action":"s3:ListBucket","Resource":"*","Condition":{{"{operator}":{{"{key}":"{value}"}}}}"#
        ))
    };
    let found = with("StringEquals", "aws:SourceIp", "192.0.2.0/24");
    assert_eq!(found.len(), 1);
    assert!(
        found[0].ends_with("warning[operator-type]: `StringEquals` does not fit `aws:SourceIp`, which is of type IPAddress: use IpAddress or NotIpAddress"),
        "{found:?}"
    );
    assert_eq!(with("StringLike", "s3:max-keys", "1*").len(), 1);
    assert_eq!(with("Bool", "aws:PrincipalOrgID", "true").len(), 1);
    assert_eq!(
        with("DateLessThan", "aws:MultiFactorAuthAge", "2026-01-01").len(),
        1
    );
    for (operator, key, value) in [
        ("IpAddress", "aws:SourceIp", "192.0.2.0/24"),
        ("NumericLessThanIfExists", "s3:max-keys", "10"),
        (
            "StringLike",
            "aws:PrincipalArn",
            "arn:aws:iam::111122223333:role/*",
        ),
        (
            "ArnLike",
            "kms:EncryptionContext:aws:logs:arn",
            "arn:aws:logs:*:111122223333:*",
        ),
        ("NumericGreaterThan", "aws:EpochTime", "1700000000"),
        ("ForAnyValue:StringEquals", "aws:TagKeys", "team"),
        ("Null", "aws:SecureTransport", "true"),
        ("NumericEquals", "nobody:knows", "1"),
    ] {
        assert_eq!(
            with(operator, key, value),
            [] as [&str; 0],
            "{operator} {key}"
        );
    }
}

#[test]
fn a_resource_that_no_action_of_the_statement_works_on_is_found() {
    let on = |actions: &str, resource: &str| {
        of(&format!(r#""Action":{actions},"Resource":["{resource}"]"#))
    };
    let found = on(r#""s3:GetObject""#, "arn:aws:s3:::b");
    assert!(
        found[0].ends_with(
            "warning[unsupported-resource]: s3:GetObject does not work on `arn:aws:s3:::b`"
        ),
        "{found:?}"
    );
    assert_eq!(on(r#""s3:ListBucket""#, "arn:aws:s3:::b/*").len(), 1);
    assert_eq!(
        on(r#"["s3:ListBucket","sqs:*"]"#, "arn:aws:sns:*:*:t").len(),
        1
    );
    let found = on(r#""ec2:DescribeInstances""#, "arn:aws:ec2:*:*:instance/*");
    assert!(found[0].contains("takes no resource but `*`"), "{found:?}");
}

#[test]
fn a_resource_that_some_action_may_work_on_is_no_finding() {
    for (actions, resource) in [
        (r#"["s3:ListBucket","s3:GetObject"]"#, "arn:aws:s3:::b/*"),
        (r#""s3:GetObject""#, "arn:aws:s3:::b*"),
        (r#""s3:GetObject""#, "arn:*:s3:::${aws:username}/*"),
        (r#""s3:ListAllMyBuckets""#, "arn:aws:s3:::*"),
        (
            r#""iam:PassRole""#,
            "arn:aws:iam::${aws:PrincipalAccount}:role/*",
        ),
        (
            r#""lambda:InvokeFunction""#,
            "arn:aws:lambda:*:*:function:f:*",
        ),
        (r#""sqs:SendMessage""#, "arn:aws:sqs:*"),
        (r#""*""#, "arn:aws:s3:::b"),
        (r#"["s3:Nonsense*","s3:GetObject"]"#, "arn:aws:sqs:*:*:q"),
    ] {
        let found = of(&format!(r#""Action":{actions},"Resource":"{resource}""#));
        let resources = found.iter().filter(|f| f.contains("unsupported-resource"));
        assert_eq!(resources.count(), 0, "{actions} {resource}: {found:?}");
    }
}
