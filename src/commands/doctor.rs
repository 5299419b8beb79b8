//! `trailwright doctor`: whether the daemon would find what it needs, and what
//! to do where it would not.

#[cfg_attr(not(feature = "kafka"), path = "doctor/without_kafka.rs")]
mod brokers;
mod check;
mod clock;
mod geo;
mod lake;
mod policies;
mod room;
mod settings;
mod store;

use std::io::Write as _;
use std::process::ExitCode;

use trailwright_store::Location;

use self::check::Check;
use crate::Host;
use crate::args::{Common, Doctor};
use crate::config::Config;
use crate::failure::Failure;

/// What is checked: one store, one lake, one cluster.
struct Patient<'a> {
    args: &'a Doctor,
    config: &'a Config,
    host: &'a Host,
    location: Location,
}

pub(crate) async fn run(args: &Doctor, common: &Common, host: &Host) -> Result<ExitCode, Failure> {
    let checks = checks(args, common, host).await;
    let mut out = std::io::stdout().lock();
    for check in &checks {
        if args.output.is_json(host.stdout_is_terminal) {
            writeln!(out, "{}", check.json())?;
        } else {
            write!(out, "{}", check.text())?;
        }
    }
    let worst = checks.iter().map(Check::exit_code).max();
    Ok(ExitCode::from(worst.unwrap_or(0)))
}

async fn checks(args: &Doctor, common: &Common, host: &Host) -> Vec<Check> {
    let config = match Config::load(common.config.as_deref()) {
        Ok(config) => config,
        Err(failure) => {
            return vec![
                Check::wrong("configuration", failure.to_string())
                    .fix("mend that line; every key is in docs/reference/configuration.md"),
                Check::skipped("everything else", "needs a configuration that can be read"),
            ];
        }
    };
    let location = match super::location(&args.lake, &config) {
        Ok(location) => location,
        Err(failure) => return vec![Check::wrong("lake", failure.to_string())],
    };
    let patient = Patient {
        args,
        config: &config,
        host,
        location,
    };
    let mut checks = settings::check(&patient, common);
    checks.extend(policies::check(&patient));
    checks.extend(geo::check(&patient));
    let (of_store, ahead) = store::check(&patient).await;
    let reachable = of_store.is_fine();
    checks.push(of_store);
    checks.extend(room::check(&patient));
    let (of_lake, mut lake) = lake::check(&patient, reachable).await;
    checks.push(of_lake);
    checks.push(clock::check(&patient, ahead, lake.as_ref()).await);
    checks.extend(brokers::check(&patient, lake.as_mut()).await);
    checks
}
