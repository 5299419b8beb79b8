//! `trailwright compact`: large files of small ones.

use std::io::Write as _;
use std::process::ExitCode;

use indicatif::{HumanBytes, HumanCount};
use serde_json::{Value, json};
use trailwright_store::{CHECKPOINT_VERSIONS, Checkpointed, Compacted};

use crate::Host;
use crate::args::Compact;
use crate::config::Config;
use crate::failure::Failure;

pub(crate) async fn run(args: &Compact, config: &Config, host: &Host) -> Result<ExitCode, Failure> {
    let compaction = config.lake_maintenance().compaction.at_once(args.full);
    let mut lake = super::open(&args.lake, config).await?;
    let now = (host.now)();
    let (compacted, checkpointed) = if args.dry_run {
        (lake.planned_compaction(&compaction, now)?, Vec::new())
    } else {
        let compacted = lake.compact(&compaction, now).await?;
        (compacted, lake.checkpoint(CHECKPOINT_VERSIONS, now).await?)
    };
    let mut out = std::io::stdout().lock();
    for (index, one) in compacted.iter().enumerate() {
        let checkpointed = checkpointed.get(index);
        for (file, why) in &one.damaged {
            notice!("trailwright: cannot read {}/{file}: {why}", one.table);
        }
        if args.output.is_json(host.stdout_is_terminal) {
            writeln!(out, "{}", as_json(one, checkpointed, args.dry_run))?;
        } else {
            writeln!(out, "{}", as_text(one, checkpointed, args.dry_run))?;
        }
    }
    let whole = compacted.iter().all(|one| one.damaged.is_empty());
    Ok(ExitCode::from(if whole { 0 } else { PARTIAL }))
}

/// Part of the lake could not be read.
const PARTIAL: u8 = 3;

fn count(number: usize) -> HumanCount {
    HumanCount(number as u64)
}

fn as_text(compacted: &Compacted, checkpointed: Option<&Checkpointed>, dry_run: bool) -> String {
    let mut text = match compacted.files_merged {
        0 => format!(
            "{}: {} files, nothing to compact",
            compacted.table,
            count(compacted.files_before)
        ),
        merged => format!(
            "{}: {} of {} files ({}) {} {}",
            compacted.table,
            count(merged),
            count(compacted.files_before),
            HumanBytes(compacted.bytes_merged),
            if dry_run { "would become" } else { "became" },
            count(compacted.files_written),
        ),
    };
    if compacted.bytes_written > 0 {
        text += &format!(" ({})", HumanBytes(compacted.bytes_written));
    }
    if compacted.overtaken > 0 {
        text += &format!(
            "; {} merges were given up because others replaced their files meanwhile, run it again",
            count(compacted.overtaken)
        );
    }
    if let Some(version) = checkpointed.and_then(|one| one.version) {
        text += &format!("; checkpoint at version {version}");
    }
    match checkpointed.map_or(0, |one| one.log_files_deleted) {
        0 => text,
        deleted => text + &format!(", {} old files of the log deleted", count(deleted)),
    }
}

fn as_json(compacted: &Compacted, checkpointed: Option<&Checkpointed>, dry_run: bool) -> Value {
    json!({
        "table": compacted.table,
        "dry_run": dry_run,
        "files_before": compacted.files_before,
        "files_merged": compacted.files_merged,
        "bytes_merged": compacted.bytes_merged,
        "files_written": compacted.files_written,
        "bytes_written": compacted.bytes_written,
        "overtaken": compacted.overtaken,
        "damaged": compacted.damaged,
        "checkpoint_version": checkpointed.and_then(|one| one.version),
        "log_files_deleted": checkpointed.map_or(0, |one| one.log_files_deleted),
    })
}
