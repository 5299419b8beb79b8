//! `trailwright run`: the daemon, from Kafka or places to the lake.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use trailwright_store::{Lake, Location};

use super::ingest;
use crate::Host;
use crate::args::{Common, Run};
use crate::config::Config;
use crate::failure::Failure;
use crate::kafka::Kafka;
use crate::live::Live;
use crate::objects::{Following, Objects};
use crate::patient_lake::PatientLake;
use crate::pipeline::{self, Maintain, Scheduled, ScheduledReport, Stages, Summary};
use crate::reload::{self, Reload};
use crate::sources::Sources;
use crate::telemetry::{Log, Telemetry};
use crate::{http, inputs, storage};

pub(crate) async fn run(
    args: &Run,
    config: &Config,
    common: &Common,
    host: &Host,
    log: &Log,
) -> Result<ExitCode, Failure> {
    reload::set_filter(log, args, common, config)?;
    let location = super::location(&args.lake, config)?;
    let telemetry = Arc::new(Telemetry::new(config.service.stuck_after(), host.now));
    let reports = ScheduledReport::all(config)?;
    let (stop, stopped) = watch::channel(false);
    let listen = args.listen.as_ref().or(config.service.listen.as_ref());
    let asked = listen.is_some();
    let sources = sources(
        args,
        config,
        &location,
        host,
        stopped.clone(),
        &telemetry,
        asked,
    )?;
    let live = Arc::new(Live::new(Arc::clone(&telemetry)));
    if let Some(address) = listen {
        http::serve(address, Arc::clone(&live)).await?;
    }
    let (changes, reloads) = watch::channel(None);
    let reload = Reload {
        running: config,
        args,
        common,
        log,
        telemetry: Arc::clone(&telemetry),
        changes,
    };
    let work = async {
        let mut stop = stopped.clone();
        let opened = tokio::select! {
            opened = open(location, args, config, common, host) => Some(opened?),
            _ = stop.wait_for(|stop| *stop) => None,
        };
        let Some((lake, stages)) = opened else {
            return Ok(Summary::default());
        };
        telemetry.health.lake_is_open();
        if asked {
            live.open(&lake).await?;
        }
        let mut beside = JoinSet::new();
        if config.maintenance.enabled {
            beside.spawn(maintain(&lake, config, host).await?.run());
        }
        if !reports.is_empty() {
            let scheduled = Scheduled {
                lake: lake.reopen().await?,
                reports,
                telemetry: Arc::clone(&telemetry),
                now: host.now,
            };
            beside.spawn(scheduled.run());
        }
        let lake = PatientLake::new(lake, stopped, Arc::clone(&telemetry), host.now);
        let telemetry = Arc::clone(&telemetry);
        let feed = Arc::clone(&live.feed);
        pipeline::follow(sources, stages, lake, beside, reloads, telemetry, feed).await
    };
    tokio::select! {
        summary = work => {
            let summary = summary?;
            let (sources, appended) = (summary.files, &summary.appended);
            tracing::info!(target: "service", sources, "stopped after {sources} messages and files; {appended}");
            Ok(ExitCode::SUCCESS)
        }
        failure = signals(stop, &reload) => Err(failure),
    }
}

async fn open(
    location: Location,
    args: &Run,
    config: &Config,
    common: &Common,
    host: &Host,
) -> Result<(Lake, Stages), Failure> {
    let store = storage::of_lake(&location, &config.s3)?;
    let mut lake = Lake::open_or_create(location, (host.lake_store)(store)).await?;
    let directory = args.policies.as_deref();
    let stages = ingest::stages(config, directory, &mut lake, common, (host.now)()).await?;
    Ok((lake, stages))
}

/// What keeps the lake small and fast beside reading.
async fn maintain(lake: &Lake, config: &Config, host: &Host) -> Result<Maintain, Failure> {
    let (maintenance, by) = (config.lake_maintenance(), super::by("run"));
    Ok(Maintain {
        lake: lake.reopen().await?,
        compaction: maintenance.compaction.beside_appends(),
        retention: maintenance.retention(by.clone()).map_err(Failure::usage)?,
        vacuum: maintenance.vacuum(by).map_err(Failure::usage)?,
        interval: config.maintenance.interval(),
        vacuum_interval: config.maintenance.vacuum_interval(),
        now: host.now,
    })
}

/// Kafka, places, or both: what the flags or the file name.
fn sources(
    args: &Run,
    config: &Config,
    location: &Location,
    host: &Host,
    stop: watch::Receiver<bool>,
    telemetry: &Arc<Telemetry>,
    asked: bool,
) -> Result<Sources, Failure> {
    let objects = &config.source.objects;
    let followed = match args.follow.as_slice() {
        [] => &objects.places,
        given => given,
    };
    for place in followed {
        apart(place, "the lake", location)?;
        for report in &config.report {
            apart(place, "the reports", &Location::parse(&report.to)?)?;
        }
    }
    let following = Following {
        places: inputs::places(followed, config)?,
        interval: objects.look_interval(),
        whole_interval: objects.whole_look_interval(),
        settings: inputs::settings(config, host.now),
    };
    let kafka = Kafka::join(&args.kafka, config, host, stop.clone(), telemetry, asked)?;
    if kafka.is_none() {
        // There is no group that has to let it in.
        telemetry.health.assigned(0);
    }
    let sources = Sources {
        kafka,
        objects: (!followed.is_empty()).then(|| Objects::new(following)),
        stop,
        telemetry: Arc::clone(telemetry),
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
fn apart(place: &str, what: &str, location: &Location) -> Result<(), Failure> {
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
            "{place} cannot be followed with {what} in {location}, because one lies in the other: \
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

/// SIGHUP reads the configuration again. The first other signal asks for an end
/// in good order, the second breaks off.
async fn signals(stop: watch::Sender<bool>, reload: &Reload<'_>) -> Failure {
    let listening = (
        signal(SignalKind::hangup()),
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    );
    let (mut hangup, mut interrupt, mut terminate) = match listening {
        (Ok(hangup), Ok(interrupt), Ok(terminate)) => (hangup, interrupt, terminate),
        (Err(error), _, _) | (_, Err(error), _) | (_, _, Err(error)) => {
            return Failure::internal(error.to_string());
        }
    };
    loop {
        tokio::select! {
            _ = hangup.recv() => reload.again(),
            () = either(&mut interrupt, &mut terminate) => break,
        }
    }
    reload.telemetry.health.stopping();
    tracing::info!(
        target: "service",
        "stopping: storing what was read; a second signal breaks off"
    );
    stop.send_replace(true);
    either(&mut interrupt, &mut terminate).await;
    Failure::interrupted(true)
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}
