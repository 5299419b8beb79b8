#![allow(clippy::unwrap_used)]
use super::{EventVersion, Limits, Record};
use crate::rejected::Reason;

fn parse(json: &str) -> Result<Record, (Reason, String)> {
    Record::parse(json.as_bytes(), &Limits::default())
}

fn with(members: &str) -> Record {
    parse(&format!(
        r#"{{"eventTime":"2023-07-10T11:42:18Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"us-east-1"{members}}}"#
    ))
    .unwrap()
}

#[test]
fn versions_compare_as_integers_not_as_decimals() {
    let of = |text| EventVersion::parse(text).unwrap();
    assert!(of("1.08") < of("1.10"));
    assert!(of("1.9") < of("1.10"));
    assert_eq!(EventVersion::parse("..."), None);
}

#[test]
fn booleans_in_strings_and_other_spellings_are_read() {
    let record = with(
        r#","readOnly":"true","eventId":"e-1","userIdentity":{"type":"AssumedRole","accessKeyId":"","sessionContext":{"sessionIssuer":{},"attributes":{"mfaAuthenticated":"false","creationDate":"20131102T010628Z"}}}"#,
    );
    assert_eq!(record.read_only, Some(true));
    assert_eq!(record.event_id.as_deref(), Some("e-1"));
    assert_eq!(record.user_identity.access_key_id, None);
    let session = record.user_identity.session.unwrap();
    assert_eq!(session.mfa_authenticated, Some(false));
    assert_eq!(session.issuer, None);
    assert_eq!(
        session.creation_date.unwrap().to_rfc3339(),
        "2013-11-02T01:06:28+00:00"
    );
}

#[test]
fn elements_without_a_name_here_are_kept_verbatim() {
    let record = with(r#","insightDetails":{"x": 1e400},"edge":99999999999999999999"#);
    assert_eq!(
        record.unknown_fields.unwrap().as_str(),
        r#"{"insightDetails":{"x": 1e400},"edge":99999999999999999999}"#
    );
}

#[test]
fn resources_are_read_in_all_their_shapes() {
    let record = with(
        r#","resources":[{"ARN":"arn:a","accountId":"1","type":"AWS::S3::Object"},{"type":"AWS::S3::Object","ARNPrefix":"arn:b"},{"ARN":"arn:c"}]"#,
    );
    let arns: Vec<_> = record.resources.iter().map(|r| r.arn.as_deref()).collect();
    assert_eq!(arns, [Some("arn:a"), None, Some("arn:c")]);
    assert_eq!(record.resources[1].arn_prefix.as_deref(), Some("arn:b"));
    assert!(with(r#","resources":"none""#).resources.is_empty());
}

#[test]
fn each_reason_to_refuse_a_record_says_what_was_found() {
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(300), "]".repeat(300));
    let head = r#"{"eventSource":"s3.amazonaws.com","eventName":"GetObject""#;
    let cases: [(String, Reason, &str); 8] = [
        ("null".into(), Reason::NotARecord, "not a JSON object"),
        ("{\"a\":}".into(), Reason::InvalidJson, "column 6"),
        (
            r#"{"a":1,"a":2}"#.into(),
            Reason::InvalidJson,
            "\"a\" occurs twice",
        ),
        (
            format!("{head}}}"),
            Reason::NotARecord,
            "eventTime is missing",
        ),
        (
            format!(r#"{head},"eventTime":"..."}}"#),
            Reason::InvalidTime,
            "\"...\"",
        ),
        (
            format!(r#"{head},"eventTime":"2023-07-10T11:42:18Z","awsRegion":"../x"}}"#),
            Reason::InvalidRegion,
            "\"../x\"",
        ),
        (deep, Reason::TooDeeplyNested, "301 levels"),
        (
            " ".repeat(5_000_000),
            Reason::RecordTooLarge,
            "5000000 bytes",
        ),
    ];
    for (json, reason, words) in cases {
        let (found, detail) = parse(&json).unwrap_err();
        assert_eq!(found, reason, "{detail}");
        assert!(detail.contains(words), "{detail}");
    }
    let (reason, _) = Record::parse(b"{\"a\":\"\xff\"}", &Limits::default()).unwrap_err();
    assert_eq!(reason, Reason::InvalidUtf8);
}
