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
/// failed commit replaces it by itself instead of leaving an orphan. A file
/// that takes the place of another one, with the same rows, has the `origin` of
/// that one before its own hash.
pub(crate) async fn write(
    store: &Arc<dyn ObjectStore>,
    partition: &[(&str, String)],
    origin: Option<&str>,
    batch: &RecordBatch,
    now: DateTime<Utc>,
) -> Result<Add, LakeError> {
    let bytes = encode(batch)?;
    let path = path_of(partition, origin, &bytes);
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

/// Hexadecimal digits of a hash in a name.
const HASH_DIGITS: usize = 32;

fn path_of(partition: &[(&str, String)], origin: Option<&str>, bytes: &Bytes) -> String {
    let digest = Sha256::digest(bytes);
    let hash: String = digest
        .iter()
        .take(HASH_DIGITS / 2)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let directories: String = partition
        .iter()
        .map(|(column, value)| format!("{column}={value}/"))
        .collect();
    let origin = origin.map_or(String::new(), |origin| format!("{origin}-"));
    format!("{directories}part-{origin}{hash}.zstd.parquet")
}

/// The hash under which the rows of a file were first stored. `None` for a file
/// that another program wrote.
pub(crate) fn origin(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next()?;
    let hashes = name.strip_prefix("part-")?.strip_suffix(".zstd.parquet")?;
    let is_hash =
        |text: &str| text.len() == HASH_DIGITS && text.bytes().all(|b| b.is_ascii_hexdigit());
    let (origin, own) = hashes.split_once('-').unwrap_or((hashes, hashes));
    (is_hash(origin) && is_hash(own)).then_some(origin)
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{origin, path_of};

    #[test]
    fn a_name_tells_under_which_hash_its_rows_were_first_stored() {
        let partition = [("event_date", "2026-01-01".to_owned())];
        let first = path_of(&partition, None, &"rows".into());
        let hash = origin(&first).unwrap();
        assert_eq!(
            first,
            format!("event_date=2026-01-01/part-{hash}.zstd.parquet")
        );
        let second = path_of(&partition, Some(hash), &"relabelled".into());
        let third = path_of(&partition, origin(&second), &"relabelled again".into());
        assert_ne!(second, third);
        assert_eq!((origin(&second), origin(&third)), (Some(hash), Some(hash)));
    }

    #[test]
    fn names_of_other_programs_tell_nothing() {
        for name in [
            "part-00001-9a1c0a52-6b7d-4c0e-8f5e-0a52c6b7d4c0-c000.zstd.parquet",
            "part-00000-9a1c0a526b7d4c0e8f5e0a52c6b7d4c0.zstd.parquet",
            "part-9a1c0a526b7d4c0e8f5e0a52c6b7d4c0.snappy.parquet",
            "9a1c0a526b7d4c0e8f5e0a52c6b7d4c0.zstd.parquet",
        ] {
            assert_eq!(origin(name), None, "{name}");
        }
    }
}
