//! The policy of an account about its own sign-ins, while console authorization is on.

use serde_json::{Value, json};
use trailwright_schemas::{AgreementClass, CauseType, Decision, Stage};

use super::{
    ALLOWED, HOME, OFFICE, by_root, console, kind, label, labeller, nothing, now, only_office,
    organization, perimeter, refused, sign_in, with,
};
use crate::label::Assume;
use crate::samples;

#[test]
fn statements_of_an_account_deny_sign_ins_only_while_console_authorization_is_on() {
    let off = [nothing(), console(false, perimeter())];
    let on = [nothing(), console(true, perimeter())];
    for (files, address, expected) in [
        (&off, HOME, ALLOWED),
        (&on, OFFICE, ALLOWED),
        (
            &on,
            HOME,
            (Decision::ExplicitDeny, CauseType::ResourcePolicy),
        ),
    ] {
        let label = label(files, sign_in(address));
        assert_eq!(kind(&label), expected, "{address}: {label:#?}");
        assert_eq!(label.stage, Stage::Authorization);
    }
    let denied = label(&on, sign_in(HOME));
    assert_eq!(
        denied.cause.text,
        "signin:Authenticate on arn:aws:signin:::console/* is denied by statement 1 of the resource-based policy of \
         sign-in to 111111111111"
    );
    assert_eq!(denied.actions.len(), 3);
}

#[test]
fn known_to_be_off_rests_on_no_assumption_and_not_known_on_one() {
    let organization_off = json!({"targetId": "o-exampleorg1", "scope": "ORGANIZATION", "consoleAuthorizationEnabled": false});
    let tree = organization(json!([]), json!([]));
    let files = [nothing(), console(false, json!([])), organization_off, tree];
    let known = label(&files, sign_in(HOME));
    assert_eq!(kind(&known), ALLOWED);
    assert_eq!(known.assumptions, [] as [&str; 0]);
    assert_eq!(
        known.cause.text,
        "console authorization is off for account 111111111111 and its organization: 1.json, undated"
    );
    let unknown = label(&[], sign_in(HOME));
    assert_eq!(kind(&unknown), ALLOWED);
    assert_eq!(
        unknown.assumptions,
        [
            "nothing tells whether console authorization is on for account 111111111111 and its organization; it is \
             taken to be off"
        ]
    );
    let partly = label(&[console(false, json!([]))], sign_in(HOME));
    assert_eq!(
        partly.assumptions,
        [
            "nothing tells whether console authorization is on for the organization of account 111111111111; it is \
             taken to be off"
        ]
    );
}

#[test]
fn before_2026_no_policy_decided_about_sign_ins() {
    let old = with(sign_in(HOME), json!({"eventTime": "2025-12-31T23:59:59Z"}));
    let strict = labeller(&[], Assume::strict()).label(&samples::record(old), now());
    assert_eq!(kind(&strict), ALLOWED);
    assert_eq!(strict.assumptions, [] as [&str; 0]);
}

#[test]
fn a_strict_label_of_a_sign_in_is_open_unless_nothing_would_deny_it() {
    let strict = |files: &[Value]| {
        labeller(files, Assume::strict()).label(&samples::record(sign_in(HOME)), now())
    };
    let unknown = strict(&[nothing()]);
    assert_eq!(
        kind(&unknown),
        (Decision::Indeterminate, CauseType::NoPoliciesKnown)
    );
    assert!(
        unknown
            .cause
            .text
            .starts_with("nothing tells whether console authorization"),
        "{}",
        unknown.cause.text
    );
    let policy_alone = |statements: Value| json!({"targetId": "111111111111", "signinResourceBasedPolicy": {"Version": "2012-10-17", "Statement": statements}});
    let tree = organization(json!([]), json!([]));
    let harmless = strict(&[nothing(), policy_alone(json!([])), tree.clone()]);
    assert_eq!(kind(&harmless), ALLOWED, "{harmless:#?}");
    let denying = strict(&[nothing(), policy_alone(perimeter()), tree]);
    assert_eq!(
        kind(&denying),
        (Decision::Indeterminate, CauseType::NoPoliciesKnown)
    );
}

#[test]
fn the_excluded_principal_is_known_by_another_key_before_and_after_its_credentials() {
    let files = [nothing(), console(true, perimeter())];
    assert_eq!(kind(&label(&files, by_root(HOME))), ALLOWED);
    let only_one_key = json!([
        only_office(json!(["signin:Authenticate"]), "aws:PrincipalArn"),
        only_office(
            json!(["signin:CreateOAuth2Token", "signin:AuthorizeOAuth2Access"]),
            "signin:PrincipalArn"
        ),
    ]);
    let denied = label(&[nothing(), console(true, only_one_key)], by_root(HOME));
    assert_eq!(denied.decision, Decision::ExplicitDeny);
}

#[test]
fn a_phase_without_a_statement_is_not_protected() {
    let after = json!([only_office(
        json!(["signin:CreateOAuth2Token"]),
        "aws:PrincipalArn"
    )]);
    let denied = label(&[nothing(), console(true, after)], sign_in(HOME));
    assert_eq!(denied.decision, Decision::ExplicitDeny);
    assert!(
        denied.cause.text.starts_with("signin:CreateOAuth2Token"),
        "{}",
        denied.cause.text
    );
    let before = json!([only_office(
        json!(["signin:Authenticate"]),
        "signin:PrincipalArn"
    )]);
    let step = with(
        sign_in(HOME),
        json!({"eventName": "CheckMfa", "responseElements": {"CheckMfa": "Success"}}),
    );
    assert_eq!(
        label(&[console(true, before)], step.clone()).decision,
        Decision::ExplicitDeny
    );
    // The step is taken before the credentials are known to be right.
    let after = json!([only_office(
        json!(["signin:CreateOAuth2Token"]),
        "aws:PrincipalArn"
    )]);
    assert_eq!(kind(&label(&[console(true, after)], step)), ALLOWED);
}

#[test]
fn whether_a_principal_with_a_path_is_excluded_before_its_credentials_is_not_known() {
    let exempt = |arn: &str, key: &str| {
        json!({
            "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "signin:Authenticate", "Resource": "*",
            "Condition": {"ArnNotEquals": {key: arn}}
        })
    };
    let eve = with(
        sign_in(HOME),
        json!({"userIdentity": {
            "type": "IAMUser", "arn": "arn:aws:iam::111111111111:user/staff/eve", "userName": "eve",
            "accountId": "111111111111"
        }}),
    );
    let step = with(
        eve,
        json!({"eventName": "CheckMfa", "responseElements": {"CheckMfa": "Success"}}),
    );
    let policy = json!([exempt(
        "arn:aws:iam::111111111111:user/staff/eve",
        "signin:PrincipalArn"
    )]);
    let open = label(&[console(true, policy)], step);
    assert_eq!(
        kind(&open),
        (Decision::Indeterminate, CauseType::UnknownKeys)
    );
    assert_eq!(open.unknown_keys, ["signin:principalarn"]);
}

#[test]
fn a_change_of_console_authorization_shortly_before_explains_a_sign_in() {
    let files = [
        nothing(),
        console(true, perimeter()),
        organization(json!([]), json!([])),
        json!({"targetId": "o-exampleorg1", "consoleAuthorizationEnabled": false}),
    ];
    let mut labeller = labeller(&files, Assume::default());
    let switched = samples::record(json!({
        "eventTime": "2026-07-01T07:59:30Z", "eventSource": "signin.amazonaws.com",
        "eventName": "DeleteConsoleAuthorizationConfiguration", "awsRegion": "us-east-1",
        "requestParameters": {"targetId": "111111111111"},
        "responseElements": {"targetId": "111111111111", "scope": "ACCOUNT", "consoleAuthorizationEnabled": false}
    }));
    labeller.timeline_mut().add_records([&switched]);
    let label = labeller.label(
        &samples::record(refused(HOME, "resource-based policy")),
        now(),
    );
    assert_eq!(label.decision, Decision::Allow);
    assert_eq!(
        label.agreement_class,
        AgreementClass::Propagation,
        "{}",
        label.agreement_reason
    );
    assert!(
        label
            .agreement_reason
            .contains("DeleteConsoleAuthorizationConfiguration"),
        "{}",
        label.agreement_reason
    );
}
