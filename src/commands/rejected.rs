//! `trailwright rejected`: what could not be ingested.

mod replay;

use std::io::Write as _;
use std::process::ExitCode;

use trailwright_query::{Session, Tables, bytes};
use trailwright_schemas::Reason;

use super::answer::Answering;
use crate::Host;
use crate::args::{Common, Rejected, RejectedCommand};
use crate::config::Config;
use crate::failure::Failure;

pub(crate) async fn run(
    args: &Rejected,
    config: &Config,
    common: &Common,
    host: &Host,
) -> Result<ExitCode, Failure> {
    if let Some(RejectedCommand::Replay(replay)) = &args.command {
        return replay::run(replay, config, common, host).await;
    }
    let lake = super::open(&args.lake, config).await?;
    let session = Session::begin(&lake, Tables::Whole).await?;
    if let Some(id) = &args.original {
        return original(&session, id).await;
    }
    let mut conditions = vec!["true".to_owned()];
    if let Some(reason) = &args.reason {
        conditions.push(format!("reason = '{}'", known_reason(reason)?));
    }
    if !args.all {
        conditions.push("replayed_at IS NULL".to_owned());
    }
    let replayed_at = if args.all { ", replayed_at" } else { "" };
    let sql = format!(
        "SELECT left(rejected.rejected_id, 12) AS id, reason, detail, source, source_offset, \
         original_bytes, original_complete, rejected_at{replayed_at} \
         FROM rejected LEFT JOIN replayed ON rejected.rejected_id = replayed.rejected_id \
         WHERE {} ORDER BY rejected_at, source, source_offset",
        conditions.join(" AND ")
    );
    let shape = args.output.shape(host)?;
    let answering = Answering::on_standard_output(common, host);
    let answer = session.ask(&sql).await?;
    let rows = answering.write(answer, &shape, std::io::stdout()).await?;
    if host.stdout_is_terminal && rows > 0 && !common.is_quiet() {
        notice!("the bytes of one: trailwright rejected --original ID");
    }
    Ok(ExitCode::SUCCESS)
}

fn known_reason(given: &str) -> Result<&'static str, Failure> {
    let names = Reason::ALL.map(Reason::as_str);
    let known = names.iter().find(|name| **name == given);
    known.copied().ok_or_else(|| {
        Failure::usage(format!(
            "{given:?} is not a reason; the reasons are {}",
            names.join(", ")
        ))
    })
}

/// The rows whose ID begins so.
fn id_condition(id: &str) -> Result<String, Failure> {
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Failure::usage(format!(
            "{id:?} is not the beginning of an ID as `trailwright rejected` prints them"
        )));
    }
    let id = id.to_ascii_lowercase();
    Ok(format!("starts_with(rejected_id, '{id}')"))
}

async fn original(session: &Session, id: &str) -> Result<ExitCode, Failure> {
    let sql = format!(
        "SELECT original FROM rejected WHERE {} LIMIT 2",
        id_condition(id)?
    );
    let found = session.ask(&sql).await?.collect().await?;
    let found: Vec<&[u8]> = found.iter().flat_map(|batch| bytes(batch, 0)).collect();
    match found.as_slice() {
        [] => Err(Failure::usage(format!(
            "no rejected row has an ID that begins with {id}"
        ))),
        [original] => {
            std::io::stdout().write_all(original)?;
            Ok(ExitCode::SUCCESS)
        }
        _ => Err(Failure::usage(format!(
            "more than one ID begins with {id}: give more of it"
        ))),
    }
}
