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

const SCP: &str = "SERVICE_CONTROL_POLICY";

impl Attached<'_> {
    fn called(&self) -> Option<&str> {
        let names = [&self.arn, &self.id, &self.name];
        names.into_iter().find_map(|name| name.as_deref())
    }
}

/// Where an account stands and what is attached on the way to it.
#[derive(Clone, Debug)]
pub struct Levels {
    /// Service control policies, root first; none when the organization does
    /// not use them.
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
    let mut tree = Tree {
        with_scps: uses_scps(&root),
        compiled: HashMap::new(),
        organization,
    };
    tree.add(source, &root, &start);
    Ok(())
}

/// Whether any service control policy is attached: otherwise the organization
/// does not use the type.
fn uses_scps(node: &Node<'_>) -> bool {
    let is_scp = |policy: &Attached<'_>| {
        let policy_type = policy.policy_type.as_deref();
        policy_type.unwrap_or(SCP) == SCP
    };
    node.policies.iter().any(is_scp) || node.children.iter().any(uses_scps)
}

/// The organization while its tree is read.
struct Tree<'a> {
    with_scps: bool,
    /// A policy attached in many places is compiled once.
    compiled: HashMap<String, Policy>,
    organization: &'a mut Organization,
}

impl Tree<'_> {
    /// Adds a node and what is below it.
    fn add(&mut self, source: &mut Source<'_>, node: &Node<'_>, above: &Levels) {
        let mut levels = above.clone();
        let [scp, rcp] = self.attached(source, node, &mut levels);
        let name: Arc<str> = node.id.as_str().into();
        if self.with_scps {
            if scp.is_empty() && levels.gaps.len() == above.gaps.len() {
                let what = format!("no service control policy is given for {}", node.id);
                let message = format!("{what}; AWS always has one there, so add it");
                source.problem_with(&node.id, message);
                levels.gaps.push(what);
            }
            levels.scp.push(Level {
                name: name.clone(),
                policies: PolicySet::new(scp),
            });
        }
        levels.rcp.push(Level {
            name,
            policies: PolicySet::new(rcp),
        });
        if node.id.bytes().all(|byte| byte.is_ascii_digit()) {
            let id = node.id.clone();
            self.organization.accounts.insert(id, Arc::new(levels));
            return;
        }
        levels.path.push_str(&format!("{}/", node.id));
        for child in &node.children {
            self.add(source, child, &levels);
        }
    }

    /// Service and resource control policies of one node. Other types of
    /// policies (tags, backups) decide nothing.
    fn attached(
        &mut self,
        source: &mut Source<'_>,
        node: &Node<'_>,
        levels: &mut Levels,
    ) -> [Vec<Policy>; 2] {
        let [mut scp, mut rcp] = [Vec::new(), Vec::new()];
        for policy in &node.policies {
            let of_type = match policy.policy_type.as_deref() {
                Some("RESOURCE_CONTROL_POLICY") => &mut rcp,
                Some(SCP) | None => &mut scp,
                Some(_) => continue,
            };
            let name = policy.called().unwrap_or("a policy without a name");
            match self.compile(source, node, policy, name) {
                Some(document) => of_type.push(document),
                None => {
                    let gap = format!("policy {name} at {} is not known", node.id);
                    levels.gaps.push(gap);
                }
            }
        }
        [scp, rcp]
    }

    fn compile(
        &mut self,
        source: &mut Source<'_>,
        node: &Node<'_>,
        policy: &Attached<'_>,
        name: &str,
    ) -> Option<Policy> {
        if let Some(known) = self.compiled.get(name) {
            return Some(known.clone());
        }
        let Some(content) = policy.content else {
            let message = format!(
                "policy {name} at {} has no Content; add what `aws organizations describe-policy` \
                 prints for it",
                node.id
            );
            source.problem_with(name, message);
            return None;
        };
        let id = PolicyId {
            name: policy.name.clone().unwrap_or_else(|| name.to_owned()),
            arn: policy.arn.clone(),
            version_id: None,
        };
        let document = source.compile(id, content)?;
        if policy.called().is_some() {
            self.compiled.insert(name.to_owned(), document.clone());
        }
        Some(document)
    }
}
