//! The output of `aws iam get-account-authorization-details`.
//!
//! Source: IAM API Reference, `GetAccountAuthorizationDetails`.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;
use trailwright_evaluator::PolicyId;

use super::document::Source;
use crate::policies::change::{EntityKey, Kind, Life, Stated};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct File<'a> {
    #[serde(borrow, default)]
    user_detail_list: Vec<Entity<'a>>,
    #[serde(borrow, default)]
    group_detail_list: Vec<Entity<'a>>,
    #[serde(borrow, default)]
    role_detail_list: Vec<Entity<'a>>,
    #[serde(borrow, default)]
    policies: Vec<ManagedPolicy<'a>>,
}

/// A user, group or role: their elements differ in little but the names.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entity<'a> {
    arn: String,
    #[serde(alias = "UserId", alias = "GroupId", alias = "RoleId")]
    id: Option<String>,
    create_date: Option<String>,
    #[serde(default)]
    group_list: Vec<String>,
    #[serde(
        borrow,
        default,
        alias = "UserPolicyList",
        alias = "GroupPolicyList",
        alias = "RolePolicyList"
    )]
    inline: Vec<InlinePolicy<'a>>,
    #[serde(default)]
    attached_managed_policies: Vec<Attached>,
    permissions_boundary: Option<Boundary>,
    #[serde(borrow)]
    assume_role_policy_document: Option<&'a RawValue>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InlinePolicy<'a> {
    policy_name: String,
    #[serde(borrow)]
    policy_document: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attached {
    policy_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Boundary {
    permissions_boundary_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ManagedPolicy<'a> {
    arn: String,
    default_version_id: Option<String>,
    #[serde(borrow, default)]
    policy_version_list: Vec<Version<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Version<'a> {
    version_id: String,
    #[serde(default)]
    is_default_version: bool,
    create_date: Option<String>,
    #[serde(borrow)]
    document: &'a RawValue,
}

/// Reads one file.
pub(super) fn read(source: &mut Source<'_>) -> serde_json::Result<()> {
    let file: File<'_> = serde_json::from_str(source.text)?;
    for policy in file.policies {
        managed(source, policy);
    }
    for (kind, entities) in [
        (Kind::User, file.user_detail_list),
        (Kind::Group, file.group_detail_list),
        (Kind::Role, file.role_detail_list),
    ] {
        let mut accounts: BTreeSet<Arc<str>> = BTreeSet::new();
        for found in entities {
            match EntityKey::of_arn(&found.arn).filter(|key| key.kind == kind) {
                Some(key) => {
                    accounts.insert(key.account.clone());
                    entity(source, key, found);
                }
                None => {
                    let message = format!("{} is not the ARN of a {}", found.arn, kind.word());
                    source.problem_with(&found.arn, message);
                }
            }
        }
        // An export may be asked for some kinds only and leaves the others
        // empty, so an empty list says nothing.
        for account in accounts {
            source.state(Stated::AllListed { account, kind });
        }
    }
    Ok(())
}

fn entity(source: &mut Source<'_>, key: EntityKey, entity: Entity<'_>) {
    let life = Life {
        arn: entity.arn.as_str().into(),
        unique_id: entity.id.map(Into::into),
        created: entity.create_date.as_deref().and_then(time),
        with_unseen_policies: false,
    };
    source.state(Stated::Entity(key.clone(), Some(life)));
    for policy in entity.inline {
        let id = PolicyId::named(policy.policy_name.as_str());
        let document = source.compile(id, policy.policy_document);
        source.state(Stated::Inline(
            key.clone(),
            policy.policy_name.into(),
            Some(document),
        ));
    }
    for attached in entity.attached_managed_policies {
        source.state(Stated::Attached(
            key.clone(),
            attached.policy_arn.into(),
            true,
        ));
    }
    for group in entity.group_list {
        source.state(Stated::Member(key.clone(), group.into(), true));
    }
    if let Some(boundary) = entity.permissions_boundary {
        let arn = boundary.permissions_boundary_arn.into();
        source.state(Stated::Boundary(key.clone(), Some(arn)));
    }
    for tag in entity.tags {
        source.state(Stated::Tag(
            key.clone(),
            tag.key.into(),
            Some(tag.value.into()),
        ));
    }
    if let Some(document) = entity.assume_role_policy_document {
        let id = PolicyId::named(format!("trust policy of {}", key.name));
        let document = source.compile(id, document);
        source.state(Stated::Trust(key, Some(document)));
    }
}

fn managed(source: &mut Source<'_>, policy: ManagedPolicy<'_>) {
    let arn: Arc<str> = policy.arn.as_str().into();
    let by_aws = arn.split(':').nth(4) == Some("aws");
    let default = policy.policy_version_list.iter().find(|version| {
        version.is_default_version
            || Some(version.version_id.as_str()) == policy.default_version_id.as_deref()
    });
    let Some(default) = default else {
        let message = format!("policy {arn} has no default version; export it again");
        source.problem_with(&arn, message);
        return;
    };
    let in_force: Arc<str> = default.version_id.as_str().into();
    // AWS's own policies take the newest version at once, so its date tells
    // from when on it was in force.
    let published = default
        .create_date
        .as_deref()
        .and_then(time)
        .filter(|_| by_aws);
    if published.is_none() {
        source.state(Stated::Policy(arn.clone(), true));
    }
    for version in policy.policy_version_list {
        let name: Arc<str> = version.version_id.as_str().into();
        let id = PolicyId::managed(&*arn, Some(version.version_id.clone()));
        let document = source.compile(id, version.document);
        let created = version.create_date.as_deref().and_then(time);
        let fact = Stated::PolicyVersion(arn.clone(), name.clone(), Some(document));
        match created.filter(|_| by_aws) {
            Some(time) => source.published(time, fact),
            None => source.state(fact),
        }
        if let Some(time) = created {
            source.state(Stated::VersionCreated(arn.clone(), name, time));
        }
    }
    let fact = Stated::DefaultVersion(arn, Some(in_force));
    match published {
        Some(time) => source.published(time, fact),
        None => source.state(fact),
    }
}

/// `2026-03-01T10:00:00+00:00`, as the AWS CLI prints times.
pub(super) fn time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|time| time.to_utc())
}
