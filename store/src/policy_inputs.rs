//! Reading the inputs of the policy timeline back.

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use arrow_array::{Array as _, RecordBatch, StringArray, TimestampMicrosecondArray};
use chrono::{DateTime, Utc};
use trailwright_schemas::{PolicyInput, PolicyInputKind};

use crate::error::LakeError;
use crate::stored::StoredFile;

/// The rows of a batch of the table `policy_timeline`.
pub(crate) fn decode(
    file: &StoredFile,
    batch: &RecordBatch,
) -> Result<Vec<PolicyInput>, LakeError> {
    let input_ids = file.texts(batch, "input_id")?;
    let kinds = file.texts(batch, "kind")?;
    let effective = file.times(batch, "effective_at")?;
    let accounts = file.texts(batch, "account_id")?;
    let event_ids = file.texts(batch, "event_id")?;
    let event_names = file.texts(batch, "event_name")?;
    let sources = file.texts(batch, "source")?;
    let contents = file.texts(batch, "content")?;
    let hashes = file.texts(batch, "content_sha256")?;
    let recorded = file.times(batch, "recorded_at")?;
    let versions = batch
        .column_by_name("timeline_version")
        .and_then(|array| array.as_primitive_opt::<Int64Type>())
        .ok_or_else(|| file.damaged("it has no integer column timeline_version".to_owned()))?;
    (0..batch.num_rows())
        .map(|row| {
            let kind = kinds.value(row);
            Ok(PolicyInput {
                input_id: input_ids.value(row).to_owned(),
                kind: PolicyInputKind::from_stored(kind)
                    .ok_or_else(|| file.damaged(format!("{kind:?} is no kind of input")))?,
                effective_at: time(effective, row),
                account_id: text(accounts, row),
                event_id: text(event_ids, row),
                event_name: text(event_names, row),
                source: sources.value(row).to_owned(),
                content: contents.value(row).to_owned(),
                content_sha256: hashes.value(row).to_owned(),
                recorded_at: time(recorded, row)
                    .ok_or_else(|| file.damaged("recorded_at is no time".to_owned()))?,
                timeline_version: Some(versions.value(row)),
            })
        })
        .collect()
}

fn text(column: &StringArray, row: usize) -> Option<String> {
    column.is_valid(row).then(|| column.value(row).to_owned())
}

fn time(column: &TimestampMicrosecondArray, row: usize) -> Option<DateTime<Utc>> {
    let valid = column.is_valid(row);
    valid.then(|| DateTime::from_timestamp_micros(column.value(row)))?
}
