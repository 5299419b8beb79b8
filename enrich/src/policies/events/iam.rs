//! Calls of the IAM API that change users, groups, roles and policies.
//!
//! Source: IAM API Reference; shapes as in CloudTrail records.

use std::sync::Arc;

use trailwright_evaluator::PolicyId;

use super::{Call, at, document_text, tags};
use crate::policies::change::{Document, EntityKey, Kind, Life, Stated};

pub(super) const CHANGES: [&str; 40] = [
    "AddUserToGroup",
    "AttachGroupPolicy",
    "AttachRolePolicy",
    "AttachUserPolicy",
    "CreateAccountAlias",
    "CreateGroup",
    "CreatePolicy",
    "CreatePolicyVersion",
    "CreateRole",
    "CreateServiceLinkedRole",
    "CreateUser",
    "DeleteAccountAlias",
    "DeleteGroup",
    "DeleteGroupPolicy",
    "DeletePolicy",
    "DeletePolicyVersion",
    "DeleteRole",
    "DeleteRolePermissionsBoundary",
    "DeleteRolePolicy",
    "DeleteServiceLinkedRole",
    "DeleteUser",
    "DeleteUserPermissionsBoundary",
    "DeleteUserPolicy",
    "DetachGroupPolicy",
    "DetachRolePolicy",
    "DetachUserPolicy",
    "PutGroupPolicy",
    "PutRolePermissionsBoundary",
    "PutRolePolicy",
    "PutUserPermissionsBoundary",
    "PutUserPolicy",
    "RemoveUserFromGroup",
    "SetDefaultPolicyVersion",
    "TagRole",
    "TagUser",
    "UntagRole",
    "UntagUser",
    "UpdateAssumeRolePolicy",
    "UpdateGroup",
    "UpdateUser",
];

pub(super) fn is_change(event_name: &str) -> bool {
    CHANGES.contains(&event_name)
}

pub(super) fn read(call: &Call<'_>) -> Vec<Stated> {
    facts(call).unwrap_or_default()
}

fn facts(call: &Call<'_>) -> Option<Vec<Stated>> {
    Some(match call.record.event_name.as_str() {
        "CreateUser" => created(call, Kind::User)?,
        "CreateGroup" => created(call, Kind::Group)?,
        "CreateRole" | "CreateServiceLinkedRole" => created(call, Kind::Role)?,
        "DeleteUser" => vec![Stated::Entity(entity(call, Kind::User)?, None)],
        "DeleteGroup" => vec![Stated::Entity(entity(call, Kind::Group)?, None)],
        "DeleteRole" | "DeleteServiceLinkedRole" => {
            vec![Stated::Entity(entity(call, Kind::Role)?, None)]
        }
        "PutUserPolicy" => inline(call, Kind::User)?,
        "PutGroupPolicy" => inline(call, Kind::Group)?,
        "PutRolePolicy" => inline(call, Kind::Role)?,
        "DeleteUserPolicy" => inline_gone(call, Kind::User)?,
        "DeleteGroupPolicy" => inline_gone(call, Kind::Group)?,
        "DeleteRolePolicy" => inline_gone(call, Kind::Role)?,
        "AttachUserPolicy" => attached(call, Kind::User, true)?,
        "AttachGroupPolicy" => attached(call, Kind::Group, true)?,
        "AttachRolePolicy" => attached(call, Kind::Role, true)?,
        "DetachUserPolicy" => attached(call, Kind::User, false)?,
        "DetachGroupPolicy" => attached(call, Kind::Group, false)?,
        "DetachRolePolicy" => attached(call, Kind::Role, false)?,
        "AddUserToGroup" => member(call, true)?,
        "RemoveUserFromGroup" => member(call, false)?,
        "PutUserPermissionsBoundary" => boundary(call, Kind::User)?,
        "PutRolePermissionsBoundary" => boundary(call, Kind::Role)?,
        "DeleteUserPermissionsBoundary" => {
            vec![Stated::Boundary(entity(call, Kind::User)?, None)]
        }
        "DeleteRolePermissionsBoundary" => {
            vec![Stated::Boundary(entity(call, Kind::Role)?, None)]
        }
        "UpdateAssumeRolePolicy" => trust(call)?,
        "TagUser" => tagged(call, Kind::User)?,
        "TagRole" => tagged(call, Kind::Role)?,
        "UntagUser" => untagged(call, Kind::User)?,
        "UntagRole" => untagged(call, Kind::Role)?,
        "CreatePolicy" => policy_created(call)?,
        "DeletePolicy" => vec![Stated::Policy(call.text("policyArn")?.into(), false)],
        "CreatePolicyVersion" => version_created(call)?,
        "DeletePolicyVersion" => vec![Stated::PolicyVersion(
            call.text("policyArn")?.into(),
            call.text("versionId")?.into(),
            None,
        )],
        "SetDefaultPolicyVersion" => vec![Stated::DefaultVersion(
            call.text("policyArn")?.into(),
            Some(call.text("versionId")?.into()),
        )],
        "UpdateUser" => renamed(call, Kind::User, "newUserName")?,
        "UpdateGroup" => renamed(call, Kind::Group, "newGroupName")?,
        "CreateAccountAlias" => {
            let alias = call.text("accountAlias")?.into();
            vec![Stated::Alias(call.account.into(), Some(alias))]
        }
        "DeleteAccountAlias" => vec![Stated::Alias(call.account.into(), None)],
        _ => return None,
    })
}

fn entity(call: &Call<'_>, kind: Kind) -> Option<EntityKey> {
    let name = call.text(name_of(kind))?;
    Some(EntityKey::new(kind, call.account, name))
}

fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "userName",
        Kind::Group => "groupName",
        Kind::Role => "roleName",
    }
}

fn created(call: &Call<'_>, kind: Kind) -> Option<Vec<Stated>> {
    let made = at(&call.response, kind.word());
    let of_answer = |name: &str| at(made?, name)?.as_str();
    let name = call
        .text(name_of(kind))
        .or_else(|| of_answer(name_of(kind)))?;
    let path = call
        .text("path")
        .or_else(|| of_answer("path"))
        .unwrap_or("/");
    let arn = of_answer("arn").map_or_else(
        || {
            format!(
                "arn:{}:iam::{}:{}{path}{name}",
                call.partition(),
                call.account,
                kind.word()
            )
        },
        str::to_owned,
    );
    let key = EntityKey::new(kind, call.account, name);
    let id = format!("{}Id", kind.word());
    let life = Life {
        arn: arn.into(),
        unique_id: of_answer(&id).map(Into::into),
        created: None,
        with_unseen_policies: call.record.event_name == "CreateServiceLinkedRole",
    };
    let mut facts = vec![Stated::Entity(key.clone(), Some(life))];
    if let Some(boundary) = call.text("permissionsBoundary") {
        facts.push(Stated::Boundary(key.clone(), Some(boundary.into())));
    }
    for (name, value) in tags(at(&call.parameters, "tags")) {
        facts.push(Stated::Tag(key.clone(), name.into(), Some(value.into())));
    }
    if kind == Kind::Role {
        let document = at(&call.parameters, "assumeRolePolicyDocument");
        let document = document.or_else(|| at(made?, "assumeRolePolicyDocument"));
        if let Some(text) = document.and_then(document_text) {
            facts.push(Stated::Trust(key, Some(trust_document(name, &text))));
        }
    }
    Some(facts)
}

fn trust_document(role: &str, text: &str) -> Document {
    Document::compile(PolicyId::named(format!("trust policy of {role}")), text)
}

fn trust(call: &Call<'_>) -> Option<Vec<Stated>> {
    let key = entity(call, Kind::Role)?;
    let text = document_text(at(&call.parameters, "policyDocument")?)?;
    let document = trust_document(&key.name, &text);
    Some(vec![Stated::Trust(key, Some(document))])
}

fn inline(call: &Call<'_>, kind: Kind) -> Option<Vec<Stated>> {
    let name = call.text("policyName")?;
    let text = document_text(at(&call.parameters, "policyDocument")?)?;
    let document = Document::compile(PolicyId::named(name), &text);
    Some(vec![Stated::Inline(
        entity(call, kind)?,
        name.into(),
        Some(document),
    )])
}

fn inline_gone(call: &Call<'_>, kind: Kind) -> Option<Vec<Stated>> {
    let name = call.text("policyName")?.into();
    Some(vec![Stated::Inline(entity(call, kind)?, name, None)])
}

fn attached(call: &Call<'_>, kind: Kind, attached: bool) -> Option<Vec<Stated>> {
    let policy = call.text("policyArn")?.into();
    Some(vec![Stated::Attached(
        entity(call, kind)?,
        policy,
        attached,
    )])
}

fn member(call: &Call<'_>, member: bool) -> Option<Vec<Stated>> {
    let group = call.text("groupName")?.into();
    Some(vec![Stated::Member(
        entity(call, Kind::User)?,
        group,
        member,
    )])
}

fn boundary(call: &Call<'_>, kind: Kind) -> Option<Vec<Stated>> {
    let policy = call.text("permissionsBoundary")?.into();
    Some(vec![Stated::Boundary(entity(call, kind)?, Some(policy))])
}

fn tagged(call: &Call<'_>, kind: Kind) -> Option<Vec<Stated>> {
    let key = entity(call, kind)?;
    let tags = tags(at(&call.parameters, "tags")).into_iter();
    let set =
        |(name, value): (String, String)| Stated::Tag(key.clone(), name.into(), Some(value.into()));
    Some(tags.map(set).collect())
}

fn untagged(call: &Call<'_>, kind: Kind) -> Option<Vec<Stated>> {
    let key = entity(call, kind)?;
    let names = at(&call.parameters, "tagKeys")?.as_array()?;
    let names = names.iter().filter_map(serde_json::Value::as_str);
    Some(
        names
            .map(|name| Stated::Tag(key.clone(), name.into(), None))
            .collect(),
    )
}

fn policy_created(call: &Call<'_>) -> Option<Vec<Stated>> {
    let name = call.text("policyName")?;
    let path = call.text("path").unwrap_or("/");
    let arn: Arc<str> = call.answer("policy.arn").map_or_else(
        || {
            format!(
                "arn:{}:iam::{}:policy{path}{name}",
                call.partition(),
                call.account
            )
            .into()
        },
        Into::into,
    );
    let version: Arc<str> = call
        .answer("policy.defaultVersionId")
        .unwrap_or("v1")
        .into();
    let text = document_text(at(&call.parameters, "policyDocument")?)?;
    Some(vec![
        Stated::Policy(arn.clone(), true),
        managed_version(&arn, &version, &text),
        Stated::DefaultVersion(arn, Some(version)),
    ])
}

fn managed_version(arn: &Arc<str>, version: &Arc<str>, text: &str) -> Stated {
    let id = PolicyId::managed(&**arn, Some(version.to_string()));
    Stated::PolicyVersion(
        arn.clone(),
        version.clone(),
        Some(Document::compile(id, text)),
    )
}

fn version_created(call: &Call<'_>) -> Option<Vec<Stated>> {
    let arn: Arc<str> = call.text("policyArn")?.into();
    let version: Arc<str> = call.answer("policyVersion.versionId")?.into();
    let text = document_text(at(&call.parameters, "policyDocument")?)?;
    let mut facts = vec![managed_version(&arn, &version, &text)];
    let flag =
        at(&call.response, "policyVersion.isDefaultVersion").and_then(serde_json::Value::as_bool);
    let asked = at(&call.parameters, "setAsDefault").and_then(serde_json::Value::as_bool);
    if flag.or(asked) == Some(true) {
        facts.push(Stated::DefaultVersion(arn, Some(version)));
    }
    Some(facts)
}

/// A new name is a new key. What was attached under the old one is not in the
/// record, so under the new one it is known in part.
fn renamed(call: &Call<'_>, kind: Kind, new_name: &str) -> Option<Vec<Stated>> {
    let old = entity(call, kind)?;
    let new = EntityKey::new(kind, call.account, call.text(new_name)?);
    let path = call.text("newPath").unwrap_or("/");
    let arn = format!(
        "arn:{}:iam::{}:{}{path}{}",
        call.partition(),
        call.account,
        kind.word(),
        new.name
    );
    let life = Life {
        arn: arn.into(),
        unique_id: None,
        created: None,
        with_unseen_policies: true,
    };
    Some(vec![
        Stated::Entity(old, None),
        Stated::Entity(new, Some(life)),
    ])
}
