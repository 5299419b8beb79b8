//! Rows as they come, for tests of how they are shown.

use super::row::{Row, Text};

fn text(text: &str) -> Option<Text> {
    Some(said(text))
}

fn said(text: &str) -> Text {
    text.to_owned().into()
}

fn sign_in(class: &str) -> Row {
    Row {
        event_time: said("2026-03-09T08:00:00Z"),
        event_id: text("e-1"),
        event_source: said("signin.amazonaws.com"),
        event_name: said("ConsoleLogin"),
        source_ip_address: text("203.0.113.7"),
        recipient_account_id: text("111122223333"),
        aws_region: said("eu-north-1"),
        sign_in_class: text(class),
        sign_in_outcome: text("success"),
        decision: said("allow"),
        cause: said("console authorization is taken to be off"),
        agreement: said("agrees"),
        agreement_reason: said("allowed and recorded so"),
        source: said("logs/a.json.gz"),
        ..Row::default()
    }
}

pub(super) fn all() -> [Row; 4] {
    let user = Row {
        user_identity_type: text("IAMUser"),
        user_identity_arn: text("arn:aws:iam::111122223333:user/dana"),
        tls_client_provided_host_header: text("eu-north-1.signin.aws.amazon.com"),
        scope: said("regional"),
        route_reason: said("regional_endpoint"),
        trail_region: said("eu-north-1"),
        possible_alias_cookie: true,
        sign_in_mfa_used: Some(false),
        sign_in_login_to: text("https://console.aws.amazon.com/console/home"),
        user_agent: text("Mozilla/5.0"),
        trails: vec![said("eu-north-1")],
        ..sign_in("iam_user")
    };
    let root = Row {
        user_identity_type: text("Root"),
        user_identity_arn: text("arn:aws:iam::111122223333:root"),
        scope: said("global"),
        route_reason: said("root_sign_in"),
        trail_region: said("global"),
        sign_in_outcome: text("failure"),
        sign_in_mfa_used: Some(false),
        error_message: text("Failed authentication"),
        decision: said("not_evaluated"),
        ..sign_in("root")
    };
    let federated = Row {
        user_identity_type: text("AssumedRole"),
        user_identity_arn: text("arn:aws:sts::111122223333:assumed-role/analyst/dana"),
        session_issuer_arn: text("arn:aws:iam::111122223333:role/analyst"),
        principal_arn: text("arn:aws:iam::111122223333:role/analyst"),
        tls_client_provided_host_header: text("signin.aws.amazon.com"),
        scope: said("global"),
        route_reason: said("global_endpoint"),
        trail_region: said("global"),
        sign_in_mfa_used: Some(false),
        ..sign_in("federated")
    };
    let call = Row {
        event_source: said("s3.amazonaws.com"),
        event_name: said("GetObject"),
        principal_arn: text("arn:aws:iam::111122223333:role/analyst"),
        user_identity_arn: text("arn:aws:sts::111122223333:assumed-role/analyst/dana"),
        user_identity_type: text("AssumedRole"),
        user_identity_access_key_id: text("ASIAIOSFODNN7EXAMPLE"),
        session_issuer_arn: text("arn:aws:iam::111122223333:role/analyst"),
        session_creation_date: text("2026-03-09T07:55:00Z"),
        session_mfa_authenticated: Some(true),
        error_code: text("AccessDenied"),
        scope: said("regional"),
        route_reason: said("regional_service"),
        trail_region: said("eu-north-1"),
        sign_in_class: None,
        sign_in_outcome: None,
        iam_actions: vec![said("s3:GetObject")],
        iam_resources: vec![said("arn:aws:s3:::example-data/a.csv")],
        decision: said("indeterminate"),
        cause: said("aws:SourceVpce would settle it"),
        unknown_keys: vec![said("aws:SourceVpce")],
        assumptions: vec![said("no resource control policies")],
        agreement: said("disagrees"),
        agreement_reason: said("recorded denied"),
        vpc_endpoint_id: text("vpce-0123456789abcdef0"),
        request_id: text("4F3C2B1A"),
        ..sign_in("")
    };
    [user, root, federated, call]
}
