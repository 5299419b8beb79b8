//! Rows of several sorted files as one sorted sequence, in bounded memory.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use arrow_array::{Array as _, ArrayRef, BooleanArray, RecordBatch};
use arrow_row::{OwnedRow, RowConverter, Rows, SortField};
use arrow_select::interleave::interleave_record_batch;
use arrow_select::zip::zip;
use chrono::{DateTime, Utc};
use futures::TryStreamExt as _;
use parquet::arrow::async_reader::ParquetRecordBatchStream;

use crate::data_file::DataFile;
use crate::error::LakeError;
use crate::object_reader::ObjectReader;
use crate::parquet_file::{NewFile, PAGE_ROWS};

/// Bytes of rows that are decoded at once, shared by the files that are read.
/// Parquet counts them before dictionaries are applied: in memory they are two
/// or three times as many.
const BYTES_OPEN: usize = 64 * 1024 * 1024;

/// Bytes of rows that wait to be written: a column of them must stay below the
/// two gigabytes that an array of texts can hold.
const BYTES_WAITING: usize = 64 * 1024 * 1024;

/// By what the rows of a table lie in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Events of one principal together, in the order of time.
    AccountPrincipalTime,
    /// A column alone.
    By(&'static str),
}

impl Order {
    fn key(self, file: &DataFile, batch: &RecordBatch) -> Result<Vec<ArrayRef>, LakeError> {
        let column = |name| file.column(batch, name);
        Ok(match self {
            Self::By(name) => vec![column(name)?],
            Self::AccountPrincipalTime => {
                let (issuer, own) = (column("session_issuer_arn")?, column("user_identity_arn")?);
                let has_issuer: BooleanArray = (0..issuer.len())
                    .map(|row| Some(issuer.is_valid(row)))
                    .collect();
                vec![
                    column("recipient_account_id")?,
                    zip(&has_issuer, &issuer, &own)?,
                    column("event_time")?,
                    column("event_id")?,
                ]
            }
        })
    }
}

/// A new file with the rows of `files`, each of which is sorted by `order`.
/// `None` without files.
///
/// Memory: of each file the row group that is read, compressed; about 200 MiB of
/// rows; and the new file, compressed.
pub(crate) async fn merge(
    files: &[&DataFile],
    order: Order,
    now: DateTime<Utc>,
) -> Result<Option<NewFile>, LakeError> {
    let mut rows = 0;
    let mut merging = Merging {
        order,
        converter: None,
        held: Vec::new(),
        cursors: Vec::new(),
        next: BinaryHeap::new(),
        waiting: Vec::new(),
        waiting_bytes: 0,
    };
    for file in files {
        let opened = file.stream_all(BYTES_OPEN / files.len(), PAGE_ROWS);
        let (stream, of_file) = opened.await?;
        rows += of_file;
        merging.cursors.push(Cursor {
            file,
            stream,
            keys: None,
            held: 0,
            row: 0,
            row_bytes: 0,
        });
        merging.load(merging.cursors.len() - 1).await?;
    }
    let Some(first) = merging.cursors.first() else {
        return Ok(None);
    };
    let mut into = NewFile::successor(first.stream.schema().clone(), rows, now)?;
    while let Some(Reverse((_, index))) = merging.next.pop() {
        if merging.take(index) {
            merging.load(index).await?;
        }
        if merging.waiting.len() >= PAGE_ROWS || merging.waiting_bytes >= BYTES_WAITING {
            merging.write(&mut into)?;
        }
    }
    merging.write(&mut into)?;
    if into.rows() != rows {
        return Err(files[0].damaged(format!(
            "it and what is merged with it have {rows} rows by their footers, and {} were read",
            into.rows()
        )));
    }
    Ok(Some(into))
}

struct Merging<'f> {
    order: Order,
    converter: Option<RowConverter>,
    /// Batches that cursors stand in or that waiting rows are from.
    held: Vec<RecordBatch>,
    cursors: Vec<Cursor<'f>>,
    /// The next row of each cursor.
    next: BinaryHeap<Reverse<(OwnedRow, usize)>>,
    /// Rows to write: the batch in `held`, and the row in it.
    waiting: Vec<(usize, usize)>,
    waiting_bytes: usize,
}

/// Where the reading of one file stands.
struct Cursor<'f> {
    file: &'f DataFile,
    stream: ParquetRecordBatchStream<ObjectReader>,
    /// Of the batch; `None` when the file is at its end.
    keys: Option<Rows>,
    held: usize,
    row: usize,
    /// Bytes of a row of the batch, on average.
    row_bytes: usize,
}

impl Merging<'_> {
    /// Reads the next batch of a file.
    async fn load(&mut self, index: usize) -> Result<(), LakeError> {
        let cursor = &mut self.cursors[index];
        let (file, order) = (cursor.file, self.order);
        cursor.keys = None;
        let next = cursor.stream.try_next().await;
        let Some(batch) = next.map_err(|source| file.error(source))? else {
            return Ok(());
        };
        let key = order.key(file, &batch)?;
        let converter = match &mut self.converter {
            Some(converter) => converter,
            missing => {
                let types = key.iter().map(|column| column.data_type().clone());
                let fields = types.map(SortField::new).collect();
                missing.insert(RowConverter::new(fields)?)
            }
        };
        let keys = converter.convert_columns(&key)?;
        cursor.held = self.held.len();
        cursor.row = 0;
        cursor.row_bytes = batch.get_array_memory_size() / batch.num_rows().max(1);
        if keys.num_rows() > 0 {
            self.next.push(Reverse((keys.row(0).owned(), index)));
        }
        cursor.keys = Some(keys);
        self.held.push(batch);
        Ok(())
    }

    /// Lets the row at a cursor wait. True when its batch is at its end.
    fn take(&mut self, index: usize) -> bool {
        let cursor = &mut self.cursors[index];
        self.waiting.push((cursor.held, cursor.row));
        self.waiting_bytes += cursor.row_bytes;
        cursor.row += 1;
        match &cursor.keys {
            Some(keys) if cursor.row < keys.num_rows() => {
                let key = keys.row(cursor.row).owned();
                self.next.push(Reverse((key, index)));
                false
            }
            _ => true,
        }
    }

    /// Writes the rows that wait, and lets go of the batches that are done with.
    fn write(&mut self, into: &mut NewFile) -> Result<(), LakeError> {
        if !self.waiting.is_empty() {
            let held: Vec<&RecordBatch> = self.held.iter().collect();
            into.write(&interleave_record_batch(&held, &self.waiting)?)?;
        }
        self.waiting.clear();
        self.waiting_bytes = 0;
        let done = std::mem::take(&mut self.held);
        for cursor in &mut self.cursors {
            if cursor.keys.is_some() {
                self.held.push(done[cursor.held].clone());
                cursor.held = self.held.len() - 1;
            }
        }
        Ok(())
    }
}
