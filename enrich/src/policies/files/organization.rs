//! An organization's tree with its service and resource control policies.
//!
//! Source: Organizations API Reference (`Organization`, `Root`,
//! `OrganizationalUnit`, `Account`, `PolicySummary`).

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use trailwright_evaluator::PolicyId;

use super::document::Source;
use crate::policies::change::{Control, Stated};

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

impl Attached<'_> {
    /// Its id (`p-…`), by which calls name it, or else what it is called.
    fn key(&self) -> Option<&str> {
        let of_arn = self.arn.as_deref().and_then(|arn| arn.rsplit('/').next());
        self.id.as_deref().or(of_arn).or(self.name.as_deref())
    }

    /// `None` for types of policies (tags, backups) that decide nothing.
    fn control(&self) -> Option<Control> {
        match self.policy_type.as_deref() {
            None | Some("SERVICE_CONTROL_POLICY") => Some(Control::Service),
            Some("RESOURCE_CONTROL_POLICY") => Some(Control::Resource),
            Some(_) => None,
        }
    }
}

pub(super) fn read(source: &mut Source<'_>) -> serde_json::Result<()> {
    let file: File<'_> = serde_json::from_str(source.text)?;
    let root: Node<'_> = match file.root {
        Some(root) => root,
        None => serde_json::from_str(source.text)?,
    };
    let described = file.organization.as_ref();
    let of_arn = |place: usize| {
        Some(
            root.arn
                .as_deref()?
                .split([':', '/'])
                .nth(place)?
                .to_owned(),
        )
    };
    let id = described.and_then(|d| d.id.clone()).or_else(|| of_arn(6));
    let management = described
        .and_then(|d| d.master_account_id.clone())
        .or_else(|| of_arn(4));
    source.state(Stated::Organization {
        id: id.map(Into::into),
        management_account: management.map(Into::into),
    });
    let with_scps = uses_scps(&root);
    source.state(Stated::ControlInUse(Control::Service, with_scps));
    add(source, &root, "", with_scps);
    Ok(())
}

/// Whether any service control policy is attached: otherwise the organization
/// does not use the type.
fn uses_scps(node: &Node<'_>) -> bool {
    let is_scp = |policy: &Attached<'_>| policy.control() == Some(Control::Service);
    node.policies.iter().any(is_scp) || node.children.iter().any(uses_scps)
}

/// Adds a node and what is below it.
fn add(source: &mut Source<'_>, node: &Node<'_>, parent: &str, with_scps: bool) {
    let id: Arc<str> = node.id.as_str().into();
    source.state(Stated::Parent(id.clone(), Some(parent.into())));
    let is_scp = |policy: &Attached<'_>| policy.control() == Some(Control::Service);
    if with_scps && !node.policies.iter().any(is_scp) {
        let message = format!(
            "no service control policy is given for {id}; AWS always has one there, so add it"
        );
        source.problem_with(&node.id, message);
    }
    for policy in &node.policies {
        if let Some(control) = policy.control() {
            attach(source, &id, policy, control);
        }
    }
    for child in &node.children {
        add(source, child, &node.id, with_scps);
    }
}

fn attach(source: &mut Source<'_>, target: &Arc<str>, policy: &Attached<'_>, control: Control) {
    let key: Arc<str> = policy.key().unwrap_or("a policy without a name").into();
    source.state(Stated::Control {
        target: target.clone(),
        policy: key.clone(),
        attached: true,
    });
    let Some(content) = policy.content else {
        let message = format!(
            "policy {key} at {target} has no Content; add what `aws organizations describe-policy` \
             prints for it"
        );
        source.problem_with(&key, message);
        return;
    };
    let id = PolicyId {
        name: policy.name.clone().unwrap_or_else(|| key.to_string()),
        arn: policy.arn.clone(),
        version_id: None,
    };
    let document = source.compile(id, content);
    source.state(Stated::ControlContent {
        policy: key,
        control,
        document: Some(document),
    });
}
