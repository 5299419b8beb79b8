//! `trailwright run`: the daemon, from Kafka to the lake.

use std::collections::BTreeMap;
use std::process::ExitCode;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use trailwright_ingest::{Consumer, KafkaSettings};
use trailwright_store::{Advance, Appended, Lake};

use super::ingest;
use crate::Host;
use crate::args::{Common, Run};
use crate::config::Config;
use crate::failure::Failure;
use crate::kafka::{Kafka, Member};
use crate::patient_lake::PatientLake;
use crate::pipeline::{self, Done, Maintain};
use crate::storage;

/// Positions named in the line about a commit.
const POSITIONS_SHOWN: usize = 8;

pub(crate) async fn run(
    args: &Run,
    config: &Config,
    common: &Common,
    host: &Host,
) -> Result<ExitCode, Failure> {
    let location = super::location(&args.lake, config)?;
    let settings = settings(args, config, host)?;
    let store = storage::of_lake(&location, &config.s3)?;
    let mut lake = Lake::open_or_create(location, (host.lake_store)(store)).await?;
    let directory = args.policies.as_deref();
    let stages = ingest::stages(config, directory, &mut lake, common, (host.now)()).await?;
    let maintain = match config.maintenance.enabled {
        true => Some(maintain(&lake, config, common, host).await?),
        false => None,
    };
    let (stop, stopped) = watch::channel(false);
    let lake = PatientLake::new(lake, stopped.clone(), host.now);
    let kafka = Kafka::new(Member::Kafka(Consumer::join(settings)?), stopped);
    let report = |done: Done<'_>| match done {
        _ if common.quiet => {}
        Done::Stored(appended, advances) => {
            eprintln!("{}; {}", stored(appended), positions(advances));
        }
        Done::Relabelled(relabelled) => {
            eprintln!("{} labels changed by what came later", relabelled.changed);
        }
    };
    tokio::select! {
        summary = pipeline::follow(kafka, stages, lake, maintain, report) => {
            let summary = summary?;
            if !common.quiet {
                eprintln!("stopped after {} messages; {}", summary.files, stored(&summary.appended));
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

/// Where the first sources stand now.
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

/// What the file says, under what the flags say.
fn settings(args: &Run, config: &Config, host: &Host) -> Result<KafkaSettings, Failure> {
    let kafka = &config.source.kafka;
    let mut properties = kafka
        .properties(|name| std::env::var(name).ok())
        .map_err(Failure::usage)?;
    properties.extend(flags(args)?);
    let topics = if args.topics.is_empty() {
        kafka.topics.clone()
    } else {
        args.topics.clone()
    };
    if topics.is_empty() {
        return Err(Failure::usage(
            "no topic to consume from: give --topic NAME, or [source.kafka] topics = [\"NAME\"] in trailwright.toml",
        ));
    }
    Ok(KafkaSettings {
        name: kafka.name.clone(),
        topics,
        properties,
        limits: config.limits(),
        redact: config.ingest.redact_session_tokens,
        now: host.now,
    })
}

fn flags(args: &Run) -> Result<BTreeMap<String, String>, Failure> {
    let mut given = BTreeMap::new();
    for property in &args.properties {
        let (name, value) = property.split_once('=').ok_or_else(|| {
            Failure::usage(format!(
                "-X {property}: write it as PROPERTY=VALUE, such as session.timeout.ms=6000"
            ))
        })?;
        given.insert(name.to_owned(), value.to_owned());
    }
    let named = [
        ("bootstrap.servers", &args.brokers),
        ("group.id", &args.group),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            given.insert(name.to_owned(), value.clone());
        }
    }
    Ok(given)
}
