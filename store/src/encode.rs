//! Rows to Arrow arrays, driven by the table of columns.

use std::sync::Arc;

use arrow_array::builder::{
    BinaryBuilder, BooleanBuilder, Date32Builder, Int64Builder, ListBuilder, StringBuilder,
    StructBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use trailwright_schemas::{
    COLUMNS, Column, Event, Kind, Rejected, Resource, Stored, event_schema, rejected_schema,
    resource_fields,
};

/// Events as a batch in the schema of the table, without partition columns:
/// Delta keeps these in the log and in the path.
pub fn event_batch(events: &[&Event]) -> Result<RecordBatch, ArrowError> {
    let (fields, columns): (Vec<_>, Vec<_>) = event_schema()
        .fields()
        .iter()
        .cloned()
        .zip(COLUMNS)
        .filter(|(_, column)| !column.is_partition())
        .map(|(field, column)| (field, array(column, events)))
        .unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

/// Days since 1970-01-01.
fn days(date: chrono::NaiveDate) -> i32 {
    date.to_epoch_days()
}

fn array(column: &Column, events: &[&Event]) -> ArrayRef {
    match column.kind {
        Kind::Text | Kind::Json => {
            let mut builder = StringBuilder::new();
            for event in events {
                match (column.value)(event) {
                    Stored::Text(value) => builder.append_option(value),
                    _ => builder.append_null(),
                }
            }
            Arc::new(builder.finish())
        }
        Kind::Flag => {
            let mut builder = BooleanBuilder::new();
            for event in events {
                match (column.value)(event) {
                    Stored::Flag(value) => builder.append_option(value),
                    _ => builder.append_null(),
                }
            }
            Arc::new(builder.finish())
        }
        Kind::Time => {
            let mut builder = time_builder();
            for event in events {
                match (column.value)(event) {
                    Stored::Time(value) => {
                        builder.append_option(value.map(|time| time.timestamp_micros()));
                    }
                    _ => builder.append_null(),
                }
            }
            Arc::new(builder.finish())
        }
        Kind::Date => {
            let mut builder = Date32Builder::new();
            for event in events {
                match (column.value)(event) {
                    Stored::Date(value) => builder.append_value(days(value)),
                    _ => builder.append_null(),
                }
            }
            Arc::new(builder.finish())
        }
        Kind::Integer => {
            let mut builder = Int64Builder::new();
            for event in events {
                match (column.value)(event) {
                    Stored::Integer(value) => builder.append_option(value),
                    _ => builder.append_null(),
                }
            }
            Arc::new(builder.finish())
        }
        Kind::Texts => {
            let mut builder = texts_builder();
            for event in events {
                match (column.value)(event) {
                    Stored::Texts(values) => append_texts(&mut builder, values),
                    _ => builder.append_null(),
                }
            }
            Arc::new(builder.finish())
        }
        Kind::Resources => {
            let mut builder = resources_builder();
            for event in events {
                match (column.value)(event) {
                    Stored::Resources(values) => append_resources(&mut builder, values),
                    _ => builder.append_null(),
                }
            }
            Arc::new(builder.finish())
        }
    }
}

fn time_builder() -> TimestampMicrosecondBuilder {
    TimestampMicrosecondBuilder::new().with_data_type(Kind::Time.data_type())
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
        Arc::new(arrow_array::StringArray::from_iter_values(
            rows.iter().map(|row| value(row)),
        ))
    };
    let integer = |value: fn(&Rejected) -> u64| -> ArrayRef {
        let values = rows
            .iter()
            .map(|row| i64::try_from(value(row)).unwrap_or(i64::MAX));
        Arc::new(arrow_array::Int64Array::from_iter_values(values))
    };
    let mut rejected_at = time_builder();
    let mut original = BinaryBuilder::new();
    let mut complete = BooleanBuilder::new();
    let mut redacted = texts_builder();
    for row in rows {
        rejected_at.append_value(row.rejected_at.timestamp_micros());
        original.append_value(&row.original);
        complete.append_value(row.original_complete);
        append_texts(&mut redacted, &row.redacted_fields);
    }
    RecordBatch::try_new(
        Arc::new(rejected_schema()),
        vec![
            text(Rejected::id),
            Arc::new(rejected_at.finish()),
            text(|row| row.source.clone()),
            integer(|row| row.offset),
            text(|row| row.reason.as_str().to_owned()),
            text(|row| row.detail.clone()),
            Arc::new(original.finish()),
            integer(|row| row.original.len() as u64),
            text(|row| {
                row.original_sha256
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect()
            }),
            Arc::new(complete.finish()),
            Arc::new(redacted.finish()),
        ],
    )
}
