//! The statistics of a file in the Delta log, by which readers skip files.
//!
//! Source: Delta protocol, "Per-file Statistics". Text is left out when it is
//! longer than 32 characters, because a cut maximum would be wrong.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use chrono::{DateTime, SecondsFormat};
use serde_json::{Map, Value, json};

/// Columns people filter by. More would make the log large for little.
const COLUMNS: [&str; 10] = [
    "event_time",
    "event_source",
    "event_name",
    "recipient_account_id",
    "user_identity_access_key_id",
    "decision",
    "rejected_at",
    "timeline_version",
    "delivered_at",
    "replayed_at",
];

const TEXT_CHARACTERS_MAX: usize = 32;

/// The `stats` of an `add` action.
pub(crate) fn of(batch: &RecordBatch) -> String {
    let (mut minimum, mut maximum, mut nulls) = (Map::new(), Map::new(), Map::new());
    for name in COLUMNS {
        let Some(column) = batch.column_by_name(name) else {
            continue;
        };
        nulls.insert(name.to_owned(), json!(column.null_count()));
        let bounds = match column.as_string_opt::<i32>() {
            Some(texts) => text_bounds(texts.iter().flatten()),
            None => numeric_bounds(column),
        };
        if let Some((low, high)) = bounds {
            minimum.insert(name.to_owned(), low);
            maximum.insert(name.to_owned(), high);
        }
    }
    json!({
        "numRecords": batch.num_rows(),
        "minValues": minimum,
        "maxValues": maximum,
        "nullCount": nulls,
    })
    .to_string()
}

fn text_bounds<'a>(values: impl Iterator<Item = &'a str> + Clone) -> Option<(Value, Value)> {
    let (low, high) = (values.clone().min()?, values.max()?);
    let fits = |text: &str| text.chars().count() <= TEXT_CHARACTERS_MAX;
    (fits(low) && fits(high)).then(|| (json!(low), json!(high)))
}

fn numeric_bounds(column: &dyn Array) -> Option<(Value, Value)> {
    if let Some(times) = column.as_primitive_opt::<TimestampMicrosecondType>() {
        return time_bounds(times.iter().flatten());
    }
    let numbers = column.as_primitive_opt::<Int64Type>()?;
    let numbers = numbers.iter().flatten();
    Some((json!(numbers.clone().min()?), json!(numbers.max()?)))
}

fn time_bounds(values: impl Iterator<Item = i64> + Clone) -> Option<(Value, Value)> {
    let text = |micros: i64| {
        let time = DateTime::from_timestamp_micros(micros)?;
        Some(json!(time.to_rfc3339_opts(SecondsFormat::Micros, true)))
    };
    Some((text(values.clone().min()?)?, text(values.max()?)?))
}
