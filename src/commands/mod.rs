//! One file per subcommand.

mod demo;
mod ingest;
mod policy;
mod query;
mod rejected;
mod route;
mod run;
mod simulate;
mod tail;

use std::process::ExitCode;

use trailwright_store::{Lake, Location};

use crate::Host;
use crate::args::{Args, Command, LakeArg, Policy};
use crate::config::Config;
use crate::failure::Failure;
use crate::storage;

pub(crate) async fn run(args: Args, host: &Host) -> Result<ExitCode, Failure> {
    let common = &args.common;
    if let Command::Demo(demo) = &args.command {
        return demo::run(demo, common, host).await;
    }
    let config = Config::load(common.config.as_deref())?;
    match &args.command {
        Command::Demo(_) => Ok(ExitCode::SUCCESS),
        Command::Ingest(ingest) => ingest::run(ingest, &config, common, host).await,
        Command::Run(daemon) => run::run(daemon, &config, common, host).await,
        Command::Query(query) => query::run(query, &config, common, host).await,
        Command::Tail(tail) => tail::run(tail, &config, host).await,
        Command::Route(route) => route::run(route, &config, host).await,
        Command::Rejected(rejected) => rejected::run(rejected, &config, host).await,
        Command::Simulate(simulate) => simulate::run(simulate, &config, common, host),
        Command::Policy(Policy::Check(check)) => policy::check(check),
    }
}

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
