//! Answers for people: a table, blocks of lines, a table of Markdown.

use std::borrow::Cow;
use std::io::Write;
use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray as _, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use arrow::util::pretty::pretty_format_batches;

use super::{Shape, arrow_error};
use crate::error::QueryError;
use crate::session::Answer;
use crate::zone::Zone;

/// Columns aligned. How wide they are is known when the last row that is shown
/// is there; from then on rows are only counted.
pub(super) async fn table<W: Write>(
    mut answer: Answer,
    shape: &Shape,
    out: &mut W,
) -> Result<usize, QueryError> {
    let schema = answer.schema();
    let mut shown = Shown::up_to(shape);
    let mut kept = Vec::new();
    let mut is_written = false;
    loop {
        let next = answer.next().await?;
        if let Some(rows) = next.as_ref().and_then(|batch| shown.take(batch)) {
            kept.push(texts(&rows, &shape.zone)?);
        }
        if !is_written && (next.is_none() || shown.is_full()) {
            if kept.is_empty() {
                kept.push(RecordBatch::new_empty(text_schema(&schema)));
            }
            let table = pretty_format_batches(&kept)
                .map_err(arrow_error)?
                .to_string();
            // Without a header: the frame begins below it.
            let lines = table.lines().skip(if shape.header { 0 } else { 2 });
            for line in lines {
                writeln!(out, "{line}")?;
            }
            out.flush()?;
            kept.clear();
            is_written = true;
        }
        if next.is_none() {
            return Ok(shown.rows);
        }
    }
}

/// A block of lines for each row: for rows with many columns.
pub(super) async fn vertical<W: Write>(
    mut answer: Answer,
    shape: &Shape,
    out: &mut W,
) -> Result<usize, QueryError> {
    let schema = answer.schema();
    let names = schema.fields().iter().map(|field| field.name().as_str());
    let width = names.clone().map(|name| name.chars().count()).max();
    let width = width.unwrap_or_default();
    let mut shown = Shown::up_to(shape);
    let mut number = 0;
    while let Some(batch) = answer.next().await? {
        let Some(rows) = shown.take(&batch) else {
            continue;
        };
        let rows = texts(&rows, &shape.zone)?;
        for row in 0..rows.num_rows() {
            number += 1;
            writeln!(out, "-- row {number}")?;
            for (name, column) in names.clone().zip(rows.columns()) {
                writeln!(out, "{name:width$} | {}", cell(column, row))?;
            }
        }
    }
    Ok(shown.rows)
}

/// A table as Markdown writes it; what Markdown or HTML would read as more than
/// text is escaped.
pub(super) async fn markdown<W: Write>(
    mut answer: Answer,
    shape: &Shape,
    out: &mut W,
) -> Result<usize, QueryError> {
    let schema = answer.schema();
    let names = schema.fields().iter().map(|field| escaped(field.name()));
    // A table of Markdown has a header, which may be empty.
    let names = names.map(|name| if shape.header { name } else { String::new() });
    writeln!(out, "| {} |", names.collect::<Vec<_>>().join(" | "))?;
    writeln!(out, "|{}", "---|".repeat(schema.fields().len()))?;
    let mut shown = Shown::up_to(shape);
    while let Some(batch) = answer.next().await? {
        let Some(rows) = shown.take(&batch) else {
            continue;
        };
        let rows = texts(&rows, &shape.zone)?;
        for row in 0..rows.num_rows() {
            let cells = rows
                .columns()
                .iter()
                .map(|column| escaped(cell(column, row)));
            writeln!(out, "| {} |", cells.collect::<Vec<_>>().join(" | "))?;
        }
    }
    Ok(shown.rows)
}

/// How many rows there were, and how many more may be shown.
struct Shown {
    rows: usize,
    left: Option<usize>,
}

impl Shown {
    fn up_to(shape: &Shape) -> Self {
        Self {
            rows: 0,
            left: shape.rows_max,
        }
    }

    /// The part of `batch` that is shown, if any.
    fn take(&mut self, batch: &RecordBatch) -> Option<RecordBatch> {
        self.rows += batch.num_rows();
        let Some(left) = &mut self.left else {
            return Some(batch.clone());
        };
        let taken = batch.num_rows().min(*left);
        *left -= taken;
        (taken > 0).then(|| batch.slice(0, taken))
    }

    fn is_full(&self) -> bool {
        self.left == Some(0)
    }
}

fn text_schema(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter();
    let fields = fields.map(|field| Field::new(field.name(), DataType::Utf8, true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// The cells of a batch as text for a terminal, times in `zone`.
fn texts(batch: &RecordBatch, zone: &Zone) -> Result<RecordBatch, QueryError> {
    let columns = batch.columns().iter().map(|column| text(column, zone));
    let columns = columns
        .collect::<Result<Vec<_>, _>>()
        .map_err(arrow_error)?;
    RecordBatch::try_new(text_schema(&batch.schema()), columns).map_err(arrow_error)
}

fn text(column: &ArrayRef, zone: &Zone) -> Result<ArrayRef, ArrowError> {
    let column = match column.data_type() {
        DataType::Timestamp(unit, Some(_)) => cast(
            column,
            &DataType::Timestamp(*unit, Some(zone.name().into())),
        )?,
        _ => column.clone(),
    };
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(&column, &options)?;
    let cells = (0..column.len()).map(|row| {
        let present = column.is_valid(row);
        present.then(|| harmless(&formatter.value(row).to_string()).into_owned())
    });
    Ok(Arc::new(cells.collect::<StringArray>()))
}

/// Text of records and policies, harmless on a terminal: whoever called may have
/// put control characters into it.
pub fn harmless(text: &str) -> Cow<'_, str> {
    let dangerous = |c: char| c.is_control() && c != '\n';
    if !text.contains(dangerous) {
        return Cow::Borrowed(text);
    }
    let escape = |c: char| match dangerous(c) {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    Cow::Owned(text.chars().map(escape).collect())
}

fn cell(column: &ArrayRef, row: usize) -> &str {
    let column = column.as_string::<i32>();
    if column.is_null(row) {
        ""
    } else {
        column.value(row)
    }
}

fn escaped(cell: &str) -> String {
    let mut text = String::with_capacity(cell.len());
    for character in cell.chars() {
        match character {
            '\n' => text.push_str("<br>"),
            '<' => text.push_str("&lt;"),
            '&' => text.push_str("&amp;"),
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' => text.extend(['\\', character]),
            _ => text.push(character),
        }
    }
    text
}
