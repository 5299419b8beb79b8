//! What other policies say to a sign-in: those of its user, of the organization, of an endpoint.

use serde_json::{Value, json};
use trailwright_schemas::{CauseType, Decision};

use super::{
    ALLOWED, HOME, OFFICE, by_root, console, document, kind, label, nothing, only_office,
    organization, people, sign_in, with,
};

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
