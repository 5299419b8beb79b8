//! `trailwright coverage`: what arrived of each account, Region and hour, and
//! what did not.

use std::io::Write as _;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use trailwright_query::{Session, Tables, duration};

use crate::Host;
use crate::accounts;
use crate::args::Coverage;
use crate::config::Config;
use crate::coverage::read::{Wanted, read};
use crate::coverage::{State, hour_of, show};
use crate::failure::Failure;
use crate::since::Window;

/// A finding where one was asked for.
const FOUND: u8 = 1;

pub(crate) async fn run(
    args: &Coverage,
    config: &Config,
    host: &Host,
) -> Result<ExitCode, Failure> {
    let wanted = wanted(args, (host.now)())?;
    let lake = super::open(&args.lake, config).await?;
    let session = Session::begin(&lake, Tables::Whole).await?;
    let stretches = read(&session, &wanted).await?;
    let mut out = std::io::stdout().lock();
    if args.output.is_json(host.stdout_is_terminal) {
        for stretch in &stretches {
            writeln!(out, "{}", show::json(stretch))?;
        }
    } else {
        write!(
            out,
            "{}",
            trailwright_query::harmless(&show::text(&stretches))
        )?;
    }
    let incomplete = |state| matches!(state, State::Gap | State::Missing);
    let found = stretches.iter().any(|stretch| incomplete(stretch.state));
    Ok(ExitCode::from(if args.exit_code && found {
        FOUND
    } else {
        0
    }))
}

/// What was asked for.
fn wanted(args: &Coverage, now: DateTime<Utc>) -> Result<Wanted, Failure> {
    let window = Window::read(args.since.as_deref(), args.until.as_deref(), now)?;
    accounts::check(&args.accounts).map_err(Failure::usage)?;
    let late_after = duration(&args.late_after).ok_or_else(|| {
        Failure::usage(format!(
            "{:?} is no duration: give 15m or 2h",
            args.late_after
        ))
    })?;
    Ok(Wanted {
        // An hour is shown as a whole or not at all.
        since: window.since.map(hour_of),
        until: window.until.map(hour_of),
        accounts: args.accounts.clone(),
        late_after,
    })
}
