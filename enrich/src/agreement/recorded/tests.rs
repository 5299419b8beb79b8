#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use trailwright_schemas::{CauseType, RecordedOutcome};

use super::{Reason, Recorded};
use crate::samples;

fn outcome(changes: Value) -> RecordedOutcome {
    Recorded::of(&samples::record(changes)).outcome
}

#[test]
fn error_codes_fall_into_their_families() {
    use RecordedOutcome::{Allowed, AuthenticationFailed, Denied, OtherError};
    let families = [
        (
            Denied,
            "AccessDenied AccessDeniedException Client.UnauthorizedOperation UnauthorizedOperation VpceAccessDenied \
             AuthorizationError KMS.AccessDeniedException accessdenied UnauthorizedException",
        ),
        (Allowed, "Client.DryRunOperation DryRunOperation"),
        (
            AuthenticationFailed,
            "InvalidClientTokenId ExpiredToken ExpiredTokenException Client.AuthFailure SignatureDoesNotMatch \
             UnrecognizedClientException MissingAuthenticationToken InvalidIdentityToken",
        ),
        (
            OtherError,
            "ThrottlingException NoSuchBucket Client.RequestLimitExceeded Client.InvalidParameterValue ValidationException",
        ),
    ];
    for (expected, codes) in families {
        for code in codes.split_whitespace() {
            assert_eq!(outcome(json!({"errorCode": code})), expected, "{code}");
        }
    }
    assert_eq!(outcome(json!({})), Allowed);
}

#[test]
fn a_code_means_what_its_service_means_by_it() {
    let cases = [
        (
            "cognito-idp.amazonaws.com",
            "NotAuthorizedException",
            RecordedOutcome::OtherError,
        ),
        (
            "sso.amazonaws.com",
            "UnauthorizedException",
            RecordedOutcome::AuthenticationFailed,
        ),
        (
            "iot.amazonaws.com",
            "UnauthorizedException",
            RecordedOutcome::Denied,
        ),
    ];
    for (source, code, expected) in cases {
        let changes = json!({"eventSource": source, "errorCode": code});
        assert_eq!(outcome(changes), expected, "{source} {code}");
    }
}

#[test]
fn a_message_without_a_code_is_a_denial_only_if_it_says_so() {
    let says = |message: &str| outcome(json!({"errorMessage": message}));
    assert_eq!(
        says("You are not authorized to make this call."),
        RecordedOutcome::Denied
    );
    assert_eq!(
        says("The stream has no shards"),
        RecordedOutcome::OtherError
    );
}

#[test]
fn an_error_in_the_response_is_read_as_if_it_stood_where_it_belongs() {
    let says = "User: arn:aws:iam::111111111111:user/ada is not authorized to perform: eks:CreateAccessEntry on resource: \
                arn:aws:eks:us-east-1:111111111111:cluster/blue because no identity-based policy allows the eks:CreateAccessEntry action";
    for changes in [
        json!({"errorCode": "AccessDenied", "responseElements": {"message": says}}),
        json!({"responseElements": {"message": says}}),
        json!({"responseElements": {"errorMessage": says}}),
    ] {
        let record = samples::record(changes.clone());
        let recorded = Recorded::of(&record);
        assert_eq!(recorded.outcome, RecordedOutcome::Denied, "{changes}");
        assert_eq!(
            recorded.cause().unwrap().policy_type,
            CauseType::IdentityPolicy,
            "{changes}"
        );
    }
}

#[test]
fn a_successful_response_may_speak_of_denials() {
    for response in [
        json!({"message": "Stored: User: x is not authorized to perform: a:B"}),
        json!({"log": "User: x is not authorized to perform: a:B"}),
        json!({"message": format!("User: x is not authorized to perform: a:B {}", "x".repeat(4096))}),
    ] {
        let changes = json!({"responseElements": response});
        assert_eq!(
            outcome(changes.clone()),
            RecordedOutcome::Allowed,
            "{changes}"
        );
    }
}

#[test]
fn sign_ins_that_policies_refuse_are_denied_and_others_not_authenticated() {
    let sign_in = |outcome: &str, message: Value| {
        json!({
            "eventType": "AwsConsoleSignIn", "eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin",
            "responseElements": {"ConsoleLogin": outcome}, "errorMessage": message
        })
    };
    let cases = [
        (sign_in("Success", Value::Null), RecordedOutcome::Allowed),
        (
            sign_in("Failure", json!("Failed authentication")),
            RecordedOutcome::AuthenticationFailed,
        ),
        (
            sign_in("Failure", json!("No username found in supplied account")),
            RecordedOutcome::AuthenticationFailed,
        ),
        (
            sign_in(
                "Failure",
                json!("Authorization denied because of a resource-based policy"),
            ),
            RecordedOutcome::Denied,
        ),
        (
            sign_in(
                "Failure",
                json!("Authorization denied because of a resource control policy"),
            ),
            RecordedOutcome::Denied,
        ),
        (
            json!({"eventType": "AwsConsoleSignIn", "eventName": "CheckMfa", "responseElements": {"CheckMfa": "Failure"}}),
            RecordedOutcome::AuthenticationFailed,
        ),
        (
            json!({"eventType": "AwsServiceEvent"}),
            RecordedOutcome::NoRequest,
        ),
    ];
    for (changes, expected) in cases {
        assert_eq!(outcome(changes.clone()), expected, "{changes}");
    }
    let refused = samples::record(sign_in(
        "Failure",
        json!("Authorization denied because of a resource control policy"),
    ));
    let cause = Recorded::of(&refused).cause().unwrap();
    assert_eq!(cause.policy_type, CauseType::ResourceControlPolicy);
}

#[test]
fn a_stated_policy_that_is_cut_keeps_cloudtrails_mark() {
    let cause = |end: &str| {
        let says = format!(
            "x is not authorized to perform: a:B with an explicit deny in a service control policy: arn:aws:org{end}"
        );
        Recorded::of(&samples::record(
            json!({"errorCode": "AccessDenied", "errorMessage": says}),
        ))
        .cause()
        .unwrap()
        .policy
    };
    assert_eq!(cause("").as_deref(), Some("arn:aws:org"));
    assert_eq!(cause("...").as_deref(), Some("arn:aws:org..."));
}

/// Read by looking for words, not by parsing: what a message states at all.
fn states_a_cause(message: &str) -> bool {
    [
        "because no ",
        "with an explicit deny in",
        "denied due to a",
        "denied because of a",
    ]
    .iter()
    .any(|words| message.contains(words))
}

#[test]
fn every_real_record_that_states_a_cause_gets_one() {
    let Some(records) = samples::real() else {
        return;
    };
    let mut stated = 0;
    for record in &records {
        let message = record.error_message.as_deref().unwrap_or_default();
        let cause = Recorded::of(record).cause();
        assert_eq!(cause.is_some(), states_a_cause(message), "{message}");
        stated += usize::from(cause.is_some());
    }
    assert_eq!(stated, 83);
}

#[test]
fn outcomes_and_reasons_of_real_records_are_as_they_were_looked_at() {
    let Some(records) = samples::real() else {
        return;
    };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for record in &records {
        let recorded = Recorded::of(record);
        let reason = recorded.reason.as_ref().map(|reason| match reason {
            Reason::Explicit { .. } => "explicit",
            Reason::Implicit { .. } => "implicit",
            Reason::Named { .. } => "named",
            Reason::Withheld => "withheld",
            Reason::Encoded => "encoded",
            Reason::Gate(gate) => gate.class().as_str(),
        });
        let cause = recorded.cause().map(|cause| cause.policy_type.as_str());
        let parts = [Some(recorded.outcome.as_str()), reason, cause];
        let kind: Vec<&str> = parts.into_iter().flatten().collect();
        *counts.entry(kind.join(" ")).or_default() += 1;
    }
    let mut shown = String::new();
    for (kind, count) in counts {
        let _ = writeln!(shown, "{count:5} {kind}");
    }
    insta::assert_snapshot!("real_outcomes", shown);
}
