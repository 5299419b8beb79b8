//! The output of `aws iam get-account-authorization-details`.
//!
//! Source: IAM API Reference, `GetAccountAuthorizationDetails`.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use trailwright_evaluator::{IdentityPolicies, IdentitySource, Policy, PolicyId, PolicySet};

use super::document::Source;
use super::{PrincipalPolicies, State, entity};

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
    #[serde(borrow)]
    document: &'a RawValue,
}

/// What all files together say, before managed policies are joined to those
/// they are attached to: they may stand in different files.
#[derive(Default)]
pub(super) struct Details {
    managed: HashMap<String, Policy>,
    groups: HashMap<(String, String), Known>,
    principals: Vec<(Known, Vec<String>, Option<String>)>,
}

/// A user, group or role with its inline policies compiled.
struct Known {
    arn: String,
    inline: Vec<Policy>,
    attached: Vec<String>,
    tags: Vec<(String, String)>,
    gaps: Vec<String>,
    trust: Option<Policy>,
}

impl Details {
    /// Reads one file.
    pub(super) fn read(&mut self, source: &mut Source<'_>) -> serde_json::Result<()> {
        let file: File<'_> = serde_json::from_str(source.text)?;
        for policy in file.policies {
            self.add_managed(source, policy);
        }
        for group in file.group_detail_list {
            if let Some((_, account, name)) = entity(&group.arn) {
                let key = (account.to_owned(), name.to_owned());
                self.groups.insert(key, known(source, group));
            } else {
                let message = format!("{} is not the ARN of a group", group.arn);
                source.problem_with(&group.arn, message);
            }
        }
        for principal in file
            .user_detail_list
            .into_iter()
            .chain(file.role_detail_list)
        {
            if entity(&principal.arn).is_none() {
                let message = format!("{} is not the ARN of a user or role", principal.arn);
                source.problem_with(&principal.arn, message);
                continue;
            }
            let groups = principal.group_list.clone();
            let boundary = principal.permissions_boundary.as_ref();
            let boundary = boundary.map(|b| b.permissions_boundary_arn.clone());
            self.principals
                .push((known(source, principal), groups, boundary));
        }
        Ok(())
    }

    fn add_managed(&mut self, source: &mut Source<'_>, policy: ManagedPolicy<'_>) {
        let default = policy.default_version_id.as_deref();
        let version = policy
            .policy_version_list
            .iter()
            .find(|v| v.is_default_version || Some(v.version_id.as_str()) == default);
        let Some(version) = version else {
            let message = format!(
                "policy {} has no default version; export it again",
                policy.arn
            );
            source.problem_with(&policy.arn, message);
            return;
        };
        let id = PolicyId::managed(&policy.arn, Some(version.version_id.clone()));
        if let Some(compiled) = source.compile(id, version.document) {
            self.managed.insert(policy.arn, compiled);
        }
    }

    /// Joins everything into the state.
    pub(super) fn settle(self, state: &mut State) {
        for (key, group) in &self.groups {
            let key = ("group".to_owned(), key.0.clone(), key.1.clone());
            state.arns.insert(key, group.arn.clone());
        }
        for arn in self.managed.keys() {
            if let Some((kind, account, name)) = entity(arn) {
                let key = (kind.to_owned(), account.to_owned(), name.to_owned());
                state.arns.insert(key, arn.clone());
            }
        }
        // A set of managed policies attached to many is indexed once.
        let mut shared = HashMap::new();
        for (known, groups, boundary) in &self.principals {
            let Some((kind, account, name)) = entity(&known.arn) else {
                continue;
            };
            let key = (kind.to_owned(), account.to_owned(), name.to_owned());
            state.arns.insert(key, known.arn.clone());
            if !state.accounts.iter().any(|seen| seen == account) {
                state.accounts.push(account.to_owned());
            }
            if let Some(trust) = &known.trust {
                state.trust.insert(known.arn.clone(), trust.clone());
            }
            let policies = self.policies_of(known, groups, boundary.as_deref(), &mut shared);
            state.principals.insert(known.arn.clone(), policies);
        }
    }

    fn policies_of(
        &self,
        known: &Known,
        groups: &[String],
        boundary: Option<&str>,
        shared: &mut HashMap<Vec<String>, PolicySet>,
    ) -> PrincipalPolicies {
        let (kind, account, _) = entity(&known.arn).unwrap_or_default();
        let mut policies = PrincipalPolicies {
            tags: known.tags.clone(),
            ..PrincipalPolicies::default()
        };
        let sources = if kind == "role" {
            [IdentitySource::RoleInline, IdentitySource::RoleManaged]
        } else {
            [IdentitySource::UserInline, IdentitySource::UserManaged]
        };
        self.add(&mut policies, known, sources, shared);
        for group in groups {
            match self.groups.get(&(account.to_owned(), group.clone())) {
                Some(group) => {
                    let sources = [IdentitySource::GroupInline, IdentitySource::GroupManaged];
                    self.add(&mut policies, group, sources, shared);
                }
                None => policies.gaps.push(format!("group {group} is in no file")),
            }
        }
        if let Some(arn) = boundary {
            match self.managed.get(arn) {
                Some(policy) => policies.boundary = Some(policy.clone().into()),
                None => policies
                    .gaps
                    .push(format!("permissions boundary {arn} is in no file")),
            }
        }
        policies
    }

    fn add(
        &self,
        policies: &mut PrincipalPolicies,
        from: &Known,
        [inline, managed]: [IdentitySource; 2],
        shared: &mut HashMap<Vec<String>, PolicySet>,
    ) {
        let name = entity(&from.arn).map(|(_, _, name)| Arc::<str>::from(name));
        policies.gaps.extend(from.gaps.iter().cloned());
        if !from.inline.is_empty() {
            policies.identity.push(IdentityPolicies {
                source: inline,
                attached_to: name.clone(),
                policies: PolicySet::new(from.inline.iter().cloned()),
            });
        }
        for arn in &from.attached {
            if !self.managed.contains_key(arn) {
                policies
                    .gaps
                    .push(format!("attached policy {arn} is in no file"));
            }
        }
        if !from.attached.is_empty() {
            let set = shared.entry(from.attached.clone()).or_insert_with(|| {
                let known = from.attached.iter().filter_map(|arn| self.managed.get(arn));
                PolicySet::new(known.cloned())
            });
            policies.identity.push(IdentityPolicies {
                source: managed,
                attached_to: name,
                policies: set.clone(),
            });
        }
    }
}

fn known(source: &mut Source<'_>, entity: Entity<'_>) -> Known {
    let mut gaps = Vec::new();
    let mut inline = Vec::new();
    for policy in entity.inline {
        let id = PolicyId::named(policy.policy_name);
        let name = id.name.clone();
        match source.compile(id, policy.policy_document) {
            Some(policy) => inline.push(policy),
            None => gaps.push(format!("inline policy {name} cannot be read")),
        }
    }
    let trust = entity.assume_role_policy_document.and_then(|document| {
        let name = entity.arn.rsplit('/').next().unwrap_or_default();
        let id = PolicyId::named(format!("trust policy of {name}"));
        source.compile(id, document)
    });
    Known {
        attached: entity
            .attached_managed_policies
            .into_iter()
            .map(|attached| attached.policy_arn)
            .collect(),
        tags: entity
            .tags
            .into_iter()
            .map(|tag| (tag.key, tag.value))
            .collect(),
        arn: entity.arn,
        inline,
        gaps,
        trust,
    }
}
