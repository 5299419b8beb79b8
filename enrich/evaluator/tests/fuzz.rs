//! The fuzz targets' functions on a bounded number of inputs, for a stable toolchain: bytes, and
//! policies put together from fragments and then damaged.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

// The fuzz targets need these public.
#[allow(unreachable_pub)]
#[path = "../fuzz/src/lib.rs"]
mod targets;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Pieces of policies, hostile ones among them.
fn fragment() -> impl Strategy<Value = String> {
    select(vec![
        r#""*""#,
        r#""s3:Get*""#,
        r#""S3:GetObject""#,
        r#""arn:aws:s3:::b/${aws:username}/*""#,
        r#""arn:aws:s3:::b/${aws:username, 'x'}""#,
        r#""arn:*a*a*a*a*a*a*b:?:*:*:é""#,
        r#"["*", 7, null, "${"]"#,
        r#"{"AWS": ["111111111111", "*"], "Service": "s3.amazonaws.com"}"#,
        r#"{"StringNotLike": {"aws:username": ["m*", "${aws:userid}"]}}"#,
        r#"{"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}, "Null": {"k": true}}"#,
        r#"{"NumericLessThan": {"k": 1e999}, "DateEquals": {"k": "2026"}}"#,
        r#"{"NotIpAddress": {"aws:SourceIp": ["::/0", "10.0.0.0/33"]}, "Bool": {"k": "yes"}}"#,
        r#"{"ArnLike": {"aws:PrincipalArn": "arn:*:*"}, "IpAddres": 1}"#,
        r#""\ud800\u0000""#,
    ])
    .prop_map(str::to_owned)
}

fn policy() -> impl Strategy<Value = String> {
    let element = select(vec![
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "NotPrincipal",
        "Condition",
        "Sid",
        "effect",
    ]);
    let member = (element, fragment()).prop_map(|(name, value)| format!(r#","{name}":{value}"#));
    let effect = select(vec!["Allow", "Deny", "Maybe"]);
    let statement = (effect, vec(member, 0..5))
        .prop_map(|(effect, members)| format!(r#"{{"Effect":"{effect}"{}}}"#, members.concat()));
    let version = select(vec!["2012-10-17", "2008-10-17", "2026-01-01"]);
    (version, vec(statement, 0..4)).prop_map(|(version, statements)| {
        let statements = statements.join(",");
        format!(r#"{{"Version":"{version}","Statement":[{statements}]}}"#)
    })
}

/// A policy's bytes, sometimes with one byte changed or the end cut off.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    (policy(), any::<u8>(), any::<u16>()).prop_map(|(text, byte, at)| {
        let mut bytes = text.into_bytes();
        let at = usize::from(at) % (bytes.len() * 4);
        match (byte % 2, at < bytes.len()) {
            (0, true) => bytes[at] = byte,
            (_, true) => bytes.truncate(at),
            (_, false) => {}
        }
        bytes
    })
}

fn request() -> impl Strategy<Value = Vec<u8>> {
    let principal = select(vec![
        "arn:aws:iam::111111111111:user/m",
        "*",
        "111111111111",
        "x:y",
    ]);
    let action = select(vec!["s3:GetObject", "", "kms:Decrypt", "::"]);
    let resource = select(vec![
        "*",
        "arn:aws:s3:::b/m/é",
        "arn:aws:kms:r:1:key/k",
        "::::::",
    ]);
    let key = select(vec!["aws:username", "aws:TagKeys", "k", "aws:SourceIp", ""]);
    let value = select(vec!["m", "a,b", "2026-01-01", "10.0.0.1", "", "é"]);
    let head = (any::<u8>(), principal, action, resource, key, value);
    (head, vec(damaged(), 0..8)).prop_map(
        |((flags, principal, action, resource, key, value), policies)| {
            let parts =
                [principal, action, resource, key, value].map(|part| part.as_bytes().to_vec());
            let mut bytes = vec![flags];
            bytes.extend(
                [parts.to_vec(), policies]
                    .concat()
                    .join(&targets::SEPARATOR),
            );
            bytes
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes_as_a_document_compile_or_are_refused(bytes in vec(any::<u8>(), 0..200)) {
        targets::document(&bytes);
    }

    #[test]
    fn a_damaged_policy_prints_as_a_policy_that_means_the_same(bytes in damaged()) {
        targets::document(&bytes);
    }

    #[test]
    fn any_bytes_as_a_request_are_answered(bytes in vec(any::<u8>(), 0..200)) {
        targets::request(&bytes);
    }

    #[test]
    fn every_request_against_damaged_policies_is_answered(bytes in request()) {
        targets::request(&bytes);
    }
}
