//! CSV and TSV.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray as _, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::{arrow_error, each};
use crate::error::QueryError;
use crate::session::Answer;

pub(super) async fn write<W: Write>(
    mut answer: Answer,
    delimiter: u8,
    header: bool,
    out: &mut W,
) -> Result<usize, QueryError> {
    let schema = flat_schema(&answer.schema());
    let mut writer = arrow::csv::WriterBuilder::new()
        .with_delimiter(delimiter)
        .with_header(header)
        .build(&mut *out);
    // The header is there without rows too.
    writer
        .write(&RecordBatch::new_empty(schema.clone()))
        .map_err(arrow_error)?;
    each(&mut answer, |batch| writer.write(&flat(batch, &schema)?)).await
}

/// CSV knows only text: lists and structs are written as Arrow shows them.
fn flat_schema(schema: &Schema) -> SchemaRef {
    let text = |field: &Arc<Field>| match field.data_type() {
        kind if kind.is_numeric() || *kind == DataType::Boolean => field.as_ref().clone(),
        _ => Field::new(field.name(), DataType::Utf8, true),
    };
    Arc::new(Schema::new(
        schema.fields().iter().map(text).collect::<Vec<_>>(),
    ))
}

fn flat(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let columns = batch
        .columns()
        .iter()
        .zip(schema.fields())
        .map(|(column, field)| {
            if column.data_type() == field.data_type() && column.as_string_opt::<i32>().is_none() {
                Ok(column.clone())
            } else {
                harmless(column)
            }
        });
    RecordBatch::try_new(schema.clone(), columns.collect::<Result<_, _>>()?)
}

/// Text that no spreadsheet takes for a formula.
fn harmless(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(column, &options)?;
    let cells = (0..column.len()).map(|row| {
        if column.is_null(row) {
            return None;
        }
        let cell = formatter.value(row).to_string();
        let dangerous = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        Some(if dangerous { format!("'{cell}") } else { cell })
    });
    Ok(Arc::new(cells.collect::<StringArray>()))
}
