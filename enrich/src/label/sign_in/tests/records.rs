//! What the record tells: refusals, steps that are no sign-in, what it leaves out.

use serde_json::{Value, json};
use trailwright_schemas::{AgreementClass, CauseType, Decision, RecordedOutcome, Stage};

use super::{
    ALLOWED, HOME, OFFICE, console, document, kind, label, nothing, only_office, organization,
    people, perimeter, refused, sign_in, with,
};

#[test]
fn a_refused_sign_in_is_decided_anew_and_compared_with_the_cause_it_states() {
    let on = [nothing(), console(true, perimeter())];
    let by_policy = label(&on, refused(HOME, "resource-based policy"));
    assert_eq!(by_policy.recorded_outcome, RecordedOutcome::Denied);
    assert_eq!(
        by_policy.agreement_class,
        AgreementClass::BothDenySameCause,
        "{}",
        by_policy.agreement_reason
    );
    let by_rcp = label(&on, refused(HOME, "resource control policy"));
    assert_eq!(by_rcp.agreement_class, AgreementClass::BothDenyOtherCause);
    let from_office = label(&on, refused(OFFICE, "resource-based policy"));
    assert_eq!(
        from_office.agreement_class,
        AgreementClass::RecordedDeniedComputedAllow
    );
    let not_known = label(&[nothing()], refused(HOME, "resource-based policy"));
    assert_eq!(
        kind(&not_known),
        (Decision::Indeterminate, CauseType::NoPoliciesKnown)
    );
    assert_eq!(not_known.agreement_class, AgreementClass::NoPolicies);
    // The refusal itself tells that it was on.
    let rcp = organization(
        json!([]),
        json!([only_office(
            json!(["signin:Authenticate"]),
            "signin:PrincipalArn"
        )]),
    );
    let known = label(&[nothing(), rcp], refused(HOME, "resource control policy"));
    assert_eq!(known.agreement_class, AgreementClass::BothDenySameCause);
}

#[test]
fn wrong_credentials_are_not_evaluated_whatever_the_policies() {
    let failed = with(
        sign_in(HOME),
        json!({"responseElements": {"ConsoleLogin": "Failure"}, "errorMessage": "Failed authentication"}),
    );
    let label = label(&[nothing(), console(true, perimeter())], failed);
    assert_eq!(
        kind(&label),
        (Decision::NotEvaluated, CauseType::AuthenticationFailure)
    );
    assert_eq!(label.stage, Stage::Authentication);
}

#[test]
fn a_network_that_the_record_does_not_tell_keeps_the_decision_open() {
    let vpc = json!([{
        "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "signin:*", "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-0abc123def4567890"}}
    }]);
    let files = [nothing(), console(true, vpc)];
    assert_eq!(
        label(&files, sign_in(HOME)).decision,
        Decision::ExplicitDeny
    );
    let inside = with(
        sign_in("10.0.0.4"),
        json!({"vpcEndpointId": "vpce-0a1b2c3d", "vpcEndpointAccountId": "111111111111"}),
    );
    let open = label(&files, inside);
    assert_eq!(
        kind(&open),
        (Decision::Indeterminate, CauseType::UnknownKeys)
    );
    assert_eq!(open.unknown_keys, ["aws:sourcevpc"]);
}

#[test]
fn steps_that_are_no_sign_in_are_not_restricted_and_role_switches_are_undocumented() {
    let on = [nothing(), console(true, perimeter())];
    let event = |name: &str| {
        with(
            sign_in(HOME),
            json!({"eventName": name, "responseElements": {name: "Success"}}),
        )
    };
    for name in ["GetSigninToken", "ExitRole"] {
        let label = label(&on, event(name));
        assert_eq!(kind(&label), ALLOWED, "{name}");
        assert_eq!(label.assumptions, [] as [&str; 0]);
    }
    for name in ["SwitchRole", "RenewRole", "PasswordRecoveryRequested"] {
        let open = label(&on, event(name));
        assert_eq!(
            kind(&open),
            (Decision::Indeterminate, CauseType::UnmappedRequest),
            "{name}"
        );
        let refused = with(
            event(name),
            json!({"responseElements": {name: "Failure"}, "errorCode": "AccessDenied"}),
        );
        assert_ne!(label(&[], refused).decision, Decision::Allow, "{name}");
        let off = label(&[console(false, perimeter())], event(name));
        assert_eq!(kind(&off), ALLOWED, "{name}");
    }
}

#[test]
fn aws_login_needs_a_permission_and_is_denied_where_the_console_is() {
    let login = |client: &str, address: &str| {
        json!({
            "eventTime": "2026-07-01T08:00:00Z", "sourceIPAddress": address, "readOnly": true,
            "eventSource": "signin.amazonaws.com", "eventName": "CreateOAuth2Token",
            "requestParameters": {"client_id": client}, "additionalEventData": {"success": "true"}
        })
    };
    let same_device = "arn:aws:signin:::devtools/same-device";
    let may = people(document(json!([{
        "Effect": "Allow", "Action": ["signin:AuthorizeOAuth2Access", "signin:CreateOAuth2Token"],
        "Resource": "arn:aws:signin:*:*:oauth2/public-client/localhost"
    }])));
    let decision = |files: &[Value], record: Value| label(files, record).decision;
    let on = console(true, perimeter());
    assert_eq!(
        decision(&[may.clone(), on.clone()], login(same_device, OFFICE)),
        Decision::Allow
    );
    assert_eq!(
        decision(&[may.clone(), on.clone()], login(same_device, HOME)),
        Decision::ExplicitDeny
    );
    let off = console(false, perimeter());
    assert_eq!(
        decision(&[may.clone(), off], login(same_device, HOME)),
        Decision::Allow
    );
    let other_device = login("arn:aws:signin:::devtools/cross-device", OFFICE);
    assert_eq!(
        decision(&[may.clone(), on.clone()], other_device),
        Decision::ImplicitDeny
    );
    assert_eq!(
        decision(&[nothing(), on.clone()], login(same_device, OFFICE)),
        Decision::ImplicitDeny
    );
    let client = login("arn:aws:signin:us-west-2::external-client/dcr/1", OFFICE);
    assert_eq!(decision(&[may, on], client), Decision::Indeterminate);
}
