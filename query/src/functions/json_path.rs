//! The paths of Trino's JSON functions: `$.requestParameters.items[0]["a.b"]`.

use datafusion::error::{DataFusionError, Result};
use serde_json::Value;

/// One step into a document.
#[derive(Debug, PartialEq, Eq)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// What a path leads to, or `None` where the document ends before.
pub(super) fn find<'v>(document: &'v Value, path: &str) -> Result<Option<&'v Value>> {
    let steps = steps(path).ok_or_else(|| {
        DataFusionError::Execution(format!(
            "{path:?} is no path: give $.name, $.a.b[0] or $[\"name with dots\"]; filters and wildcards are not known here"
        ))
    })?;
    Ok(steps.iter().try_fold(document, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Index(index) => value.get(index),
    }))
}

fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    let mut rest = path.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let (step, after) = if let Some(named) = rest.strip_prefix('.') {
            let end = named.find(['.', '[']).unwrap_or(named.len());
            let plain = |c: char| c.is_alphanumeric() || "_-:@$/ ".contains(c);
            let name = named[..end].chars().all(plain).then_some(&named[..end])?;
            (
                (!name.is_empty()).then_some(Step::Key(name))?,
                &named[end..],
            )
        } else {
            bracket(rest.strip_prefix('[')?)?
        };
        steps.push(step);
        rest = after;
    }
    Some(steps)
}

/// The inside of `[0]`, `["key"]` or `['key']`, and what follows it.
fn bracket(inside: &str) -> Option<(Step<'_>, &str)> {
    for quote in ['"', '\''] {
        if let Some(quoted) = inside.strip_prefix(quote) {
            let (key, after) = quoted.split_once(quote)?;
            return Some((Step::Key(key), after.strip_prefix(']')?));
        }
    }
    let (index, after) = inside.split_once(']')?;
    Some((Step::Index(index.parse().ok()?), after))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{find, steps};
    use serde_json::json;

    #[test]
    fn each_form_of_a_step_leads_on() {
        let document = json!({"a": {"b": [10, {"c.d": "deep"}]}, "x-y": true});
        let cases = [
            ("$", Some(document.clone())),
            ("$.a.b[0]", Some(json!(10))),
            ("$.a.b[1][\"c.d\"]", Some(json!("deep"))),
            ("$['a'].b[1]['c.d']", Some(json!("deep"))),
            ("$.x-y", Some(json!(true))),
            ("$.a.b[7]", None),
            ("$.a.none", None),
            ("$.a[0]", None),
        ];
        for (path, expected) in cases {
            assert_eq!(find(&document, path).unwrap().cloned(), expected, "{path}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for path in [
            "",
            "a",
            "$a",
            "$.",
            "$..a",
            "$.a[",
            "$.a[x]",
            "$.a[*]",
            "$.*",
            "$[\"a]",
            "$[?(@.b)]",
        ] {
            assert_eq!(steps(path), None, "{path}");
        }
    }
}
