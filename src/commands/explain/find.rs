//! The records with an event ID: in a lake, or in a file.

use chrono::{DateTime, Utc};
use futures::StreamExt as _;
use trailwright_query::{Session, Tables, rows};
use trailwright_schemas::{Label, Limits, Record};
use trailwright_store::Lake;

use super::Found;
use crate::config::Config;
use crate::failure::Failure;
use crate::inputs;

/// The label that a lake has.
pub(super) struct Stored {
    pub(super) decision: String,
    pub(super) cause: String,
    pub(super) agreement_class: String,
    pub(super) labelled_at: String,
    pub(super) state: String,
}

impl Stored {
    /// Whether it says the same as a label made now.
    pub(super) fn is(&self, label: &Label) -> bool {
        self.decision == label.decision.as_str()
            && self.cause == label.cause.text
            && self.agreement_class == label.agreement_class.as_str()
    }
}

const COLUMNS: &str = "raw, decision, cause, agreement_class, labelled_at, label_state";

/// The event as each account received it.
pub(super) async fn in_lake(lake: &Lake, event_id: &str) -> Result<Vec<Found>, Failure> {
    let session = Session::begin(lake, Tables::Whole).await?;
    let sql = format!(
        "SELECT {COLUMNS} FROM events WHERE event_id = {} ORDER BY recipient_account_id",
        quoted(event_id)
    );
    let mut found = Vec::new();
    for row in ask(&session, &sql).await? {
        let [raw, decision, cause, agreement_class, labelled_at, state] = row;
        let record = Record::parse(raw.as_bytes(), &Limits::NONE);
        let record = record.map_err(|error| {
            Failure::internal(format!(
                "the record of event {event_id} in {} cannot be read again: {error:?}",
                lake.location()
            ))
        })?;
        let stored = Some(Stored {
            decision,
            cause,
            agreement_class,
            labelled_at,
            state,
        });
        found.push(Found { record, stored });
    }
    if found.is_empty() {
        return Err(missing(lake, &session, event_id).await?);
    }
    Ok(found)
}

/// What to say of an event that is not there: what is, and what comes near.
async fn missing(lake: &Lake, session: &Session, event_id: &str) -> Result<Failure, Failure> {
    let place = lake.location();
    let sql = "SELECT count(*), min(event_time), max(event_time) FROM events";
    let [count, first, last] = ask(session, sql).await?.pop().unwrap_or_default();
    if count == "0" {
        return Ok(Failure::usage(format!(
            "the lake {place} has no events yet"
        )));
    }
    let begin: String = event_id.chars().take(8).collect();
    let sql = format!(
        "SELECT event_id, event_time, event_name FROM events WHERE starts_with(event_id, {}) \
         ORDER BY event_time, event_id LIMIT 3",
        quoted(&begin)
    );
    let near = ask(session, &sql).await?;
    let near: Vec<String> = near
        .iter()
        .map(|[id, time, name]| format!("\n  {id} ({name} at {time})"))
        .collect();
    let hint = match near.is_empty() {
        false => format!("; IDs that begin so:{}", near.concat()),
        true => format!(
            "\nIf its record came in and could not be used, `trailwright rejected --lake {place}` shows it; \
             of a file that is in no lake, `trailwright explain --file FILE` explains the records"
        ),
    };
    Ok(Failure::usage(format!(
        "no event {event_id} in the lake {place}, which has {count} events from {first} to {last}{hint}"
    )))
}

/// The rows of an answer with N columns; null is the empty text.
async fn ask<const N: usize>(session: &Session, sql: &str) -> Result<Vec<[String; N]>, Failure>
where
    [String; N]: Default,
{
    let mut found = Vec::new();
    for batch in session.ask(sql).await?.collect().await? {
        for row in rows(&batch)? {
            let mut cells: [String; N] = Default::default();
            for (cell, value) in cells.iter_mut().zip(row) {
                *cell = value.unwrap_or_default();
            }
            found.push(cells);
        }
    }
    Ok(found)
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// All records of a file. What is none is said.
pub(super) async fn records(
    file: &str,
    config: &Config,
    now: fn() -> DateTime<Utc>,
) -> Result<Vec<Record>, Failure> {
    let sources = inputs::open(&[file.to_owned()], config)?;
    let mut batches = inputs::batches(sources, config, now);
    let mut records = Vec::new();
    while let Some(batch) = batches.next().await {
        records.extend(batch.parsed.into_iter().map(|parsed| *parsed.record));
        for row in &batch.rejected {
            notice!("{}: {}: {}", row.source, row.reason.as_str(), row.detail);
        }
    }
    Ok(records)
}

/// Those to explain.
pub(super) fn in_file(
    records: Vec<Record>,
    event_id: Option<&str>,
    file: &str,
) -> Result<Vec<Found>, Failure> {
    let count = records.len();
    let found: Vec<Found> = records
        .into_iter()
        .filter(|record| event_id.is_none_or(|id| record.event_id.as_deref() == Some(id)))
        .map(|record| Found {
            record,
            stored: None,
        })
        .collect();
    match (found.is_empty(), event_id) {
        (false, _) => Ok(found),
        (true, None) => Err(Failure::usage(format!("there is no record in {file}"))),
        (true, Some(id)) => Err(Failure::usage(format!(
            "no event {id} among the {count} records of {file}"
        ))),
    }
}
