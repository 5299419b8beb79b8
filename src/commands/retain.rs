//! `trailwright retain`: takes out what is older than wanted.

use std::io::Write as _;
use std::process::ExitCode;

use indicatif::HumanCount;
use serde_json::{Value, json};
use trailwright_query::harmless;
use trailwright_store::{Hold, Retained};

use crate::Host;
use crate::args::Retain;
use crate::config::Config;
use crate::failure::Failure;

pub(crate) async fn run(args: &Retain, config: &Config, host: &Host) -> Result<ExitCode, Failure> {
    let retention = config.lake_maintenance().retention(super::by("retain"));
    let retention = retention.map_err(Failure::usage)?;
    let mut lake = super::open(&args.lake, config).await?;
    let now = (host.now)();
    let retained = if args.dry_run {
        lake.planned_retention(&retention, now).await?
    } else {
        lake.retain(&retention, now).await?
    };
    let mut out = std::io::stdout().lock();
    if args.output.is_json(host.stdout_is_terminal) {
        for one in &retained {
            writeln!(out, "{}", as_json(one, args.dry_run))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    if retained.is_empty() {
        writeln!(
            out,
            "everything is kept: [retention] in trailwright.toml names no days"
        )?;
    }
    for one in &retained {
        write!(
            out,
            "{}",
            harmless(&as_text(one, &retention.holds, args.dry_run))
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

fn count(number: usize) -> HumanCount {
    HumanCount(number as u64)
}

fn as_text(retained: &Retained, holds: &[Hold], dry_run: bool) -> String {
    let table = retained.table;
    let mut text = match retained.days {
        None if retained.held.is_empty() => format!("{table}: nothing is old enough to go\n"),
        None => format!("{table}: nothing goes\n"),
        Some((first, last)) => format!(
            "{table}: {} rows of {first} to {last} {}: {} files as a whole, {} in part\n",
            count(retained.rows),
            if dry_run { "would go" } else { "went" },
            count(retained.files_dropped),
            count(retained.files_rewritten),
        ),
    };
    for hold in holds {
        if let Some(rows) = retained.held.get(&hold.name) {
            text += &format!(
                "  {} rows are kept by the hold {:?}: {}\n",
                count(*rows),
                hold.name,
                hold.reason
            );
        }
    }
    text
}

fn as_json(retained: &Retained, dry_run: bool) -> Value {
    json!({
        "table": retained.table,
        "dry_run": dry_run,
        "rows": retained.rows,
        "files_dropped": retained.files_dropped,
        "files_rewritten": retained.files_rewritten,
        "first_day": retained.days.map(|(first, _)| first.to_string()),
        "last_day": retained.days.map(|(_, last)| last.to_string()),
        "rows_held": retained.held,
    })
}
