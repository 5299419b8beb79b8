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

/// What the lake keeps was read once: it is read again, whatever the limits are
/// now.
pub(crate) const STORED: Limits = Limits {
    record_bytes_max: usize::MAX,
    nesting_max: usize::MAX,
};

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
        eprintln!("policies: {place}/{problem}");
    }
    if !common.quiet {
        eprintln!("{} policy files read from {place}", files.len());
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
        Some(lake) => kept(lake).await?.0,
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
        eprintln!("policies: {problem}");
    }
    Ok(Labeller::new(timeline, config.label_options()))
}

/// The timeline that the lake keeps, and what concerns labels that are not
/// current to it.
pub(crate) async fn kept(lake: &Lake) -> Result<(Timeline, Vec<Concern>), LakeError> {
    let current = lake.labels_current_to().await?.unwrap_or(0);
    let mut timeline = Timeline::default();
    let mut concerns = Vec::new();
    for input in lake.policy_inputs().await? {
        let concerned = add(&mut timeline, &input);
        if input
            .timeline_version
            .is_none_or(|version| version > current)
        {
            concerns.extend(concerned);
        }
    }
    Ok((timeline, concerns))
}

fn add(timeline: &mut Timeline, input: &PolicyInput) -> Vec<Concern> {
    match input.kind {
        PolicyInputKind::Event => Record::parse(input.content.as_bytes(), &STORED)
            .map(|record| timeline.add_records([&record]))
            .unwrap_or_default(),
        PolicyInputKind::Snapshot => {
            let file = PolicyFile {
                path: input.source.clone().into(),
                time: input.effective_at,
                text: input.content.clone(),
            };
            timeline.add_files(&[file]).0
        }
    }
}

/// Adds files to the timeline and keeps those that are new; tells what these
/// concern. Problems are said.
pub(crate) async fn add_files(
    timeline: &mut Timeline,
    files: &[PolicyFile],
    lake: &mut Lake,
    now: DateTime<Utc>,
) -> Result<Vec<Concern>, LakeError> {
    let kept = lake.policy_inputs().await?;
    let mut concerns = Vec::new();
    let mut new = Vec::new();
    for file in files {
        let (concerned, problems) = timeline.add_files(std::slice::from_ref(file));
        for problem in &problems {
            eprintln!("policies: {problem}");
        }
        let source = file.path.display().to_string();
        let input = PolicyInput::of_snapshot(file.time, &source, file.text.clone(), now);
        if kept.iter().all(|known| known.input_id != input.input_id) {
            concerns.extend(concerned);
            new.push(input);
        }
    }
    lake.append_policy_inputs(new, now).await?;
    Ok(concerns)
}
