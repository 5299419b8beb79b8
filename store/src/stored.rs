//! Reading back what is stored.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{RecordBatch, StringArray, TimestampMicrosecondArray};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use deltalake_core::DeltaTable;
use deltalake_core::kernel::LogicalFileView;
use futures::TryStreamExt as _;
use object_store::ObjectStore;
use parquet::arrow::async_reader::ParquetRecordBatchStream;
use parquet::arrow::{ParquetRecordBatchStreamBuilder, ProjectionMask};
use parquet::errors::ParquetError;
use serde_json::Value;

use crate::error::LakeError;
use crate::object_reader::ObjectReader;
use crate::parquet_file;
use crate::seen::{Key, Seen, short_content};
use crate::table::EVENTS;

/// One file that a table consists of.
#[derive(Clone)]
pub(crate) struct StoredFile {
    /// Its path within the table.
    pub(crate) name: String,
    /// What the log says of it.
    pub(crate) logged: LogicalFileView,
    store: Arc<dyn ObjectStore>,
}

/// The files of a table as it is loaded.
pub(crate) fn files(table: &DeltaTable, name: &'static str) -> Result<Vec<StoredFile>, LakeError> {
    let snapshot = table.snapshot().map_err(LakeError::table("read", name))?;
    let store = table.object_store();
    let log = snapshot.log_data();
    let files = log.iter().map(|logged| StoredFile {
        name: logged.path().into_owned(),
        logged,
        store: store.clone(),
    });
    Ok(files.collect())
}

impl StoredFile {
    /// Stands for the rows in it: a file that took the place of another one has
    /// the origin of that one.
    pub(crate) fn origin(&self) -> &str {
        parquet_file::origin(&self.name).unwrap_or(&self.name)
    }

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

    /// All columns of the whole file, each row group in one batch.
    pub(crate) async fn read_all(&self) -> Result<Vec<RecordBatch>, LakeError> {
        let builder = self.open().await?;
        let rows = builder.metadata().file_metadata().num_rows();
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        let stream = builder.with_batch_size(rows).build();
        let stream = stream.map_err(|source| self.error(source))?;
        let read = stream.try_collect().await;
        read.map_err(|source| self.error(source))
    }

    async fn open(&self) -> Result<ParquetRecordBatchStreamBuilder<ObjectReader>, LakeError> {
        let reader = ObjectReader {
            store: self.store.clone(),
            path: self.logged.object_store_path(),
            size: u64::try_from(self.logged.size()).unwrap_or_default(),
        };
        let opened = ParquetRecordBatchStreamBuilder::new(reader).await;
        opened.map_err(|source| self.error(source))
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

    /// The times of its events are between these, as far as the log says. Other
    /// writers may cut a maximum to milliseconds.
    pub(crate) fn event_times(&self) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let time = |bound: Option<Value>| {
            let time = DateTime::parse_from_rfc3339(bound?.as_str()?).ok()?;
            Some(time.to_utc())
        };
        let earliest = time(self.bound("minValues", "event_time"));
        let latest = time(self.maximum("event_time"));
        (
            earliest,
            latest.map(|latest| latest + TimeDelta::milliseconds(1)),
        )
    }

    /// What no value of a column is greater than, as far as the log says.
    pub(crate) fn maximum(&self, column: &str) -> Option<Value> {
        self.bound("maxValues", column)
    }

    fn bound(&self, which: &str, column: &str) -> Option<Value> {
        let stats: Value = serde_json::from_str(&self.logged.stats()?).ok()?;
        stats.get(which)?.get(column).cloned()
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

/// Makes `seen` know every event stored for `date`.
pub(crate) async fn load_day(
    events: &DeltaTable,
    seen: &mut Seen,
    date: NaiveDate,
) -> Result<(), LakeError> {
    let date_text = date.to_string();
    let day = seen.day(date);
    for file in files(events, EVENTS)? {
        let partition = file.logged.partition_values_map();
        let of_day = partition
            .get("event_date")
            .is_some_and(|value| value.as_deref() == Some(date_text.as_str()));
        if !of_day || day.has(file.origin()) {
            continue;
        }
        let columns = ["event_id", "recipient_account_id", "content_sha256"];
        let mut keys = Vec::new();
        for batch in file.read(&columns).await? {
            let ids = file.texts(&batch, "event_id")?;
            let accounts = file.texts(&batch, "recipient_account_id")?;
            let contents = file.texts(&batch, "content_sha256")?;
            for ((id, account), content) in ids.iter().zip(accounts).zip(contents) {
                let content = content.unwrap_or_default();
                keys.push((Key::of(id, account, content), short_content(content)));
            }
        }
        day.add(file.origin().to_owned(), keys);
    }
    Ok(())
}
