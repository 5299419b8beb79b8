//! `awsim-iam-policy`: reads IAM policies; knows identity, boundary, session, resource and SCP layers.

use std::collections::HashMap;

use awsim_iam_policy::{
    AuthzRequest, ContextValue, Decision, EvalContext, PolicyDocument, evaluate, parse_value,
};
use serde_json::{Value, json};

use crate::Peer;
use crate::figures::{bucket_object, bucket_policy};

pub(crate) struct Ready {
    principal_arn: String,
    principal_account: String,
    action: String,
    resource: String,
    context: HashMap<String, ContextValue>,
    identity: Vec<PolicyDocument>,
    boundary: Option<PolicyDocument>,
    session: Option<PolicyDocument>,
    scps: Vec<PolicyDocument>,
    resource_policy: Option<PolicyDocument>,
}

impl Peer for Ready {
    const NAME: &'static str = "awsim-iam-policy";

    fn ready(case: &Value) -> Option<Self> {
        let (request, policies) = (&case["req"], &case["pol"]);
        let unknown_layers = ["rcp", "vpce"].iter().any(|l| policies.get(l).is_some());
        let single = |layer: &str| documents(&policies[layer]).filter(|found| found.len() < 2);
        if unknown_layers {
            return None;
        }
        let mut scps = Vec::new();
        for level in policies["scp"].as_array().into_iter().flatten() {
            scps.extend(documents(&level["policies"])?);
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Some(Ready {
            principal_arn: text(&request["principal"]["arn"]),
            principal_account: text(&request["principal"]["account"]),
            action: text(&request["action"]),
            resource: text(&request["resource"]),
            context: context(&request["context"])?,
            identity: documents(&policies["identity"])?,
            boundary: single("boundary")?.pop(),
            session: single("session")?.pop(),
            scps,
            resource_policy: documents(&json!([policies["resource"]]))?.pop(),
        })
    }

    fn allows(&self) -> bool {
        let request = AuthzRequest {
            principal_arn: &self.principal_arn,
            principal_account: &self.principal_account,
            action: &self.action,
            resource_arn: &self.resource,
            context: &self.context,
        };
        let policies = EvalContext {
            identity_policies: &self.identity,
            permissions_boundary: self.boundary.as_ref(),
            resource_policy: self.resource_policy.as_ref(),
            scps: &self.scps,
            session_policy: self.session.as_ref(),
        };
        evaluate(&request, &policies) == Decision::Allow
    }

    fn many_policies(count: usize) -> Self {
        let policy = |n| parse_value(&serde_json::from_str(&bucket_policy(n)).unwrap()).unwrap();
        Ready {
            principal_arn: "arn:aws:iam::111111111111:user/mira".to_owned(),
            principal_account: "111111111111".to_owned(),
            action: "s3:GetObject".to_owned(),
            resource: bucket_object(count),
            context: HashMap::new(),
            identity: (0..count).map(policy).collect(),
            boundary: None,
            session: None,
            scps: Vec::new(),
            resource_policy: None,
        }
    }
}

/// The documents of a list of policies; `None` if one cannot be read.
fn documents(policies: &Value) -> Option<Vec<PolicyDocument>> {
    let policies = policies.as_array().into_iter().flatten();
    policies
        .filter(|policy| !policy.is_null())
        .map(|policy| parse_value(&policy["doc"]).ok())
        .collect()
}

fn context(context: &Value) -> Option<HashMap<String, ContextValue>> {
    let text = |value: &Value| Some(value.as_str()?.to_owned());
    let value = |value: &Value| match value {
        Value::Array(items) => {
            let items: Option<Vec<String>> = items.iter().map(text).collect();
            Some(ContextValue::StringList(items?))
        }
        other => Some(ContextValue::String(text(other)?)),
    };
    let pairs = context.as_object()?.iter();
    pairs.map(|(k, v)| Some((k.clone(), value(v)?))).collect()
}
