//! The policies over time: the exports in a directory, and what the lake keeps.

use std::path::Path;

use chrono::{DateTime, Utc};
use trailwright_enrich::Labeller;
use trailwright_enrich::policies::{Concern, PolicyFile, Timeline, list_files};
use trailwright_schemas::{Limits, PolicyInput, PolicyInputKind, Record};
use trailwright_store::{Lake, LakeError};

use crate::args::Common;
use crate::config::Config;
use crate::failure::Failure;

/// The files in the directory given or configured; none without one.
pub(crate) fn files(
    config: &Config,
    directory: Option<&Path>,
    common: &Common,
) -> Result<Vec<PolicyFile>, Failure> {
    let Some(directory) = directory.or(config.policies.directory.as_deref()) else {
        return Ok(Vec::new());
    };
    let place = directory.display();
    let (files, unread) = list_files(directory)
        .map_err(|error| Failure::usage(format!("cannot read the policies in {place}: {error}")))?;
    for problem in &unread {
        tracing::warn!(target: "policies", "{place}/{problem}");
    }
    if !common.is_quiet() {
        let count = files.len();
        tracing::info!(target: "policies", files = count, "{count} files read from {place}");
    }
    Ok(files)
}

/// A labeller over a directory alone. Problems with files are said and do not
/// stop the run: what they concern counts as not known.
pub(crate) fn labeller(
    config: &Config,
    directory: Option<&Path>,
    common: &Common,
) -> Result<Labeller, Failure> {
    labeller_with(Timeline::default(), config, directory, common)
}

/// A labeller to ask and not to change anything: by what the lake keeps, if it
/// is there, and what is in the directory.
pub(crate) async fn asked(
    lake: Option<&Lake>,
    config: &Config,
    directory: Option<&Path>,
    common: &Common,
) -> Result<Labeller, Failure> {
    let timeline = match lake {
        Some(lake) => kept(lake).await?,
        None => Timeline::default(),
    };
    labeller_with(timeline, config, directory, common)
}

fn labeller_with(
    mut timeline: Timeline,
    config: &Config,
    directory: Option<&Path>,
    common: &Common,
) -> Result<Labeller, Failure> {
    let (_, problems) = timeline.add_files(&files(config, directory, common)?);
    for problem in &problems {
        tracing::warn!(target: "policies", "{problem}");
    }
    Ok(Labeller::new(timeline, config.label_options()))
}

/// The timeline that the lake keeps.
async fn kept(lake: &Lake) -> Result<Timeline, LakeError> {
    let mut timeline = Timeline::default();
    for (_, inputs) in by_version(&lake.policy_inputs().await?) {
        add(&mut timeline, inputs);
    }
    Ok(timeline)
}

/// Inputs in the order in which the lake got them, by the version of its
/// `policy_timeline` that has them first.
pub(crate) fn by_version(inputs: &[PolicyInput]) -> impl Iterator<Item = (i64, &[PolicyInput])> {
    let version = |input: &PolicyInput| input.timeline_version.unwrap_or(i64::MAX);
    let groups = inputs.chunk_by(move |a, b| version(a) == version(b));
    groups.filter_map(move |group| Some((version(group.first()?), group)))
}

/// Adds what the lake keeps to the timeline; tells what it concerns.
pub(crate) fn add(timeline: &mut Timeline, inputs: &[PolicyInput]) -> Vec<Concern> {
    let (events, snapshots): (Vec<_>, Vec<_>) = inputs
        .iter()
        .partition(|input| input.kind == PolicyInputKind::Event);
    let records: Vec<Record> = events
        .into_iter()
        .filter_map(|input| match Record::parse(input.content.as_bytes(), &Limits::NONE) {
            Ok(record) => Some(record),
            Err((_, why)) => {
                tracing::error!(
                    target: "policies",
                    "event {} in policy_timeline is no record any more: {why}; it counts as not known, \
                     so look for what damaged the lake",
                    input.event_id.as_deref().unwrap_or(&input.input_id)
                );
                None
            }
        })
        .collect();
    let files: Vec<PolicyFile> = snapshots
        .into_iter()
        .map(|input| PolicyFile {
            path: input.source.clone().into(),
            time: input.effective_at,
            text: input.content.clone(),
        })
        .collect();
    let mut concerns = timeline.add_records(&records);
    concerns.extend(timeline.add_files(&files).0);
    concerns
}

/// Files as the lake keeps them. Problems are said.
pub(crate) fn snapshots(files: &[PolicyFile], now: DateTime<Utc>) -> Vec<PolicyInput> {
    let (_, problems) = Timeline::default().add_files(files);
    for problem in &problems {
        tracing::warn!(target: "policies", "{problem}");
    }
    let snapshot = |file: &PolicyFile| {
        let source = file.path.display().to_string();
        PolicyInput::of_snapshot(file.time, &source, file.text.clone(), now)
    };
    files.iter().map(snapshot).collect()
}
