//! The statistics of a file in the Delta log, by which readers skip files.
//!
//! Source: Delta protocol, "Per-file Statistics". Text is left out when it is
//! longer than 32 characters, because a cut maximum would be wrong.

use std::collections::BTreeMap;

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

/// What is known of the rows written so far.
#[derive(Debug, Default)]
pub(crate) struct Statistics {
    rows: usize,
    columns: BTreeMap<&'static str, OfColumn>,
}

#[derive(Debug, Default)]
struct OfColumn {
    nulls: usize,
    bounds: Option<Bounds>,
}

/// The least and the greatest value.
#[derive(Debug)]
enum Bounds {
    Texts(String, String),
    Times(i64, i64),
    Numbers(i64, i64),
}

impl Statistics {
    pub(crate) fn add(&mut self, batch: &RecordBatch) {
        self.rows += batch.num_rows();
        for name in COLUMNS {
            if let Some(column) = batch.column_by_name(name) {
                let known = self.columns.entry(name).or_default();
                known.nulls += column.null_count();
                known.bounds = match (known.bounds.take(), bounds(column)) {
                    (Some(known), Some(new)) => Some(known.widened(new)),
                    (known, new) => known.or(new),
                };
            }
        }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The `stats` of an `add` action.
    pub(crate) fn into_json(self) -> String {
        let (mut minimum, mut maximum, mut nulls) = (Map::new(), Map::new(), Map::new());
        for (name, column) in self.columns {
            nulls.insert(name.to_owned(), json!(column.nulls));
            if let Some((low, high)) = column.bounds.and_then(Bounds::into_json) {
                minimum.insert(name.to_owned(), low);
                maximum.insert(name.to_owned(), high);
            }
        }
        json!({
            "numRecords": self.rows,
            "minValues": minimum,
            "maxValues": maximum,
            "nullCount": nulls,
        })
        .to_string()
    }
}

fn bounds(column: &dyn Array) -> Option<Bounds> {
    if let Some(texts) = column.as_string_opt::<i32>() {
        let texts = texts.iter().flatten();
        let (low, high) = (texts.clone().min()?, texts.max()?);
        return Some(Bounds::Texts(low.to_owned(), high.to_owned()));
    }
    if let Some(times) = column.as_primitive_opt::<TimestampMicrosecondType>() {
        let times = times.iter().flatten();
        return Some(Bounds::Times(times.clone().min()?, times.max()?));
    }
    let numbers = column.as_primitive_opt::<Int64Type>()?;
    let numbers = numbers.iter().flatten();
    Some(Bounds::Numbers(numbers.clone().min()?, numbers.max()?))
}

impl Bounds {
    fn widened(self, other: Self) -> Self {
        match (self, other) {
            (Self::Texts(low, high), Self::Texts(other_low, other_high)) => {
                Self::Texts(low.min(other_low), high.max(other_high))
            }
            (Self::Times(low, high), Self::Times(other_low, other_high)) => {
                Self::Times(low.min(other_low), high.max(other_high))
            }
            (Self::Numbers(low, high), Self::Numbers(other_low, other_high)) => {
                Self::Numbers(low.min(other_low), high.max(other_high))
            }
            // A column has one type.
            (known, _) => known,
        }
    }

    fn into_json(self) -> Option<(Value, Value)> {
        let time = |micros: i64| {
            let time = DateTime::from_timestamp_micros(micros)?;
            Some(json!(time.to_rfc3339_opts(SecondsFormat::Micros, true)))
        };
        let fits = |text: &str| text.chars().count() <= TEXT_CHARACTERS_MAX;
        match self {
            Self::Texts(low, high) => {
                (fits(&low) && fits(&high)).then(|| (json!(low), json!(high)))
            }
            Self::Times(low, high) => Some((time(low)?, time(high)?)),
            Self::Numbers(low, high) => Some((json!(low), json!(high))),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};

    use super::Statistics;

    #[test]
    fn a_file_written_in_batches_has_the_bounds_of_all_of_them() {
        let batch = |names: Vec<Option<&str>>, versions: Vec<Option<i64>>| {
            let names: ArrayRef = Arc::new(StringArray::from(names));
            let versions: ArrayRef = Arc::new(Int64Array::from(versions));
            let columns = [("event_name", names), ("timeline_version", versions)];
            RecordBatch::try_from_iter_with_nullable(
                columns.map(|(name, column)| (name, column, true)),
            )
            .unwrap()
        };
        let mut statistics = Statistics::default();
        statistics.add(&batch(vec![None, Some("b")], vec![Some(5), Some(-1)]));
        statistics.add(&batch(vec![None], vec![None]));
        statistics.add(&batch(vec![Some("a"), Some("c")], vec![Some(7), Some(2)]));
        let json = statistics.into_json();
        assert_eq!(
            json,
            r#"{"maxValues":{"event_name":"c","timeline_version":7},"minValues":{"event_name":"a","timeline_version":-1},"nullCount":{"event_name":2,"timeline_version":1},"numRecords":5}"#
        );
    }
}
