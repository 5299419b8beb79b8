//! An explanation for people.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use trailwright_enrich::request::NoRequest;
use trailwright_enrich::{Evaluation, Explained, NearMiss, StatementUsed};
use trailwright_evaluator::ContextValue;
use trailwright_schemas::{Decision, Label, Record, SignIn};

use super::find::Stored;
use crate::commands::{mark, moved_left};
use crate::origin::{line, second};

/// The parts in the order in which a person asks for them.
pub(super) fn of(record: &Record, explained: &Explained<'_>, stored: Option<&Stored>) -> String {
    let label = &explained.label;
    let mut text = String::new();
    head(&mut text, record, label);
    request(&mut text, explained);
    for part in &explained.evaluations {
        evaluation(
            &mut text,
            part,
            record.event_time,
            explained.before_own_change,
        );
    }
    if explained.evaluations.is_empty() {
        add(&mut text, "\nHow it was decided");
        add(&mut text, &format!("  {}", label.cause.text));
        list(&mut text, "assumed", &label.assumptions);
    }
    agreement(&mut text, label);
    if let Some(stored) = stored {
        stored_label(&mut text, label, stored);
    }
    text
}

fn add(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// The record in one line, and what the label says.
fn head(text: &mut String, record: &Record, label: &Label) {
    let who = label
        .principal_arn
        .as_deref()
        .or(record.user_identity.arn.as_deref())
        .or(record.user_identity.invoked_by.as_deref());
    let sign_in = SignIn::of(record).and_then(|sign_in| sign_in.outcome);
    let ended = sign_in.map(|outcome| outcome.as_str());
    let outcome = record.error_code.as_deref().or(ended);
    let parts = [
        second(record.event_time),
        mark(label.decision.as_str()).to_owned(),
        who.unwrap_or("somebody").to_owned(),
        format!("{} {}", record.event_source, record.event_name),
        outcome.unwrap_or("no error").to_owned(),
        format!(
            "from {}",
            record.source_ip_address.as_deref().unwrap_or("-")
        ),
        format!("event {}", record.event_id.as_deref().unwrap_or("-")),
    ];
    add(text, &parts.join("  "));
    add(text, &format!("  {}", label.cause.text));
    list(text, "would be settled by", &label.unknown_keys);
}

fn request(text: &mut String, explained: &Explained<'_>) {
    add(text, "\nRequest, as the record tells it");
    let derived = match &explained.request {
        Ok(derived) => derived,
        Err(none) => return add(text, &format!("  {}", no_request(none))),
    };
    let principal = derived.principal.arn();
    let principal = principal.as_deref().unwrap_or("an anonymous caller");
    add(text, &format!("  principal  {principal}"));
    if let Some(arn) = derived
        .principal_arn
        .as_deref()
        .filter(|arn| *arn != principal)
    {
        add(text, &format!("             with the policies of {arn}"));
    }
    for call in &derived.actions {
        for target in &call.targets {
            let how = target.provenance.as_str();
            add(
                text,
                &format!("  action     {} on {} ({how})", call.action, target.arn),
            );
        }
    }
    let keys = derived.context().into_iter();
    for key in keys.filter(|key| !is_absent(&key.value)) {
        let how = key.provenance.as_str();
        let of = value(&key.value);
        add(text, &format!("  context    {} = {of} ({how})", key.name));
    }
    add(
        text,
        "  Keys that were not in the request are in --output json; any other key is unknown.",
    );
}

pub(super) fn no_request(none: &NoRequest) -> String {
    match none {
        NoRequest::ServiceEvent => "none: a service acted by itself".to_owned(),
        NoRequest::NoPrincipal(why) => format!("it does not say who called: {why}"),
        NoRequest::NoAction(why) => format!("the call has no known IAM action: {why}"),
    }
}

fn is_absent(value: &ContextValue) -> bool {
    match value {
        ContextValue::Absent => true,
        ContextValue::Many(values) => values.is_empty(),
        ContextValue::One(_) | ContextValue::Unknown => false,
    }
}

fn value(value: &ContextValue) -> String {
    match value {
        ContextValue::One(value) => value.clone(),
        ContextValue::Many(values) => format!("[{}]", values.join(", ")),
        ContextValue::Absent => "absent".to_owned(),
        ContextValue::Unknown => "unknown".to_owned(),
    }
}

/// One action on one resource.
fn evaluation(text: &mut String, part: &Evaluation, time: DateTime<Utc>, own_change: bool) {
    let Evaluation {
        action, resource, ..
    } = part;
    let decision = part.decision.as_str();
    add(text, &format!("\n{action} on {resource}: {decision}"));
    for (name, of) in &part.context {
        add(text, &format!("  context  {name} = {}", value(of)));
    }
    let before = if own_change {
        ", before the call's own change"
    } else {
        ""
    };
    add(text, &format!("  Policies as of {}{before}", second(time)));
    for used in &part.policies {
        add(text, &format!("    {}", line(&used.policy, time)));
        for statement in &used.statements {
            let does = if statement.denies { "denies" } else { "allows" };
            add(text, &format!("      {} {does}", named(statement)));
        }
    }
    if part.policies.is_empty() {
        add(text, "    none are known");
    }
    add(text, "  Steps");
    for (index, step) in part.steps.iter().enumerate() {
        add(text, &format!("    {}. {step}", index + 1));
    }
    if let Some(statement) = &part.deciding {
        add(text, "  The deciding statement");
        for line in moved_left(statement) {
            add(text, &format!("    | {line}"));
        }
    }
    let turning: Vec<&NearMiss> = part
        .near_misses
        .iter()
        .filter(|near| would_turn(near, part.decision))
        .collect();
    if !turning.is_empty() {
        add(text, "  Nearly decided otherwise");
    }
    for near in turning {
        add(text, &format!("    {}", near_miss(near)));
    }
    list(text, "not known", &part.gaps);
    list(text, "assumed", &part.assumptions);
}

fn named(statement: &StatementUsed) -> String {
    let mut name = format!("statement {}", statement.number);
    if let Some(sid) = &statement.sid {
        // Writing to a String cannot fail.
        let _ = write!(name, " \"{sid}\"");
    }
    name
}

/// Whether the statement could have turned the decision. Of an implicit deny
/// the steps name those that would allow.
fn would_turn(near: &NearMiss, decision: Decision) -> bool {
    match decision {
        Decision::Allow => near.statement.denies,
        Decision::Indeterminate => true,
        Decision::ExplicitDeny | Decision::ImplicitDeny | Decision::NotEvaluated => false,
    }
}

fn near_miss(near: &NearMiss) -> String {
    let would = if near.statement.denies {
        "deny"
    } else {
        "allow"
    };
    format!(
        "{} of {} would {would}, but {}",
        named(&near.statement),
        near.policy,
        near.reason
    )
}

fn list(text: &mut String, what: &str, items: &[String]) {
    for item in items {
        add(text, &format!("  {what}: {item}"));
    }
}

fn agreement(text: &mut String, label: &Label) {
    let class = label.agreement_class;
    add(text, "\nAgainst the record");
    let recorded = label.recorded_outcome.as_str();
    let cause = label.recorded_cause.as_ref().map(|cause| {
        let policy = cause.policy.as_ref().map(|policy| format!(" {policy}"));
        format!(
            ", by {}{}",
            cause.policy_type.as_str(),
            policy.unwrap_or_default()
        )
    });
    add(
        text,
        &format!("  recorded: {recorded}{}", cause.unwrap_or_default()),
    );
    let agreement = class.agreement().as_str();
    add(
        text,
        &format!(
            "  {agreement} ({}): {}",
            class.as_str(),
            label.agreement_reason
        ),
    );
}

fn stored_label(text: &mut String, label: &Label, stored: &Stored) {
    let Stored {
        decision,
        cause,
        agreement_class,
        labelled_at,
        state,
    } = stored;
    add(text, "\nStored label");
    if stored.is(label) {
        return add(
            text,
            &format!("  the same, made at {labelled_at} ({state})"),
        );
    }
    add(
        text,
        &format!("  DIFFERS: {decision}, {agreement_class}, made at {labelled_at} ({state})"),
    );
    add(text, &format!("  {cause}"));
    add(
        text,
        "  It was made by what was known then. Since then policies or records of changes came in,",
    );
    add(
        text,
        "  or [policies] in the configuration, --policies or Trailwright itself are others.",
    );
}
