//! The state at one moment as the files that people export, in the formats of
//! docs/reference/policies.md.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::accounts::{ROOT, node_arn};
use super::document::document;
use super::world::{Account, Entity, EntityKind, EntityName, Managed, World};
use crate::generator::organization::{MANAGEMENT, ORGANIZATION};

/// The output of `aws iam get-account-authorization-details`.
pub(super) fn account(world: &World, id: &'static str) -> Value {
    let none = Account::default();
    let account = world.accounts.get(id).unwrap_or(&none);
    let list = |kind: EntityKind| -> Vec<Value> {
        let entities = account.entities(kind).iter();
        entities
            .map(|(name, entity)| {
                let name = EntityName {
                    account: id,
                    kind,
                    name: name.clone(),
                };
                entity_details(&name, &world.arn_of(&name), entity)
            })
            .collect()
    };
    let policies: Vec<Value> = account
        .policies
        .iter()
        .map(|(arn, policy)| managed(arn, policy, uses(account, arn)))
        .collect();
    json!({
        "UserDetailList": list(EntityKind::User),
        "GroupDetailList": list(EntityKind::Group),
        "RoleDetailList": list(EntityKind::Role),
        "Policies": policies,
    })
}

fn entity_details(name: &EntityName, arn: &str, entity: &Entity) -> Value {
    let kind = name.kind.as_str();
    let mut details = json!({
        "Path": entity.path,
        (format!("{kind}Name")): name.name,
        (format!("{kind}Id")): entity.id,
        "Arn": arn,
        "CreateDate": entity.created,
        (format!("{kind}PolicyList")): inline(entity),
        "AttachedManagedPolicies": attached(entity),
    });
    if name.kind == EntityKind::User {
        details["GroupList"] = json!(entity.groups);
    }
    if name.kind == EntityKind::Role {
        details["AssumeRolePolicyDocument"] = document(&entity.trust);
        details["InstanceProfileList"] = json!([]);
        details["RoleLastUsed"] = json!({});
    }
    if name.kind != EntityKind::Group {
        let tags = entity.tags.iter();
        let tags = tags.map(|(key, value)| json!({ "Key": key, "Value": value }));
        details["Tags"] = tags.collect();
    }
    if let Some(boundary) = &entity.boundary {
        details["PermissionsBoundary"] = json!({
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": boundary,
        });
    }
    details
}

fn inline(entity: &Entity) -> Vec<Value> {
    let policies = entity.inline.iter();
    policies
        .map(|(name, rules)| json!({ "PolicyName": name, "PolicyDocument": document(rules) }))
        .collect()
}

fn attached(entity: &Entity) -> Vec<Value> {
    let arns = entity.attached.iter();
    arns.map(|arn| json!({ "PolicyName": last_part(arn), "PolicyArn": arn }))
        .collect()
}

/// How often a policy is attached, and how often it is a boundary.
fn uses(account: &Account, arn: &str) -> (usize, usize) {
    let kinds = [&account.users, &account.groups, &account.roles];
    let entities = || kinds.iter().flat_map(|entities| entities.values());
    let attached = entities().filter(|entity| entity.attached.contains(arn));
    let bounding = entities().filter(|entity| entity.boundary.as_deref() == Some(arn));
    (attached.count(), bounding.count())
}

fn managed(arn: &str, policy: &Managed, (attached, bounding): (usize, usize)) -> Value {
    let versions = policy.versions.iter().rev();
    let versions: Vec<Value> = versions
        .map(|(number, rules)| {
            json!({
                "Document": document(rules),
                "VersionId": format!("v{number}"),
                "IsDefaultVersion": *number == policy.default,
                "CreateDate": policy.created,
            })
        })
        .collect();
    json!({
        "PolicyName": last_part(arn),
        "PolicyId": policy.id,
        "Arn": arn,
        "Path": "/",
        "DefaultVersionId": format!("v{}", policy.default),
        "AttachmentCount": attached,
        "PermissionsBoundaryUsageCount": bounding,
        "IsAttachable": true,
        "CreateDate": policy.created,
        "UpdateDate": policy.created,
        "PolicyVersionList": versions,
    })
}

/// The organization's tree.
pub(super) fn organization(world: &World) -> Value {
    json!({
        "Organization": { "Id": ORGANIZATION, "MasterAccountId": MANAGEMENT },
        "Root": node(world, ROOT),
    })
}

fn node(world: &World, id: &str) -> Value {
    let organization = &world.organization;
    let Some(here) = organization.nodes.get(id) else {
        return Value::Null;
    };
    let both = organization
        .at(here, false)
        .chain(organization.at(here, true));
    let policies: Vec<Value> = both
        .map(|(id, policy)| {
            json!({
                "Id": id,
                "Arn": policy.arn(id),
                "Name": policy.name,
                "Type": policy.kind(),
                "Content": document(&policy.rules),
            })
        })
        .collect();
    let children = organization.nodes.iter();
    let children = children.filter(|(_, child)| child.parent == Some(id));
    let children: Vec<Value> = children.map(|(child, _)| node(world, child)).collect();
    json!({
        "Id": id,
        "Arn": node_arn(id),
        "Name": here.name,
        "Policies": policies,
        "Children": children,
    })
}

/// The policies of buckets, queues, topics, secrets, functions and keys.
pub(super) fn resource_policies(world: &World) -> Value {
    let policies = world.resource_policies.iter();
    policies
        .map(|(arn, policy)| {
            json!({
                "Resource": arn,
                "Account": policy.account,
                "Policy": document(&policy.rules),
            })
        })
        .collect()
}

/// A file of the directory of policies.
pub(super) fn file(path: impl Into<PathBuf>, content: &Value) -> (PathBuf, String) {
    (path.into(), format!("{content:#}\n"))
}

/// The last part of an ARN.
pub(super) fn last_part(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
