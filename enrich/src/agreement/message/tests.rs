#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use trailwright_schemas::CauseType;

use super::{Denial, Reason, parse};

const MESSAGES: &str = include_str!("../../../fixtures/denial-messages.txt");

/// Each message with what is to be read from it.
fn messages() -> Vec<(&'static str, Vec<&'static str>)> {
    let mut messages: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in MESSAGES.lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match line.strip_prefix("  ") {
            Some(expected) => messages.last_mut().unwrap().1.push(expected),
            None => messages.push((line, Vec::new())),
        }
    }
    messages
}

fn shown(denial: &Denial) -> Vec<String> {
    let Denial {
        principal,
        action,
        resource,
        reason,
        authorization_id,
    } = denial;
    let reason = Some(reason_shown(reason));
    let elements = [
        ("principal", principal),
        ("action", action),
        ("resource", resource),
        ("reason", &reason),
        ("authorization id", authorization_id),
    ];
    elements
        .into_iter()
        .filter_map(|(name, text)| Some(format!("{name}: {}", text.as_ref()?)))
        .collect()
}

fn reason_shown(reason: &Reason) -> String {
    match reason {
        Reason::Explicit {
            policy_type,
            through,
            policy,
        } => {
            let policy_type = policy_type.map(|named| format!(" {}", named.as_str()));
            let through = through.map(|named| format!(" through {}", named.as_str()));
            let policy = policy.as_ref().map(|stated| {
                format!(
                    " {}{}",
                    stated.arn,
                    if stated.is_cut { " (cut)" } else { "" }
                )
            });
            let parts = [policy_type, through, policy];
            format!(
                "explicit{}",
                parts.into_iter().flatten().collect::<String>()
            )
        }
        Reason::Implicit { policy_type } => format!("implicit {}", policy_type.as_str()),
        Reason::Named { policy_type } => format!("named {}", policy_type.as_str()),
        Reason::Withheld => "withheld".to_owned(),
        Reason::Encoded => "encoded".to_owned(),
        Reason::Gate(gate) => {
            let class = gate.class().as_str();
            format!("gate {}", class.strip_prefix("gate_").unwrap())
        }
    }
}

fn policy_type(denial: &Denial) -> Option<CauseType> {
    match denial.reason {
        Reason::Explicit { policy_type, .. } => policy_type,
        Reason::Implicit { policy_type } | Reason::Named { policy_type } => Some(policy_type),
        Reason::Withheld | Reason::Encoded | Reason::Gate(_) => None,
    }
}

#[test]
fn every_documented_form_of_a_denial_is_read_whole() {
    let messages = messages();
    assert!(messages.len() > 50);
    for (message, expected) in messages {
        let denial = parse(message).unwrap_or_else(|| panic!("not read: {message}"));
        assert_eq!(shown(&denial), expected, "{message}");
    }
}

#[test]
fn what_is_no_denial_is_not_read_as_one() {
    for message in [
        "",
        "Rate exceeded",
        "The specified bucket does not exist",
        "The role defined for the function cannot be assumed by Lambda.",
        "Failed authentication",
    ] {
        assert_eq!(parse(message), None, "{message}");
    }
}

#[test]
fn a_policy_that_is_cut_is_a_prefix_and_a_whole_one_is_not() {
    let stated = |message: &str| match parse(message).unwrap().reason {
        Reason::Explicit {
            policy: Some(policy),
            ..
        } => policy,
        other => panic!("{other:?}"),
    };
    let says = "x is not authorized to perform: a:B with an explicit deny in an identity-based policy: arn:aws:iam::1:policy/admin";
    let whole = stated(says);
    assert!(whole.is("arn:aws:iam::1:policy/admin"));
    assert!(!whole.is("arn:aws:iam::1:policy/administrators"));
    let cut = stated(&format!("{says}..."));
    assert!(cut.is("arn:aws:iam::1:policy/administrators"));
    assert!(!cut.is("arn:aws:iam::1:policy/adm"));
}

/// Cuts with CloudTrail's three points, and without them where no name has a
/// quotation mark: there nothing else says that the end is missing.
#[test]
fn no_cut_of_a_message_names_another_type_of_policy_than_the_whole() {
    let messages = messages();
    let whole = messages.iter().map(|(message, _)| *message);
    for message in whole.filter(|message| !message.ends_with("...")) {
        let whole = parse(message).unwrap();
        for (end, _) in message.char_indices() {
            let cut = message.get(..end).unwrap();
            let has_mark_in_name = message.matches('"').count() == 3;
            let bare = (!has_mark_in_name).then(|| cut.to_owned());
            for cut in bare.into_iter().chain([format!("{cut}...")]) {
                let Some(denial) = parse(&cut) else { continue };
                let named = policy_type(&denial);
                assert!(
                    named.is_none() || named == policy_type(&whole),
                    "{cut}: {denial:?}"
                );
            }
        }
    }
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "User: ",
        " is not authorized to perform: ",
        "s3:GetObject",
        " on resource: ",
        "\"",
        "arn:aws:s3:::ledger/a",
        " because no ",
        "identity-based policy",
        " allows the ",
        " with an explicit deny",
        " in a ",
        "service control policy",
        " transitively through ",
        ": ",
        "arn:",
        "...",
        ". ",
        "denied due to ",
        "authorization id: ",
        "é",
        "Encoded authorization failure message",
    ]);
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn any_text_is_read_without_panic(text in any::<String>(), spliced in pieces()) {
        let _ = parse(&text);
        let _ = parse(&spliced);
    }
}
