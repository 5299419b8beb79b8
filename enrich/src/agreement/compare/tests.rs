#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::{Value, json};
use trailwright_schemas::{AgreementClass, Cause, CauseType, Decision};

use super::{Compared, Denier, Found, compare};
use crate::agreement::Recorded;
use crate::samples;

const SCP: &str =
    "arn:aws:organizations::999999999999:policy/o-exampleorg1/service_control_policy/p-regions1";

fn denied(reason: &str) -> Value {
    let message = format!(
        "User: arn:aws:iam::111111111111:user/ada is not authorized to perform: s3:GetObject {reason}"
    );
    json!({"errorCode": "AccessDenied", "errorMessage": message})
}

fn error(code: &str) -> Value {
    json!({ "errorCode": code })
}

/// By a service control policy and the bucket's policy.
fn explicit() -> Vec<Denier> {
    let denier = |policy_type, arn: Option<&str>| Denier {
        policy_type,
        arn: arn.map(str::to_owned),
    };
    vec![
        denier(CauseType::ResourcePolicy, None),
        denier(CauseType::ServiceControlPolicy, Some(SCP)),
    ]
}

fn compared(changes: Value, decision: Decision, cause_type: CauseType) -> Compared {
    let record = samples::record(changes);
    let denies = match decision {
        Decision::ExplicitDeny => explicit(),
        _ => Vec::new(),
    };
    let missing: &[CauseType] = match decision {
        Decision::ImplicitDeny => &[CauseType::IdentityPolicy, CauseType::SessionPolicy],
        _ => &[],
    };
    let found = Found {
        decision,
        denies: &denies,
        missing,
        cause: &Cause::without_policy(cause_type, "the cause"),
    };
    compare(&Recorded::of(&record), &found)
}

fn class(changes: Value, decision: Decision) -> AgreementClass {
    compared(changes, decision, CauseType::IdentityPolicy).class
}

#[test]
fn decisions_are_compared_with_outcomes() {
    use AgreementClass as Class;
    use Decision::{Allow, ExplicitDeny, ImplicitDeny};
    let cases = [
        (json!({}), Allow, Class::BothAllow),
        (json!({}), ImplicitDeny, Class::RecordedAllowedComputedDeny),
        (json!({}), ExplicitDeny, Class::RecordedAllowedComputedDeny),
        (error("Client.DryRunOperation"), Allow, Class::BothAllow),
        (
            error("Client.DryRunOperation"),
            ImplicitDeny,
            Class::RecordedAllowedComputedDeny,
        ),
        (
            error("AccessDenied"),
            Allow,
            Class::RecordedDeniedComputedAllow,
        ),
        (error("AccessDenied"), ImplicitDeny, Class::BothDeny),
        (denied(""), ExplicitDeny, Class::BothDeny),
        (error("NoSuchBucket"), Allow, Class::AuthorizationNotProven),
        (
            error("ThrottlingException"),
            ImplicitDeny,
            Class::AuthorizationNotProven,
        ),
        (
            error("InvalidClientTokenId"),
            Allow,
            Class::NotAuthenticated,
        ),
        (
            json!({"eventType": "AwsServiceEvent"}),
            Allow,
            Class::NoRequest,
        ),
    ];
    for (changes, decision, expected) in cases {
        assert_eq!(
            class(changes.clone(), decision),
            expected,
            "{decision:?} {changes}"
        );
    }
}

#[test]
fn what_the_record_names_has_to_be_among_what_denies() {
    use AgreementClass::{BothDenyOtherCause as Other, BothDenySameCause as Same};
    use Decision::{ExplicitDeny, ImplicitDeny};
    let other_scp = SCP.replace("p-regions1", "p-regions11");
    let cases = [
        (format!("with an explicit deny in a service control policy: {SCP}"), ExplicitDeny, Same),
        (format!("with an explicit deny in a service control policy: {other_scp}"), ExplicitDeny, Other),
        (format!("with an explicit deny in a service control policy: {}...", &SCP[..60]), ExplicitDeny, Same),
        ("with an explicit deny in a service control policy".to_owned(), ExplicitDeny, Same),
        ("with an explicit deny in a service control policy".to_owned(), ImplicitDeny, Other),
        ("with an explicit deny in a resource-based policy".to_owned(), ExplicitDeny, Same),
        ("with an explicit deny in a permissions boundary".to_owned(), ExplicitDeny, Other),
        ("with an explicit deny in a VPC endpoint policy transitively through a service control policy".to_owned(), ExplicitDeny, Same),
        ("with an explicit deny in a VPC endpoint policy".to_owned(), ExplicitDeny, Other),
        ("with an explicit deny".to_owned(), ExplicitDeny, Same),
        ("with an explicit deny".to_owned(), ImplicitDeny, Other),
        ("because no session policy allows the s3:GetObject action".to_owned(), ImplicitDeny, Same),
        ("because no permissions boundary allows the s3:GetObject action".to_owned(), ImplicitDeny, Other),
    ];
    for (reason, decision, expected) in cases {
        let compared = compared(denied(&reason), decision, CauseType::IdentityPolicy);
        assert_eq!(
            compared.class, expected,
            "{decision:?} {reason}: {}",
            compared.reason
        );
    }
    let by_endpoint = json!({"errorCode": "VpceAccessDenied", "errorMessage": "The request was denied due to a VPC endpoint policy"});
    assert_eq!(class(by_endpoint, ImplicitDeny), Other);
}

#[test]
fn gates_outside_iam_are_told_from_policies() {
    use AgreementClass as Class;
    use Decision::{Allow, ImplicitDeny, Indeterminate};
    let stated = |message: &str| json!({"errorCode": "AccessDenied", "errorMessage": message});
    let cases = [
        (
            stated("IAM user access not activated"),
            Allow,
            Class::GateBilling,
        ),
        (
            stated("IAM user access not activated"),
            Indeterminate,
            Class::GateBilling,
        ),
        (
            stated("Cross-account pass role is not allowed."),
            ImplicitDeny,
            Class::GateCrossAccountPassRole,
        ),
        (
            denied(
                "on resource: \"arn:aws:s3:::ledger\" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
            ),
            Allow,
            Class::GateBlockPublicAccess,
        ),
        (error("Client.VcpuLimitExceeded"), Allow, Class::GateQuota),
        (
            error("ServiceQuotaExceededException"),
            Allow,
            Class::GateQuota,
        ),
        (
            error("Client.RequestLimitExceeded"),
            Allow,
            Class::AuthorizationNotProven,
        ),
        (
            error("Client.VcpuLimitExceeded"),
            ImplicitDeny,
            Class::AuthorizationNotProven,
        ),
        (
            error("Client.OptInRequired"),
            Allow,
            Class::GateSubscription,
        ),
        (
            error("Client.PendingVerification"),
            Allow,
            Class::GateSubscription,
        ),
    ];
    for (changes, decision, expected) in cases {
        assert_eq!(
            class(changes.clone(), decision),
            expected,
            "{decision:?} {changes}"
        );
    }
}

#[test]
fn an_open_decision_says_what_is_missing() {
    let cases = [
        (CauseType::UnknownKeys, AgreementClass::UnknownKeys),
        (CauseType::NoPoliciesKnown, AgreementClass::NoPolicies),
        (CauseType::UnmappedRequest, AgreementClass::UnmappedRequest),
    ];
    for (cause_type, expected) in cases {
        for changes in [json!({}), denied(""), error("NoSuchBucket")] {
            let compared = compared(changes, Decision::Indeterminate, cause_type);
            assert_eq!(compared.class, expected);
            assert_eq!(compared.reason, "the decision is open: the cause");
        }
    }
}

#[test]
fn reasons_are_sentences() {
    let reason = |changes, decision| compared(changes, decision, CauseType::IdentityPolicy).reason;
    let sentences = [
        reason(json!({}), Decision::ImplicitDeny),
        reason(denied(""), Decision::Allow),
        reason(
            denied(&format!(
                "with an explicit deny in a service control policy: {SCP}"
            )),
            Decision::ExplicitDeny,
        ),
        reason(
            denied(
                "with an explicit deny in a VPC endpoint policy transitively through a service control policy",
            ),
            Decision::ImplicitDeny,
        ),
        reason(
            denied("because no session policy allows the s3:GetObject action"),
            Decision::ImplicitDeny,
        ),
        reason(
            json!({"errorCode": "Client.UnauthorizedOperation", "errorMessage":
                "You are not authorized to perform this operation. Encoded authorization failure message: Q2Fu"}),
            Decision::ImplicitDeny,
        ),
        reason(
            json!({"errorCode": "AccessDenied", "errorMessage": "IAM user access not activated"}),
            Decision::Allow,
        ),
        reason(error("Client.VcpuLimitExceeded"), Decision::Allow),
        reason(error("NoSuchBucket"), Decision::Allow),
    ];
    insta::assert_snapshot!("reasons", sentences.join("\n"));
}
