//! The calls of Organizations that change policies, as CloudTrail records them
//! in the management account.
//!
//! Source: Organizations API Reference.

use serde_json::{Value, json};

use super::{ControlChange, Request};
use crate::generator::call::Call;
use crate::generator::history::action::Action;
use crate::generator::history::document::document;
use crate::generator::history::resource::{Kind, Resource};
use crate::generator::history::world::{OrganizationPolicy, World};
use crate::generator::organization::MANAGEMENT;

pub(super) fn request(world: &World, change: &ControlChange) -> Request {
    let organization = &world.organization;
    let (event, parameters, response) = match change {
        ControlChange::Attach(id, target) => {
            let parameters = json!({ "policyId": id, "targetId": target });
            ("AttachPolicy", parameters, Value::Null)
        }
        ControlChange::Detach(id, target) => {
            let parameters = json!({ "policyId": id, "targetId": target });
            ("DetachPolicy", parameters, Value::Null)
        }
        ControlChange::Update(id, rules) => {
            let content = document(rules).to_string();
            let parameters = json!({ "policyId": id, "content": content });
            let known = organization.policies.get(id);
            let response = known.map(|policy| described(id, policy, &content));
            ("UpdatePolicy", parameters, response.unwrap_or_default())
        }
        ControlChange::Create(id, name, rules) => {
            let content = document(rules).to_string();
            let policy = OrganizationPolicy {
                name: name.clone(),
                controls_resources: false,
                rules: Vec::new(),
            };
            let parameters = json!({
                "name": name, "description": "", "type": policy.kind(), "content": content,
            });
            ("CreatePolicy", parameters, described(id, &policy, &content))
        }
        ControlChange::Move(account, parent) => {
            let from = organization.nodes.get(account).and_then(|node| node.parent);
            let parameters = json!({
                "accountId": account,
                "sourceParentId": from,
                "destinationParentId": parent,
            });
            ("MoveAccount", parameters, Value::Null)
        }
    };
    called(event, parameters, response)
}

fn called(event: &'static str, parameters: Value, response: Value) -> Request {
    Request {
        action: Action::write("organizations", event, Kind::Nothing),
        resource: Resource::nothing(MANAGEMENT),
        call: Call::write("organizations", event)
            .host("organizations.us-east-1.amazonaws.com")
            .parameters(parameters)
            .response(response),
    }
}

fn described(id: &str, policy: &OrganizationPolicy, content: &str) -> Value {
    json!({ "policy": {
        "policySummary": {
            "id": id,
            "arn": policy.arn(id),
            "name": policy.name,
            "description": "",
            "type": policy.kind(),
            "awsManaged": false,
        },
        "content": content,
    }})
}
