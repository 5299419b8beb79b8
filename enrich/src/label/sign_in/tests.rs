#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use trailwright_schemas::{AgreementClass, CauseType, Decision, Label, RecordedOutcome, Stage};

use crate::label::{Assume, LabelOptions, Labeller};
use crate::policies::{PolicyFile, Timeline};
use crate::samples;

const OFFICE: &str = "203.0.113.7";
const HOME: &str = "198.51.100.4";

fn now() -> DateTime<Utc> {
    "2026-12-01T00:00:00Z".parse().unwrap()
}

fn labeller(files: &[Value], assume: Assume) -> Labeller {
    let files: Vec<PolicyFile> = files
        .iter()
        .enumerate()
        .map(|(at, file)| PolicyFile::new(PathBuf::from(format!("{at}.json")), file.to_string()))
        .collect();
    let mut timeline = Timeline::default();
    let (_, problems) = timeline.add_files(&files);
    assert_eq!(problems, []);
    let options = LabelOptions {
        assume,
        ..LabelOptions::default()
    };
    Labeller::new(timeline, options)
}

fn label(files: &[Value], record: Value) -> Label {
    labeller(files, Assume::default()).label(&samples::record(record), now())
}

/// A sign-in by ada from an address.
fn sign_in(address: &str) -> Value {
    json!({
        "eventTime": "2026-07-01T08:00:00Z", "awsRegion": "eu-west-1", "sourceIPAddress": address,
        "eventType": "AwsConsoleSignIn", "eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin",
        "requestParameters": null, "responseElements": {"ConsoleLogin": "Success"},
        "userIdentity": {
            "type": "IAMUser", "arn": "arn:aws:iam::111111111111:user/ada", "userName": "ada",
            "accountId": "111111111111", "principalId": "AIDAEXAMPLE"
        },
        "additionalEventData": {
            "LoginTo": "https://console.aws.amazon.com/console/home", "MobileVersion": "No", "MFAUsed": "Yes"
        }
    })
}

/// The same, refused.
fn refused(address: &str, by: &str) -> Value {
    with(
        sign_in(address),
        json!({
            "responseElements": {"ConsoleLogin": "Failure"},
            "errorMessage": format!("Authorization denied because of a {by}")
        }),
    )
}

fn with(mut record: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        record[name] = value.clone();
    }
    record
}

fn by_root(address: &str) -> Value {
    with(
        sign_in(address),
        json!({"awsRegion": "us-east-1", "userIdentity": {
            "type": "Root", "arn": "arn:aws:iam::111111111111:root", "accountId": "111111111111",
            "principalId": "111111111111"
        }}),
    )
}

/// Ada, who may nothing, and her group's policy.
fn people(document: Value) -> Value {
    json!({"UserDetailList": [{
        "Arn": "arn:aws:iam::111111111111:user/ada", "UserName": "ada",
        "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": document}]
    }]})
}

fn document(statements: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn nothing() -> Value {
    people(document(json!([])))
}

/// Console authorization of the account, and its policy.
fn console(on: bool, statements: Value) -> Value {
    json!({
        "targetId": "111111111111", "scope": "ACCOUNT", "consoleAuthorizationEnabled": on,
        "signinResourceBasedPolicy": {"Version": "2012-10-17", "Statement": statements}
    })
}

fn only_office(actions: Value, exempt_key: &str) -> Value {
    json!({
        "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": actions, "Resource": "*",
        "Condition": {
            "ArnNotEquals": {exempt_key: "arn:aws:iam::111111111111:root"},
            "NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"},
            "StringEquals": {"aws:ResourceAccount": "111111111111"}
        }
    })
}

fn perimeter() -> Value {
    json!([
        only_office(json!(["signin:Authenticate"]), "signin:PrincipalArn"),
        only_office(
            json!(["signin:CreateOAuth2Token", "signin:AuthorizeOAuth2Access"]),
            "aws:PrincipalArn"
        ),
    ])
}

/// An organization with these control policies on its root.
fn organization(scp: Value, rcp: Value) -> Value {
    let full = document(json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]));
    let full = json!({"Id": "p-FullAWSAccess", "Arn": "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess",
        "Name": "FullAWSAccess", "Type": "SERVICE_CONTROL_POLICY", "Content": full});
    let own = |id: &str, kind: &str, statements: Value| {
        json!({
            "Id": id, "Name": id, "Type": kind, "Content": document(statements),
            "Arn": format!("arn:aws:organizations::999999999999:policy/o-exampleorg1/{}/{id}", kind.to_lowercase())
        })
    };
    json!({
        "Organization": {"Id": "o-exampleorg1", "MasterAccountId": "999999999999"},
        "Root": {
            "Id": "r-ab12",
            "Policies": [full, own("p-scp00001", "SERVICE_CONTROL_POLICY", scp), own("p-rcp00001", "RESOURCE_CONTROL_POLICY", rcp)],
            "Children": [
                {"Id": "111111111111", "Policies": [full]}, {"Id": "999999999999", "Policies": [full]}
            ]
        }
    })
}

fn kind(label: &Label) -> (Decision, CauseType) {
    (label.decision, label.cause.cause_type)
}

const ALLOWED: (Decision, CauseType) = (Decision::Allow, CauseType::SignInNotRestricted);

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
fn a_deny_of_the_user_counts_after_the_credentials_and_an_allow_is_not_needed() {
    let no_console = document(
        json!([{"Effect": "Deny", "Action": "signin:AuthorizeOAuth2Access", "Resource": "*"}]),
    );
    let on = console(true, json!([]));
    let denied = label(&[people(no_console.clone()), on.clone()], sign_in(OFFICE));
    assert_eq!(
        kind(&denied),
        (Decision::ExplicitDeny, CauseType::IdentityPolicy)
    );
    assert_eq!(
        kind(&label(&[nothing(), on.clone()], sign_in(OFFICE))),
        ALLOWED
    );
    // While it is off, identity-based policies are not asked.
    let off = label(
        &[people(no_console), console(false, json!([]))],
        sign_in(OFFICE),
    );
    assert_eq!(kind(&off), ALLOWED);
    let unknown_user = label(&[on], sign_in(OFFICE));
    assert_eq!(
        kind(&unknown_user),
        (Decision::Indeterminate, CauseType::NoPoliciesKnown)
    );
}

#[test]
fn resource_control_policies_bind_sign_ins_to_member_accounts_when_it_is_on_for_the_organization() {
    let on = |whom: &str| json!({"targetId": whom, "consoleAuthorizationEnabled": true});
    let rcp = json!([only_office(
        json!(["signin:Authenticate"]),
        "signin:PrincipalArn"
    ),]);
    let tree = organization(json!([]), rcp);
    for target in ["o-exampleorg1", "r-ab12"] {
        let denied = label(&[nothing(), tree.clone(), on(target)], sign_in(HOME));
        assert_eq!(
            kind(&denied),
            (Decision::ExplicitDeny, CauseType::ResourceControlPolicy),
            "{denied:#?}"
        );
    }
    let elsewhere = label(
        &[nothing(), tree.clone(), on("222222222222")],
        sign_in(HOME),
    );
    assert_eq!(kind(&elsewhere), ALLOWED);
    let alone = label(&[nothing(), on("o-exampleorg1")], sign_in(HOME));
    assert_eq!(
        alone.assumptions,
        [
            "console authorization is on for o-exampleorg1, and nothing tells whether account 111111111111 belongs to \
             it; it is taken to be off"
        ]
    );
}

#[test]
fn control_policies_do_not_bind_the_management_account_and_its_own_sign_in_policy_does() {
    let deny_all =
        json!([{"Effect": "Deny", "Principal": "*", "Action": "signin:*", "Resource": "*"}]);
    let scp = json!([{"Effect": "Deny", "Action": "*", "Resource": "*"}]);
    let tree = organization(scp, deny_all.clone());
    let root = |account: &str| {
        with(
            by_root(HOME),
            json!({"recipientAccountId": account, "userIdentity": {
                "type": "Root", "arn": format!("arn:aws:iam::{account}:root"), "accountId": account, "principalId": account
            }}),
        )
    };
    let on = |account: &str, statements: Value| {
        json!({
            "targetId": account, "consoleAuthorizationEnabled": true,
            "signinResourceBasedPolicy": {"Version": "2012-10-17", "Statement": statements}
        })
    };
    let member = label(
        &[tree.clone(), on("111111111111", json!([]))],
        root("111111111111"),
    );
    assert_eq!(member.decision, Decision::ExplicitDeny);
    let management = label(
        &[tree.clone(), on("999999999999", json!([]))],
        root("999999999999"),
    );
    assert_eq!(kind(&management), ALLOWED, "{management:#?}");
    let own = label(&[tree, on("999999999999", deny_all)], root("999999999999"));
    assert_eq!(
        kind(&own),
        (Decision::ExplicitDeny, CauseType::ResourcePolicy)
    );
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
fn service_control_policies_deny_after_the_credentials_and_are_undocumented_before() {
    let on = console(true, json!([]));
    let scp = |actions: Value| json!([{"Sid": "NoConsole", "Effect": "Deny", "Action": actions, "Resource": "*"}]);
    let after = organization(scp(json!("signin:*")), json!([]));
    let denied = label(&[nothing(), on.clone(), after], sign_in(OFFICE));
    assert_eq!(
        kind(&denied),
        (Decision::ExplicitDeny, CauseType::ServiceControlPolicy)
    );
    let before = organization(scp(json!("signin:Authenticate")), json!([]));
    let open = label(&[nothing(), on, before], sign_in(OFFICE));
    assert_eq!(open.decision, Decision::Indeterminate);
    assert!(
        open.cause.text.contains("does not document"),
        "{}",
        open.cause.text
    );
}

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
fn the_policy_of_a_vpc_endpoint_counts_with_console_authorization_or_without() {
    let endpoint = |account: &str| {
        json!([{"Resource": "arn:aws:ec2:eu-west-1:111111111111:vpc-endpoint/vpce-0a1b2c3d", "Policy": document(json!([{
            "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalAccount": account}}
        }]))}])
    };
    let inside = with(
        sign_in("10.0.0.4"),
        json!({"vpcEndpointId": "vpce-0a1b2c3d"}),
    );
    for on in [true, false] {
        let console = console(on, json!([]));
        let ours = label(
            &[nothing(), console.clone(), endpoint("111111111111")],
            inside.clone(),
        );
        assert_eq!(kind(&ours), ALLOWED, "{ours:#?}");
        let theirs = label(
            &[nothing(), console, endpoint("222222222222")],
            inside.clone(),
        );
        assert_eq!(
            kind(&theirs),
            (Decision::ImplicitDeny, CauseType::VpcEndpointPolicy),
            "{theirs:#?}"
        );
    }
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
