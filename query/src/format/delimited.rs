//! CSV and TSV.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray as _, RecordBatch, StringArray};
use arrow::csv::WriterBuilder;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::{arrow_error, each};
use crate::error::QueryError;
use crate::session::Answer;

pub(super) async fn write<W: Write>(
    answer: &mut Answer,
    delimiter: u8,
    header: bool,
    out: &mut W,
) -> Result<usize, QueryError> {
    let form = WriterBuilder::new()
        .with_delimiter(delimiter)
        .with_header(header);
    let mut writer = Delimited::begin(&answer.schema(), form, out)?;
    each(answer, |batch| writer.write(batch)).await
}

/// Rows as cells between delimiters, harmless in a spreadsheet.
pub(crate) struct Delimited<W: Write> {
    schema: SchemaRef,
    writer: arrow::csv::Writer<W>,
}

impl<W: Write> Delimited<W> {
    /// Writes the header, which is there without rows too.
    pub(crate) fn begin(schema: &Schema, form: WriterBuilder, out: W) -> Result<Self, QueryError> {
        let schema = flat_schema(schema);
        let mut writer = form.build(out);
        let header = RecordBatch::new_empty(schema.clone());
        writer.write(&header).map_err(arrow_error)?;
        Ok(Self { schema, writer })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        self.writer.write(&flat(batch, &self.schema)?)
    }
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
