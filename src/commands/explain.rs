//! `trailwright explain`: what decided an event, step by step, and what that
//! rests on.

mod find;
mod json;
mod text;

use std::io::Write as _;
use std::process::ExitCode;

use trailwright_schemas::Record;

use crate::Host;
use crate::args::{Common, Explain};
use crate::config::Config;
use crate::failure::Failure;
use crate::policies;
use find::Stored;

/// A record to explain.
struct Found {
    record: Record,
    /// The label that the lake has of it.
    stored: Option<Stored>,
}

pub(crate) async fn run(
    args: &Explain,
    config: &Config,
    common: &Common,
    host: &Host,
) -> Result<ExitCode, Failure> {
    let directory = args.policies.as_deref();
    let now = (host.now)();
    let (labeller, found) = match (&args.file, &args.event_id) {
        (Some(file), event_id) => {
            let records = find::records(file, config, host.now).await?;
            let mut labeller = policies::asked(None, config, directory, common).await?;
            // As in a lake, what the records change counts from then on.
            labeller.timeline_mut().add_records(&records);
            (labeller, find::in_file(records, event_id.as_deref(), file)?)
        }
        (None, Some(event_id)) => {
            let lake = super::open(&args.lake, config).await?;
            let found = find::in_lake(&lake, event_id).await?;
            (
                policies::asked(Some(&lake), config, directory, common).await?,
                found,
            )
        }
        (None, None) => return Err(Failure::usage("give an EVENT_ID, or --file FILE")),
    };
    let mut out = std::io::stdout().lock();
    for (place, Found { record, stored }) in found.iter().enumerate() {
        let explained = labeller.explain(record, now);
        if args.output.is_json(host.stdout_is_terminal) {
            writeln!(out, "{}", json::of(record, &explained, stored.as_ref()))?;
            continue;
        }
        if place > 0 {
            writeln!(out)?;
        }
        let text = text::of(record, &explained, stored.as_ref());
        write!(out, "{}", trailwright_query::harmless(&text))?;
    }
    Ok(ExitCode::SUCCESS)
}
