//! `trailwright run`: the daemon, from Kafka to the lake.

use std::process::ExitCode;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use trailwright_ingest::Consumer;
use trailwright_store::{Lake, Location};

use super::ingest;
use crate::Host;
use crate::args::{Common, Run};
use crate::config::Config;
use crate::failure::Failure;
use crate::kafka::{self, Kafka};
use crate::patient_lake::PatientLake;
use crate::pipeline::{self, Stages, Summary};
use crate::reload::{self, Reload};
use crate::storage;
use crate::telemetry::{self, Log, Telemetry};

pub(crate) async fn run(
    args: &Run,
    config: &Config,
    common: &Common,
    host: &Host,
    log: &Log,
) -> Result<ExitCode, Failure> {
    reload::set_filter(log, args, common, config)?;
    let location = super::location(&args.lake, config)?;
    let settings = kafka::settings(&args.kafka, config, host)?;
    let telemetry = Arc::new(Telemetry::new(config.service.stuck_after(), host.now));
    let listen = args.listen.as_ref().or(config.service.listen.as_ref());
    if let Some(address) = listen {
        telemetry::serve(address, Arc::clone(&telemetry)).await?;
        kafka::watch_lag(&settings, Arc::clone(&telemetry))?;
    }
    let (stop, stopped) = watch::channel(false);
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
        let lake = PatientLake::new(lake, stopped.clone(), Arc::clone(&telemetry), host.now);
        let consumer = Consumer::join(settings)?;
        let kafka = Kafka::new(consumer, stopped, Arc::clone(&telemetry));
        pipeline::follow(kafka, stages, lake, reloads, Arc::clone(&telemetry)).await
    };
    tokio::select! {
        summary = work => {
            let summary = summary?;
            let (messages, appended) = (summary.files, &summary.appended);
            tracing::info!(target: "service", messages, "stopped after {messages} messages; {appended}");
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
    Failure::interrupted()
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}
