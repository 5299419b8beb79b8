//! `trailwright run`: the daemon, from Kafka or places to the lake.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use trailwright_store::{Advance, Appended, Lake, Location};

use super::ingest;
use crate::Host;
use crate::args::{Common, Run};
use crate::config::Config;
use crate::failure::Failure;
use crate::kafka::Kafka;
use crate::objects::{Following, Objects};
use crate::patient_lake::PatientLake;
use crate::pipeline::{self, Done};
use crate::sources::Sources;
use crate::{inputs, storage};

/// Positions named in the line about a commit.
const POSITIONS_SHOWN: usize = 8;

pub(crate) async fn run(
    args: &Run,
    config: &Config,
    common: &Common,
    host: &Host,
) -> Result<ExitCode, Failure> {
    let location = super::location(&args.lake, config)?;
    let (stop, stopped) = watch::channel(false);
    let sources = sources(args, config, &location, host, stopped.clone())?;
    let store = storage::of_lake(&location, &config.s3)?;
    let mut lake = Lake::open_or_create(location, (host.lake_store)(store)).await?;
    let directory = args.policies.as_deref();
    let stages = ingest::stages(config, directory, &mut lake, common, (host.now)()).await?;
    let lake = PatientLake::new(lake, stopped, host.now);
    let report = |done: Done<'_>| match done {
        _ if common.quiet => {}
        Done::Stored(appended, advances, files) => {
            let parts = [stored(appended), files_read(files), positions(advances)];
            let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            eprintln!("{}", parts.join("; "));
        }
        Done::Relabelled(relabelled) => {
            eprintln!("{} labels changed by what came later", relabelled.changed);
        }
    };
    tokio::select! {
        summary = pipeline::follow(sources, stages, lake, report) => {
            let summary = summary?;
            if !common.quiet {
                eprintln!("stopped after {} messages and files; {}", summary.files, stored(&summary.appended));
            }
            Ok(ExitCode::SUCCESS)
        }
        failure = signals(stop) => Err(failure),
    }
}

fn stored(appended: &Appended) -> String {
    format!(
        "stored {} new events, {} duplicates, {} rejected",
        appended.new, appended.duplicates, appended.rejected
    )
}

/// Kafka, places, or both: what the flags or the file name.
fn sources(
    args: &Run,
    config: &Config,
    location: &Location,
    host: &Host,
    stop: watch::Receiver<bool>,
) -> Result<Sources, Failure> {
    let objects = &config.source.objects;
    let followed = match args.follow.as_slice() {
        [] => &objects.places,
        given => given,
    };
    for place in followed {
        apart(place, location)?;
    }
    let following = Following {
        places: inputs::places(followed, config)?,
        interval: objects.look_interval(),
        whole_interval: objects.whole_look_interval(),
        settings: inputs::settings(config, host.now),
    };
    let sources = Sources {
        kafka: Kafka::join(args, config, host, stop.clone())?,
        objects: (!followed.is_empty()).then(|| Objects::new(following)),
        stop,
    };
    if sources.kafka.is_none() && sources.objects.is_none() {
        return Err(Failure::usage(
            "nothing to read from: give --follow DIR or --follow s3://bucket/prefix, --topic NAME with --brokers, \
             or [source.objects] places or [source.kafka] topics in trailwright.toml",
        ));
    }
    Ok(sources)
}

/// A daemon that read what it writes would never end.
fn apart(place: &str, location: &Location) -> Result<(), Failure> {
    let inside = match location.directory() {
        Some(lake) if !place.starts_with("s3://") => {
            let (lake, place) = (resolved(&lake), resolved(Path::new(place)));
            lake.starts_with(&place) || place.starts_with(&lake)
        }
        Some(_) => false,
        None => {
            let whole = |url: &str| format!("{}/", url.trim_end_matches('/'));
            let (lake, place) = (whole(location.url().as_str()), whole(place));
            lake.starts_with(&place) || place.starts_with(&lake)
        }
    };
    if inside {
        return Err(Failure::usage(format!(
            "{place} cannot be followed into the lake {location}, because one lies in the other: \
             the daemon would read what it writes. Keep them apart"
        )));
    }
    Ok(())
}

/// Without links, as far as it is there.
fn resolved(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute.canonicalize().unwrap_or(absolute)
}

fn files_read(files: usize) -> String {
    match files {
        0 => String::new(),
        1 => "1 file".to_owned(),
        _ => format!("{files} files"),
    }
}

/// Where the first topic partitions stand now.
fn positions(advances: &[Advance]) -> String {
    let one = |advance: &Advance| format!("{} at {}", advance.source, advance.to);
    let shown: Vec<String> = advances.iter().take(POSITIONS_SHOWN).map(one).collect();
    match advances.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The first signal asks for an end in good order, the second breaks off.
async fn signals(stop: watch::Sender<bool>) -> Failure {
    let listening = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    );
    let (mut interrupt, mut terminate) = match listening {
        (Ok(interrupt), Ok(terminate)) => (interrupt, terminate),
        (Err(error), _) | (_, Err(error)) => return Failure::internal(error.to_string()),
    };
    either(&mut interrupt, &mut terminate).await;
    eprintln!("stopping: storing what was read; a second signal breaks off");
    stop.send_replace(true);
    either(&mut interrupt, &mut terminate).await;
    Failure::interrupted()
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}
