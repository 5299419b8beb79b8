//! Reading back the keys of what is stored.

use std::collections::HashSet;

use arrow_array::cast::AsArray as _;
use arrow_array::{RecordBatch, StringArray};
use chrono::NaiveDate;
use deltalake_core::DeltaTable;
use deltalake_core::kernel::LogicalFileView;
use futures::TryStreamExt as _;
use parquet::arrow::{ParquetRecordBatchStreamBuilder, ProjectionMask};
use parquet::errors::ParquetError;

use crate::error::LakeError;
use crate::object_reader::ObjectReader;
use crate::seen::{Key, Seen, short_content};

/// Makes `seen` know every event stored for `date`.
pub(crate) async fn load_day(
    events: &DeltaTable,
    seen: &mut Seen,
    date: NaiveDate,
) -> Result<(), LakeError> {
    let date_text = date.to_string();
    let day = seen.day(date);
    let snapshot = events
        .snapshot()
        .map_err(LakeError::table("read", "events"))?;
    let unread: Vec<(String, ObjectReader)> = snapshot
        .log_data()
        .iter()
        .filter(|file| {
            file.partition_values_map()
                .get("event_date")
                .is_some_and(|value| value.as_deref() == Some(date_text.as_str()))
        })
        .map(|file| (file.path().into_owned(), reader(events, &file)))
        .filter(|(name, _)| !day.has_file(name))
        .collect();
    for (name, reader) in unread {
        let columns = ["event_id", "recipient_account_id", "content_sha256"];
        let mut keys = Vec::new();
        for batch in read(reader, &columns).await? {
            let ids = texts(&batch, "event_id", &name)?;
            let accounts = texts(&batch, "recipient_account_id", &name)?;
            let contents = texts(&batch, "content_sha256", &name)?;
            for ((id, account), content) in ids.iter().zip(accounts).zip(contents) {
                let content = content.unwrap_or_default();
                keys.push((Key::of(id, account, content), short_content(content)));
            }
        }
        day.add_file(name, keys);
    }
    Ok(())
}

/// Makes `ids` know every row of `rejected`.
pub(crate) async fn load_rejected(
    rejected: &DeltaTable,
    files: &mut HashSet<String>,
    ids: &mut HashSet<u128>,
) -> Result<(), LakeError> {
    let snapshot = rejected
        .snapshot()
        .map_err(LakeError::table("read", "rejected"))?;
    let unread: Vec<(String, ObjectReader)> = snapshot
        .log_data()
        .iter()
        .map(|file| (file.path().into_owned(), reader(rejected, &file)))
        .filter(|(name, _)| !files.contains(name))
        .collect();
    for (name, reader) in unread {
        for batch in read(reader, &["rejected_id"]).await? {
            let stored = texts(&batch, "rejected_id", &name)?;
            ids.extend(stored.iter().flatten().map(rejected_key));
        }
        files.insert(name);
    }
    Ok(())
}

/// The first 16 bytes of a rejected row's ID.
pub(crate) fn rejected_key(id: &str) -> u128 {
    id.get(..32)
        .and_then(|digits| u128::from_str_radix(digits, 16).ok())
        .unwrap_or_default()
}

fn texts<'b>(
    batch: &'b RecordBatch,
    column: &str,
    path: &str,
) -> Result<&'b StringArray, LakeError> {
    let found = batch
        .column_by_name(column)
        .and_then(|array| array.as_string_opt::<i32>());
    found.ok_or_else(|| LakeError::File {
        path: path.to_owned(),
        source: ParquetError::General(format!("it has no text column {column}")),
    })
}

fn reader(table: &DeltaTable, file: &LogicalFileView) -> ObjectReader {
    ObjectReader {
        store: table.object_store(),
        path: file.object_store_path(),
        size: u64::try_from(file.size()).unwrap_or_default(),
    }
}

async fn read(reader: ObjectReader, columns: &[&str]) -> Result<Vec<RecordBatch>, LakeError> {
    let path = reader.path.to_string();
    let fail = |source| LakeError::File {
        path: path.clone(),
        source,
    };
    let builder = ParquetRecordBatchStreamBuilder::new(reader)
        .await
        .map_err(fail)?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    let stream = builder.with_projection(mask).build().map_err(fail)?;
    stream.try_collect().await.map_err(fail)
}
