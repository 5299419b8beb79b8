//! Whether unknown keys matter, and which.

use std::collections::BTreeMap;

use crate::context::Lookup;
use crate::evaluate::Gathered;
use crate::layers::Layers;
use crate::statement::Statement;
use crate::verdict::Decision;
use crate::{Context, Options, Request};

/// Decides a request whose open statements may change the decision: Indeterminate, with the keys
/// that would settle it.
pub(crate) fn settle(
    gathered: &Gathered<'_>,
    request: &Request,
    _layers: &Layers,
    _options: &Options,
) -> (Decision, Vec<String>) {
    let keys = unknown_keys(&gathered.open.iter().map(|m| m.statement()).collect::<Vec<_>>(), &request.context);
    (Decision::Indeterminate, keys.into_keys().collect())
}

/// The unknown keys that statements look at.
fn unknown_keys(statements: &[&Statement], context: &Context) -> BTreeMap<String, u64> {
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
                pattern.template().into_iter().flat_map(|t| t.keys()).for_each(|(hash, key)| add(hash, key));
            }
        }
        for pattern in statement.resources.iter().flat_map(|r| &r.patterns) {
            pattern.template().into_iter().flat_map(|t| t.keys()).for_each(|(hash, key)| add(hash, key));
        }
    }
    keys
}
