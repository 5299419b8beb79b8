//! A whole answer in memory, for callers that write it in several forms.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::csv::WriterBuilder;
use arrow::csv::writer::Terminator;
use arrow::datatypes::SchemaRef;
use arrow::json::writer::JsonArray;

use crate::error::QueryError;
use crate::format::{Delimited, arrow_error, nulls_shown, rows};
use crate::session::Answer;

/// All rows of an answer.
#[derive(Clone, Debug)]
pub struct Table {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl Table {
    /// Reads an answer to its end, which is after `rows_max` rows at the latest.
    pub async fn read(mut answer: Answer, rows_max: usize) -> Result<Self, QueryError> {
        let mut table = Self {
            schema: answer.schema(),
            batches: Vec::new(),
        };
        while let Some(batch) = answer.next().await? {
            table.batches.push(batch);
            if table.row_count() > rows_max {
                return Err(QueryError::TooLarge { rows_max });
            }
        }
        Ok(table)
    }

    /// The names of its columns.
    pub fn columns(&self) -> Vec<&str> {
        let fields = self.schema.fields().iter();
        fields.map(|field| field.name().as_str()).collect()
    }

    /// Which of its columns are numbers.
    pub fn numeric(&self) -> Vec<bool> {
        let fields = self.schema.fields().iter();
        fields.map(|field| field.data_type().is_numeric()).collect()
    }

    /// How many rows it has.
    pub fn row_count(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The cells of the first `rows_max` rows as text; `None` for null.
    pub fn cells(&self, rows_max: usize) -> Result<Vec<Vec<Option<String>>>, QueryError> {
        let mut cells = Vec::new();
        for batch in &self.batches {
            let wanted = batch.num_rows().min(rows_max - cells.len());
            cells.extend(rows(&batch.slice(0, wanted))?);
        }
        Ok(cells)
    }

    /// Writes it as in RFC 4180, with lines that end in CRLF, and cells that a
    /// spreadsheet would run as a formula made harmless by a leading apostrophe.
    pub fn write_csv(&self, out: impl Write) -> Result<(), QueryError> {
        let form = WriterBuilder::new().with_line_terminator(Terminator::CRLF);
        let mut writer = Delimited::begin(&self.schema, form, out)?;
        for batch in &self.batches {
            writer.write(batch).map_err(arrow_error)?;
        }
        Ok(())
    }

    /// Writes it as an array of objects, in which every row has every column.
    pub fn write_json(&self, out: impl Write) -> Result<(), QueryError> {
        let mut writer = nulls_shown().build::<_, JsonArray>(out);
        for batch in &self.batches {
            writer.write(batch).map_err(arrow_error)?;
        }
        writer.finish().map_err(arrow_error)
    }
}
