//! A bucket with log files, a lake, and a daemon between them.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use tokio::sync::watch;
use tokio::task::JoinSet;
use trailwright_faulty_store::FaultyStore;
use trailwright_ingest::{ObjectPrefix, Place, RejectedBytes, Settings};
use trailwright_query::{Session, Tables, bytes, rows};
use trailwright_store::{Lake, Location};

use super::watched::{Crash, Watched};
use crate::config::Config;
use crate::labelling::Labelling;
use crate::objects::{Following, Objects};
use crate::patient_lake::PatientLake;
use crate::pipeline::{Replaying, Stages, follow};
use crate::sources::Sources;
use crate::telemetry::Telemetry;

fn now() -> DateTime<Utc> {
    "2026-03-09T12:00:00Z".parse().unwrap()
}

/// The key of a log file of March 2026.
pub(super) fn key(day: &str, minute: &str, unique: &str) -> String {
    format!(
        "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/{day}/\
         111122223333_CloudTrail_eu-west-1_202603{day}T{minute}Z_{unique}.json"
    )
}

pub(super) fn log_file(ids: &[&str]) -> String {
    let record = |id: &&str| {
        format!(
            r#"{{"eventVersion":"1.11","eventID":"{id}","eventTime":"2026-03-09T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","recipientAccountId":"111122223333"}}"#
        )
    };
    let records: Vec<String> = ids.iter().map(record).collect();
    format!(r#"{{"Records":[{}]}}"#, records.join(","))
}

pub(super) struct World {
    pub(super) bucket: Arc<FaultyStore<Watched>>,
    lake: Arc<InMemory>,
    configuration: &'static str,
}

impl Default for World {
    fn default() -> Self {
        Self::with("")
    }
}

impl World {
    /// A daemon with this configuration.
    pub(super) fn with(configuration: &'static str) -> Self {
        Self {
            bucket: Watched::over(Arc::default(), None),
            lake: Arc::default(),
            configuration,
        }
    }

    pub(super) async fn put(&self, key: &str, content: &str) {
        let content = content.to_owned().into();
        let key = Path::from(key);
        self.bucket.put(&key, content).await.unwrap();
    }

    pub(super) async fn put_all(&self, files: &[(String, String)]) {
        for (key, content) in files {
            self.put(key, content).await;
        }
    }

    /// Follows the bucket for some seconds, or until the crash. False when it
    /// crashed.
    pub(super) async fn follow(&self, crash: Option<Crash>) -> bool {
        self.follow_for(70, crash).await
    }

    pub(super) async fn follow_for(&self, seconds: u64, crash: Option<Crash>) -> bool {
        // Making the first tables is no part of it.
        open(self.lake.clone()).await;
        let store = Watched::over(self.lake.clone(), crash);
        tokio::select! {
            () = self.run(store.clone(), seconds) => true,
            () = store.crashed.notified() => false,
        }
    }

    /// How many files are read while the first commit of events does not end.
    pub(super) async fn reads_during_a_commit(&self) -> usize {
        open(self.lake.clone()).await;
        // A write of the events: the first one of all may make the ledger.
        let crash = Crash {
            write: 1,
            after: false,
        };
        let store = Watched::over(self.lake.clone(), Some(crash));
        tokio::select! {
            () = self.run(store, 600) => panic!("it does not stand still"),
            () = tokio::time::sleep(Duration::from_secs(60)) => self.bucket.reads(),
        }
    }

    async fn run(&self, store: Arc<dyn ObjectStore>, seconds: u64) {
        let config = Config::parse(self.configuration).unwrap();
        let mut lake = open(store).await;
        let stages = stages(&config, &mut lake).await;
        let (stop, stopped) = watch::channel(false);
        let telemetry = Arc::new(Telemetry::new(Duration::MAX, now));
        let sources = Sources {
            kafka: None,
            objects: Some(self.objects(&config)),
            stop: stopped.clone(),
            telemetry: telemetry.clone(),
        };
        let lake = PatientLake::new(lake, stopped, telemetry.clone(), now);
        let (_changes, reloads) = watch::channel(None);
        let followed = follow(
            sources,
            stages,
            lake,
            JoinSet::new(),
            reloads,
            telemetry,
            Arc::default(),
        );
        let stop_later = async {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            stop.send_replace(true);
        };
        let (followed, ()) = tokio::join!(followed, stop_later);
        assert!(followed.is_ok());
    }

    /// Reads the bytes of all open rejected rows again, with the limits there
    /// are by default. False when it crashed.
    pub(super) async fn replay(&self, crash: Option<Crash>) -> bool {
        let store = Watched::over(self.lake.clone(), crash);
        tokio::select! {
            () = self.run_replay(store.clone()) => true,
            () = store.crashed.notified() => false,
        }
    }

    async fn run_replay(&self, store: Arc<dyn ObjectStore>) {
        let config = Config::parse("").unwrap();
        let mut lake = open(store).await;
        let sql = "select rejected_id, source, source_offset, original from open_rejected";
        let session = Session::begin(&lake, Tables::Whole).await.unwrap();
        let found = session.ask(sql).await.unwrap().collect().await.unwrap();
        let mut stages = stages(&config, &mut lake).await;
        let mut replaying = Replaying::new(&mut stages, &mut lake, now);
        for batch in &found {
            let cells = rows(&batch.project(&[0, 1, 2]).unwrap()).unwrap();
            for (row, original) in cells.into_iter().zip(bytes(batch, 3)) {
                let [id, source, offset] = row.try_into().unwrap();
                let bytes = RejectedBytes {
                    source: source.unwrap(),
                    offset: offset.unwrap().parse().unwrap(),
                    original: original.to_vec(),
                    original_sha256: [0; 32],
                    redacted_fields: Vec::new(),
                };
                let again = bytes.read_again(&config.limits(), true, now());
                replaying.add(id.unwrap(), again.unwrap()).await.unwrap();
            }
        }
        replaying.end().await.unwrap();
    }

    fn objects(&self, config: &Config) -> Objects {
        let bucket = self.bucket.clone();
        let prefix = ObjectPrefix::in_store(bucket, "s3://logs".to_owned(), Path::from("AWSLogs"));
        Objects::new(Following {
            places: vec![Place::of_objects(prefix)],
            interval: config.source.objects.look_interval(),
            whole_interval: config.source.objects.whole_look_interval(),
            settings: Settings {
                limits: config.limits(),
                redact: true,
                parallel: NonZeroUsize::MIN,
                now,
            },
        })
    }

    /// Everything the lake holds that does not depend on the order of reading.
    pub(super) async fn content(&self) -> Vec<String> {
        self.ask_all(&[
            "select event_id, raw from events order by event_id",
            "select source, reason, source_offset from rejected order by 1",
            "select source, size_bytes, records, rejected_rows, first_event_time, delivered_at \
             from files order by 1",
        ])
        .await
    }

    pub(super) async fn ask(&self, sql: &str) -> Vec<String> {
        self.ask_all(&[sql]).await
    }

    pub(super) async fn ask_all(&self, questions: &[&str]) -> Vec<String> {
        let lake = open(self.lake.clone()).await;
        let session = Session::begin(&lake, Tables::Whole).await.unwrap();
        let mut lines = Vec::new();
        for sql in questions {
            let batches = session.ask(sql).await.unwrap().collect().await.unwrap();
            for row in batches.iter().flat_map(|batch| rows(batch).unwrap()) {
                let cells = row.into_iter().map(Option::unwrap_or_default);
                lines.push(cells.collect::<Vec<_>>().join(","));
            }
        }
        lines
    }
}

async fn stages(config: &Config, lake: &mut Lake) -> Stages {
    let labelling = Labelling::begin(lake, &[], config.label_options(), now());
    Stages {
        router: config.router().unwrap(),
        labelling: labelling.await.unwrap(),
        commit: config.commit,
    }
}

async fn open(store: Arc<dyn ObjectStore>) -> Lake {
    let location = Location::parse("s3://audit/lake").unwrap();
    Lake::open_or_create(location, store).await.unwrap()
}
