//! `trailwright vacuum`: deletes files that nobody needs any more.

use std::io::Write as _;
use std::process::ExitCode;

use chrono::TimeDelta;
use indicatif::{HumanBytes, HumanCount};
use serde_json::{Value, json};
use trailwright_store::Vacuumed;

use crate::Host;
use crate::args::Vacuum;
use crate::config::Config;
use crate::failure::Failure;

pub(crate) async fn run(args: &Vacuum, config: &Config, host: &Host) -> Result<ExitCode, Failure> {
    let vacuum = config.lake_maintenance().vacuum(super::by("vacuum"));
    let mut vacuum = vacuum.map_err(Failure::usage)?;
    if let Some(hours) = args.keep_hours {
        vacuum.keep = TimeDelta::hours(hours.into());
    }
    vacuum.short_keep = args.allow_short_keep;
    let mut lake = super::open(&args.lake, config).await?;
    let now = (host.now)();
    let vacuumed = if args.dry_run {
        lake.planned_vacuum(&vacuum, now).await?
    } else {
        lake.vacuum(&vacuum, now).await?
    };
    let mut out = std::io::stdout().lock();
    for one in &vacuumed {
        if args.output.is_json(host.stdout_is_terminal) {
            writeln!(out, "{}", as_json(one, args.dry_run))?;
        } else {
            writeln!(out, "{}", as_text(one, args.dry_run))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn as_text(vacuumed: &Vacuumed, dry_run: bool) -> String {
    let count = |number: usize| HumanCount(number as u64);
    let mut text = match vacuumed.files {
        0 => format!("{}: nothing to delete", vacuumed.table),
        files => format!(
            "{}: {} files ({}) {}",
            vacuumed.table,
            count(files),
            HumanBytes(vacuumed.bytes),
            if dry_run {
                "would be deleted"
            } else {
                "deleted"
            },
        ),
    };
    if vacuumed.left_behind > 0 {
        text += &format!(
            "; {} of them were left behind by a writer that did not commit",
            count(vacuumed.left_behind)
        );
    }
    if vacuumed.held > 0 {
        text += &format!("; {} files are kept by holds", count(vacuumed.held));
    }
    text
}

fn as_json(vacuumed: &Vacuumed, dry_run: bool) -> Value {
    json!({
        "table": vacuumed.table,
        "dry_run": dry_run,
        "files": vacuumed.files,
        "bytes": vacuumed.bytes,
        "left_behind": vacuumed.left_behind,
        "held": vacuumed.held,
    })
}
