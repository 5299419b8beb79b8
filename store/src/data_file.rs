//! Reading one Parquet file of the lake.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
use futures::TryStreamExt as _;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use parquet::arrow::async_reader::ParquetRecordBatchStream;
use parquet::arrow::{ParquetRecordBatchStreamBuilder, ProjectionMask};
use parquet::errors::ParquetError;

use crate::error::LakeError;
use crate::object_reader::ObjectReader;

/// A file, whether a table consists of it or not.
#[derive(Clone)]
pub(crate) struct DataFile {
    /// Its path within the table, as the log has it.
    pub(crate) name: String,
    pub(crate) path: Path,
    /// In bytes.
    pub(crate) size: u64,
    pub(crate) store: Arc<dyn ObjectStore>,
}

impl DataFile {
    /// Some columns, in batches of about a thousand rows.
    pub(crate) async fn stream(
        &self,
        columns: &[&str],
    ) -> Result<ParquetRecordBatchStream<ObjectReader>, LakeError> {
        let builder = self.open().await?;
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
        let stream = builder.with_projection(mask).build();
        stream.map_err(|source| self.error(source))
    }

    /// Some columns of the whole file.
    pub(crate) async fn read(&self, columns: &[&str]) -> Result<Vec<RecordBatch>, LakeError> {
        let read = self.stream(columns).await?.try_collect().await;
        read.map_err(|source| self.error(source))
    }

    /// All columns, and how many rows there are, in batches of at most `bytes`
    /// and `rows_max`, as far as the sizes of columns tell.
    pub(crate) async fn stream_all(
        &self,
        bytes: usize,
        rows_max: usize,
    ) -> Result<(ParquetRecordBatchStream<ObjectReader>, usize), LakeError> {
        let builder = self.open().await?;
        let groups = builder.metadata().row_groups();
        let of_all: i64 = groups.iter().map(|group| group.total_byte_size()).sum();
        let rows: i64 = groups.iter().map(|group| group.num_rows()).sum();
        let of_row = usize::try_from(of_all / rows.max(1)).unwrap_or(usize::MAX);
        let builder = builder.with_batch_size((bytes / of_row.max(1)).clamp(1, rows_max));
        let stream = builder.build().map_err(|source| self.error(source))?;
        Ok((stream, usize::try_from(rows).unwrap_or_default()))
    }

    async fn open(&self) -> Result<ParquetRecordBatchStreamBuilder<ObjectReader>, LakeError> {
        let reader = ObjectReader {
            store: self.store.clone(),
            path: self.path.clone(),
            size: self.size,
        };
        match ParquetRecordBatchStreamBuilder::new(reader).await {
            Ok(builder) => Ok(builder),
            Err(source) => Err(self.unopened(source).await),
        }
    }

    /// Stores refuse to read behind the end of a file, as if they did not
    /// answer; a file that was cut stays so.
    async fn unopened(&self, source: ParquetError) -> LakeError {
        match self.store.head(&self.path).await {
            Ok(found) if found.size != self.size => self.damaged(format!(
                "it has {} bytes, and the log says {}",
                found.size, self.size
            )),
            _ => self.error(source),
        }
    }

    /// A column that is there.
    pub(crate) fn column(&self, batch: &RecordBatch, name: &str) -> Result<ArrayRef, LakeError> {
        let found = batch.column_by_name(name).cloned();
        found.ok_or_else(|| self.damaged(format!("it has no column {name}")))
    }

    /// A column of text that is there.
    pub(crate) fn texts<'b>(
        &self,
        batch: &'b RecordBatch,
        column: &str,
    ) -> Result<&'b StringArray, LakeError> {
        let found = batch
            .column_by_name(column)
            .and_then(|array| array.as_string_opt::<i32>());
        found.ok_or_else(|| self.damaged(format!("it has no text column {column}")))
    }

    /// A column of times that is there.
    pub(crate) fn times<'b>(
        &self,
        batch: &'b RecordBatch,
        column: &str,
    ) -> Result<&'b TimestampMicrosecondArray, LakeError> {
        let found = batch
            .column_by_name(column)
            .and_then(|array| array.as_primitive_opt::<TimestampMicrosecondType>());
        found.ok_or_else(|| self.damaged(format!("it has no column of times {column}")))
    }

    /// The file is not what the lake wrote.
    pub(crate) fn damaged(&self, what: String) -> LakeError {
        self.error(ParquetError::General(what))
    }

    /// A store that did not answer is one thing, a file that is not readable
    /// another: the first may pass.
    pub(crate) fn error(&self, source: ParquetError) -> LakeError {
        let path = self.name.clone();
        let source = match source {
            ParquetError::External(cause) => match cause.downcast() {
                Ok(source) => {
                    return LakeError::Storage {
                        action: "read",
                        path,
                        source: *source,
                    };
                }
                Err(cause) => ParquetError::External(cause),
            },
            other => other,
        };
        LakeError::File { path, source }
    }
}
