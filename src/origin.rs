//! Policies in force and what told of them, in words and as JSON.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use trailwright_enrich::policies::{Origin, PolicyInForce};

/// A time to the second, as everywhere in AWS's records.
pub(crate) fn second(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Since when something is so, seen from `asked`: what told of it may be later.
pub(crate) fn since(origin: &Origin, asked: DateTime<Utc>) -> String {
    match origin {
        Origin::Event { time, .. } | Origin::Published { time } if *time > asked => {
            format!("as told by what came later, {origin}")
        }
        Origin::Event { time, .. } => format!("since {}: {}", second(*time), by(origin)),
        Origin::Published { time } => format!("since {}: published by AWS", second(*time)),
        Origin::Undated { .. } | Origin::Snapshot { .. } => format!("from {origin}"),
    }
}

/// What told, without its time.
pub(crate) fn by(origin: &Origin) -> String {
    match origin {
        Origin::Event {
            event_id,
            event_name,
            by,
            ..
        } => {
            let who = by.as_deref().unwrap_or("somebody");
            format!("{event_name} by {who} (event {event_id})")
        }
        Origin::Published { .. } => "published by AWS".to_owned(),
        Origin::Snapshot { file, .. } => format!("from {file}"),
        Origin::Undated { file } => format!("from {file}, undated"),
    }
}

pub(crate) fn json(origin: &Origin) -> Value {
    match origin {
        Origin::Undated { file } => json!({"kind": "undated", "file": file}),
        Origin::Snapshot { file, time } => {
            json!({"kind": "snapshot", "file": file, "time": second(*time)})
        }
        Origin::Published { time } => json!({"kind": "published", "time": second(*time)}),
        Origin::Event {
            event_id,
            event_name,
            time,
            by,
        } => json!({
            "kind": "event", "event_id": &**event_id, "event_name": event_name,
            "time": second(*time), "by": by,
        }),
    }
}

/// A policy in one line: kind, name, version, whose it is, since when.
pub(crate) fn line(policy: &PolicyInForce, asked: DateTime<Utc>) -> String {
    let mut line = policy.kind.words().to_owned();
    // Some are called by what they belong to.
    if !policy.name.ends_with(&policy.attached_to) {
        let _ = write!(line, " {} of {}", policy.name, policy.attached_to);
    } else {
        let _ = write!(line, " of {}", policy.attached_to);
    }
    if let Some(version) = &policy.version {
        let _ = write!(line, ", {version}");
        if let Some(created) = policy.version_created {
            let _ = write!(line, " made at {}", second(created));
        }
    }
    let attached = policy.since.as_deref().map(|origin| since(origin, asked));
    if let Some(attached) = &attached {
        let _ = write!(line, ", {attached}");
    }
    let put = policy.version_since.as_deref();
    let put = put.map(|origin| since(origin, asked));
    if let Some(put) = put.filter(|put| Some(put) != attached.as_ref()) {
        let what = if policy.version.is_some() {
            "this version"
        } else {
            "this content"
        };
        let _ = write!(line, "; {what} {put}");
    }
    if let Err(why) = &policy.document {
        let _ = write!(line, " — {why}");
    }
    line
}

pub(crate) fn policy_json(policy: &PolicyInForce) -> Value {
    json!({
        "kind": policy.kind.as_str(),
        "policy": policy.name,
        "attached_to": policy.attached_to,
        "version": policy.version,
        "version_created": policy.version_created.map(second),
        "since": policy.since.as_deref().map(json),
        "version_since": policy.version_since.as_deref().map(json),
        "document": policy.document.as_deref().ok().map(tree),
        "not_known": policy.document.as_ref().err(),
    })
}

/// A policy document as JSON, if it is any.
pub(crate) fn tree(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// A policy document with one element a line.
pub(crate) fn pretty(text: &str) -> String {
    serde_json::to_string_pretty(&tree(text)).unwrap_or_else(|_| text.to_owned())
}
