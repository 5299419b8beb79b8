//! Rows to Arrow arrays, driven by the table of columns.

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder, StructBuilder};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Int64Array, RecordBatch, RecordBatchOptions,
    StringArray, TimestampMicrosecondArray,
};
use arrow_schema::{ArrowError, DataType, Field};
use chrono::{DateTime, Utc};
use trailwright_schemas::{
    COLUMNS, Event, Kind, Label, OfLabel, PolicyInput, Rejected, Replayed, Resource, SourceFile,
    Stored, event_schema, files_schema, policy_timeline_schema, rejected_schema, replayed_schema,
    resource_fields,
};

/// Events as a batch in the schema of the table, without partition columns:
/// Delta keeps these in the log and in the path.
pub fn event_batch(events: &[&Event]) -> Result<RecordBatch, ArrowError> {
    let stored = (0..COLUMNS.len()).filter(|index| !COLUMNS[*index].is_partition());
    event_columns(&stored.collect::<Vec<_>>(), events)
}

/// Some columns of events, by their places in [`COLUMNS`], partition columns
/// like all others.
pub fn event_columns(places: &[usize], events: &[&Event]) -> Result<RecordBatch, ArrowError> {
    let schema = event_schema().project(places)?;
    let columns = places.iter().map(|place| {
        let column = &COLUMNS[*place];
        array(
            column.kind,
            events.iter().map(|event| column.of_event(event)),
        )
    });
    let columns = columns.collect();
    let rows = RecordBatchOptions::new().with_row_count(Some(events.len()));
    RecordBatch::try_new_with_options(Arc::new(schema), columns, &rows)
}

/// One column of labels.
pub(crate) fn label_array(kind: Kind, value: OfLabel, labels: &[Label]) -> ArrayRef {
    array(kind, labels.iter().map(value))
}

/// Values of one kind as an array; what is of another kind is null.
fn array<'a>(kind: Kind, values: impl Iterator<Item = Stored<'a>>) -> ArrayRef {
    match kind {
        Kind::Text | Kind::Json => {
            Arc::new(StringArray::from_iter(values.map(|value| match value {
                Stored::Text(text) => text,
                _ => None,
            })))
        }
        Kind::Flag => Arc::new(BooleanArray::from_iter(values.map(|value| match value {
            Stored::Flag(flag) => flag,
            _ => None,
        }))),
        Kind::Time => times(values.map(|value| match value {
            Stored::Time(time) => time,
            _ => None,
        })),
        Kind::Date => Arc::new(Date32Array::from_iter(values.map(|value| match value {
            Stored::Date(date) => Some(date.to_epoch_days()),
            _ => None,
        }))),
        Kind::Integer => Arc::new(Int64Array::from_iter(values.map(|value| match value {
            Stored::Integer(integer) => integer,
            _ => None,
        }))),
        Kind::Texts => {
            let mut builder = texts_builder();
            for value in values {
                match value {
                    Stored::Texts(values) => append_texts(&mut builder, values),
                    _ => builder.append_null(),
                }
            }
            Arc::new(builder.finish())
        }
        Kind::Resources => {
            let mut builder = resources_builder();
            for value in values {
                match value {
                    Stored::Resources(values) => append_resources(&mut builder, values),
                    _ => builder.append_null(),
                }
            }
            Arc::new(builder.finish())
        }
    }
}

fn times(values: impl Iterator<Item = Option<DateTime<Utc>>>) -> ArrayRef {
    let micros = values.map(|time| time.map(|time| time.timestamp_micros()));
    Arc::new(TimestampMicrosecondArray::from_iter(micros).with_data_type(Kind::Time.data_type()))
}

fn texts_builder() -> ListBuilder<StringBuilder> {
    ListBuilder::new(StringBuilder::new()).with_field(Field::new("element", DataType::Utf8, true))
}

fn append_texts(builder: &mut ListBuilder<StringBuilder>, values: &[String]) {
    for value in values {
        builder.values().append_value(value);
    }
    builder.append(true);
}

fn resources_builder() -> ListBuilder<StructBuilder> {
    let fields = resource_fields();
    let element = Field::new("element", DataType::Struct(fields.clone()), true);
    ListBuilder::new(StructBuilder::from_fields(fields, 0)).with_field(element)
}

fn append_resources(builder: &mut ListBuilder<StructBuilder>, values: &[Resource]) {
    for resource in values {
        let fields = [
            &resource.arn,
            &resource.account_id,
            &resource.resource_type,
            &resource.arn_prefix,
        ];
        let entry = builder.values();
        for (index, value) in fields.into_iter().enumerate() {
            if let Some(text) = entry.field_builder::<StringBuilder>(index) {
                text.append_option(value.as_deref());
            }
        }
        entry.append(true);
    }
    builder.append(true);
}

/// Rejected rows as a batch.
pub fn rejected_batch(rows: &[&Rejected]) -> Result<RecordBatch, ArrowError> {
    let text = |value: fn(&Rejected) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(
            rows.iter().map(|row| value(row)),
        ))
    };
    let integer = |value: fn(&Rejected) -> u64| -> ArrayRef {
        let values = rows
            .iter()
            .map(|row| i64::try_from(value(row)).unwrap_or(i64::MAX));
        Arc::new(Int64Array::from_iter_values(values))
    };
    let mut redacted = texts_builder();
    for row in rows {
        append_texts(&mut redacted, &row.redacted_fields);
    }
    let originals = rows.iter().map(|row| &row.original);
    let complete = rows.iter().map(|row| Some(row.original_complete));
    RecordBatch::try_new(
        Arc::new(rejected_schema()),
        vec![
            text(Rejected::id),
            times(rows.iter().map(|row| Some(row.rejected_at))),
            text(|row| row.source.clone()),
            integer(|row| row.offset),
            text(|row| row.reason.as_str().to_owned()),
            text(|row| row.detail.clone()),
            Arc::new(BinaryArray::from_iter_values(originals)),
            integer(|row| row.original.len() as u64),
            text(|row| hex::encode(row.original_sha256)),
            Arc::new(BooleanArray::from_iter(complete)),
            Arc::new(redacted.finish()),
        ],
    )
}

/// Files of the ledger as a batch.
pub(crate) fn files_batch(rows: &[&SourceFile]) -> Result<RecordBatch, ArrowError> {
    let text = |value: fn(&SourceFile) -> Option<&str>| -> ArrayRef {
        Arc::new(StringArray::from_iter(rows.iter().map(|row| value(row))))
    };
    let integer = |value: fn(&SourceFile) -> Option<u64>| -> ArrayRef {
        let values = rows.iter().map(|row| value(row).map(integer));
        Arc::new(Int64Array::from_iter(values))
    };
    let time =
        |value: fn(&SourceFile) -> Option<DateTime<Utc>>| times(rows.iter().map(|row| value(row)));
    RecordBatch::try_new(
        Arc::new(files_schema()),
        vec![
            text(|row| Some(&row.file_id)),
            text(|row| Some(&row.source)),
            text(|row| Some(&row.version)),
            integer(|row| row.size_bytes),
            integer(|row| Some(row.records)),
            integer(|row| Some(row.rejected)),
            time(|row| row.first_event_time),
            time(|row| row.last_event_time),
            text(|row| row.delivery.as_deref()),
            text(|row| row.account_id.as_deref()),
            text(|row| row.region.as_deref()),
            time(|row| row.delivered_at),
            time(|row| Some(row.read_at)),
        ],
    )
}

/// Replayed rows as a batch.
pub(crate) fn replayed_batch(rows: &[&Replayed]) -> Result<RecordBatch, ArrowError> {
    let text = |value: fn(&Replayed) -> &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(
            rows.iter().map(|row| value(row)),
        ))
    };
    let integer = |value: fn(&Replayed) -> u64| -> ArrayRef {
        let values = rows.iter().map(|row| integer(value(row)));
        Arc::new(Int64Array::from_iter_values(values))
    };
    RecordBatch::try_new(
        Arc::new(replayed_schema()),
        vec![
            text(|row| &row.rejected_id),
            times(rows.iter().map(|row| Some(row.replayed_at))),
            integer(|row| row.records),
            integer(|row| row.rejected),
            text(|row| &row.trailwright_version),
        ],
    )
}

fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Inputs of the policy timeline as a batch of the table's `version`.
pub(crate) fn policy_input_batch(
    rows: &[&PolicyInput],
    version: i64,
) -> Result<RecordBatch, ArrowError> {
    let text = |value: fn(&PolicyInput) -> &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(
            rows.iter().map(|row| value(row)),
        ))
    };
    let optional = |value: fn(&PolicyInput) -> Option<&str>| -> ArrayRef {
        Arc::new(StringArray::from_iter(rows.iter().map(|row| value(row))))
    };
    RecordBatch::try_new(
        Arc::new(policy_timeline_schema()),
        vec![
            text(|row| &row.input_id),
            text(|row| row.kind.as_str()),
            times(rows.iter().map(|row| row.effective_at)),
            optional(|row| row.account_id.as_deref()),
            optional(|row| row.event_id.as_deref()),
            optional(|row| row.event_name.as_deref()),
            text(|row| &row.source),
            text(|row| &row.content),
            text(|row| &row.content_sha256),
            times(rows.iter().map(|row| Some(row.recorded_at))),
            Arc::new(Int64Array::from_value(version, rows.len())),
        ],
    )
}
