//! An organization's tree with its service and resource control policies.
//!
//! Source: Organizations API Reference (`Organization`, `Root`,
//! `OrganizationalUnit`, `Account`, `PolicySummary`).

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use trailwright_evaluator::{Level, Policy, PolicyId, PolicySet};

use super::State;
use super::document::Source;

/// The root wrapped as `{"Organization": …, "Root": …}`, or the root itself.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct File<'a> {
    organization: Option<Described>,
    #[serde(borrow)]
    root: Option<Node<'a>>,
}

/// As `aws organizations describe-organization` prints it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    id: Option<String>,
    #[serde(alias = "ManagementAccountId")]
    master_account_id: Option<String>,
}

/// A root, organizational unit or account.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Node<'a> {
    id: String,
    arn: Option<String>,
    #[serde(borrow, default)]
    policies: Vec<Attached<'a>>,
    #[serde(borrow, default)]
    children: Vec<Node<'a>>,
}

/// A policy summary with its content.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attached<'a> {
    id: Option<String>,
    arn: Option<String>,
    name: Option<String>,
    #[serde(rename = "Type")]
    policy_type: Option<String>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
}

/// Where an account stands and what is attached on the way to it.
#[derive(Clone, Debug)]
pub struct Levels {
    /// Service control policies, root first.
    pub scp: Vec<Level>,
    /// Resource control policies, root first.
    pub rcp: Vec<Level>,
    /// `aws:PrincipalOrgPaths`: `o-…/r-…/ou-…/`.
    pub path: String,
    /// Policies that are attached and cannot be read, in words.
    pub gaps: Vec<String>,
}

/// An organization.
#[derive(Clone, Debug, Default)]
pub struct Organization {
    /// `o-…`
    pub id: Option<String>,
    /// Whose principals no service control policy restricts.
    pub management_account: Option<String>,
    accounts: HashMap<String, Arc<Levels>>,
}

impl Organization {
    /// The levels above an account; `None` when it is no member.
    pub fn levels_of(&self, account: &str) -> Option<&Levels> {
        self.accounts.get(account).map(Arc::as_ref)
    }
}

pub(super) fn read(source: &mut Source<'_>, state: &mut State) -> serde_json::Result<()> {
    let file: File<'_> = serde_json::from_str(source.text)?;
    let root: Node<'_> = match file.root {
        Some(root) => root,
        None => serde_json::from_str(source.text)?,
    };
    let described = file.organization.as_ref();
    let organization = state.organization.get_or_insert_with(Organization::default);
    let of_arn = |place: usize| {
        Some(
            root.arn
                .as_deref()?
                .split([':', '/'])
                .nth(place)?
                .to_owned(),
        )
    };
    organization.id = described.and_then(|d| d.id.clone()).or_else(|| of_arn(6));
    organization.management_account = described
        .and_then(|d| d.master_account_id.clone())
        .or_else(|| of_arn(4));
    let start = Levels {
        scp: Vec::new(),
        rcp: Vec::new(),
        path: organization.id.iter().map(|id| format!("{id}/")).collect(),
        gaps: Vec::new(),
    };
    let mut compiled = HashMap::new();
    add(source, organization, &root, &start, &mut compiled);
    Ok(())
}

/// Adds a node and what is below it to the organization.
fn add(
    source: &mut Source<'_>,
    organization: &mut Organization,
    node: &Node<'_>,
    above: &Levels,
    compiled: &mut HashMap<String, Policy>,
) {
    let mut levels = above.clone();
    let [scp, rcp] = attached(source, node, &mut levels, compiled);
    let name: Arc<str> = node.id.as_str().into();
    levels.scp.push(Level {
        name: name.clone(),
        policies: PolicySet::new(scp),
    });
    levels.rcp.push(Level {
        name,
        policies: PolicySet::new(rcp),
    });
    if node.id.bytes().all(|byte| byte.is_ascii_digit()) {
        organization
            .accounts
            .insert(node.id.clone(), Arc::new(levels));
        return;
    }
    levels.path.push_str(&format!("{}/", node.id));
    for child in &node.children {
        add(source, organization, child, &levels, compiled);
    }
}

/// Service and resource control policies of one node. Other types of policies
/// (tags, backups) decide nothing.
fn attached(
    source: &mut Source<'_>,
    node: &Node<'_>,
    levels: &mut Levels,
    compiled: &mut HashMap<String, Policy>,
) -> [Vec<Policy>; 2] {
    let [mut scp, mut rcp] = [Vec::new(), Vec::new()];
    for policy in &node.policies {
        let of_type = match policy.policy_type.as_deref() {
            Some("RESOURCE_CONTROL_POLICY") => &mut rcp,
            Some("SERVICE_CONTROL_POLICY") | None => &mut scp,
            Some(_) => continue,
        };
        let name = policy
            .arn
            .as_ref()
            .or(policy.name.as_ref())
            .or(policy.id.as_ref());
        let name = name
            .cloned()
            .unwrap_or_else(|| format!("policy of {}", node.id));
        let document = compiled.get(&name).cloned().or_else(|| {
            let id = PolicyId {
                name: policy.name.clone().unwrap_or_else(|| name.clone()),
                arn: policy.arn.clone(),
                version_id: None,
            };
            source.compile(id, policy.content?)
        });
        match document {
            Some(document) => {
                compiled.insert(name, document.clone());
                of_type.push(document);
            }
            None => {
                if policy.content.is_none() {
                    let message = format!(
                        "policy {name} at {} has no Content; add what `aws organizations \
                         describe-policy` prints for it",
                        node.id
                    );
                    source.problem(None, message);
                }
                levels
                    .gaps
                    .push(format!("policy {name} at {} is not known", node.id));
            }
        }
    }
    [scp, rcp]
}
