//! Whether unknown keys matter, and which.
//!
//! Taking every unknown statement for or against the principal tells when unknown keys cannot
//! matter, but not when they can: two statements may look at the same key. So where that is open,
//! each unknown key gets a value for every way it can turn out (absent included), and the request
//! is decided in every combination.

mod automaton;
mod values;

use std::collections::BTreeMap;

use values::{Domain, Use};

use crate::context::Lookup;
use crate::evaluate::decision_in;
use crate::gather::Gathered;
use crate::layers::Layers;
use crate::statement::Statement;
use crate::template::Template;
use crate::verdict::Decision;
use crate::{Context, Options, Request};

/// Decides a request whose open statements may change the decision: the decision if it is the same
/// whatever the unknown keys hold, else Indeterminate with the keys that would settle it.
pub(crate) fn settle(
    gathered: &Gathered<'_>,
    request: &Request<'_>,
    layers: &Layers,
    options: &Options,
) -> (Decision, Vec<String>) {
    let statements: Vec<&Statement> = gathered.relevant().map(|m| m.statement()).collect();
    let keys = unknown_keys(&statements, &request.context);
    let domains: Vec<Domain> = keys
        .iter()
        .map(|(key, hash)| Domain::of(key, &uses(&statements, *hash, key), request, options))
        .collect();
    let names = || keys.keys().cloned();
    let combinations = domains
        .iter()
        .try_fold(1usize, |product, d| product.checked_mul(d.values.len()));
    let Some(combinations) = combinations.filter(|n| *n <= options.completions_max) else {
        return (Decision::Indeterminate, names().collect());
    };
    let table = decide_all(&domains, combinations, request, layers, options);
    let same = table.windows(2).all(|pair| pair[0] == pair[1]);
    if same && domains.iter().all(|d| d.complete) {
        let decision = table.first().copied().unwrap_or(Decision::Indeterminate);
        return (decision, Vec::new());
    }
    // Where not every way a key can turn out was tried, the key may matter.
    let matters =
        |(n, domain): (usize, &Domain)| !domain.complete || depends_on(&table, &domains, n);
    let settling = names().zip(domains.iter().enumerate().map(matters));
    (
        Decision::Indeterminate,
        settling
            .filter(|(_, matters)| *matters)
            .map(|(key, _)| key)
            .collect(),
    )
}

/// The decision in every combination of values; the last key varies fastest.
fn decide_all(
    domains: &[Domain],
    combinations: usize,
    request: &Request<'_>,
    layers: &Layers,
    options: &Options,
) -> Vec<Decision> {
    let mut context = request.context.clone();
    (0..combinations)
        .map(|mut number| {
            for domain in domains.iter().rev() {
                context.set(
                    &domain.key,
                    domain.values[number % domain.values.len()].clone(),
                );
                number /= domain.values.len();
            }
            decision_in(request, &context, layers, options)
        })
        .collect()
}

/// Whether two combinations that differ only in one key are decided differently.
fn depends_on(table: &[Decision], domains: &[Domain], key: usize) -> bool {
    let stride: usize = domains[key + 1..].iter().map(|d| d.values.len()).product();
    let period = stride * domains[key].values.len();
    (0..table.len()).any(|at| table[at] != table[at - at % period + at % stride])
}

/// The unknown keys that statements look at.
fn unknown_keys(statements: &[&Statement], context: &Context<'_>) -> BTreeMap<String, u64> {
    let mut keys = BTreeMap::new();
    let mut add = |hash: u64, key: &str| {
        if matches!(context.lookup(hash, key), Lookup::Unknown) {
            keys.insert(key.to_owned(), hash);
        }
    };
    for statement in statements {
        for condition in &statement.conditions {
            add(condition.hash, &condition.key);
            for pattern in condition.test.patterns() {
                pattern
                    .template()
                    .into_iter()
                    .flat_map(|t| t.keys())
                    .for_each(|(hash, key)| add(hash, key));
            }
        }
        for pattern in statement.resources.iter().flat_map(|r| &r.patterns) {
            pattern
                .template()
                .into_iter()
                .flat_map(|t| t.keys())
                .for_each(|(hash, key)| add(hash, key));
        }
    }
    keys
}

/// Where statements look at a key.
fn uses<'s>(statements: &[&'s Statement], hash: u64, key: &str) -> Vec<Use<'s>> {
    let mut uses = Vec::new();
    for statement in statements {
        for condition in &statement.conditions {
            if condition.hash == hash && *condition.key == *key {
                uses.push(Use::Condition(condition));
            }
            let patterns = condition.test.patterns().iter();
            let templates = patterns
                .filter_map(|p| p.template())
                .filter(|t| names(t, hash, key));
            uses.extend(templates.map(|template| Use::VariableInCondition {
                condition,
                template,
            }));
        }
        for pattern in statement.resources.iter().flat_map(|r| &r.patterns) {
            let template = pattern.template().filter(|t| names(t, hash, key));
            uses.extend(template.map(|template| Use::VariableInResource { pattern, template }));
        }
    }
    uses
}

fn names(template: &Template, hash: u64, key: &str) -> bool {
    template.keys().any(|(h, k)| h == hash && k == key)
}
