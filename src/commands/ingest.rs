//! `trailwright ingest`: records into a lake, each once.

use std::path::Path;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use indicatif::{HumanBytes, HumanCount};
use trailwright_store::Lake;

use crate::Host;
use crate::args::{Common, Ingest};
use crate::config::Config;
use crate::failure::Failure;
use crate::labelling::Labelling;
use crate::pipeline::{self, Stages, Summary};
use crate::progress::Progress;
use crate::{inputs, policies, storage};

/// Part of the input could not be used.
const PARTIAL: u8 = 3;

pub(crate) async fn run(
    args: &Ingest,
    config: &Config,
    common: &Common,
    host: &Host,
) -> Result<ExitCode, Failure> {
    let started = std::time::Instant::now();
    let location = super::location(&args.lake, config)?;
    let sources = inputs::open(&args.inputs, config)?;
    let batches = inputs::batches(sources, config, host.now);
    let progress = Progress::new(common, host);
    let store = storage::of_lake(&location, &config.s3)?;
    let mut lake = Lake::open_or_create(location, store).await?;
    let directory = args.policies.as_deref();
    let mut stages = stages(config, directory, &mut lake, common, (host.now)()).await?;
    let summary = pipeline::run(batches, &mut stages, &mut lake, &progress, host.now).await?;
    progress.finish();
    if !common.is_quiet() {
        notice!("{}", closing_line(&summary, started.elapsed()));
        if summary.defects > 0 {
            notice!(
                "what was rejected and why: trailwright rejected --lake {}",
                lake.location()
            );
        }
    }
    Ok(ExitCode::from(if summary.defects > 0 {
        PARTIAL
    } else {
        0
    }))
}

pub(crate) fn closing_line(summary: &Summary, elapsed: std::time::Duration) -> String {
    let appended = &summary.appended;
    let count = |number: usize| HumanCount(number as u64);
    let mut line = format!(
        "{} files, {} records: {} new events, {} duplicates, {} rejected",
        HumanCount(summary.files),
        count(summary.records),
        count(appended.new),
        count(appended.duplicates),
        count(appended.rejected),
    );
    if appended.rejected_before > 0 {
        line += &format!(" (and {} rejected before)", count(appended.rejected_before));
    }
    if summary.relabelled.changed > 0 {
        line += &format!(
            ", {} labels changed by what came later",
            count(summary.relabelled.changed)
        );
    }
    if summary.files_skipped > 0 {
        line += &format!(
            ", {} files passed over by name",
            HumanCount(summary.files_skipped)
        );
    }
    line += &format!(
        "; {} read, {} written, {:.1} s",
        HumanBytes(summary.bytes_read),
        HumanBytes(appended.bytes_written),
        elapsed.as_secs_f64()
    );
    line
}

/// Router and labelling from the configuration, with what the lake keeps.
pub(crate) async fn stages(
    config: &Config,
    directory: Option<&Path>,
    lake: &mut Lake,
    common: &Common,
    now: DateTime<Utc>,
) -> Result<Stages, Failure> {
    let files = policies::files(config, directory, common)?;
    Ok(Stages {
        router: config.router()?,
        labelling: Labelling::begin(lake, &files, config.label_options(), now).await?,
        commit: config.commit,
    })
}
