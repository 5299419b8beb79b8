//! One account, as `aws iam get-account-authorization-details` prints it.
//!
//! Source: IAM API Reference, GetAccountAuthorizationDetails.

use serde_json::{Value, json};

use super::document;
use crate::generator::organization::{Role, User};

/// The IAM entities of one account, without what all entities share.
#[derive(Default)]
pub(super) struct Account {
    pub(super) users: Vec<Value>,
    pub(super) groups: Vec<Value>,
    pub(super) roles: Vec<Value>,
    pub(super) policies: Vec<Value>,
}

impl Account {
    /// The output of the command; everything was created at `created`.
    pub(super) fn export(self, created: &str) -> Value {
        let dated = |mut entities: Vec<Value>| {
            for entity in &mut entities {
                entity["CreateDate"] = json!(created);
                if entity.get("PolicyVersionList").is_some() {
                    entity["UpdateDate"] = json!(created);
                    entity["PolicyVersionList"][0]["CreateDate"] = json!(created);
                }
            }
            entities
        };
        json!({
            "UserDetailList": dated(self.users),
            "GroupDetailList": dated(self.groups),
            "RoleDetailList": dated(self.roles),
            "Policies": dated(self.policies),
        })
    }
}

/// A user with inline policies `(name, statements)`.
pub(super) fn user(user: &User, groups: &[&str], inline: &[(&str, Value)]) -> Value {
    json!({
        "Path": "/",
        "UserName": user.name,
        "UserId": user.id,
        "Arn": user.arn(),
        "GroupList": groups,
        "UserPolicyList": inline_list(inline),
        "AttachedManagedPolicies": [],
        "Tags": [],
    })
}

/// A group with inline policies and attached managed ones.
pub(super) fn group(
    account: &str,
    name: &str,
    id: &str,
    inline: &[(&str, Value)],
    attached: &[&str],
) -> Value {
    json!({
        "Path": "/",
        "GroupName": name,
        "GroupId": id,
        "Arn": format!("arn:aws:iam::{account}:group/{name}"),
        "GroupPolicyList": inline_list(inline),
        "AttachedManagedPolicies": attached_list(attached),
    })
}

/// A role: who may assume it, and what it may do.
pub(super) fn role(
    role: &Role,
    trust: Value,
    inline: &[(&str, Value)],
    attached: &[&str],
) -> Value {
    json!({
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role.arn(),
        "AssumeRolePolicyDocument": document(json!([trust])),
        "InstanceProfileList": [],
        "RolePolicyList": inline_list(inline),
        "AttachedManagedPolicies": attached_list(attached),
        "Tags": [],
        "RoleLastUsed": {},
    })
}

/// The statement of a trust policy.
pub(super) fn trust(principal: Value, action: &str) -> Value {
    json!({ "Effect": "Allow", "Principal": principal, "Action": action })
}

/// `entity` with a permissions boundary.
pub(super) fn bounded(mut entity: Value, boundary: &str) -> Value {
    entity["PermissionsBoundary"] = json!({
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": boundary,
    });
    entity
}

/// `entity` with one more managed policy.
pub(super) fn attached(mut entity: Value, arn: &str) -> Value {
    entity["AttachedManagedPolicies"] = json!(attached_list(&[arn]));
    entity
}

/// A managed policy with one version.
pub(super) fn managed(arn: &str, id: &str, document: Value) -> Value {
    json!({
        "PolicyName": name_of(arn),
        "PolicyId": id,
        "Arn": arn,
        "Path": "/",
        "DefaultVersionId": "v1",
        "AttachmentCount": 1,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": true,
        "PolicyVersionList": [{
            "Document": document,
            "VersionId": "v1",
            "IsDefaultVersion": true,
        }],
    })
}

pub(super) const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// The AWS managed policy that allows everything.
pub(super) fn administrator() -> Value {
    managed(
        ADMINISTRATOR,
        "ANPAEXAMPLEADMINACCES",
        super::allow_everything(),
    )
}

fn inline_list(inline: &[(&str, Value)]) -> Vec<Value> {
    inline
        .iter()
        .map(|(name, statements)| {
            json!({ "PolicyName": name, "PolicyDocument": document(statements.clone()) })
        })
        .collect()
}

fn attached_list(arns: &[&str]) -> Vec<Value> {
    arns.iter()
        .map(|arn| json!({ "PolicyName": name_of(arn), "PolicyArn": arn }))
        .collect()
}

fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
