//! What the file of a report may say, and what may be given to it.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use datafusion::sql::parser::{DFParser, Statement};
use datafusion::sql::sqlparser::ast;

use super::{ChartKind, Report, ReportScope, reports};
use crate::questions::{Kind, Value};

const FILE: &str = "\
-- title: Failed calls
-- question: Who failed?
-- catalogue: R4
-- framework: cis-3.0 cis-4.0
-- parameter: at_least integer = 10; How many count.
-- note: Says little,
--   and that in two lines.

-- section: calls
-- title: All of them
-- chart: bar name failures
-- empty: Nobody failed.
-- note: Read it.
SELECT name, failures -- not $this
FROM events WHERE $since < $until AND $accounts IS NULL
ORDER BY name;

-- section: by-day
-- title: By day
-- chart: line day failures
SELECT $at_least, $framework
ORDER BY 1;
";

fn scope() -> ReportScope {
    ReportScope {
        since: "2026-03-01T00:00:00Z".parse().unwrap(),
        until: "2026-04-01T00:00:00Z".parse().unwrap(),
        accounts: Vec::new(),
        framework: None,
        parameters: BTreeMap::new(),
    }
}

#[test]
fn a_file_is_read_whole() {
    let report = Report::parse("failed", FILE).unwrap();
    assert_eq!(report.frameworks, ["cis-3.0", "cis-4.0"]);
    assert_eq!(report.notes, ["Says little, and that in two lines."]);
    let [calls, by_day] = &report.sections[..] else {
        unreachable!("two sections");
    };
    assert_eq!(
        (calls.name.as_str(), calls.title.as_str()),
        ("calls", "All of them")
    );
    assert_eq!(calls.empty.as_deref(), Some("Nobody failed."));
    let chart = calls.chart.as_ref().unwrap();
    assert_eq!(
        (chart.kind, chart.label.as_str(), chart.value.as_str()),
        (ChartKind::Bar, "name", "failures")
    );
    assert!(calls.sql.starts_with("SELECT name") && calls.sql.ends_with("ORDER BY name"));
    assert_eq!(by_day.chart.as_ref().unwrap().kind, ChartKind::Line);
    assert_eq!(by_day.sql, "SELECT $at_least, $framework\nORDER BY 1");
}

#[test]
fn what_stands_before_the_sections_begins_each_statement() {
    let common = "two lines.\n\nWITH calls AS (\n  -- section of none\n  SELECT 1\n)\n";
    let file = FILE.replacen("two lines.\n", common, 1);
    let report = Report::parse("failed", &file).unwrap();
    for section in &report.sections {
        let begins = "WITH calls AS (\n  -- section of none\n  SELECT 1\n)\nSELECT ";
        assert!(section.sql.starts_with(begins), "{}", section.sql);
    }
}

#[test]
fn whatever_a_file_does_not_say_plainly_is_an_error_with_its_line() {
    let cases = [
        (
            "-- title: Failed calls\n",
            "",
            "failed.sql: the header has no title",
        ),
        (
            "-- catalogue: R4\n",
            "-- catalogue: R4\n-- catalogue: R5\n",
            "failed.sql:4: a second catalogue",
        ),
        (
            "-- catalogue:",
            "-- number:",
            "failed.sql:3: the header knows no",
        ),
        (
            "-- parameter: at_least",
            "-- parameter: until",
            "a second parameter until",
        ),
        (
            "-- title: All of them\n",
            "",
            "failed.sql:9: the section has no title",
        ),
        (
            "-- chart: bar name failures",
            "-- chart: pie name failures",
            "failed.sql:11: a chart is bar",
        ),
        (
            "-- empty:",
            "-- nothing:",
            "failed.sql:12: the section knows no",
        ),
        (
            "-- section: by-day",
            "-- section: calls",
            "failed.sql:18: a second section calls",
        ),
        (
            "-- section: by-day",
            "-- section: ../x",
            "failed.sql:18: \"../x\" is no name",
        ),
        (
            "ORDER BY name;",
            "ORDER BY name",
            "failed.sql:9: the statement does not end",
        ),
        (
            "ORDER BY name;",
            "ORDER BY name;\nSELECT 1;",
            "failed.sql:9: a section has one statement",
        ),
        (
            "two lines.\n",
            "two lines.\nSELECT 1;\n",
            "belongs to no section",
        ),
        ("$at_least", "$at_most", "does not use $at_least"),
        ("$framework", "$framework, $more", "does not declare $more"),
    ];
    for (from, to, expected) in cases {
        assert!(FILE.contains(from), "{from}");
        let error = Report::parse("failed", &FILE.replacen(from, to, 1)).unwrap_err();
        assert!(error.contains(expected), "{from} -> {to}: {error}");
    }
}

#[test]
fn period_accounts_and_framework_are_bound() {
    let report = Report::parse("failed", FILE).unwrap();
    let values = report.bind(&scope()).unwrap();
    assert_eq!(values["since"], Value::Time(scope().since));
    assert_eq!(values["accounts"], Value::Absent(Kind::Text));
    assert_eq!(values["framework"], Value::Text("cis-4.0".to_owned()));
    assert_eq!(values["at_least"], Value::Integer(10));
    let narrow = ReportScope {
        accounts: vec!["111122223333".to_owned(), "444455556666".to_owned()],
        framework: Some("cis-3.0".to_owned()),
        ..scope()
    };
    let values = report.bind(&narrow).unwrap();
    assert_eq!(
        values["accounts"],
        Value::Text("111122223333,444455556666".to_owned())
    );
    assert_eq!(values["framework"], Value::Text("cis-3.0".to_owned()));
}

#[test]
fn a_framework_that_is_not_known_is_refused_with_those_that_are() {
    let report = Report::parse("failed", FILE).unwrap();
    let other = ReportScope {
        framework: Some("cis-9".to_owned()),
        ..scope()
    };
    let error = report.bind(&other).unwrap_err().to_string();
    assert_eq!(
        error,
        "failed knows no framework \"cis-9\"; it knows cis-3.0, cis-4.0"
    );
    let without = FILE
        .replacen("-- framework: cis-3.0 cis-4.0\n", "", 1)
        .replacen(", $framework", "", 1);
    let report = Report::parse("failed", &without).unwrap();
    assert!(!report.bind(&scope()).unwrap().contains_key("framework"));
    let error = report.bind(&other).unwrap_err().to_string();
    assert!(error.contains("it knows none"), "{error}");
}

#[test]
fn every_file_of_a_report_is_in_the_catalogue_and_can_be_read() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("reports");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| name.strip_suffix(".sql").unwrap().to_owned())
        .collect();
    files.sort_unstable();
    let mut names: Vec<String> = reports().unwrap().into_iter().map(|one| one.name).collect();
    names.sort_unstable();
    assert_eq!(names, files);
}

/// Without an order the bytes of a pack could differ from run to run.
#[test]
fn every_statement_of_a_report_says_the_order_of_its_rows() {
    for report in reports().unwrap() {
        for section in &report.sections {
            let parsed = DFParser::parse_sql(&section.sql).unwrap();
            let query = match parsed.front() {
                Some(Statement::Statement(statement)) => match statement.as_ref() {
                    ast::Statement::Query(query) => query,
                    other => unreachable!("{}: {other}", report.name),
                },
                other => unreachable!("{}: {other:?}", report.name),
            };
            assert!(query.order_by.is_some(), "{} {}", report.name, section.name);
        }
    }
}
