#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::{Value, json};
use trailwright_schemas::{Agreement, CauseType, Decision, RecordedOutcome};

use super::{Denier, Found, Reason, compare, parse, recorded_outcome};
use crate::samples;

const ASKED: &str =
    "User: arn:aws:iam::111111111111:user/ada is not authorized to perform: s3:GetObject";

fn explicit(policy_type: CauseType, arn: Option<&str>) -> Reason {
    Reason::Explicit {
        policy_type: Some(policy_type),
        arn: arn.map(str::to_owned),
    }
}

#[test]
fn every_form_of_a_denial_message_is_read() {
    use CauseType as Cause;
    let implicit = |policy_type| Reason::Implicit { policy_type };
    let scp = "arn:aws:organizations::999999999999:policy/o-exampleorg1/service_control_policy/p-regions1";
    let rcp =
        "arn:aws:organizations::999999999999:policy/o-exampleorg1/resource_control_policy/p-1";
    let boundary = "arn:aws:iam::111111111111:policy/only-s3";
    let on = " on resource: \"arn:aws:s3:::ledger/a\"";
    let cases = [
        (
            " because no identity-based policy allows the s3:GetObject action".to_owned(),
            implicit(Cause::IdentityPolicy),
        ),
        (
            " because no resource-based policy allows the s3:GetObject action".to_owned(),
            implicit(Cause::ResourcePolicy),
        ),
        (
            " because no service control policy allows the s3:GetObject action".to_owned(),
            implicit(Cause::ServiceControlPolicy),
        ),
        (
            " because no VPC endpoint policy allows the s3:GetObject action".to_owned(),
            implicit(Cause::VpcEndpointPolicy),
        ),
        (
            " because no permissions boundary allows the s3:GetObject action".to_owned(),
            implicit(Cause::PermissionsBoundary),
        ),
        (
            " because no session policy allows the s3:GetObject action".to_owned(),
            implicit(Cause::SessionPolicy),
        ),
        (
            " because no role trust policy allows the sts:AssumeRole action".to_owned(),
            implicit(Cause::ResourcePolicy),
        ),
        (
            " with an explicit deny in an identity-based policy".to_owned(),
            explicit(Cause::IdentityPolicy, None),
        ),
        (
            " with an explicit deny in an identity policy: arn:aws:iam::111111111111:policy/x"
                .to_owned(),
            explicit(
                Cause::IdentityPolicy,
                Some("arn:aws:iam::111111111111:policy/x"),
            ),
        ),
        (
            " with an explicit deny in a resource-based policy".to_owned(),
            explicit(Cause::ResourcePolicy, None),
        ),
        (
            " with an explicit deny in the role trust policy".to_owned(),
            explicit(Cause::ResourcePolicy, None),
        ),
        (
            " with an explicit deny in a VPC endpoint policy".to_owned(),
            explicit(Cause::VpcEndpointPolicy, None),
        ),
        (
            " with an explicit deny in a session policy".to_owned(),
            explicit(Cause::SessionPolicy, None),
        ),
        (
            format!(" with an explicit deny in a permissions boundary: {boundary}"),
            explicit(Cause::PermissionsBoundary, Some(boundary)),
        ),
        (
            format!(" with an explicit deny in a service control policy: {scp}"),
            explicit(Cause::ServiceControlPolicy, Some(scp)),
        ),
        (
            format!(" with an explicit deny in a resource control policy: {rcp}"),
            explicit(Cause::ResourceControlPolicy, Some(rcp)),
        ),
        (
            format!(
                " with an explicit deny in a service control policy: {scp}. Go to https://console.aws.amazon.com/iam/home#/access-troubleshooter \
            for complete details, or call the iam:GetAuthorizationDetails API with the following authorization id: 4f7c"
            ),
            explicit(Cause::ServiceControlPolicy, Some(scp)),
        ),
        (
            " with an explicit deny in a service contr".to_owned(),
            Reason::Explicit {
                policy_type: None,
                arn: None,
            },
        ),
        (
            " with an explicit deny".to_owned(),
            Reason::Explicit {
                policy_type: None,
                arn: None,
            },
        ),
        (" because no identity-bas".to_owned(), Reason::Withheld),
        (String::new(), Reason::Withheld),
        (
            ". Encoded authorization failure message: Q2Fubm90".to_owned(),
            Reason::Encoded,
        ),
    ];
    for (end, reason) in cases {
        let denial = parse(&format!("{ASKED}{on}{end}")).unwrap();
        assert_eq!(denial.reason, reason, "{end}");
        assert_eq!(
            denial.principal.as_deref(),
            Some("arn:aws:iam::111111111111:user/ada")
        );
        assert_eq!(denial.action.as_deref(), Some("s3:GetObject"));
        assert_eq!(
            denial.resource.as_deref(),
            Some("\"arn:aws:s3:::ledger/a\""),
            "{end}"
        );
    }
}

#[test]
fn messages_without_the_usual_sentence_are_read() {
    let named = |policy_type| Reason::Named { policy_type };
    let cases = [
        ("Access Denied", Reason::Withheld),
        (
            "You are not authorized to perform this operation.",
            Reason::Withheld,
        ),
        (
            "You are not authorized to perform this operation. Encoded authorization failure message: Q2Fubm90",
            Reason::Encoded,
        ),
        (
            "You are not authorized to perform this operation. User: arn:aws:iam::1:user/a is not authorized to perform: ec2:RunInstances on \
          resource: arn:aws:ec2:us-east-1:1:instance/* because no identity-based policy allows the ec2:RunInstances action. Encoded \
          authorization failure message: Q2Fubm90",
            Reason::Implicit {
                policy_type: CauseType::IdentityPolicy,
            },
        ),
        (
            "The request was denied due to a VPC endpoint policy",
            named(CauseType::VpcEndpointPolicy),
        ),
        (
            "Authorization denied because of a resource-based policy",
            named(CauseType::ResourcePolicy),
        ),
        (
            "Authorization denied because of a resource control policy",
            named(CauseType::ResourceControlPolicy),
        ),
        ("IAM user access not activated", Reason::OtherGate),
        ("Cross-account pass role is not allowed.", Reason::OtherGate),
    ];
    for (message, reason) in cases {
        assert_eq!(parse(message).unwrap().reason, reason, "{message}");
    }
    for message in ["Rate exceeded", "The specified bucket does not exist", ""] {
        assert_eq!(parse(message), None, "{message}");
    }
    let iam = parse(&format!(
        "{ASKED} on resource: user eve because no identity-based policy allows the x"
    ))
    .unwrap();
    assert_eq!(iam.resource.as_deref(), Some("user eve"));
    let troubleshooter =
        parse("Access Denied, or call it with the following authorization id: 4f7c").unwrap();
    assert_eq!(troubleshooter.authorization_id.as_deref(), Some("4f7c"));
}

#[test]
fn error_codes_fall_into_their_families() {
    use RecordedOutcome::{Allowed, AuthenticationFailed, Denied, OtherError};
    let cases = [
        (json!({}), Allowed),
        (json!({"errorCode": "AccessDenied"}), Denied),
        (json!({"errorCode": "AccessDeniedException"}), Denied),
        (json!({"errorCode": "Client.UnauthorizedOperation"}), Denied),
        (json!({"errorCode": "UnauthorizedOperation"}), Denied),
        (json!({"errorCode": "VpceAccessDenied"}), Denied),
        (json!({"errorCode": "AuthorizationError"}), Denied),
        (json!({"errorCode": "KMS.AccessDeniedException"}), Denied),
        (json!({"errorCode": "Client.DryRunOperation"}), Allowed),
        (
            json!({"errorCode": "InvalidClientTokenId"}),
            AuthenticationFailed,
        ),
        (
            json!({"errorCode": "ExpiredTokenException"}),
            AuthenticationFailed,
        ),
        (
            json!({"errorCode": "Client.AuthFailure"}),
            AuthenticationFailed,
        ),
        (json!({"errorCode": "ThrottlingException"}), OtherError),
        (json!({"errorCode": "NoSuchBucket"}), OtherError),
        (
            json!({"errorMessage": "You are not authorized to make this call."}),
            Denied,
        ),
        (
            json!({"errorMessage": "The stream has no shards"}),
            OtherError,
        ),
        (
            json!({"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", "responseElements": {"ConsoleLogin": "Success"}}),
            Allowed,
        ),
        (
            json!({"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", "responseElements": {"ConsoleLogin": "Failure"}, "errorMessage": "Failed authentication"}),
            AuthenticationFailed,
        ),
        (
            json!({"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", "responseElements": {"ConsoleLogin": "Failure"},
                "errorMessage": "Authorization denied because of a resource-based policy"}),
            Denied,
        ),
        (
            json!({"eventType": "AwsServiceEvent"}),
            RecordedOutcome::NoRequest,
        ),
        (
            json!({"eventType": "AwsConsoleSignIn", "eventName": "CheckMfa", "responseElements": {"CheckMfa": "Failure"}}),
            AuthenticationFailed,
        ),
    ];
    for (changes, expected) in cases {
        assert_eq!(
            recorded_outcome(&samples::record(changes.clone())),
            expected,
            "{changes}"
        );
    }
}

#[test]
fn decision_and_record_are_compared_by_what_both_name() {
    use Agreement::{Agrees, Disagrees, NotComparable, OtherGate};
    use Decision::{Allow, ExplicitDeny, ImplicitDeny, Indeterminate};
    let scp = "arn:aws:organizations::999999999999:policy/o-exampleorg1/service_control_policy/p-regions1";
    let deny = |reason: &str| json!({"errorCode": "AccessDenied", "errorMessage": format!("{ASKED} {reason}")});
    let by_scp = deny(&format!(
        "with an explicit deny in a service control policy: {scp}"
    ));
    let cases: Vec<(Value, Decision, Agreement)> = vec![
        (json!({}), Allow, Agrees),
        (json!({}), ImplicitDeny, Disagrees),
        (json!({}), Indeterminate, NotComparable),
        (
            json!({"errorCode": "Client.DryRunOperation"}),
            Allow,
            Agrees,
        ),
        (json!({"errorCode": "AccessDenied"}), Allow, Disagrees),
        (json!({"errorCode": "AccessDenied"}), ImplicitDeny, Agrees),
        (by_scp.clone(), ExplicitDeny, Agrees),
        (by_scp, ImplicitDeny, Disagrees),
        (
            deny(
                "with an explicit deny in a service control policy: arn:aws:organizations::999999999999:policy/o-exampleorg1/service_control_policy/p-other",
            ),
            ExplicitDeny,
            Disagrees,
        ),
        (
            deny("with an explicit deny in a permissions boundary"),
            ExplicitDeny,
            Disagrees,
        ),
        (deny("with an explicit deny"), ExplicitDeny, Agrees),
        (deny("with an explicit deny"), ImplicitDeny, Disagrees),
        (
            deny("because no identity-based policy allows the s3:GetObject action"),
            ImplicitDeny,
            Agrees,
        ),
        (
            deny("because no permissions boundary allows the s3:GetObject action"),
            ImplicitDeny,
            Disagrees,
        ),
        (deny(""), ExplicitDeny, Agrees),
        (
            json!({"errorCode": "AccessDenied", "errorMessage": "IAM user access not activated"}),
            Allow,
            OtherGate,
        ),
        (
            json!({"errorCode": "Client.VcpuLimitExceeded"}),
            Allow,
            OtherGate,
        ),
        (
            json!({"errorCode": "Client.VcpuLimitExceeded"}),
            ImplicitDeny,
            NotComparable,
        ),
        (
            json!({"errorCode": "ThrottlingException"}),
            Allow,
            NotComparable,
        ),
    ];
    let scp = Denier {
        policy_type: CauseType::ServiceControlPolicy,
        arn: Some(scp.to_owned()),
    };
    for (changes, decision, expected) in cases {
        let explicit = decision == ExplicitDeny;
        let found = Found {
            decision,
            denies: if explicit {
                std::slice::from_ref(&scp)
            } else {
                &[]
            },
            missing: if decision == ImplicitDeny {
                &[CauseType::IdentityPolicy]
            } else {
                &[]
            },
            cause: "the cause",
        };
        let (agreement, reason) = compare(&samples::record(changes.clone()), &found);
        assert_eq!(agreement, expected, "{decision:?} {changes}: {reason}");
    }
}

#[test]
fn every_real_denial_states_a_reason_or_withholds_it() {
    let Some(records) = samples::real() else {
        return;
    };
    let denied = records.iter().filter(|record| {
        recorded_outcome(record) == RecordedOutcome::Denied && record.error_message.is_some()
    });
    let mut counts = [0_usize; 4];
    for record in denied {
        let message = record.error_message.as_deref().unwrap();
        let denial = parse(message).unwrap_or_else(|| panic!("not read: {message}"));
        let place = match denial.reason {
            Reason::Explicit { .. } | Reason::Implicit { .. } | Reason::Named { .. } => 0,
            Reason::Encoded => 1,
            Reason::Withheld => 2,
            Reason::OtherGate => 3,
        };
        counts[place] += 1;
    }
    assert_eq!(
        counts,
        [84, 44, 19, 4],
        "stated, encoded, withheld, other gates"
    );
}
