//! `trailwright run`: the daemon, from Kafka or places to the lake.

use std::process::ExitCode;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use trailwright_store::{Advance, Appended, Lake};

use super::ingest;
use crate::Host;
use crate::args::{Common, Run};
use crate::config::Config;
use crate::failure::Failure;
use crate::kafka::Kafka;
use crate::objects::{Following, Objects};
use crate::patient_lake::PatientLake;
use crate::pipeline::{self, Done, Maintain};
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
    let sources = sources(args, config, host, stopped.clone())?;
    let store = storage::of_lake(&location, &config.s3)?;
    let mut lake = Lake::open_or_create(location, (host.lake_store)(store)).await?;
    let directory = args.policies.as_deref();
    let stages = ingest::stages(config, directory, &mut lake, common, (host.now)()).await?;
    let maintain = match config.maintenance.enabled {
        true => Some(maintain(&lake, config, common, host).await?),
        false => None,
    };
    let lake = PatientLake::new(lake, stopped, host.now);
    let report = |done: Done<'_>| match done {
        _ if common.quiet => {}
        Done::Stored(appended, advances, files) => {
            eprintln!("{}; {}", stored(appended), positions(advances, files));
        }
        Done::Relabelled(relabelled) => {
            eprintln!("{} labels changed by what came later", relabelled.changed);
        }
    };
    tokio::select! {
        summary = pipeline::follow(sources, stages, lake, maintain, report) => {
            let summary = summary?;
            if !common.quiet {
                eprintln!("stopped after {} messages and files; {}", summary.files, stored(&summary.appended));
            }
            Ok(ExitCode::SUCCESS)
        }
        failure = signals(stop) => Err(failure),
    }
}

/// What keeps the lake small and fast beside reading.
async fn maintain(
    lake: &Lake,
    config: &Config,
    common: &Common,
    host: &Host,
) -> Result<Maintain, Failure> {
    let (maintenance, by) = (config.lake_maintenance(), super::by("run"));
    Ok(Maintain {
        lake: lake.reopen().await?,
        compaction: maintenance.compaction.beside_appends(),
        retention: maintenance.retention(by.clone()).map_err(Failure::usage)?,
        vacuum: maintenance.vacuum(by).map_err(Failure::usage)?,
        interval: config.maintenance.interval(),
        vacuum_interval: config.maintenance.vacuum_interval(),
        quiet: common.quiet,
        now: host.now,
    })
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
    host: &Host,
    stop: watch::Receiver<bool>,
) -> Result<Sources, Failure> {
    let objects = &config.source.objects;
    let followed = match args.follow.as_slice() {
        [] => &objects.places,
        given => given,
    };
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

/// How many files were stored, and where the first topic partitions stand now.
fn positions(advances: &[Advance], files: usize) -> String {
    let files = match files {
        0 => None,
        1 => Some("1 file".to_owned()),
        _ => Some(format!("{files} files")),
    };
    let topics = (!advances.is_empty()).then(|| offsets(advances));
    let parts: Vec<String> = files.into_iter().chain(topics).collect();
    parts.join("; ")
}

fn offsets(advances: &[Advance]) -> String {
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
