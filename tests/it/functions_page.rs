//! The page of functions: every example in it holds.

use std::collections::BTreeMap;
use std::path::Path;

use crate::story::{self, Asker};

#[test]
fn every_example_on_the_page_of_functions_holds() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/functions.md");
    let page = std::fs::read_to_string(page).unwrap();
    let examples: Vec<(&str, &str)> = page.lines().filter_map(example).collect();
    assert!(examples.len() > 15, "{examples:?}");
    let asker = Asker::of(story::lake());
    for (expression, expected) in examples {
        let answer = asker.ask(&format!("SELECT {expression}"), &BTreeMap::new());
        let value = answer.rows[0][0].as_deref();
        let expected = (expected != "null").then(|| expected.trim_matches('`'));
        assert_eq!(value, expected, "{expression}");
    }
}

/// A row of a table whose first cell is code.
fn example(line: &str) -> Option<(&str, &str)> {
    let (expression, value) = line.strip_prefix("| `")?.split_once("` | ")?;
    Some((expression, value.strip_suffix(" |")?))
}
