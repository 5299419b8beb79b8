//! Answers as a table, JSON, CSV, Parquet and so on.

mod delimited;
mod text;

use std::io::{self, ErrorKind, Write};

use arrow::array::{Array as _, AsArray as _, RecordBatch};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use arrow::json::WriterBuilder;
use arrow::json::writer::{JsonArray, LineDelimited};
use arrow::util::display::{ArrayFormatter, FormatOptions};

pub(crate) use self::delimited::Delimited;
pub use self::text::harmless;
use crate::error::QueryError;
use crate::session::Answer;
use crate::zone::Zone;

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Columns aligned for a person. The rows shown are held in memory.
    Table,
    /// One line per column, a block per row, for a person.
    Vertical,
    /// A table of Markdown.
    Markdown,
    /// One JSON array.
    Json,
    /// One JSON object per line.
    JsonLines,
    /// RFC 4180, with cells that a spreadsheet would run as a formula made
    /// harmless by a leading apostrophe.
    Csv,
    /// As CSV, with tabs between the cells.
    Tsv,
    /// One Parquet file.
    Parquet,
    /// One stream of Arrow's IPC format.
    Arrow,
}

impl Format {
    /// True for formats that are no text, and hold one answer.
    pub fn is_binary(self) -> bool {
        matches!(self, Self::Parquet | Self::Arrow)
    }

    /// True for formats that people read, not programs: times are in their zone.
    pub fn is_for_people(self) -> bool {
        matches!(self, Self::Table | Self::Vertical | Self::Markdown)
    }
}

/// How an answer is written, in full.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The format.
    pub format: Format,
    /// Whether tables, CSV and TSV begin with the names of the columns.
    pub header: bool,
    /// How many rows formats for people show; `None` for all.
    pub rows_max: Option<usize>,
    /// The zone of times in formats for people. Others are in UTC.
    pub zone: Zone,
}

impl From<Format> for Shape {
    /// With names of columns, all rows and UTC.
    fn from(format: Format) -> Self {
        Self {
            format,
            header: true,
            rows_max: None,
            zone: Zone::utc(),
        }
    }
}

/// Writes the whole answer to `out` and returns the number of its rows, of
/// which a format for people shows no more than [`Shape::rows_max`].
pub async fn write<W: Write + Send>(
    answer: Answer,
    shape: impl Into<Shape>,
    out: &mut W,
) -> Result<usize, QueryError> {
    let mut out = Watched { out, failed: None };
    let written = write_to(answer, &shape.into(), &mut out).await;
    written.map_err(|error| match out.failed {
        Some(kind) => QueryError::Write(kind.into()),
        None => error,
    })
}

/// Remembers why writing failed: the writers of formats hand the reason on as
/// errors of their own, and a pipe that nobody reads is no error.
struct Watched<'w, W> {
    out: &'w mut W,
    failed: Option<ErrorKind>,
}

impl<W: Write> Write for Watched<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes);
        written.inspect_err(|error| self.failed = Some(error.kind()))
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.out.flush();
        flushed.inspect_err(|error| self.failed = Some(error.kind()))
    }
}

async fn write_to<W: Write + Send>(
    mut answer: Answer,
    shape: &Shape,
    out: &mut W,
) -> Result<usize, QueryError> {
    match shape.format {
        Format::Table => text::table(answer, shape, out).await,
        Format::Vertical => text::vertical(answer, shape, out).await,
        Format::Markdown => text::markdown(answer, shape, out).await,
        Format::Csv => delimited::write(&mut answer, b',', shape.header, out).await,
        Format::Tsv => delimited::write(&mut answer, b'\t', shape.header, out).await,
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
        Format::Arrow => {
            let schema = answer.schema();
            let writer = arrow::ipc::writer::StreamWriter::try_new(&mut *out, &schema);
            let mut writer = writer.map_err(arrow_error)?;
            let rows = each(&mut answer, |batch| writer.write(batch)).await?;
            writer.finish().map_err(arrow_error)?;
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

pub(crate) fn arrow_error(error: ArrowError) -> QueryError {
    QueryError::Format(error.to_string())
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
