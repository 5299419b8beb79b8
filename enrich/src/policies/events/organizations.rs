//! Calls of the Organizations API that change the tree and its policies. They
//! are recorded in the management account.
//!
//! Source: Organizations API Reference.

use std::sync::Arc;

use trailwright_evaluator::PolicyId;

use super::{Call, at, document_text};
use crate::policies::change::{Control, Document, Stated};
use crate::policies::organization::FULL_ACCESS;

pub(super) const CHANGES: [&str; 12] = [
    "AttachPolicy",
    "CreateOrganizationalUnit",
    "CreatePolicy",
    "DeleteOrganizationalUnit",
    "DeletePolicy",
    "DetachPolicy",
    "DisablePolicyType",
    "EnablePolicyType",
    "LeaveOrganization",
    "MoveAccount",
    "RemoveAccountFromOrganization",
    "UpdatePolicy",
];

pub(super) fn is_change(event_name: &str) -> bool {
    CHANGES.contains(&event_name)
}

pub(super) fn read(call: &Call<'_>) -> Vec<Stated> {
    facts(call).unwrap_or_default()
}

fn facts(call: &Call<'_>) -> Option<Vec<Stated>> {
    Some(match call.record.event_name.as_str() {
        "AttachPolicy" => vec![attached(
            call.text("policyId")?,
            call.text("targetId")?,
            true,
        )],
        "DetachPolicy" => vec![attached(
            call.text("policyId")?,
            call.text("targetId")?,
            false,
        )],
        "CreatePolicy" | "UpdatePolicy" => content(call)?,
        "DeletePolicy" => vec![Stated::ControlContent {
            policy: call.text("policyId")?.into(),
            control: Control::Service,
            document: None,
        }],
        "MoveAccount" => vec![Stated::Parent(
            call.text("accountId")?.into(),
            Some(call.text("destinationParentId")?.into()),
        )],
        "CreateOrganizationalUnit" => {
            let unit = call.answer("organizationalUnit.id")?;
            joined(unit, call.text("parentId")?)
        }
        "DeleteOrganizationalUnit" => {
            vec![Stated::Parent(
                call.text("organizationalUnitId")?.into(),
                None,
            )]
        }
        "RemoveAccountFromOrganization" => {
            vec![Stated::Parent(call.text("accountId")?.into(), None)]
        }
        "LeaveOrganization" => vec![Stated::Parent(
            call.record.user_identity.account_id.as_deref()?.into(),
            None,
        )],
        "EnablePolicyType" => in_use(call, true)?,
        "DisablePolicyType" => in_use(call, false)?,
        _ => return None,
    })
}

fn attached(policy: &str, target: &str, attached: bool) -> Stated {
    Stated::Control {
        target: target.into(),
        policy: policy.into(),
        attached,
    }
}

/// AWS attaches `FullAWSAccess` to everything new.
fn joined(node: &str, parent: &str) -> Vec<Stated> {
    vec![
        Stated::Parent(node.into(), Some(parent.into())),
        attached(FULL_ACCESS, node, true),
    ]
}

fn content(call: &Call<'_>) -> Option<Vec<Stated>> {
    let summary = at(&call.response, "policy.policySummary");
    let of_summary = |name: &str| at(summary?, name)?.as_str();
    let policy: Arc<str> = call.text("policyId").or_else(|| of_summary("id"))?.into();
    let control = control(call.text("type").or_else(|| of_summary("type"))?)?;
    // An update that leaves the content alone returns it all the same.
    let content = at(&call.parameters, "content").or_else(|| at(&call.response, "policy.content"));
    let text = document_text(content?)?;
    let id = PolicyId {
        name: call
            .text("name")
            .or_else(|| of_summary("name"))
            .unwrap_or(&policy)
            .to_owned(),
        arn: of_summary("arn").map(str::to_owned),
        version_id: None,
    };
    Some(vec![Stated::ControlContent {
        policy,
        control,
        document: Some(Document::compile(id, &text)),
    }])
}

pub(crate) fn control(policy_type: &str) -> Option<Control> {
    match policy_type {
        "SERVICE_CONTROL_POLICY" => Some(Control::Service),
        "RESOURCE_CONTROL_POLICY" => Some(Control::Resource),
        _ => None,
    }
}

fn in_use(call: &Call<'_>, in_use: bool) -> Option<Vec<Stated>> {
    let control = control(call.text("policyType")?)?;
    Some(vec![Stated::ControlInUse(control, in_use)])
}
