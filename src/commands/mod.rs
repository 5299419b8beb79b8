//! One file per subcommand.

mod agreement;
mod answer;
mod compact;
mod completions;
mod coverage;
mod demo;
mod doctor;
mod explain;
mod hunt;
mod ingest;
mod man;
mod policies;
mod policy;
mod query;
mod questions;
mod rejected;
mod report;
mod retain;
mod route;
mod run;
mod simulate;
mod tail;
mod vacuum;

use std::process::ExitCode;

use trailwright_store::{Lake, LakeError, Location};

use crate::Host;
use crate::args::{Args, Command, LakeArg, Policies, Policy};
use crate::config::Config;
use crate::failure::Failure;
use crate::storage;
use crate::telemetry::Log;

pub(crate) async fn run(args: Args, host: &Host, log: &Log) -> Result<ExitCode, Failure> {
    let common = &args.common;
    if let Command::Demo(demo) = &args.command {
        return demo::run(demo, common, host).await;
    }
    if let Command::Doctor(doctor) = &args.command {
        return doctor::run(doctor, common, host).await;
    }
    match &args.command {
        Command::Completions(completions) => return completions::run(completions),
        Command::Man(man) => return man::run(man),
        _ => {}
    }
    let config = Config::load(common.config.as_deref())?;
    match &args.command {
        Command::Demo(_) | Command::Doctor(_) | Command::Completions(_) | Command::Man(_) => {
            Ok(ExitCode::SUCCESS)
        }
        Command::Ingest(ingest) => ingest::run(ingest, &config, common, host).await,
        Command::Run(daemon) => run::run(daemon, &config, common, host, log).await,
        Command::Query(query) => query::run(query, &config, common, host).await,
        Command::Hunt(hunt) => hunt::run(hunt, &config, common, host).await,
        Command::Report(report) => report::run(report, &config, common, host).await,
        Command::Tail(tail) => tail::run(tail, &config, common, host).await,
        Command::Route(route) => route::run(route, &config, host).await,
        Command::Rejected(rejected) => rejected::run(rejected, &config, common, host).await,
        Command::Coverage(coverage) => coverage::run(coverage, &config, host).await,
        Command::Compact(compact) => compact::run(compact, &config, host).await,
        Command::Retain(retain) => retain::run(retain, &config, host).await,
        Command::Vacuum(vacuum) => vacuum::run(vacuum, &config, host).await,
        Command::Explain(explain) => explain::run(explain, &config, common, host).await,
        Command::Policies(Policies::AsOf(as_of)) => {
            policies::as_of::run(as_of, &config, common, host).await
        }
        Command::Policies(Policies::History(history)) => {
            policies::history::run(history, &config, common, host).await
        }
        Command::Agreement(agreement) => agreement::run(agreement, &config, common, host).await,
        Command::Simulate(simulate) => simulate::run(simulate, &config, common, host),
        Command::Policy(Policy::Check(check)) => policy::check(check),
    }
}

pub(crate) use query::is_shell;

/// Where the lake lies when nobody says: beside the person.
const DEFAULT_LAKE: &str = "lake";

fn location(arg: &LakeArg, config: &Config) -> Result<Location, Failure> {
    let given = arg.lake.as_deref().or(config.lake.as_deref());
    let given = given.unwrap_or(DEFAULT_LAKE);
    Ok(Location::parse(given)?)
}

/// Opens a lake for reading.
async fn open(arg: &LakeArg, config: &Config) -> Result<Lake, Failure> {
    let location = location(arg, config)?;
    let store = storage::of_lake(&location, &config.s3)?;
    Ok(Lake::open(location, store).await?)
}

/// Opens a lake for reading, if there is one or one is named: policies can be
/// known from a directory alone.
async fn open_if_there(arg: &LakeArg, config: &Config) -> Result<Option<Lake>, Failure> {
    let named = arg.lake.is_some() || config.lake.is_some();
    let location = location(arg, config)?;
    let store = storage::of_lake(&location, &config.s3)?;
    match Lake::open(location, store).await {
        Ok(lake) => Ok(Some(lake)),
        Err(LakeError::NotFound { .. }) if !named => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Who works on the lake, for the history of its tables.
fn by(command: &str) -> String {
    let user = ["USER", "LOGNAME"].into_iter().find_map(std::env::var_os);
    match user {
        Some(user) => format!("trailwright {command}, {}", user.to_string_lossy()),
        None => format!("trailwright {command}"),
    }
}

/// The decision in six characters, without colour.
fn mark(decision: &str) -> &'static str {
    match decision {
        "allow" => "ALLOW",
        "explicit_deny" => "DENY!",
        "implicit_deny" => "deny",
        "indeterminate" => "?",
        _ => "-",
    }
}

/// A statement as its author wrote it, moved to the left as a whole: its first
/// line begins where the statement does, the others where their file has them.
fn moved_left(statement: &str) -> impl Iterator<Item = &str> {
    let indent_of = |line: &str| line.len() - line.trim_start().len();
    let indent = statement.lines().last().map_or(0, indent_of);
    statement
        .lines()
        .map(move |line| line.get(indent.min(indent_of(line))..).unwrap_or(line))
}
