//! The tail without a daemon, from Kafka: what is sent is routed and labelled
//! here, by the policies of a directory or a lake and those that the records
//! themselves set.

use std::io::Write;
use std::path::Path;

use futures::FutureExt as _;
use trailwright_enrich::Labeller;
use trailwright_ingest::route::Router;
use trailwright_ingest::{Arrival, Batch, Onlooker, Parsed};
use trailwright_query::Selection;
use trailwright_schemas::Record;

use super::printer::Printer;
use crate::Host;
use crate::args::{Common, Tail};
use crate::config::Config;
use crate::failure::Failure;
use crate::live::Request;
use crate::{kafka, labelling, policies, since};

/// Messages that are shown together, when there are so many.
const MESSAGES_AT_A_TIME: usize = 1024;

pub(super) async fn tail<W: Write>(
    args: &Tail,
    directory: Option<&Path>,
    config: &Config,
    common: &Common,
    host: &Host,
    request: &Request,
    printer: &mut Printer<W>,
) -> Result<(), Failure> {
    let now = (host.now)();
    let since = args.since.as_deref().map(|since| since::parse(since, now));
    let since = since.transpose().map_err(Failure::usage)?;
    if since.is_none() && !args.follow {
        return Err(Failure::usage(
            "what of Kafka to show: --since 10m for what is there, -f for what comes, or both",
        ));
    }
    if args.after.is_some() || args.cursor_file.is_some() {
        return Err(Failure::usage(
            "cursors are of the lake and say nothing of Kafka: give --since, or read from a daemon or the lake",
        ));
    }
    let settings = kafka::settings(&args.kafka, None, config, host)?;
    let lake = super::super::open_if_there(&args.lake, config).await?;
    let mut stages = Stages {
        selection: request.selection()?,
        labeller: policies::asked(lake.as_ref(), config, directory, common).await?,
        router: config.router()?,
        host,
    };
    let mut onlooker = tokio::task::block_in_place(|| Onlooker::begin(settings, since))?;
    while args.follow || !onlooker.has_caught_up() {
        let mut parsed = Vec::new();
        take(onlooker.next().await?, &mut parsed);
        while parsed.len() < MESSAGES_AT_A_TIME {
            let Some(next) = onlooker.next().now_or_never() else {
                break;
            };
            take(next?, &mut parsed);
        }
        stages.show(parsed, printer)?;
    }
    Ok(())
}

/// Takes the records out of what came.
fn take(arrival: Arrival, parsed: &mut Vec<Parsed>) {
    match arrival {
        Arrival::Batch {
            batch:
                Batch {
                    parsed: records,
                    rejected,
                    ..
                },
            ..
        } => {
            for row in rejected {
                let (source, detail) = (&row.source, &row.detail);
                let reason = row.reason.as_str();
                tracing::warn!(target: "trailwright", "{source} cannot be used ({reason}): {detail}");
            }
            parsed.extend(records);
        }
        Arrival::Notice(text) => tracing::warn!(target: "trailwright", "{text}"),
        // Nobody assigns anything here.
        Arrival::Assigned(_) | Arrival::Revoked(_) => {}
    }
}

struct Stages<'h> {
    selection: Selection,
    labeller: Labeller,
    router: Router,
    host: &'h Host,
}

impl Stages<'_> {
    fn show<W: Write>(
        &mut self,
        parsed: Vec<Parsed>,
        printer: &mut Printer<W>,
    ) -> Result<(), Failure> {
        let timeline = self.labeller.timeline();
        let changes = parsed.iter().filter(|one| timeline.is_change(&one.record));
        let changes: Vec<Record> = changes.map(|one| (*one.record).clone()).collect();
        self.labeller.timeline_mut().add_records(&changes);
        let now = (self.host.now)();
        let events = labelling::events(parsed, &self.router, &self.labeller, now);
        let mut lines = Vec::new();
        self.selection.write(&events, &mut lines)?;
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            printer.line(line)?;
        }
        printer.flush()
    }
}
