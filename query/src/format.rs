//! Answers as a table, JSON, CSV or Parquet.

use std::io::Write;

use arrow::array::{Array as _, ArrayRef, AsArray as _, RecordBatch, StringArray};
use arrow::csv::writer::Terminator;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::json::WriterBuilder;
use arrow::json::writer::{JsonArray, LineDelimited};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use arrow::util::pretty::pretty_format_batches;
use std::sync::Arc;

use crate::error::QueryError;
use crate::session::Answer;

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Columns aligned for a person. The whole answer is held in memory.
    Table,
    /// One JSON array.
    Json,
    /// One JSON object per line.
    JsonLines,
    /// RFC 4180, with cells that a spreadsheet would run as a formula made
    /// harmless by a leading apostrophe.
    Csv,
    /// One Parquet file.
    Parquet,
}

/// Writes the whole answer to `out` and returns the number of rows.
pub async fn write<W: Write + Send>(
    mut answer: Answer,
    format: Format,
    out: &mut W,
) -> Result<usize, QueryError> {
    match format {
        Format::Table => write_table(answer, out).await,
        Format::Json => {
            let mut writer = nulls_shown().build::<_, JsonArray>(&mut *out);
            let rows = each(&mut answer, |batch| writer.write(batch)).await?;
            writer.finish().map_err(arrow_error)?;
            writeln!(out)?;
            Ok(rows)
        }
        Format::JsonLines => {
            let mut writer = nulls_shown().build::<_, LineDelimited>(&mut *out);
            let rows = each(&mut answer, |batch| writer.write(batch)).await?;
            writer.finish().map_err(arrow_error)?;
            Ok(rows)
        }
        Format::Csv => {
            let mut writer = CsvWriter::begin(&answer.schema(), Terminator::Any(b'\n'), &mut *out)?;
            each(&mut answer, |batch| writer.write(batch)).await
        }
        Format::Parquet => {
            let schema = answer.schema();
            let mut writer = parquet::arrow::ArrowWriter::try_new(&mut *out, schema, None)
                .map_err(|error| QueryError::Format(error.to_string()))?;
            let rows = each(&mut answer, |batch| {
                writer.write(batch).map_err(ArrowError::from)
            })
            .await?;
            writer
                .close()
                .map_err(|error| QueryError::Format(error.to_string()))?;
            Ok(rows)
        }
    }
}

/// Adds the rows of a batch to `out`, as [`Format::JsonLines`] has them.
pub fn json_lines(batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), QueryError> {
    let mut writer = nulls_shown().build::<_, LineDelimited>(out);
    writer.write(batch).map_err(arrow_error)?;
    writer.finish().map_err(arrow_error)
}

/// Every row has every column, so that readers need not guess.
pub(crate) fn nulls_shown() -> WriterBuilder {
    WriterBuilder::new().with_explicit_nulls(true)
}

async fn each(
    answer: &mut Answer,
    mut write: impl FnMut(&RecordBatch) -> Result<(), ArrowError>,
) -> Result<usize, QueryError> {
    let mut rows = 0;
    while let Some(batch) = answer.next().await? {
        rows += batch.num_rows();
        write(&batch).map_err(arrow_error)?;
    }
    Ok(rows)
}

async fn write_table<W: Write>(answer: Answer, out: &mut W) -> Result<usize, QueryError> {
    let schema = answer.schema();
    let mut batches = answer.collect().await?;
    if batches.is_empty() {
        batches.push(RecordBatch::new_empty(schema));
    }
    let table = pretty_format_batches(&batches).map_err(arrow_error)?;
    writeln!(out, "{table}")?;
    Ok(batches.iter().map(RecordBatch::num_rows).sum())
}

pub(crate) fn arrow_error(error: ArrowError) -> QueryError {
    match error {
        ArrowError::IoError(_, error) => QueryError::Write(error),
        // The CSV and JSON writers hand an I/O error on as their own.
        ArrowError::CsvError(message) if message.contains("Broken pipe") => {
            QueryError::Write(std::io::ErrorKind::BrokenPipe.into())
        }
        other => QueryError::Format(other.to_string()),
    }
}

/// Rows as CSV, harmless in a spreadsheet.
pub(crate) struct CsvWriter<W: Write> {
    schema: SchemaRef,
    writer: arrow::csv::Writer<W>,
}

impl<W: Write> CsvWriter<W> {
    /// Writes the header.
    pub(crate) fn begin(
        schema: &Schema,
        terminator: Terminator,
        out: W,
    ) -> Result<Self, QueryError> {
        let schema = flat_schema(schema);
        let builder = arrow::csv::WriterBuilder::new().with_line_terminator(terminator);
        let mut writer = builder.build(out);
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

/// The cells of a batch as text, row by row; `None` for null. For callers that
/// lay out a few columns themselves.
pub fn rows(batch: &RecordBatch) -> Result<Vec<Vec<Option<String>>>, QueryError> {
    let options = FormatOptions::default().with_timestamp_tz_format(Some("%Y-%m-%dT%H:%M:%SZ"));
    let formatters = batch
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column, &options))
        .collect::<Result<Vec<_>, _>>()
        .map_err(arrow_error)?;
    let cell = |row: usize, column: usize| {
        let present = batch.column(column).is_valid(row);
        present.then(|| formatters[column].value(row).to_string())
    };
    let columns = 0..batch.num_columns();
    Ok((0..batch.num_rows())
        .map(|row| columns.clone().map(|column| cell(row, column)).collect())
        .collect())
}

/// The values of a binary column that are not null.
pub fn bytes(batch: &RecordBatch, column: usize) -> Vec<&[u8]> {
    let column = batch.column(column);
    match column.data_type() {
        DataType::Binary => column.as_binary::<i32>().iter().flatten().collect(),
        DataType::LargeBinary => column.as_binary::<i64>().iter().flatten().collect(),
        DataType::BinaryView => column.as_binary_view().iter().flatten().collect(),
        _ => Vec::new(),
    }
}
