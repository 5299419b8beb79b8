//! Writing one Parquet file of the lake.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use deltalake_core::kernel::Add;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;

use crate::error::LakeError;
use crate::file_name;
use crate::statistics::Statistics;

/// Columns searched for one value: a bloom filter tells most row groups apart
/// without reading them.
const NEEDLE_COLUMNS: [&str; 5] = [
    "event_id",
    "user_identity_access_key_id",
    "source_ip_address",
    "user_identity_arn",
    "principal_arn",
];

/// Rows per page of the page index: small enough that a needle reads little,
/// large enough that `raw` still compresses.
pub(crate) const PAGE_ROWS: usize = 2_000;

/// Rows per row group: what an append writes at once, so that a compacted file
/// is read in the same portions.
const ROW_GROUP_ROWS: usize = 100_000;

/// When a file was written that takes the place of others.
const WRITTEN_AT: &str = "trailwright.written_at";

/// Writes `batch` as one file under the partition `partition` (column, value
/// in path order) and returns the action that will name it.
pub(crate) async fn write(
    store: &Arc<dyn ObjectStore>,
    partition: &[(&str, String)],
    batch: &RecordBatch,
    now: DateTime<Utc>,
) -> Result<Add, LakeError> {
    let mut file = NewFile::begin(batch.schema(), batch.num_rows())?;
    file.write(batch)?;
    file.finish()?.store(store, partition, None, now).await
}

/// A file being written. It is in memory, compressed, until it is stored.
pub(crate) struct NewFile {
    writer: ArrowWriter<Vec<u8>>,
    statistics: Statistics,
}

impl NewFile {
    /// Begins a file of about so many rows.
    pub(crate) fn begin(schema: SchemaRef, rows: usize) -> Result<Self, LakeError> {
        let properties = properties(&schema, rows);
        let writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties));
        Ok(Self {
            writer: writer.map_err(encoding)?,
            statistics: Statistics::default(),
        })
    }

    /// Begins a file that takes the place of others.
    ///
    /// It says when it was written, so that its name is one that no file had
    /// before: vacuum may be about to delete a file of the same rows that was
    /// left behind.
    pub(crate) fn successor(
        schema: SchemaRef,
        rows: usize,
        now: DateTime<Utc>,
    ) -> Result<Self, LakeError> {
        let mut file = Self::begin(schema, rows)?;
        let written_at = KeyValue::new(WRITTEN_AT.to_owned(), now.to_rfc3339());
        file.writer.append_key_value_metadata(written_at);
        Ok(file)
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        self.statistics.add(batch);
        self.writer.write(batch).map_err(encoding)
    }

    /// How many rows were written.
    pub(crate) fn rows(&self) -> usize {
        self.statistics.rows()
    }

    /// Ends the file.
    pub(crate) fn finish(self) -> Result<FinishedFile, LakeError> {
        Ok(FinishedFile {
            bytes: self.writer.into_inner().map_err(encoding)?.into(),
            statistics: self.statistics,
        })
    }
}

/// The bytes of a file.
pub(crate) struct FinishedFile {
    bytes: Bytes,
    statistics: Statistics,
}

impl FinishedFile {
    /// Puts the file into the store.
    pub(crate) async fn store(
        self,
        store: &Arc<dyn ObjectStore>,
        partition: &[(&str, String)],
        origin: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Add, LakeError> {
        let bytes = self.bytes;
        let path = file_name::path_of(partition, origin, &bytes);
        let size = bytes.len();
        store
            .put(&Path::from(path.clone()), PutPayload::from_bytes(bytes))
            .await
            .map_err(|source| LakeError::Storage {
                action: "write",
                path: path.clone(),
                source,
            })?;
        Ok(Add {
            path,
            partition_values: partition
                .iter()
                .map(|(column, value)| ((*column).to_owned(), Some(value.clone())))
                .collect::<HashMap<_, _>>(),
            size: i64::try_from(size).unwrap_or(i64::MAX),
            modification_time: now.timestamp_millis(),
            data_change: true,
            stats: Some(self.statistics.into_json()),
            ..Add::default()
        })
    }
}

fn encoding(error: parquet::errors::ParquetError) -> LakeError {
    LakeError::Encode(error.into())
}

fn properties(schema: &Schema, rows: usize) -> WriterProperties {
    let level = ZstdLevel::default();
    let mut properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_write_batch_size(PAGE_ROWS)
        .set_created_by(format!("trailwright {}", env!("CARGO_PKG_VERSION")));
    let rows = rows.clamp(1, ROW_GROUP_ROWS) as u64;
    for name in NEEDLE_COLUMNS {
        if schema.column_with_name(name).is_some() {
            let column = ColumnPath::from(name);
            properties = properties
                .set_column_bloom_filter_enabled(column.clone(), true)
                .set_column_bloom_filter_max_ndv(column, rows);
        }
    }
    properties.build()
}
