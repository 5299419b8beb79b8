//! `trailwright ingest`: records into a lake, each once.

use std::path::Path;
use std::process::ExitCode;

use indicatif::{HumanBytes, HumanCount};
use trailwright_enrich::Labeller;
use trailwright_enrich::policies::{Policies, State, load};

use crate::Host;
use crate::args::{Common, Ingest};
use crate::config::Config;
use crate::failure::Failure;
use crate::pipeline::{self, Stages, Summary};
use crate::progress::Progress;
use crate::{inputs, storage};

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
    let stages = stages(config, args.policies.as_deref(), common)?;
    let sources = inputs::open(&args.inputs, config)?;
    let batches = inputs::batches(sources, config, (host.now)());
    let progress = Progress::new(common, host);
    let store = storage::of_lake(&location, &config.s3)?;
    let mut lake = trailwright_store::Lake::open_or_create(location, store).await?;
    let summary = pipeline::run(batches, &stages, &mut lake, &progress, host.now).await?;
    progress.finish();
    if !common.quiet {
        eprintln!("{}", closing_line(&summary, started.elapsed()));
        if summary.defects > 0 {
            eprintln!(
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

/// Router and labeller from the configuration.
pub(crate) fn stages(
    config: &Config,
    policies: Option<&Path>,
    common: &Common,
) -> Result<Stages, Failure> {
    Ok(Stages {
        router: config.router()?,
        labeller: labeller(config, policies, common)?,
        commit: config.commit,
    })
}

/// The labeller over the policies in a directory. Problems with files are said
/// and do not stop the run: what they concern counts as not known.
pub(crate) fn labeller(
    config: &Config,
    policies: Option<&Path>,
    common: &Common,
) -> Result<Labeller, Failure> {
    let directory = policies.or(config.policies.directory.as_deref());
    let policies = match directory {
        None => Policies::unchanging(State::default()),
        Some(directory) => {
            let loaded = load(directory).map_err(|error| {
                let place = directory.display();
                Failure::usage(format!("cannot read the policies in {place}: {error}"))
            })?;
            for problem in &loaded.problems {
                eprintln!("policies: {problem}");
            }
            if !common.quiet {
                eprintln!(
                    "{} policy files read from {}",
                    loaded.files.len(),
                    directory.display()
                );
            }
            loaded.policies
        }
    };
    Ok(Labeller::new(policies, config.label_options()))
}
