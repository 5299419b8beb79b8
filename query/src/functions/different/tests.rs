#![allow(clippy::unwrap_used)]
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray as _, StringArray};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::logical_expr::{EmitTo, GroupsAccumulator as _};
use datafusion::prelude::{SessionConfig, SessionContext};
use proptest::prelude::*;

use super::functions;
use super::texts::{Texts, Told};
use crate::format::rows;

/// Texts of all types, in groups, from several parts, with nulls and conditions; and
/// what is left to the engine. `%` is where the function goes.
const QUESTIONS: [&str; 9] = [
    "SELECT value % 7, % FROM (SELECT value, cast(value % 100 AS varchar) AS text FROM t) GROUP BY 1",
    "SELECT value % 3000, % FROM (SELECT value, cast(value % 9000 AS varchar) AS text FROM t) GROUP BY 1",
    "SELECT value % 7, %, max(value) FROM (SELECT value, arrow_cast(cast(value % 9 AS varchar), 'Utf8View') AS text FROM t) GROUP BY 1",
    "SELECT value % 7, %, min(value) FROM (SELECT value, arrow_cast(cast(value AS varchar), 'LargeUtf8') AS text FROM t) GROUP BY 1",
    "SELECT value % 5, % FROM (SELECT value, CASE WHEN value % 5 > 2 THEN cast(value % 11 AS varchar) END AS text FROM t) GROUP BY 1",
    "SELECT value % 5, % FILTER (WHERE value % 5 > 1 AND value > 900) FROM (SELECT value, cast(value % 13 AS varchar) AS text FROM t) GROUP BY 1",
    "SELECT %, sum(value) FROM (SELECT value, CASE WHEN value > 5000 THEN cast(value AS varchar) END AS text FROM t)",
    "SELECT % FROM (SELECT cast(value AS varchar) AS text FROM t) WHERE text = 'nothing'",
    "SELECT value % 5, % FROM (SELECT value, value % 17 AS text FROM t) GROUP BY 1",
];
const FUNCTIONS: [&str; 4] = [
    "count(DISTINCT text)",
    "array_sort(array_agg(DISTINCT text))",
    "array_sort(array_agg(DISTINCT text) IGNORE NULLS)",
    "array_agg(DISTINCT text ORDER BY text DESC)",
];

async fn answers(ours: bool) -> Vec<String> {
    let config = SessionConfig::new().with_target_partitions(3);
    let context = SessionContext::new_with_config(config);
    if ours {
        for function in functions() {
            context.register_udaf(function);
        }
    }
    let numbers = "CREATE VIEW t AS SELECT value FROM generate_series(1, 20000)";
    context.sql(numbers).await.unwrap();
    let mut answers = Vec::new();
    for function in FUNCTIONS {
        for question in QUESTIONS {
            let question = question.replacen(" % FROM", &format!(" {function} FROM"), 1);
            let question = question.replacen(" %, ", &format!(" {function}, "), 1);
            let question = question.replacen(" % FILTER", &format!(" {function} FILTER"), 1);
            let question = question.replacen("SELECT %", &format!("SELECT {function}"), 1);
            let batches = context
                .sql(&question)
                .await
                .unwrap()
                .collect()
                .await
                .unwrap();
            let mut cells: Vec<_> = batches
                .iter()
                .flat_map(|batch| rows(batch).unwrap())
                .collect();
            cells.sort();
            answers.push(format!("{question}\n{cells:?}"));
        }
    }
    answers
}

#[tokio::test]
async fn answers_are_those_of_the_engine() {
    let (ours, theirs) = (answers(true).await, answers(false).await);
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!(ours, theirs);
    }
}

#[test]
fn a_session_counts_and_lists_different_texts_by_these() {
    let context = SessionContext::new();
    crate::functions::register(&context);
    for name in ["count", "array_agg"] {
        let function = format!("{:?}", context.state().aggregate_functions()[name]);
        assert!(function.contains("OfTexts"), "{function}");
    }
}

fn array(texts: &[Option<String>]) -> ArrayRef {
    Arc::new(StringArray::from_iter(texts))
}

proptest! {
    /// Some groups are told early, others hand on what they have: as when memory is short.
    #[test]
    fn nothing_is_lost_or_doubled_when_groups_are_told_in_parts(
        batches in prop::collection::vec(prop::collection::vec((0_usize..6, prop::option::of("[ab]{0,2}")), 1..20), 1..5),
        first in 0_usize..=6,
    ) {
        let (mut whole, mut parts) = (texts(), texts());
        for batch in &batches {
            let (groups, values): (Vec<usize>, Vec<Option<String>>) = batch.iter().cloned().unzip();
            whole.update_batch(&[array(&values)], &groups, None, 6).unwrap();
            parts.update_batch(&[array(&values)], &groups, None, 6).unwrap();
        }
        let expected = sorted(&whole.evaluate(EmitTo::All).unwrap());
        let mut told = texts();
        let state = parts.state(EmitTo::First(first)).unwrap();
        told.merge_batch(&state, &(0..first).collect::<Vec<_>>(), 6).unwrap();
        let rest = parts.state(EmitTo::All).unwrap();
        told.merge_batch(&rest, &(first..6).collect::<Vec<_>>(), 6).unwrap();
        prop_assert_eq!(sorted(&told.evaluate(EmitTo::All).unwrap()), expected);
    }
}

fn texts() -> Texts {
    Texts::new(Told::All, DataType::Utf8, true)
}

fn sorted(lists: &ArrayRef) -> Vec<Vec<Option<String>>> {
    let lists = lists.as_list::<i32>().iter();
    let of_list = |list: Option<ArrayRef>| {
        let list = list.unwrap_or_else(|| array(&[]));
        let texts = list.as_string::<i32>().iter();
        let mut texts: Vec<_> = texts.map(|text| text.map(str::to_owned)).collect();
        texts.sort();
        texts
    };
    lists.map(of_list).collect()
}

#[test]
fn a_group_without_texts_counts_none_and_lists_null() {
    let none = array(&[None, Some("a".to_owned())]);
    let mut count = Texts::new(Told::HowMany, DataType::Utf8, false);
    count
        .update_batch(&[Arc::clone(&none)], &[0, 1], None, 3)
        .unwrap();
    let counts = count.evaluate(EmitTo::All).unwrap();
    assert_eq!(counts.as_primitive::<Int64Type>().values(), &[0, 1, 0]);
    let mut all = texts();
    all.update_batch(&[none], &[0, 1], None, 3).unwrap();
    let lists = all.evaluate(EmitTo::All).unwrap();
    assert_eq!(
        (lists.is_valid(0), lists.is_valid(1), lists.is_valid(2)),
        (true, true, false)
    );
}
