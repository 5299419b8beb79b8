//! Every shape in which records arrive whole.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use trailwright_schemas::Reason;

use super::{gzip, offset, quoted, record, records, yields};

#[test]
fn records_are_found_in_every_plain_shape() {
    let (a, b) = (record("a"), record("b"));
    yields(&a, &["a"], &[]);
    yields(records(&["a", "b"]), &["a", "b"], &[]);
    yields(format!("{a}\n{b}\n"), &["a", "b"], &[]);
    yields(format!("{a}\r\n\r\n{b}\r\n"), &["a", "b"], &[]);
    yields(format!("[{a},{b}]"), &["a", "b"], &[]);
    yields(format!("[\n{a},\n{b}\n]\n"), &["a", "b"], &[]);
    yields(format!("[{a}\n,{b}\n]\n"), &["a", "b"], &[]);
    yields(format!("{a}{b}"), &["a", "b"], &[]);
    yields(format!("{a},{b}"), &["a", "b"], &[]);
    yields(format!("\u{1e}{a}\n\u{1e}{b}\n"), &["a", "b"], &[]);
    yields(format!("\u{feff}{a}"), &["a"], &[]);
    yields(format!("\u{feff}{a}\n{b}"), &["a", "b"], &[]);
    yields(quoted(&a), &["a"], &[]);
    let (first, second) = (records(&["a"]), records(&["b"]));
    yields(format!("{first}{second}"), &["a", "b"], &[]);
    yields(format!("{first}\n{second}\n"), &["a", "b"], &[]);
}

#[test]
fn pretty_printed_documents_are_not_taken_for_lines() {
    let pretty = |json: &str| {
        let value: serde_json::Value = serde_json::from_str(json).unwrap();
        serde_json::to_string_pretty(&value).unwrap()
    };
    yields(pretty(&records(&["a", "b"])), &["a", "b"], &[]);
    let (a, b) = (pretty(&record("a")), pretty(&record("b")));
    yields(format!("{a}\n{b}\n"), &["a", "b"], &[]);
}

#[test]
fn records_are_found_in_every_envelope() {
    let a = record("a");
    let text = quoted(&a);
    let base64 = STANDARD.encode(&a);
    for envelope in [
        format!(
            r#"{{"version":"0","id":"x","detail-type":"AWS API Call via CloudTrail","source":"aws.s3","account":"111122223333","resources":[],"detail":{a}}}"#
        ),
        format!(
            r#"{{"messageType":"DATA_MESSAGE","logGroup":"g","logEvents":[{{"id":"1","timestamp":1,"message":{text}}}]}}"#
        ),
        format!(
            r#"{{"Events":[{{"EventId":"a","EventName":"ListBuckets","ReadOnly":"true","EventTime":1424476529.0,"EventSource":"s3.amazonaws.com","Resources":[],"CloudTrailEvent":{text}}}],"NextToken":"n"}}"#
        ),
        format!(r#"{{"requestId":"r","timestamp":1,"records":[{{"data":"{base64}"}}]}}"#),
        format!(r#"{{"auditEvents":[{{"id":"1","eventData":{text}}}]}}"#),
        format!(r#"{{"schema":{{"type":"struct"}},"payload":{a}}}"#),
        format!(r#"{{"schema":{{"type":"string"}},"payload":{text}}}"#),
        format!(
            r#"{{"timestamp":"2024-05-01T10:00:00Z","source_type":"aws_s3","message":{text}}}"#
        ),
        format!(r#"{{"@timestamp":"t","event":{{"kind":"event","original":{text}}}}}"#),
        format!(r#"{{"@timestamp":"t","event":{{"kind":"event"}},"message":{text}}}"#),
        format!(r#"{{"time":1,"sourcetype":"aws:cloudtrail","event":{a}}}"#),
        format!(r#"{{"Type":"Notification","MessageId":"m","Message":{text}}}"#),
    ] {
        yields(&envelope, &["a"], &[]);
        yields(gzip(&envelope), &["a"], &[]);
        yields(STANDARD.encode(gzip(&envelope)), &["a"], &[]);
        yields(format!("{envelope}\n{envelope}\n"), &["a", "a"], &[]);
    }
}

#[test]
fn packed_layers_are_followed_as_they_occur() {
    let logs = format!(
        r#"{{"messageType":"DATA_MESSAGE","logEvents":[{{"id":"1","message":{}}},{{"id":"2","message":{}}}]}}"#,
        quoted(&record("a")),
        quoted(&record("b")),
    );
    let packed = STANDARD.encode(gzip(&logs));
    let firehose = format!(r#"{{"requestId":"r","records":[{{"data":"{packed}"}}]}}"#);
    yields(&firehose, &["a", "b"], &[]);
    yields(format!("{packed}\n"), &["a", "b"], &[]);
    let mut registry = vec![0, 0, 0, 0, 7];
    registry.extend_from_slice(record("a").as_bytes());
    yields(registry, &["a"], &[]);
}

#[test]
fn a_control_message_of_cloudwatch_logs_is_no_loss() {
    yields(
        r#"{"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","message":"CWL CONTROL MESSAGE: Checking health of destination."}]}"#,
        &[],
        &[],
    );
}

#[test]
fn nothing_is_zero_records() {
    for nothing in [
        "",
        " \n\n",
        "\u{feff}",
        "[]",
        r#"{"Records":[]}"#,
        "{\"Records\": [\n]}\n",
    ] {
        yields(nothing, &[], &[]);
    }
    yields(gzip(""), &[], &[]);
}

#[test]
fn offsets_are_those_of_the_records_after_decompression() {
    let text = records(&["a", "b"]);
    let batch = yields(gzip(&text), &["a", "b"], &[]);
    let offsets: Vec<_> = batch.parsed.iter().map(|p| p.provenance.offset).collect();
    assert_eq!(
        offsets,
        [offset(&text, &record("a")), offset(&text, &record("b"))]
    );
    for parsed in &batch.parsed {
        let id = parsed.record.event_id.as_deref().unwrap();
        assert_eq!(parsed.received.raw, record(id));
    }
}

#[test]
fn documents_beside_the_log_files_are_told_apart() {
    let digest = r#"{"awsAccountId":"111122223333","digestStartTime":"2024-05-01T10:00:00Z","digestEndTime":"2024-05-01T11:00:00Z","logFiles":[{"s3Object":"k"}],"previousDigestSignature":null}"#;
    yields(digest, &[], &[(Reason::Digest, 0)]);
    let insight = r#"{"Records":[{"eventVersion":"1.08","eventTime":"2024-05-01T10:00:00Z","awsRegion":"eu-west-1","eventID":"i","eventType":"AwsCloudTrailInsight","insightDetails":{"state":"Start"},"eventCategory":"Insight"}]}"#;
    yields(insight, &[], &[(Reason::Insight, 12)]);
    let aggregated = r#"{"Records":[{"eventVersion":"1.11","eventSource":"s3.amazonaws.com","eventName":"GetObject","eventCategory":"Aggregated"}]}"#;
    yields(aggregated, &[], &[(Reason::Aggregated, 12)]);
}

#[test]
fn notifications_are_not_taken_for_events() {
    let s3 = r#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"eu-west-1","eventTime":"2024-05-01T10:00:00Z","eventName":"ObjectCreated:Put","userIdentity":{"principalId":"p"},"s3":{"bucket":{"name":"logs"},"object":{"key":"AWSLogs/a.json.gz"}}}]}"#;
    let batch = yields(s3, &[], &[(Reason::Notification, 12)]);
    let names_it = "s3://logs/AWSLogs/a.json.gz";
    assert!(batch.rejected[0].detail.contains(names_it));
    let in_sns = format!(r#"{{"Type":"Notification","Message":{}}}"#, quoted(s3));
    yields(&in_sns, &[], &[(Reason::Notification, 33)]);
    for other in [
        r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"logs"}"#,
        r#"{"s3Bucket":"logs","s3ObjectKey":["k1","k2"]}"#,
        r#"{"Type":"Notification","Message":"CloudTrail validation message."}"#,
        r#"{"Type":"SubscriptionConfirmation","Message":"confirm","SubscribeURL":"u"}"#,
    ] {
        yields(other, &[], &[(Reason::Notification, 0)]);
    }
}

#[test]
fn envelopes_are_followed_four_deep_and_no_deeper() {
    let wrap = |inner: String| format!(r#"{{"message":{}}}"#, quoted(&inner));
    let four = wrap(wrap(wrap(wrap(record("a")))));
    yields(&four, &["a"], &[]);
    yields(wrap(four), &[], &[(Reason::TooManyEnvelopes, 11)]);
    yields("[".repeat(100_000), &[], &[(Reason::TooManyEnvelopes, 5)]);
    let mut quine = record("a").into_bytes();
    for _ in 0..6 {
        quine = gzip(quine);
    }
    yields(quine, &[], &[(Reason::TooManyEnvelopes, 0)]);
}
