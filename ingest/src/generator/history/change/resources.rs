//! The calls that change policies of resources, as CloudTrail records them.
//! Each service has its own way to pass a document.

use serde_json::{Value, json};

use super::{Request, ResourceChange};
use crate::generator::call::Call;
use crate::generator::history::action::Action;
use crate::generator::history::document::{document, statement};
use crate::generator::history::resource::{Kind, Resource};
use crate::generator::history::rule::{Grantee, Rule};
use crate::generator::organization::{FRANKFURT, ORGANIZATION};

/// The change of a resource's policy.
pub(super) fn request(resource: &Resource, change: &ResourceChange, moment: &str) -> Request {
    match change {
        ResourceChange::PutPolicy(rules) => put(resource, rules),
        ResourceChange::DeletePolicy => delete(resource),
        ResourceChange::OtherAttribute => other_attribute(resource),
        ResourceChange::CreateKey(rules) => create_key(resource, rules, moment),
        ResourceChange::AddPermission(rule) => add_permission(resource, rule),
        ResourceChange::RemovePermission(sid) => remove_permission(resource, sid),
    }
}

fn put(resource: &Resource, rules: &[Rule]) -> Request {
    let arn = resource.arn();
    let content = document(rules);
    match resource.kind {
        Kind::Bucket => {
            let mut parameters = on_bucket(resource);
            parameters["bucketPolicy"] = content;
            bucket(resource, "PutBucketPolicy", parameters)
        }
        Kind::Key => {
            let parameters = json!({
                "keyId": called(resource, &resource.name),
                "policyName": "default",
                "policy": content.to_string(),
                "bypassPolicyLockoutSafetyCheck": false,
            });
            let call = Call::write("kms", "PutKeyPolicy").resource(
                "AWS::KMS::Key",
                arn.clone(),
                resource.account,
            );
            on(resource, call.parameters(parameters), "PutKeyPolicy")
        }
        Kind::Topic => topic_attribute(resource, "Policy", &content.to_string()),
        Kind::Secret => {
            let parameters = json!({ "resourcePolicy": content.to_string() });
            secret(resource, "PutResourcePolicy", parameters)
        }
        _ => queue(resource, &content.to_string()),
    }
}

fn delete(resource: &Resource) -> Request {
    match resource.kind {
        Kind::Bucket => bucket(resource, "DeleteBucketPolicy", on_bucket(resource)),
        Kind::Secret => secret(resource, "DeleteResourcePolicy", json!({})),
        // An empty policy is none.
        _ => queue(resource, ""),
    }
}

fn on(resource: &Resource, call: Call, name: &'static str) -> Request {
    Request {
        action: Action::write(call.service, name, resource.kind),
        resource: resource.clone(),
        call: call.denied_on(resource.arn()),
    }
}

/// The query `?policy` of S3 shows as an empty parameter.
fn on_bucket(bucket: &Resource) -> Value {
    json!({
        "bucketName": bucket.name,
        "Host": format!("{}.s3.{FRANKFURT}.amazonaws.com", bucket.name),
        "policy": "",
    })
}

fn bucket(resource: &Resource, event: &'static str, parameters: Value) -> Request {
    let call = Call::write("s3", event)
        .host(format!("{}.s3.{FRANKFURT}.amazonaws.com", resource.name))
        .parameters(parameters)
        .resource("AWS::S3::Bucket", resource.arn(), resource.account);
    on(resource, call, event)
}

fn secret(resource: &Resource, event: &'static str, mut parameters: Value) -> Request {
    // The six characters at the end of the ARN do not belong to the name.
    let name = resource.name.rsplit_once('-').map_or("", |(name, _)| name);
    parameters["secretId"] = json!(called(resource, name));
    let call = Call::write("secretsmanager", event)
        .parameters(parameters)
        .response(json!({ "aRN": resource.arn(), "name": name }));
    on(resource, call, event)
}

fn queue(resource: &Resource, policy: &str) -> Request {
    queue_attribute(resource, "Policy", policy)
}

fn queue_attribute(resource: &Resource, attribute: &str, value: &str) -> Request {
    let Resource { account, name, .. } = resource;
    let parameters = json!({
        "queueUrl": format!("https://sqs.{FRANKFURT}.amazonaws.com/{account}/{name}"),
        "attributes": { attribute: value },
    });
    let call = Call::write("sqs", "SetQueueAttributes").parameters(parameters);
    on(resource, call, "SetQueueAttributes")
}

fn topic_attribute(resource: &Resource, attribute: &str, value: &str) -> Request {
    let parameters = json!({
        "topicArn": resource.arn(),
        "attributeName": attribute,
        "attributeValue": value,
    });
    let call = Call::write("sns", "SetTopicAttributes").parameters(parameters);
    on(resource, call, "SetTopicAttributes")
}

fn other_attribute(resource: &Resource) -> Request {
    match resource.kind {
        Kind::Topic => topic_attribute(resource, "DisplayName", "Alerts"),
        _ => queue_attribute(resource, "VisibilityTimeout", "60"),
    }
}

/// Callers give the ARN or the name; for one resource it is always the same.
fn called(resource: &Resource, name: &str) -> String {
    let arn = resource.arn();
    match arn.bytes().map(usize::from).sum::<usize>() % 2 {
        0 => arn,
        _ => name.to_owned(),
    }
}

fn create_key(key: &Resource, rules: &[Rule], moment: &str) -> Request {
    let (account, arn) = (key.account, key.arn());
    let parameters = json!({
        "policy": document(rules).to_string(),
        "description": "",
        "keyUsage": "ENCRYPT_DECRYPT",
        "keySpec": "SYMMETRIC_DEFAULT",
        "origin": "AWS_KMS",
        "bypassPolicyLockoutSafetyCheck": false,
        "multiRegion": false,
    });
    let response = json!({ "keyMetadata": {
        "aWSAccountId": account,
        "keyId": key.name,
        "arn": arn,
        "creationDate": moment,
        "enabled": true,
        "description": "",
        "keyUsage": "ENCRYPT_DECRYPT",
        "keyState": "Enabled",
        "origin": "AWS_KMS",
        "keyManager": "CUSTOMER",
        "keySpec": "SYMMETRIC_DEFAULT",
        "multiRegion": false,
    }});
    let call = Call::write("kms", "CreateKey")
        .parameters(parameters)
        .response(response)
        .resource("AWS::KMS::Key", arn, account);
    Request {
        action: Action::write("kms", "CreateKey", Kind::Nothing),
        resource: Resource::nothing(account),
        call,
    }
}

fn add_permission(function: &Resource, rule: &Rule) -> Request {
    let mut parameters = json!({
        "functionName": called(function, &function.name),
        "statementId": rule.sid,
        "action": "lambda:InvokeFunction",
    });
    parameters["principal"] = match &rule.to {
        Some(Grantee::Account(account)) => json!(account),
        Some(Grantee::Principal(arn) | Grantee::Session(arn)) => json!(arn),
        Some(Grantee::Service(name)) => json!(name),
        Some(Grantee::Anyone) | None => json!("*"),
    };
    if rule.condition.is_some() {
        parameters["principalOrgID"] = json!(ORGANIZATION);
    }
    let call = Call::write("lambda", "AddPermission20150331v2")
        .parameters(parameters)
        .response(json!({ "statement": statement(rule).to_string() }))
        .needs("lambda:AddPermission");
    on(function, call, "AddPermission")
}

fn remove_permission(function: &Resource, sid: &str) -> Request {
    let parameters =
        json!({ "functionName": called(function, &function.name), "statementId": sid });
    let call = Call::write("lambda", "RemovePermission20150331v2")
        .parameters(parameters)
        .needs("lambda:RemovePermission");
    on(function, call, "RemovePermission")
}
