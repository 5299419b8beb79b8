//! The calls of IAM that change policies, as CloudTrail records them.
//!
//! Source: IAM API Reference; the first letter of a member is lower case in a
//! record, and documents are texts.

use serde_json::{Value, json};

use super::{Created, EntityChange, ManagedChange, ManagedPolicy, Request};
use crate::generator::call::Call;
use crate::generator::history::action::Action;
use crate::generator::history::document::document;
use crate::generator::history::resource::{Kind, Resource};
use crate::generator::history::rule::Rule;
use crate::generator::history::world::{EntityKind, EntityName, World};

/// The change of a user, group or role.
pub(super) fn entity(
    world: &World,
    of: &EntityName,
    change: &EntityChange,
    moment: &str,
) -> Request {
    let none = Value::Null;
    let (events, mut parameters, response) = match change {
        EntityChange::Create(created) => {
            let (parameters, response) = creation(world, of, created, moment);
            (
                ["CreateUser", "CreateGroup", "CreateRole"],
                parameters,
                response,
            )
        }
        EntityChange::Delete => (["DeleteUser", "DeleteGroup", "DeleteRole"], json!({}), none),
        EntityChange::Attach(arn) => (
            ["AttachUserPolicy", "AttachGroupPolicy", "AttachRolePolicy"],
            json!({ "policyArn": arn }),
            none,
        ),
        EntityChange::Detach(arn) => (
            ["DetachUserPolicy", "DetachGroupPolicy", "DetachRolePolicy"],
            json!({ "policyArn": arn }),
            none,
        ),
        EntityChange::PutInline(policy, rules) => (
            ["PutUserPolicy", "PutGroupPolicy", "PutRolePolicy"],
            json!({ "policyName": policy, "policyDocument": text(rules) }),
            none,
        ),
        EntityChange::DeleteInline(policy) => (
            ["DeleteUserPolicy", "DeleteGroupPolicy", "DeleteRolePolicy"],
            json!({ "policyName": policy }),
            none,
        ),
        EntityChange::PutBoundary(arn) => (
            [
                "PutUserPermissionsBoundary",
                "",
                "PutRolePermissionsBoundary",
            ],
            json!({ "permissionsBoundary": arn }),
            none,
        ),
        EntityChange::DeleteBoundary => (
            [
                "DeleteUserPermissionsBoundary",
                "",
                "DeleteRolePermissionsBoundary",
            ],
            json!({}),
            none,
        ),
        EntityChange::Trust(rules) => {
            let parameters = json!({ "policyDocument": text(rules) });
            (["", "", "UpdateAssumeRolePolicy"], parameters, none)
        }
        EntityChange::Tag(key, value) => {
            let parameters = json!({ "tags": [{ "key": key, "value": value }] });
            (["TagUser", "", "TagRole"], parameters, none)
        }
        EntityChange::Untag(key) => {
            let parameters = json!({ "tagKeys": [key] });
            (["UntagUser", "", "UntagRole"], parameters, none)
        }
        EntityChange::Join(group) => return member(of, group, "AddUserToGroup"),
        EntityChange::Leave(group) => return member(of, group, "RemoveUserFromGroup"),
    };
    let [user, group, role] = events;
    let (event, name) = match of.kind {
        EntityKind::User => (user, "userName"),
        EntityKind::Group => (group, "groupName"),
        EntityKind::Role => (role, "roleName"),
    };
    parameters[name] = json!(of.name);
    let resource = world.as_resource(of);
    // IAM names what exists by kind and name, and what does not by its ARN.
    let denied_on = match change {
        EntityChange::Create(_) => resource.arn(),
        _ => format!("{} {}", of.kind.as_str().to_ascii_lowercase(), of.name),
    };
    Request {
        action: action(event, resource.kind),
        resource,
        call: call(event, parameters, response).denied_on(denied_on),
    }
}

fn creation(world: &World, of: &EntityName, created: &Created, moment: &str) -> (Value, Value) {
    let kind = of.kind.as_str();
    let member = kind.to_ascii_lowercase();
    let mut parameters = json!({});
    let mut response = json!({
        "path": "/",
        (format!("{member}Name")): of.name,
        (format!("{member}Id")): created.id,
        "arn": world.arn_of(of),
        "createDate": moment,
    });
    let tags: Vec<Value> = created
        .tags
        .iter()
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect();
    if !tags.is_empty() {
        parameters["tags"] = json!(tags);
        response["tags"] = json!(tags);
    }
    if let Some(boundary) = &created.boundary {
        parameters["permissionsBoundary"] = json!(boundary);
        response["permissionsBoundary"] = json!({
            "permissionsBoundaryType": "Policy",
            "permissionsBoundaryArn": boundary,
        });
    }
    if of.kind == EntityKind::Role {
        let trust = text(&created.trust);
        response["assumeRolePolicyDocument"] = json!(url_encoded(&trust));
        parameters["assumeRolePolicyDocument"] = json!(trust);
    }
    (parameters, json!({ member: response }))
}

fn member(user: &EntityName, group: &str, event: &'static str) -> Request {
    let parameters = json!({ "userName": user.name, "groupName": group });
    Request {
        action: action(event, Kind::Group),
        resource: Resource::new(Kind::Group, user.account, group),
        call: call(event, parameters, Value::Null).denied_on(format!("group {group}")),
    }
}

/// The change of a managed policy.
pub(super) fn managed(
    world: &World,
    policy: &ManagedPolicy,
    change: &ManagedChange,
    moment: &str,
) -> Request {
    let arn = policy.arn();
    let on_arn = |more: Value| with(more, "policyArn", &arn);
    let account = world.accounts.get(policy.account);
    let known = account.and_then(|account| account.policies.get(&arn));
    let next = known.map_or(1, |known| known.next);
    let (event, parameters, response) = match change {
        ManagedChange::Create(id, rules) => {
            let parameters = json!({ "policyName": policy.name, "policyDocument": text(rules) });
            (
                "CreatePolicy",
                parameters,
                json!({ "policy": {
                    "policyName": policy.name,
                    "policyId": id,
                    "arn": arn,
                    "path": "/",
                    "defaultVersionId": "v1",
                    "attachmentCount": 0,
                    "permissionsBoundaryUsageCount": 0,
                    "isAttachable": true,
                    "createDate": moment,
                    "updateDate": moment,
                }}),
            )
        }
        ManagedChange::Delete => ("DeletePolicy", on_arn(json!({})), Value::Null),
        ManagedChange::CreateVersion(rules, as_default) => {
            let mut parameters = json!({ "policyDocument": text(rules) });
            if *as_default {
                parameters["setAsDefault"] = json!(true);
            }
            let response = json!({ "policyVersion": {
                "versionId": format!("v{next}"),
                "isDefaultVersion": as_default,
                "createDate": moment,
            }});
            ("CreatePolicyVersion", on_arn(parameters), response)
        }
        ManagedChange::SetDefault(number) => {
            let parameters = on_arn(json!({ "versionId": format!("v{number}") }));
            ("SetDefaultPolicyVersion", parameters, Value::Null)
        }
        ManagedChange::DeleteVersion(number) => {
            let parameters = on_arn(json!({ "versionId": format!("v{number}") }));
            ("DeletePolicyVersion", parameters, Value::Null)
        }
    };
    Request {
        action: action(event, Kind::Policy),
        resource: Resource::new(Kind::Policy, policy.account, policy.name.clone()),
        call: call(event, parameters, response).denied_on(format!("policy {arn}")),
    }
}

fn call(event: &'static str, parameters: Value, response: Value) -> Call {
    Call::write("iam", event)
        .parameters(parameters)
        .response(response)
}

fn action(event: &'static str, on: Kind) -> Action {
    Action::write("iam", event, on)
}

fn with(mut object: Value, name: &str, value: &str) -> Value {
    object[name] = json!(value);
    object
}

/// A document as the text that IAM takes.
fn text(rules: &[Rule]) -> String {
    document(rules).to_string()
}

/// As IAM returns documents (RFC 3986).
fn url_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
