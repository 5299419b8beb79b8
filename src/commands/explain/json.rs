//! An explanation as one JSON object.

use serde_json::{Map, Value, json};
use trailwright_enrich::request::Derived;
use trailwright_enrich::{Evaluation, Explained, StatementUsed};
use trailwright_evaluator::ContextValue;
use trailwright_schemas::{Cause, Label, Record};

use super::find::Stored;
use super::text::no_request;
use crate::origin::{policy_json, second};

pub(super) fn of(record: &Record, explained: &Explained<'_>, stored: Option<&Stored>) -> Value {
    let request = match &explained.request {
        Ok(derived) => request(derived),
        Err(none) => json!({"none": no_request(none)}),
    };
    json!({
        "event_id": record.event_id,
        "event_time": second(record.event_time),
        "event_source": record.event_source,
        "event_name": record.event_name,
        "recipient_account_id": record.recipient_account_id,
        "error_code": record.error_code,
        "source_ip_address": record.source_ip_address,
        "label": label(&explained.label),
        "request": request,
        "policies_as_of": second(record.event_time),
        "before_own_change": explained.before_own_change,
        "evaluations": explained.evaluations.iter().map(evaluation).collect::<Vec<_>>(),
        "stored_label": stored.map(|stored| json!({
            "same": stored.is(&explained.label),
            "decision": stored.decision,
            "cause": stored.cause,
            "agreement_class": stored.agreement_class,
            "labelled_at": stored.labelled_at,
            "state": stored.state,
        })),
    })
}

fn label(label: &Label) -> Value {
    json!({
        "decision": label.decision.as_str(),
        "stage": label.stage.as_str(),
        "cause": cause(&label.cause),
        "principal_arn": label.principal_arn,
        "iam_actions": label.actions,
        "iam_resources": label.resources,
        "unknown_keys": label.unknown_keys,
        "assumptions": label.assumptions,
        "recorded_outcome": label.recorded_outcome.as_str(),
        "recorded_cause": label.recorded_cause.as_ref().map(|cause| json!({
            "type": cause.policy_type.as_str(), "policy": cause.policy,
        })),
        "agreement": label.agreement_class.agreement().as_str(),
        "agreement_class": label.agreement_class.as_str(),
        "agreement_reason": label.agreement_reason,
        "state": label.state.as_str(),
    })
}

fn cause(cause: &Cause) -> Value {
    json!({
        "type": cause.cause_type.as_str(),
        "policy": cause.policy,
        "policy_version": cause.policy_version,
        "statement_id": cause.statement_id,
        "statement_index": cause.statement_index,
        "text": cause.text,
    })
}

fn request(derived: &Derived<'_>) -> Value {
    let calls = derived.actions.iter().map(|call| {
        let targets = call.targets.iter().map(|target| {
            json!({"arn": target.arn, "account": target.account, "provenance": target.provenance.as_str()})
        });
        json!({"action": call.action.as_str(), "targets": targets.collect::<Vec<_>>()})
    });
    let context = derived.context().into_iter().map(|key| {
        let described = json!({"value": value(&key.value), "provenance": key.provenance.as_str()});
        (key.name, described)
    });
    json!({
        "principal": derived.principal.arn(),
        "principal_arn": derived.principal_arn,
        "principal_account": derived.principal_account,
        "calls": calls.collect::<Vec<_>>(),
        "context": context.collect::<Map<_, _>>(),
    })
}

/// `null` when the request had no such key.
fn value(value: &ContextValue) -> Value {
    match value {
        ContextValue::One(value) => json!(value),
        ContextValue::Many(values) => json!(values),
        ContextValue::Absent => Value::Null,
        ContextValue::Unknown => json!({"unknown": true}),
    }
}

fn evaluation(part: &Evaluation) -> Value {
    let context = part.context.iter();
    let context = context.map(|(name, of)| (name.clone(), value(of)));
    let policies = part.policies.iter().map(|used| {
        let mut described = policy_json(&used.policy);
        let statements = used.statements.iter().map(statement);
        described["statements"] = statements.collect();
        described
    });
    let near_misses = part.near_misses.iter().map(|near| {
        let mut described = statement(&near.statement);
        described["policy_type"] = json!(near.policy_type.as_str());
        described["policy"] = json!(near.policy);
        described["reason"] = json!(near.reason);
        described
    });
    json!({
        "action": part.action,
        "resource": part.resource,
        "resource_account": part.account,
        "provenance": part.provenance.as_str(),
        "decision": part.decision.as_str(),
        "cause": cause(&part.cause),
        "context": context.collect::<Map<_, _>>(),
        "policies": policies.collect::<Vec<_>>(),
        "steps": part.steps,
        "deciding_statement": part.deciding,
        "near_misses": near_misses.collect::<Vec<_>>(),
        "unknown_keys": part.unknown_keys,
        "assumptions": part.assumptions,
        "not_known": part.gaps,
    })
}

fn statement(statement: &StatementUsed) -> Value {
    json!({
        "statement_index": statement.number,
        "statement_id": statement.sid,
        "effect": if statement.denies { "Deny" } else { "Allow" },
        "line": statement.position.line,
        "column": statement.position.column,
    })
}
