//! Diagnostics and explanations: what a person reads.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use trailwright_evaluator::{
    Code, Context, Layers, Options, Policy, PolicyId, PolicySet, Principal, Request, Unlisted,
    evaluate, explain,
};

fn diagnostics(text: &str) -> Vec<(Code, u32, u32)> {
    match Policy::compile(PolicyId::named("p"), text) {
        Ok(policy) => policy
            .diagnostics()
            .iter()
            .map(|d| (d.code, d.position.line, d.position.column))
            .collect(),
        Err(why) => vec![(
            why.diagnostic.code,
            why.diagnostic.position.line,
            why.diagnostic.position.column,
        )],
    }
}

#[test]
fn diagnostics_point_at_the_place() {
    let text = "{\"Version\": \"2012-10-17\",\n \"Statement\": [\n  {\"Effect\": \"allow\", \"Action\": \"s3:*\", \"Resource\": \"*\",\n   \"Condition\": {\"StringIs\": {\"k\": \"v\"}}}\n ]}";
    assert_eq!(
        diagnostics(text),
        [(Code::BadEffect, 3, 14), (Code::UnknownOperator, 4, 18)]
    );
    assert_eq!(
        diagnostics("{\n  \"Statement\": [}\n"),
        [(Code::Syntax, 2, 17)]
    );
    assert_eq!(diagnostics("[]"), [(Code::Shape, 1, 1)]);
    assert_eq!(
        diagnostics("{\"Version\": \"2012-10-17\"}"),
        [(Code::NoStatement, 1, 1)]
    );
}

#[test]
fn every_kind_of_broken_statement_is_reported() {
    let broken = |statement: &str, code| {
        let text = format!("{{\"Version\": \"2012-10-17\", \"Statement\": {statement}}}");
        let policy = Policy::compile(PolicyId::named("p"), &text).unwrap();
        assert!(
            policy.diagnostics().iter().any(|d| d.code == code),
            "{statement}: {:?}",
            policy.diagnostics()
        );
        assert!(policy.statements()[0].is_broken(), "{statement}");
    };
    broken(r#"{"Effect": "Allow", "Resource": "*"}"#, Code::BadAction);
    broken(
        r#"{"Effect": "Allow", "Action": "*", "NotAction": "s3:*", "Resource": "*"}"#,
        Code::BadAction,
    );
    broken(
        r#"{"Effect": "Allow", "Action": "GetObject", "Resource": "*"}"#,
        Code::BadAction,
    );
    broken(
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": 7}"#,
        Code::BadResource,
    );
    broken(
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::${k:a"}"#,
        Code::BadVariable,
    );
    broken(
        r#"{"Effect": "Allow", "Action": "s3:*", "Principal": "everyone"}"#,
        Code::BadPrincipal,
    );
    broken(
        r#"{"Effect": "Allow", "Action": "s3:*", "Principal": {"Human": "x"}}"#,
        Code::BadPrincipal,
    );
    broken(
        r#"{"Effect": "Allow", "action": "s3:*", "Resource": "*"}"#,
        Code::UnknownElement,
    );
    broken(
        r#"{"Effect": "Allow", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}"#,
        Code::Duplicate,
    );
    broken("7", Code::Shape);
}

fn request(context: Context) -> Request {
    let user = Principal::from_arn("arn:aws:iam::111111111111:user/mira");
    Request::new(
        user,
        "s3:GetObject",
        "arn:aws:s3:::atlas/north.png",
        context,
    )
}

fn identity(text: &str) -> Layers {
    let id = PolicyId::managed(
        "arn:aws:iam::111111111111:policy/Maps",
        Some("v3".to_owned()),
    );
    Layers::identity(PolicySet::from(Policy::compile(id, text).unwrap()))
}

const MAPS: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::atlas/*",
   "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
  {"Sid": "NoMobile", "Effect": "Deny", "Action": "s3:*", "Resource": "*",
   "Condition": {"StringLike": {"aws:UserAgent": "mobile*"}}}
]}"#;

fn steps(context: Context) -> Vec<String> {
    let layers = identity(MAPS);
    let request = request(context);
    let explanation = explain(&request, &layers, &Options::default());
    explanation
        .steps
        .iter()
        .map(|s| format!("{}. {}", s.number, s.text))
        .collect()
}

#[test]
fn an_explanation_names_statement_line_and_condition() {
    let mut context = Context::new();
    context.one("aws:SecureTransport", "false");
    assert_eq!(
        steps(context),
        [
            "1. arn:aws:iam::111111111111:user/mira asks for s3:GetObject on arn:aws:s3:::atlas/north.png.",
            "2. No identity-based policy allows.",
            "3. identity-based policy arn:aws:iam::111111111111:policy/Maps (v3), statement 1 `Read` (2:3) would allow, \
             but the condition Bool on aws:SecureTransport (3:27) does not hold.",
            "4. Denied implicitly: no identity-based policy allows the action.",
        ]
    );
}

#[test]
fn a_denial_is_explained_by_the_statement_that_denies() {
    let mut context = Context::new();
    context.one("aws:SecureTransport", "true");
    context.one("aws:UserAgent", "mobile/7");
    assert_eq!(
        steps(context).last().unwrap(),
        "4. Denied explicitly by identity-based policy arn:aws:iam::111111111111:policy/Maps (v3), statement 2 \
         `NoMobile` (4:3)."
    );
}

#[test]
fn an_unknown_key_is_named_only_if_it_matters() {
    let layers = identity(MAPS);
    let mut context = Context::with_unlisted(Unlisted::Unknown);
    context.one("aws:SecureTransport", "true");
    let verdict = evaluate(&request(context.clone()), &layers, &Options::default());
    assert_eq!(verdict.unknown_keys, ["aws:useragent"]);
    context.one("aws:SecureTransport", "false");
    context.one("aws:UserAgent", "cli");
    let verdict = evaluate(&request(context), &layers, &Options::default());
    assert!(verdict.unknown_keys.is_empty());
}
