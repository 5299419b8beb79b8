//! `trailwright demo`: a small organization's day through the real pipeline.
//!
//! Nothing is special about it: the log files are written as CloudTrail
//! delivers them, the policies as people export them, and both are read by the
//! code that `trailwright ingest` runs.

mod show;
mod write;

use std::process::ExitCode;

use trailwright_ingest::generator::generate;
use trailwright_query::{Session, Tables};
use trailwright_store::{Lake, Location};

use crate::Host;
use crate::args::{Common, Demo};
use crate::commands::ingest::{closing_line, stages};
use crate::config::Config;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::{inputs, pipeline, storage};

/// The same organization and the same day for everybody, so that what the
/// README shows is what a person sees.
const SEED: u64 = 1;
const DAY: chrono::NaiveDate = match chrono::NaiveDate::from_ymd_opt(2026, 3, 9) {
    Some(day) => day,
    None => chrono::NaiveDate::MIN,
};

pub(crate) async fn run(args: &Demo, common: &Common, host: &Host) -> Result<ExitCode, Failure> {
    let started = std::time::Instant::now();
    let generated = generate(SEED, DAY);
    let written = write::write(&generated, &args.directory)?;

    let config = Config::load(Some(&written.configuration))?;
    let location = Location::parse(&written.lake)?;
    let store = storage::of_lake(&location, &config.s3)?;
    let batches = inputs::batches(
        inputs::open(std::slice::from_ref(&written.logs), &config)?,
        &config,
        host.now,
    );
    let mut lake = Lake::open_or_create(location, store).await?;
    let quiet = common.quieter();
    let mut stages = stages(&config, None, &mut lake, &quiet, (host.now)()).await?;
    let progress = Progress::new(common, host);
    let summary = pipeline::run(batches, &mut stages, &mut lake, &progress, host.now).await?;
    progress.finish();

    let session = Session::begin(&lake, Tables::Whole).await?;
    let closing = closing_line(&summary, started.elapsed());
    show::show(&session, &written, &closing, &host.program).await?;
    Ok(ExitCode::SUCCESS)
}
