//! The inputs of the policy timeline: storing them, and reading them back.

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use arrow_array::{Array as _, RecordBatch, StringArray, TimestampMicrosecondArray};
use chrono::{DateTime, Utc};
use trailwright_schemas::{PolicyInput, PolicyInputKind};

use crate::data_file::DataFile;
use crate::encode::policy_input_batch;
use crate::error::LakeError;
use crate::keyed_table::KeyedTable;
use crate::lake::Lake;
use crate::stored::StoredFile;

impl Lake {
    /// Stores the inputs of the policy timeline that are not there yet, and
    /// says how many they were.
    pub async fn append_policy_inputs(
        &mut self,
        inputs: Vec<PolicyInput>,
        now: DateTime<Utc>,
    ) -> Result<usize, LakeError> {
        let timeline = self.policy_timeline_mut().await?;
        let id = |input: &PolicyInput| input.input_id.clone();
        timeline.append(&inputs, id, policy_input_batch, now).await
    }

    /// All inputs of the policy timeline, as of the last append, refresh or
    /// opening, in the order of `timeline_version` and `input_id`.
    pub async fn policy_inputs(&self) -> Result<Vec<PolicyInput>, LakeError> {
        self.policy_inputs_after(0).await
    }

    /// Those of [`policy_inputs`](Self::policy_inputs) that came after a version
    /// of the policy timeline. Reads only files that may hold one.
    pub async fn policy_inputs_after(&self, version: i64) -> Result<Vec<PolicyInput>, LakeError> {
        let Some(timeline) = self.keyed_policy_timeline() else {
            return Ok(Vec::new());
        };
        let may_hold = |file: &StoredFile| {
            let last = file.maximum("timeline_version");
            last.and_then(|last| last.as_i64())
                .is_none_or(|last| last > version)
        };
        let mut inputs = timeline.read(may_hold, decode).await?;
        inputs.retain(|input| input.timeline_version.is_none_or(|known| known > version));
        inputs.sort_by(|a, b| {
            let a = (a.timeline_version, &a.input_id);
            a.cmp(&(b.timeline_version, &b.input_id))
        });
        Ok(inputs)
    }

    /// The version of the policy timeline as of the last append or opening; 0
    /// while it is empty.
    pub fn policy_timeline_version(&self) -> i64 {
        self.keyed_policy_timeline().map_or(0, KeyedTable::version)
    }
}

/// The rows of a batch of the table `policy_timeline`.
fn decode(file: &DataFile, batch: &RecordBatch) -> Result<Vec<PolicyInput>, LakeError> {
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
