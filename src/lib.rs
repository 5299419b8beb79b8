//! Trailwright: an audit-log pipeline for AWS sign-in and API events.
//!
//! This package is the composition: command line, configuration, and the
//! pipeline that joins the crates `ingest`, `enrich`, `store` and `query`. It
//! alone knows clap and TOML.

#[macro_use]
mod notice;

mod accounts;
mod args;
mod commands;
mod config;
mod coverage;
mod evidence;
mod failure;
mod host;
mod http;
mod inputs;
#[cfg_attr(
    not(any(test, feature = "kafka")),
    allow(dead_code, reason = "a build without Kafka has no member of a group")
)]
mod kafka;
mod labelling;
mod live;
mod near;
mod objects;
mod origin;
mod patient_lake;
mod pipeline;
mod policies;
mod progress;
mod reload;
mod schedule;
mod since;
mod sources;
mod storage;
mod telemetry;
mod terminal;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::FromArgMatches as _;

pub use host::Host;

use telemetry::{Form, Log};

/// Runs one command and says how it ended: 0 done, 1 a finding where one was
/// asked for, 2 wrong usage or configuration, 3 part of the input could not be
/// used, 4 the lake or a source cannot be reached, 130 interrupted.
pub fn run(args: impl IntoIterator<Item = OsString>, host: &Host) -> ExitCode {
    let args = args::command()
        .try_get_matches_from(args)
        .and_then(|matches| args::Args::from_arg_matches(&matches));
    let args = match args {
        Ok(args) => args,
        Err(message) => {
            let _ = message.print();
            return ExitCode::from(u8::try_from(message.exit_code()).unwrap_or(2));
        }
    };
    let form = match &args.command {
        args::Command::Run(run) => match run.log_format {
            args::LogFormat::Human => Form::Human,
            args::LogFormat::Json => Form::Json,
        },
        _ => Form::Plain,
    };
    let log = Log::begin(form, args.common.volume(), host.now);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            return failure::Failure::internal(format!("cannot start: {error}")).report();
        }
    };
    let host = &args.common.applied_to(host);
    // The daemon has something to finish before it stops, and a tail to say; in
    // the SQL shell Ctrl-C stops a question.
    let stops_at_once = match &args.command {
        args::Command::Run(_) | args::Command::Tail(_) => false,
        args::Command::Query(query) => !commands::is_shell(query, host),
        _ => true,
    };
    let changes_a_lake = args.command.changes_a_lake();
    let outcome = runtime.block_on(async {
        tokio::select! {
            outcome = commands::run(args, host, &log) => outcome,
            _ = tokio::signal::ctrl_c(), if stops_at_once => Err(failure::Failure::interrupted(changes_a_lake)),
        }
    });
    // A thread that still waits, for brokers that are away perhaps, keeps nobody.
    runtime.shutdown_background();
    match outcome {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}
