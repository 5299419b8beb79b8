//! `trailwright rejected replay`: the bytes of rejected rows through the
//! pipeline again.

use std::process::ExitCode;

use chrono::SecondsFormat;
use trailwright_ingest::RejectedBytes;
use trailwright_query::{RecordBatch, Session, Tables, bytes, rows};

use super::{id_condition, known_reason};
use crate::Host;
use crate::args::{Common, Replay};
use crate::commands::ingest;
use crate::config::Config;
use crate::failure::Failure;
use crate::pipeline::Replaying;
use crate::since;

/// Rows that can be read again: their bytes are all here, and an event whose
/// key is stored with other content was read well the first time.
const REPLAYABLE: &str =
    "original_complete AND original_bytes > 0 AND reason <> 'conflicting_event_id'";

pub(crate) async fn run(
    args: &Replay,
    config: &Config,
    common: &Common,
    host: &Host,
) -> Result<ExitCode, Failure> {
    let condition = condition(args, host)?;
    let mut lake = crate::commands::open(&args.lake, config).await?;
    let session = Session::begin(&lake, Tables::Whole).await?;
    let policies = args.policies.as_deref();
    let now = (host.now)();
    let mut counts = Counts {
        others: others(&session, &condition).await?,
        ..Counts::default()
    };
    let sql = format!(
        "SELECT rejected_id, source, source_offset, original_sha256,
                array_to_string(redacted_fields, ','), original
         FROM open_rejected WHERE {REPLAYABLE} AND {condition}"
    );
    let mut answer = session.ask(&sql).await?;
    if args.dry_run {
        while let Some(batch) = answer.next().await? {
            for (_, row) in rejected(&batch)? {
                counts.count(again(&row, config, host).is_some());
            }
        }
        notice!("would replay {}", counts.words());
        return Ok(ExitCode::SUCCESS);
    }
    let mut stages = ingest::stages(config, policies, &mut lake, common, now).await?;
    let mut replaying = Replaying::new(&mut stages, &mut lake, host.now);
    while let Some(batch) = answer.next().await? {
        for (id, row) in rejected(&batch)? {
            let read = again(&row, config, host);
            counts.count(read.is_some());
            if let Some(batch) = read {
                replaying.add(id, batch).await?;
            }
        }
    }
    let summary = replaying.end().await?;
    if !common.is_quiet() {
        let appended = &summary.appended;
        notice!(
            "replayed {}: {} records, {} new events, {} duplicates, {} rejected anew",
            counts.words(),
            summary.records,
            appended.new,
            appended.duplicates,
            appended.rejected
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn again(row: &RejectedBytes, config: &Config, host: &Host) -> Option<trailwright_ingest::Batch> {
    let redact = config.ingest.redact_session_tokens;
    row.read_again(&config.limits(), redact, (host.now)())
}

fn condition(args: &Replay, host: &Host) -> Result<String, Failure> {
    let mut conditions = vec!["true".to_owned()];
    if let Some(reason) = &args.reason {
        conditions.push(format!("reason = '{}'", known_reason(reason)?));
    }
    if let Some(since) = &args.since {
        let since = since::parse(since, (host.now)()).map_err(Failure::usage)?;
        let since = since.to_rfc3339_opts(SecondsFormat::Micros, true);
        conditions.push(format!("rejected_at >= timestamp '{since}'"));
    }
    if let Some(id) = &args.id {
        conditions.push(id_condition(id)?);
    }
    Ok(conditions.join(" AND "))
}

/// How many rows cannot be read again.
async fn others(session: &Session, condition: &str) -> Result<u64, Failure> {
    let sql =
        format!("SELECT count(*) FROM open_rejected WHERE NOT ({REPLAYABLE}) AND {condition}");
    let counted = session.ask(&sql).await?.collect().await?;
    let first = counted.first().map(rows).transpose()?.unwrap_or_default();
    let count = first
        .first()
        .and_then(|row| row[0].as_deref()?.parse().ok());
    Ok(count.unwrap_or_default())
}

#[derive(Default)]
struct Counts {
    passed: u64,
    still_rejected: u64,
    others: u64,
}

impl Counts {
    fn count(&mut self, passes: bool) {
        match passes {
            true => self.passed += 1,
            false => self.still_rejected += 1,
        }
    }

    fn words(&self) -> String {
        let mut words = format!(
            "{} rows; {} are rejected as before",
            self.passed, self.still_rejected
        );
        if self.others > 0 {
            words += &format!(
                "; {} cannot be replayed, because their bytes are not all here or another record has their eventID",
                self.others
            );
        }
        words
    }
}

/// The rows of a batch with their IDs.
fn rejected(batch: &RecordBatch) -> Result<Vec<(String, RejectedBytes)>, Failure> {
    let originals = bytes(batch, 5);
    let texts = batch.project(&[0, 1, 2, 3, 4]);
    let texts = texts.map_err(|error| Failure::internal(error.to_string()))?;
    let cells = rows(&texts)?.into_iter().zip(originals);
    let row = |(row, original): (Vec<Option<String>>, &[u8])| {
        let [id, source, offset, sha256, fields] = row.try_into().ok()?;
        let fields = fields.unwrap_or_default();
        let fields = fields.split(',').filter(|field| !field.is_empty());
        let mut original_sha256 = [0; 32];
        hex::decode_to_slice(sha256?, &mut original_sha256).ok()?;
        let bytes = RejectedBytes {
            source: source?,
            offset: offset?.parse().ok()?,
            original: original.to_vec(),
            original_sha256,
            redacted_fields: fields.map(str::to_owned).collect(),
        };
        Some((id?, bytes))
    };
    let damaged = || Failure::internal("a row of rejected is damaged");
    cells.map(|cells| row(cells).ok_or_else(damaged)).collect()
}
