//! `trailwright tail`: sign-ins and calls as they come in, from a daemon, from
//! Kafka, or from the lake.

mod backoff;
mod condition;
mod cursor;
mod detailed;
mod from_daemon;
#[cfg_attr(not(feature = "kafka"), path = "tail/no_kafka.rs")]
mod from_kafka;
mod from_lake;
mod mfa;
mod printer;
mod row;
#[cfg(test)]
mod samples;
mod short;

use std::io::BufWriter;
use std::process::ExitCode;

use trailwright_query::Selection;

use self::cursor::Cursor;
use self::printer::Printer;
use crate::Host;
use crate::args::{Common, Tail};
use crate::config::Config;
use crate::failure::Failure;
use crate::live::{Begin, Request};
use crate::since::Window;
use crate::terminal::Terminal;

/// Events of the lake to begin with, when nobody says how many.
const NEWEST: usize = 20;

pub(crate) async fn run(
    args: &Tail,
    config: &Config,
    common: &Common,
    host: &Host,
) -> Result<ExitCode, Failure> {
    let window = Window::read(args.since.as_deref(), None, (host.now)())?;
    window.say(common, host);
    let mut cursor = Cursor::begin(args.after, args.cursor_file.clone())?;
    let request = Request {
        condition: condition::condition(&args.events, window.condition()),
        columns: printer::columns(args.format),
        begin: match cursor.version() {
            Some(version) => Begin::After(version),
            None => Begin::Newest(args.number.unwrap_or(NEWEST)),
        },
    };
    // What is wrong with a condition is said here, in the words of whoever gave it.
    if let Some(condition) = &args.events.condition {
        Selection::new(condition, &request.columns)?;
    }
    let out = BufWriter::new(std::io::stdout());
    let mut printer = Printer::new(out, args.format, Terminal::of(host));
    let ended = tokio::select! {
        ended = show(args, config, common, host, request, &mut printer, &mut cursor) => ended,
        _ = tokio::signal::ctrl_c() => Err(Failure::stopped(cursor.farewell())),
    };
    ended.map(|()| ExitCode::SUCCESS)
}

async fn show(
    args: &Tail,
    config: &Config,
    common: &Common,
    host: &Host,
    request: Request,
    printer: &mut Printer<impl std::io::Write>,
    cursor: &mut Cursor,
) -> Result<(), Failure> {
    if args.kafka.are_given() {
        let policies = args.policies.as_deref();
        let tail = from_kafka::tail(args, policies, config, common, host, &request, printer);
        return tail.await;
    }
    match &args.from {
        Some(daemon) => from_daemon::tail(daemon, request, args.follow, printer, cursor).await,
        None => {
            let lake = super::open(&args.lake, config).await?;
            from_lake::tail(lake, &request, args.follow, printer, cursor).await
        }
    }
}
