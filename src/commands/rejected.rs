//! `trailwright rejected`: what could not be ingested.

use std::io::{BufWriter, Write as _};
use std::process::ExitCode;

use trailwright_query::{Session, Tables, bytes, write};
use trailwright_schemas::Reason;

use crate::Host;
use crate::args::Rejected;
use crate::config::Config;
use crate::failure::Failure;

pub(crate) async fn run(
    args: &Rejected,
    config: &Config,
    host: &Host,
) -> Result<ExitCode, Failure> {
    let lake = super::open(&args.lake, config).await?;
    let session = Session::begin(&lake, Tables::Whole).await?;
    if let Some(id) = &args.original {
        return original(&session, id).await;
    }
    let condition = match &args.reason {
        None => String::new(),
        Some(reason) => format!("WHERE reason = '{}'", known_reason(reason)?),
    };
    let sql = format!(
        "SELECT left(rejected_id, 12) AS id, reason, detail, source, source_offset, original_bytes, \
         original_complete, rejected_at FROM rejected {condition} ORDER BY rejected_at, source, source_offset"
    );
    let mut out = BufWriter::new(std::io::stdout());
    let rows = write(
        session.ask(&sql).await?,
        args.output.format(host.stdout_is_terminal),
        &mut out,
    )
    .await?;
    out.flush()?;
    if host.stdout_is_terminal && rows > 0 {
        eprintln!("{rows} rows; the bytes of one: trailwright rejected --original ID");
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

async fn original(session: &Session, id: &str) -> Result<ExitCode, Failure> {
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Failure::usage(format!(
            "{id:?} is not the beginning of an ID as `trailwright rejected` prints them"
        )));
    }
    let sql = format!(
        "SELECT original FROM rejected WHERE starts_with(rejected_id, '{}') LIMIT 2",
        id.to_ascii_lowercase()
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
