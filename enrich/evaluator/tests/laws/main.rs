//! Laws of evaluation, tried on random policies and requests.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod generate;
mod three_valued;

use generate::{Setting, setting, statement};
use proptest::prelude::*;
use serde_json::{Value, json};
use trailwright_evaluator::{
    Decision, IdentitySource, Layers, Options, Policy, PolicyId, decide, evaluate,
};

fn decision(setting: &Setting) -> Decision {
    let layers = setting.layers();
    let request = setting.request();
    let decision = evaluate(&request, &layers, &Options::default()).decision;
    assert_eq!(
        decide(&request, &layers, &Options::default()).decision,
        decision,
        "decide and evaluate disagree"
    );
    decision
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn adding_a_deny_never_allows(setting in setting(true), mut deny in statement(true), layer in 0usize..4) {
        deny["Effect"] = json!("Deny");
        let before = decision(&setting);
        let mut more = setting.clone();
        more.add(layer, deny);
        if before != Decision::Allow && before != Decision::Indeterminate {
            prop_assert_ne!(decision(&more), Decision::Allow);
        }
        if before == Decision::ExplicitDeny {
            prop_assert_eq!(decision(&more), Decision::ExplicitDeny);
        }
    }

    #[test]
    fn removing_an_allow_never_allows(setting in setting(true), which in any::<prop::sample::Index>()) {
        let before = decision(&setting);
        let mut less = setting.clone();
        if less.remove_allow(which) && matches!(before, Decision::ImplicitDeny | Decision::ExplicitDeny) {
            prop_assert_eq!(decision(&less), before);
        }
    }

    #[test]
    fn order_does_not_matter(setting in setting(true), seed in any::<u64>()) {
        let shuffled = setting.shuffled(seed);
        prop_assert_eq!(decision(&setting), decision(&shuffled));
        let keys = |s: &Setting| {
            let layers = s.layers();
            let verdict = evaluate(&s.request(), &layers, &Options::default());
            (verdict.unknown_keys.clone(), verdict.denies.len(), verdict.allows.len(), verdict.blocked.clone())
        };
        prop_assert_eq!(keys(&setting), keys(&shuffled));
    }

    #[test]
    fn what_is_found_is_what_a_look_at_every_statement_finds(
        statements in prop::collection::vec(statement(false), 1..60),
        setting in setting(false),
    ) {
        let mut setting = setting;
        setting.identity = statements.chunks(3).map(|chunk| json!({"Version": "2012-10-17", "Statement": chunk})).collect();
        let indexed = setting.layers();
        let every = indexed.identity[0].policies.without_index();
        let linear = Layers { identity: std::sync::Arc::default(), ..indexed.clone() }
            .with_identity(IdentitySource::Unspecified, every);
        let request = setting.request();
        let found = |layers| {
            let verdict = evaluate(&request, layers, &Options::default());
            let rows = |m: &[trailwright_evaluator::Match<'_>]| {
                m.iter().map(|m| (m.policy.id().name.clone(), m.index)).collect::<Vec<_>>()
            };
            (verdict.decision, rows(&verdict.denies), rows(&verdict.allows))
        };
        prop_assert_eq!(found(&indexed), found(&linear));
    }

    #[test]
    fn no_text_makes_the_compiler_panic(text in ".{0,200}") {
        let _ = Policy::compile(PolicyId::named("any"), &text);
    }

    #[test]
    fn no_damage_to_a_document_makes_the_compiler_panic(
        mut statement in statement(true),
        cut in any::<prop::sample::Index>(),
        with in "[\\[\\]{}\",:a0\\\\é]{0,3}",
    ) {
        statement["Sid"] = json!("Größe \u{1F600}");
        let text = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        let characters: Vec<char> = text.chars().collect();
        let at = cut.index(characters.len());
        let damaged: String = characters[..at].iter().collect::<String>() + &with + &characters[at + 1..].iter().collect::<String>();
        if let Ok(policy) = Policy::compile(PolicyId::named("damaged"), &damaged) {
            for diagnostic in policy.diagnostics() {
                let line = damaged.lines().nth(diagnostic.position.line as usize - 1).unwrap_or_default();
                prop_assert!(diagnostic.position.column as usize <= line.chars().count() + 1);
            }
        }
    }

    #[test]
    fn printing_and_compiling_again_changes_nothing(setting in setting(true)) {
        for document in &setting.identity {
            let policy = Policy::compile(PolicyId::named("p"), &document.to_string()).unwrap();
            let printed: Value = serde_json::from_str(&policy.to_json()).unwrap();
            prop_assert_eq!(&printed, document);
        }
    }
}
