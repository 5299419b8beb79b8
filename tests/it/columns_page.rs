//! The reference page of the stored columns is made from the table of columns.

use std::fmt::Write as _;
use std::path::Path;

use trailwright_schemas::{COLUMNS, Kind};

const PAGE: &str = "docs/reference/columns.md";

fn page() -> String {
    let mut page = String::from(
        "# Columns of the table `events`\n\n\
         Made from `schemas/src/columns.rs` by `TRAILWRIGHT_BLESS=1 cargo test --test it columns_page`; do not edit.\n\n\
         Columns are never renamed and never change their meaning; new ones are added at the end. \
         *Field ID* is the Parquet field ID. A column marked **required** is never null. \
         The partition columns `trail_region` and `event_date` are in the path of a file, not in it.\n\n\
         | field ID | column | type | source | since | meaning |\n|---|---|---|---|---|---|\n",
    );
    for (index, column) in COLUMNS.iter().enumerate() {
        let kind = match column.kind {
            Kind::Text => "text",
            Kind::Json => "JSON text",
            Kind::Flag => "boolean",
            Kind::Time => "timestamp (µs, UTC)",
            Kind::Date => "date",
            Kind::Integer => "64-bit integer",
            Kind::Texts => "list of text",
            Kind::Resources => "list of struct {arn, account_id, type, arn_prefix}",
        };
        let required = if column.required { " **required**" } else { "" };
        let _ = writeln!(
            page,
            "| {} | `{}` | {kind}{required} | {} | {} | {} |",
            index + 1,
            column.name,
            column.source,
            column.since,
            column.meaning
        );
    }
    page
}

#[test]
fn the_page_of_columns_is_the_table_of_columns() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    if std::env::var_os("TRAILWRIGHT_BLESS").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, page(), "{PAGE} is old: run the command it names");
}

#[test]
fn column_names_are_unique_and_in_snake_case() {
    let mut names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    for name in &names {
        assert!(
            name.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'),
            "{name}"
        );
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), COLUMNS.len());
}
