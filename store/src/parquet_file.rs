//! One Parquet file of the lake.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::RecordBatch;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use deltalake_core::kernel::Add;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;
use sha2::{Digest, Sha256};

use crate::error::LakeError;
use crate::statistics;

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
const PAGE_ROWS: usize = 2_000;

/// Writes `batch` as one file under the partition `partition` (column, value
/// in path order) and returns the action that will name it.
///
/// The file's name is the hash of its bytes, so that writing it again after a
/// failed commit replaces it by itself instead of leaving an orphan.
pub(crate) async fn write(
    store: &Arc<dyn ObjectStore>,
    partition: &[(&str, String)],
    batch: &RecordBatch,
    now: DateTime<Utc>,
) -> Result<Add, LakeError> {
    let bytes = encode(batch)?;
    let path = path_of(partition, &bytes);
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
        stats: Some(statistics::of(batch)),
        ..Add::default()
    })
}

fn path_of(partition: &[(&str, String)], bytes: &Bytes) -> String {
    let digest = Sha256::digest(bytes);
    let name: String = digest
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let directories: String = partition
        .iter()
        .map(|(column, value)| format!("{column}={value}/"))
        .collect();
    format!("{directories}part-{name}.zstd.parquet")
}

fn encode(batch: &RecordBatch) -> Result<Bytes, LakeError> {
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties(batch)))
        .map_err(arrow_error)?;
    writer.write(batch).map_err(arrow_error)?;
    writer.close().map_err(arrow_error)?;
    Ok(Bytes::from(bytes))
}

fn arrow_error(error: parquet::errors::ParquetError) -> LakeError {
    LakeError::Encode(error.into())
}

fn properties(batch: &RecordBatch) -> WriterProperties {
    let level = ZstdLevel::default();
    let mut properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(level))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_write_batch_size(PAGE_ROWS)
        .set_created_by(format!("trailwright {}", env!("CARGO_PKG_VERSION")));
    for name in NEEDLE_COLUMNS {
        if batch.column_by_name(name).is_some() {
            let column = ColumnPath::from(name);
            properties = properties
                .set_column_bloom_filter_enabled(column.clone(), true)
                .set_column_bloom_filter_max_ndv(column, batch.num_rows() as u64);
        }
    }
    properties.build()
}
