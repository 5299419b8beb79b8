//! What an object is, told by the names of its members.
//!
//! Sources: CloudTrail User Guide (record contents, digest file structure,
//! Insights events), the S3 user guide (notification content structure), and
//! the documents of the transports named below.

use serde_json::Value;
use trailwright_schemas::Reason;

use super::document;
use super::scan::{self, Member, Outline};

/// Lists whose elements are or hold records: log files, `LookupEvents`,
/// CloudWatch Logs subscriptions, Firehose, `PutAuditEvents`.
const LISTS: [&str; 5] = ["Records", "Events", "logEvents", "records", "auditEvents"];

/// Members that hold a record, or JSON in a string, in the order in which they
/// are tried: EventBridge, `LookupEvents`, `PutAuditEvents`, Filebeat, Splunk,
/// Kafka Connect, Firehose, Vector and CloudWatch Logs, SNS.
const CARRIERS: [&str; 10] = [
    "detail",
    "CloudTrailEvent",
    "eventData",
    "event.original",
    "original",
    "event",
    "payload",
    "data",
    "message",
    "Message",
];

/// Members of which one makes a document worth reading as a record.
const TYPICAL: [&str; 6] = [
    "eventVersion",
    "eventSource",
    "eventName",
    "eventTime",
    "eventID",
    "userIdentity",
];

/// Where an envelope's content lies.
#[derive(Clone, Copy)]
pub(super) enum Carrier {
    Object { start: usize, end: usize },
    String { start: usize, end: usize },
}

/// True for a record, whatever its kind. S3's notifications look alike.
pub(super) fn is_record(outline: &Outline<'_>) -> bool {
    outline.has("eventSource") && outline.has("eventName")
}

/// True when some, not all, of a record's members are there.
pub(super) fn resembles_record(outline: &Outline<'_>) -> bool {
    TYPICAL.iter().any(|name| outline.has(name))
}

/// True when a record can be got out of the object.
pub(super) fn is_or_holds_record(bytes: &[u8], outline: &Outline<'_>) -> bool {
    is_record(outline) || carrier(bytes, outline).is_some()
}

/// True for an envelope with a list of records.
pub(super) fn has_list(bytes: &[u8], outline: &Outline<'_>) -> bool {
    !is_record(outline) && lists(bytes, outline).next().is_some()
}

/// The lists of an envelope.
pub(super) fn lists<'a>(
    bytes: &'a [u8],
    outline: &'a Outline<'_>,
) -> impl Iterator<Item = &'a Member<'a>> {
    outline.members.iter().filter(|member| {
        bytes.get(member.start) == Some(&b'[')
            && LISTS.iter().any(|list| list.as_bytes() == member.name)
    })
}

/// True for the message with which CloudWatch Logs tests a destination: it
/// carries no log line.
pub(super) fn is_control_message(bytes: &[u8], outline: &Outline<'_>) -> bool {
    text(bytes, outline, "messageType").as_deref() == Some("CONTROL_MESSAGE")
}

/// The member that holds the record of an envelope.
pub(super) fn carrier(bytes: &[u8], outline: &Outline<'_>) -> Option<Carrier> {
    CARRIERS.iter().find_map(|name| {
        let &Member { start, end, .. } = outline.get(name)?;
        let value = &bytes[start..end];
        match value.first()? {
            b'{' => holds_record(value).then_some(Carrier::Object { start, end }),
            b'"' => holds_json(value).then_some(Carrier::String { start, end }),
            _ => None,
        }
    })
}

/// An object inside an envelope: one look, so that nested envelopes do not
/// multiply the work.
fn holds_record(object: &[u8]) -> bool {
    let inner = scan::outline(object, 0);
    resembles_record(&inner)
        || inner.has("insightDetails")
        || CARRIERS.iter().chain(&LISTS).any(|name| inner.has(name))
}

/// A string that begins like JSON, or base64 of JSON or compressed data.
fn holds_json(string: &[u8]) -> bool {
    let inner = string.strip_prefix(b"\"").unwrap_or(string);
    let inner = inner.strip_suffix(b"\"").unwrap_or(inner);
    document::begins_as_json(inner) || document::from_base64(inner).is_some()
}

/// Documents of CloudTrail and S3 that are no events, and what to do about them.
pub(super) fn not_an_event(bytes: &[u8], outline: &Outline<'_>) -> Option<(Reason, String)> {
    let is = |name: &str, value: &str| text(bytes, outline, name).as_deref() == Some(value);
    let found = |reason, detail: &str| Some((reason, detail.to_owned()));
    if outline.has("digestStartTime") && outline.has("digestEndTime") {
        return found(
            Reason::Digest,
            "a digest file: proof about log files, no events",
        );
    }
    if is("eventCategory", "Insight") || is("eventType", "AwsCloudTrailInsight") {
        return found(
            Reason::Insight,
            "a CloudTrail Insights record: a statistic, no event",
        );
    }
    if is("eventCategory", "Aggregated") || is("eventType", "AwsAggregatedEvent") {
        return found(
            Reason::Aggregated,
            "an aggregated record: a statistic, no event",
        );
    }
    if is("eventSource", "aws:s3") || (is_record(outline) && outline.has("s3")) {
        let object = named_object(bytes, outline).unwrap_or_else(|| "an object".to_owned());
        let detail = format!("an S3 notification that names {object}: ingest that");
        return Some((Reason::Notification, detail));
    }
    if outline.has("s3Bucket") && outline.has("s3ObjectKey") {
        return found(
            Reason::Notification,
            "a CloudTrail notification that names log files: ingest those",
        );
    }
    if is("Event", "s3:TestEvent") {
        return found(
            Reason::Notification,
            "the notification with which S3 tests a destination",
        );
    }
    if is("Type", "SubscriptionConfirmation")
        || (is("Type", "Notification") && carrier(bytes, outline).is_none())
    {
        return found(Reason::Notification, "an SNS message without a record");
    }
    for list in LISTS {
        if let Some(member) = outline.get(list).filter(|_| !resembles_record(outline)) {
            let value =
                String::from_utf8_lossy(&bytes[member.start..member.end.min(member.start + 12)]);
            let detail = format!("\"{list}\" is not a list of records but begins with {value}");
            return Some((Reason::NotARecord, detail));
        }
    }
    None
}

fn named_object(bytes: &[u8], outline: &Outline<'_>) -> Option<String> {
    let member = outline.get("s3")?;
    let s3: Value = serde_json::from_slice(&bytes[member.start..member.end]).ok()?;
    let bucket = s3.pointer("/bucket/name")?.as_str()?;
    let key = s3.pointer("/object/key")?.as_str()?;
    Some(format!("s3://{bucket}/{key}"))
}

/// Names the members of an object that is nothing known.
pub(super) fn describe(outline: &Outline<'_>) -> String {
    let names: Vec<_> = outline
        .members
        .iter()
        .take(6)
        .map(|member| String::from_utf8_lossy(&member.name[..member.name.len().min(40)]))
        .collect();
    if names.is_empty() {
        return "an empty object".to_owned();
    }
    format!(
        "neither a record nor a known envelope; its members are {}{}",
        names.join(", "),
        if outline.members.len() > names.len() {
            ", …"
        } else {
            ""
        }
    )
}

fn text(bytes: &[u8], outline: &Outline<'_>, name: &str) -> Option<String> {
    let member = outline.get(name)?;
    serde_json::from_slice(&bytes[member.start..member.end]).ok()
}
