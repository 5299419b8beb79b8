#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::{Json, Tags, of_object, of_request};

/// `key=value` of every tag, or that it is unclear which there are.
fn shown(tags: &Tags<'_>) -> String {
    let Tags::Known(pairs) = tags else {
        return "unclear".to_owned();
    };
    let one = |tag: &super::Tag<'_>| match &tag.value {
        Some(value) => format!("{}={value}", tag.key),
        None => tag.key.clone().into_owned(),
    };
    pairs.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[test]
fn tags_are_found_in_every_shape_that_apis_have_for_them() {
    for (parameters, expected) in [
        (
            r#"{"userName": "eve", "tags": [{"key": "team", "value": "audit"}]}"#,
            "team=audit",
        ),
        (r#"{"tags": [{"Key": "team", "Value": ""}]}"#, "team="),
        (
            r#"{"tags": [{"tagKey": "team", "tagValue": "audit"}]}"#,
            "team=audit",
        ),
        (
            r#"{"functionName": "f", "tags": {"team": "audit", "stage": "prod"}}"#,
            "team=audit stage=prod",
        ),
        (
            r#"{"tagSpecificationSet": {"items": [{"resourceType": "instance", "tags": [{"key": "team", "value": "audit"}]}]}}"#,
            "team=audit",
        ),
        (
            r#"{"resourcesSet": {"items": [{"resourceId": "i-1"}]}, "tagSet": {"items": [{"key": "a", "value": "b"}]}}"#,
            "a=b",
        ),
        (
            r#"{"CreateFlowLogsRequest": {"TagSpecification": {"ResourceType": "vpc-flow-log", "Tag": {"Key": "a", "Value": "b"}, "tag": 1}}}"#,
            "a=b",
        ),
        (
            r#"{"bucketName": "b", "Tagging": {"TagSet": {"Tag": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}]}}}"#,
            "a=b c=d",
        ),
        (
            r#"{"Tagging": {"TagSet": {"Tag": {"Key": "a", "Value": "b"}}}}"#,
            "a=b",
        ),
        (
            r#"{"resourceId": "t", "tagsList": [{"key": "a", "value": "b"}]}"#,
            "a=b",
        ),
        (
            r#"{"roleArn": "r", "principalTags": {"team": "audit"}}"#,
            "team=audit",
        ),
        (
            r#"{"resourceArn": "r", "tagKeys": ["team", "stage"]}"#,
            "team stage",
        ),
        (r#"{"tags": []}"#, ""),
        (r#"{"imageTag": "latest", "stageName": "prod"}"#, ""),
        // Something that looks like tags, in a shape that is not known.
        (r#"{"tags": "HIDDEN_DUE_TO_SECURITY_REASONS"}"#, "unclear"),
        (r#"{"tagFilters": [{"values": ["a"]}]}"#, "unclear"),
        ("null", "unclear"),
    ] {
        let tree: Json<'_> = serde_json::from_str(parameters).unwrap();
        assert_eq!(shown(&of_request(&tree)), expected, "{parameters}");
    }
}

#[test]
fn an_objects_tags_are_read_from_the_header() {
    for (parameters, expected) in [
        (
            r#"{"x-amz-tagging": "team=audit&a%20b=c%26d&e"}"#,
            "team=audit a b=c&d e=",
        ),
        (r#"{"key": "k"}"#, ""),
        (r#"{"x-amz-tagging": 7}"#, "unclear"),
        ("null", "unclear"),
    ] {
        let tree: Json<'_> = serde_json::from_str(parameters).unwrap();
        assert_eq!(shown(&of_object(&tree)), expected, "{parameters}");
    }
}
