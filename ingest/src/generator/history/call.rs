//! The ordinary calls as records show them.

use serde_json::json;

use super::action::Action;
use super::resource::{Kind, Resource};
use crate::generator::call::Call;
use crate::generator::organization::{FRANKFURT, IRELAND, VIRGINIA};
use crate::generator::random::Random;

/// The Region that a call goes to.
pub(super) fn region(random: &mut Random, action: &Action) -> &'static str {
    match (action.service, action.on) {
        ("iam" | "organizations", _) => VIRGINIA,
        ("ec2" | "cloudtrail", Kind::Nothing) => match random.between(0, 5) {
            0 => IRELAND,
            1 => "us-west-2",
            2 => "ap-southeast-1",
            _ => FRANKFURT,
        },
        _ => FRANKFURT,
    }
}

/// A call of `action` on `resource` by somebody of the account `caller`.
pub(super) fn call(
    action: &Action,
    resource: &Resource,
    region: &'static str,
    caller: Option<&str>,
) -> Call {
    let arn = resource.arn();
    let Resource { account, name, .. } = resource;
    let is_own = caller == Some(*account);
    let event = action.event;
    if resource.kind == Kind::Object {
        return Call::object(action.reads, event, name, &resource.object_key(), account);
    }
    let mut call = match action.reads {
        true => Call::read(action.service, event),
        false => Call::write(action.service, event),
    };
    call = call.region(region);
    if let Some(action) = needed(action) {
        call = call.needs(action);
    }
    if action.data {
        call = call.data();
    }
    match resource.kind {
        Kind::Bucket => {
            let host = format!("{name}.s3.{FRANKFURT}.amazonaws.com");
            let mut parameters = json!({ "bucketName": name, "Host": host });
            if !action.data {
                parameters["versioning"] = json!("");
            }
            call = call.host(host).parameters(parameters).resource(
                "AWS::S3::Bucket",
                arn.clone(),
                account,
            );
        }
        Kind::Table => {
            let table = if is_own { name } else { &arn };
            call = call.parameters(json!({ "tableName": table }));
            if action.data {
                call = call.resource("AWS::DynamoDB::Table", arn.clone(), account);
            }
        }
        Kind::Queue => {
            let url = format!("https://sqs.{FRANKFURT}.amazonaws.com/{account}/{name}");
            call = call.parameters(json!({ "queueUrl": url })).resource(
                "AWS::SQS::Queue",
                arn.clone(),
                account,
            );
        }
        Kind::Topic => {
            call = call
                .parameters(json!({ "topicArn": arn, "message": "HIDDEN_DUE_TO_SECURITY_REASONS" }))
                .resource("AWS::SNS::Topic", arn.clone(), account);
        }
        Kind::Secret => call = call.parameters(json!({ "secretId": arn })),
        Kind::Function => {
            let function = if is_own && !action.data { name } else { &arn };
            call = call.parameters(json!({ "functionName": function }));
            if action.data {
                call = call.resource("AWS::Lambda::Function", arn.clone(), account);
            }
        }
        Kind::Key => {
            call = call.parameters(json!({ "keyId": arn })).resource(
                "AWS::KMS::Key",
                arn.clone(),
                account,
            );
        }
        Kind::Instance => {
            let instances = json!({ "items": [{ "instanceId": name }] });
            call = call.parameters(json!({ "instancesSet": instances }));
        }
        Kind::User => {
            return call
                .parameters(json!({ "userName": name }))
                .denied_on(format!("user {name}"));
        }
        _ => return call,
    }
    call.denied_on(arn)
}

/// The action as messages write it, where the event has another name.
fn needed(action: &Action) -> Option<&'static str> {
    match (action.service, action.name) {
        ("s3", "ListBucket") => Some("s3:ListBucket"),
        ("lambda", "InvokeFunction") => Some("lambda:InvokeFunction"),
        ("lambda", "GetFunction") => Some("lambda:GetFunction"),
        _ => None,
    }
}
