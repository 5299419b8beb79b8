//! The three-valued result against brute force over completions of the unknown keys.

use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;
use trailwright_evaluator::{Context, ContextValue, Decision, Options, evaluate};

use crate::generate::{Setting, setting};

/// Every way a key can turn out as far as the generated conditions can tell.
fn universe(key: &str) -> Vec<ContextValue> {
    let one = |texts: &[&str]| {
        texts
            .iter()
            .map(|t| ContextValue::One((*t).to_owned()))
            .collect::<Vec<_>>()
    };
    let mut values = vec![ContextValue::Absent];
    values.extend(match key {
        "k:a" => one(&[
            "", "x", "y", "xy", "yx", "q", "qq", "X", "xq", "qy", "Xy", "b", "a/x", "*", "x*", "?",
            "*y", // In other case: equal where case does not count, and not where it does.
            "X*", "*Y", "Y",
        ]),
        "k:b" => one(&["true", "false", "neither"]),
        "k:n" => one(&["2", "3", "4", "5", "6", "none"]),
        _ => sets(&["x", "y", "q", "xq", "x*"]),
    });
    values
}

fn sets(members: &[&str]) -> Vec<ContextValue> {
    let chosen = |set: u32| {
        members
            .iter()
            .enumerate()
            .filter(move |(n, _)| set & (1 << n) != 0)
    };
    (1..1u32 << members.len())
        .map(|set| ContextValue::Many(chosen(set).map(|(_, m)| (*m).to_owned()).collect()))
        .collect()
}

type Completion = BTreeMap<String, usize>;

/// The decision for every completion of the unknown keys.
fn brute_force(setting: &Setting) -> Vec<(Completion, Decision)> {
    let layers = setting.layers();
    let unknown = setting
        .context
        .iter()
        .filter(|(_, v)| *v == ContextValue::Unknown)
        .map(|(k, _)| k);
    let mut completions: Vec<Completion> = vec![Completion::new()];
    for key in unknown {
        let ways = universe(key).len();
        completions = completions
            .into_iter()
            .flat_map(|c| (0..ways).map(move |way| (c.clone(), way)))
            .map(|(mut c, way)| {
                c.insert(key.clone(), way);
                c
            })
            .collect();
    }
    let decide = |completion: &Completion| {
        let mut context = Context::new();
        for (key, value) in &setting.context {
            let value = completion
                .get(key)
                .map_or_else(|| value.clone(), |way| universe(key)[*way].clone());
            context.set(key, value);
        }
        evaluate(&setting.request_in(context), &layers, &Options::default()).decision
    };
    completions
        .into_iter()
        .map(|c| {
            let d = decide(&c);
            (c, d)
        })
        .collect()
}

/// Completions by the values of some keys (or of all but them), with the decisions they lead to.
fn grouped(
    all: &[(Completion, Decision)],
    keep: impl Fn(&str) -> bool,
) -> HashMap<Completion, Vec<Decision>> {
    let mut groups: HashMap<Completion, Vec<Decision>> = HashMap::new();
    for (completion, decision) in all {
        let kept = completion
            .iter()
            .filter(|(k, _)| keep(k))
            .map(|(k, v)| (k.clone(), *v))
            .collect();
        groups.entry(kept).or_default().push(*decision);
    }
    groups
}

fn settled(decisions: &[Decision]) -> bool {
    decisions.windows(2).all(|pair| pair[0] == pair[1])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn the_three_valued_result_is_sound_and_minimal(setting in setting(true)) {
        // Four unknown keys at once are one brute force too many.
        let unknown = setting.context.iter().filter(|(_, v)| *v == ContextValue::Unknown).count();
        prop_assume!(unknown <= 3);
        let layers = setting.layers();
        let verdict = evaluate(&setting.request(), &layers, &Options { completions_max: 100_000, ..Options::default() });
        let all = brute_force(&setting);
        if verdict.decision != Decision::Indeterminate {
            prop_assert!(all.iter().all(|(_, d)| *d == verdict.decision), "{:?} is not what all completions give", verdict.decision);
            prop_assert!(verdict.unknown_keys.is_empty());
            return Ok(());
        }
        let keys = &verdict.unknown_keys;
        prop_assert!(!keys.is_empty());
        for decisions in grouped(&all, |k| keys.iter().any(|own| own == k)).values() {
            prop_assert!(settled(decisions), "{keys:?} do not settle it");
        }
        for key in keys {
            let others = grouped(&all, |k| k != key);
            prop_assert!(others.values().any(|d| !settled(d)), "{key} is listed and does not matter");
        }
    }
}
