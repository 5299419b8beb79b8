#![allow(clippy::unwrap_used)]
use serde_json::{Value, json};

use super::SignIn;
use crate::record::{Limits, Record};

/// The sign-in of a record of `signin.amazonaws.com` with these elements: class,
/// outcome, MFA; `-` for what is not known, `none` for no sign-in.
fn read(elements: &Value) -> String {
    let Some(sign_in) = sign_in(elements) else {
        return "none".to_owned();
    };
    let outcome = sign_in.outcome.map_or("-", |outcome| outcome.as_str());
    let mfa = match sign_in.mfa_used {
        Some(true) => "mfa",
        Some(false) => "no-mfa",
        None => "-",
    };
    format!("{} {outcome} {mfa}", sign_in.class.as_str())
}

fn sign_in(elements: &Value) -> Option<SignIn> {
    let mut record = json!({
        "eventTime": "2026-01-01T10:00:00Z",
        "awsRegion": "us-east-1",
        "eventSource": "signin.amazonaws.com",
    });
    for (name, value) in elements.as_object().unwrap() {
        record[name] = value.clone();
    }
    let record = Record::parse(record.to_string().as_bytes(), &Limits::default()).unwrap();
    SignIn::of(&record)
}

fn assert_reads(cases: Vec<(Value, &str)>) {
    for (elements, expected) in cases {
        assert_eq!(read(&elements), expected, "{elements}");
    }
}

fn console(identity: &str, response: Value, additional: Value) -> Value {
    json!({
        "eventName": "ConsoleLogin",
        "userIdentity": { "type": identity },
        "responseElements": response,
        "additionalEventData": additional,
    })
}

#[test]
fn the_class_of_a_console_login_is_that_of_its_identity() {
    let login = |identity| console(identity, json!({ "ConsoleLogin": "Success" }), json!(null));
    assert_reads(vec![
        (login("Root"), "root success -"),
        (login("IAMUser"), "iam_user success -"),
        (login("AssumedRole"), "federated success -"),
        (login("FederatedUser"), "federated success -"),
        (login("SAMLUser"), "federated success -"),
        (login("Unknown"), "unknown success -"),
        (login("AWSService"), "unknown success -"),
        (login("SomethingNew"), "unknown success -"),
        (json!({ "eventName": "ConsoleLogin" }), "unknown - -"),
    ]);
}

#[test]
fn only_the_sources_of_sign_ins_make_sign_ins() {
    let event = |source: &str, name: &str| {
        json!({
            "eventSource": source,
            "eventName": name,
            "userIdentity": { "type": "IAMUser" },
        })
    };
    assert_reads(vec![
        (
            event("signin.amazonaws.com", "ConsoleLogin"),
            "iam_user - -",
        ),
        (event("example.amazonaws.com", "ConsoleLogin"), "none"),
        (
            event("signin.amazonaws.com", "UserAuthentication"),
            "identity_center - -",
        ),
        (
            event("sso.amazonaws.com", "UserAuthentication"),
            "identity_center - -",
        ),
        (event("example.amazonaws.com", "UserAuthentication"), "none"),
        (event("example.amazonaws.com", "SwitchRole"), "none"),
        (event("signin.amazonaws.com", "CheckMfa"), "none"),
    ]);
}

#[test]
fn an_error_without_a_response_is_a_failure() {
    let login = |response: Value, code: Value, message: Value| {
        let mut login = console("IAMUser", response, json!(null));
        login["errorCode"] = code;
        login["errorMessage"] = message;
        login
    };
    let no = || json!(null);
    let response = |word| json!({ "ConsoleLogin": word });
    assert_reads(vec![
        (
            login(no(), no(), json!("Failed authentication")),
            "iam_user failure -",
        ),
        (
            login(no(), json!("AccessDenied"), no()),
            "iam_user failure -",
        ),
        (login(no(), no(), no()), "iam_user - -"),
        (
            login(response("Failure"), no(), json!("Failed authentication")),
            "iam_user failure -",
        ),
        (login(response("Success"), no(), no()), "iam_user success -"),
        (login(response("Perhaps"), no(), no()), "iam_user - -"),
    ]);
}

#[test]
fn mfa_at_the_console_is_yes_no_or_unknown() {
    let login = |additional| console("IAMUser", json!(null), additional);
    let device = "arn:aws:iam::111122223333:mfa/phone";
    assert_reads(vec![
        (login(json!({ "MFAUsed": "Yes" })), "iam_user - mfa"),
        (login(json!({ "MFAUsed": "YES" })), "iam_user - mfa"),
        (login(json!({ "MFAUsed": "No" })), "iam_user - no-mfa"),
        (login(json!({ "MFAUsed": "Maybe" })), "iam_user - -"),
        (login(json!({ "MFAUsed": null })), "iam_user - -"),
        (login(json!({ "MFAIdentifier": device })), "iam_user - mfa"),
        (
            login(json!({ "MFAUsed": "?", "MFAIdentifier": device })),
            "iam_user - mfa",
        ),
        // Factors of Identity Center say nothing at the console.
        (login(json!({ "CredentialType": "TOTP" })), "iam_user - -"),
    ]);
}

#[test]
fn mfa_in_identity_center_is_a_factor_besides_or_instead_of_the_password() {
    let cases = [
        ("PASSWORD", "no-mfa"),
        ("PASSWORD,TOTP", "mfa"),
        ("PASSWORD, WEBAUTHN", "mfa"),
        ("PASSWORD,RESYNC_TOTP", "mfa"),
        ("PASSWORD,EMAIL_OTP", "mfa"),
        ("WEBAUTHN", "mfa"),
        ("SMARTCARD", "mfa"),
        ("EXTERNAL_IDP", "-"),
        ("PASSWORD,NEW_FACTOR", "-"),
    ];
    for (credential_type, mfa) in cases {
        let event = json!({
            "eventName": "UserAuthentication",
            "eventType": "AwsServiceEvent",
            "additionalEventData": { "CredentialType": credential_type },
            "serviceEventDetails": { "UserAuthentication": "Success" },
        });
        let expected = format!("identity_center success {mfa}");
        assert_eq!(read(&event), expected, "{credential_type}");
    }
}

#[test]
fn in_identity_center_a_verification_is_a_sign_in_only_when_it_fails() {
    let verification = |word: &str| {
        json!({
            "eventName": "CredentialVerification",
            "eventType": "AwsServiceEvent",
            "additionalEventData": { "CredentialType": "PASSWORD" },
            "serviceEventDetails": { "CredentialVerification": word },
        })
    };
    assert_reads(vec![
        (verification("Failure"), "identity_center failure no-mfa"),
        (verification("Success"), "none"),
    ]);
}

#[test]
fn oauth_sign_ins_are_first_tokens_and_failed_authorizations() {
    let event = |name: &str, additional: Value| json!({ "eventName": name, "additionalEventData": additional });
    let token = |additional| event("CreateOAuth2Token", additional);
    let authorization = |additional| event("AuthorizeOAuth2Access", additional);
    let code = "authorization_code";
    let refresh = "refresh_token";
    assert_reads(vec![
        (
            token(json!({ "success": "true", "grant_type": code })),
            "oauth success -",
        ),
        (token(json!({ "success": "true" })), "oauth success -"),
        (
            token(json!({ "success": "false", "grant_type": code })),
            "oauth failure -",
        ),
        (
            token(json!({ "success": "true", "grant_type": refresh })),
            "none",
        ),
        (
            token(json!({ "success": "false", "grant_type": refresh })),
            "none",
        ),
        (
            json!({
                "eventName": "CreateOAuth2Token",
                "requestParameters": { "grant_type": refresh },
            }),
            "none",
        ),
        (authorization(json!({ "success": "true" })), "none"),
        (
            authorization(json!({ "success": "false" })),
            "oauth failure -",
        ),
        (
            json!({ "eventName": "AuthorizeOAuth2Access", "errorCode": "AccessDenied" }),
            "oauth failure -",
        ),
    ]);
}

#[test]
fn a_role_switch_heads_for_its_redirect() {
    let console = "https://console.aws.amazon.com/iam/home";
    let switch = json!({
        "eventName": "SwitchRole",
        "userIdentity": { "type": "AssumedRole" },
        "responseElements": { "SwitchRole": "Success" },
        "additionalEventData": { "RedirectTo": console, "SwitchFrom": "arn:aws:iam::111122223333:user/dana" },
    });
    assert_eq!(read(&switch), "role_switch success -");
    assert_eq!(sign_in(&switch).unwrap().login_to.as_deref(), Some(console));
}
