//! A bucket with log files, a lake, and a daemon between them.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use tokio::sync::watch;
use trailwright_ingest::{Limits, ObjectPrefix, Place, Settings};
use trailwright_query::{Session, Tables, rows};
use trailwright_store::{Lake, Location};

use super::watched::{Crash, Watched};
use crate::config::Config;
use crate::labelling::Labelling;
use crate::objects::{Following, Objects};
use crate::patient_lake::PatientLake;
use crate::pipeline::{Stages, follow};
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

#[derive(Default)]
pub(super) struct World {
    pub(super) bucket: Arc<Watched>,
    lake: Arc<InMemory>,
}

impl World {
    pub(super) async fn put(&self, key: &str, content: &str) {
        let content = content.to_owned().into();
        let key = Path::from(key);
        self.bucket.store.put(&key, content).await.unwrap();
    }

    pub(super) async fn put_all(&self, files: &[(String, String)]) {
        for (key, content) in files {
            self.put(key, content).await;
        }
    }

    /// Follows the bucket for some minutes, or until the crash. False when it
    /// crashed.
    pub(super) async fn follow(&self, crash: Option<Crash>) -> bool {
        // Making the first tables is no part of it.
        open(self.lake.clone()).await;
        let store = Watched::crashing(self.lake.clone(), crash);
        tokio::select! {
            () = self.run(store.clone()) => true,
            () = store.crashed.notified() => false,
        }
    }

    async fn run(&self, store: Arc<dyn ObjectStore>) {
        let config = Config::parse("").unwrap();
        let mut lake = open(store).await;
        let labelling = Labelling::begin(&mut lake, &[], config.label_options(), now());
        let stages = Stages {
            router: config.router().unwrap(),
            labelling: labelling.await.unwrap(),
            commit: config.commit,
        };
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
        let followed = follow(sources, stages, lake, None, reloads, telemetry);
        let stop_later = async {
            tokio::time::sleep(Duration::from_secs(500)).await;
            stop.send_replace(true);
        };
        let (followed, ()) = tokio::join!(followed, stop_later);
        assert!(followed.is_ok());
    }

    fn objects(&self, config: &Config) -> Objects {
        let bucket = self.bucket.clone();
        let prefix = ObjectPrefix::in_store(bucket, "s3://logs".to_owned(), Path::from("AWSLogs"));
        Objects::new(Following {
            places: vec![Place::of_objects(prefix)],
            interval: config.source.objects.look_interval(),
            whole_interval: config.source.objects.whole_look_interval(),
            settings: Settings {
                limits: Limits::default(),
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

    async fn ask_all(&self, questions: &[&str]) -> Vec<String> {
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

async fn open(store: Arc<dyn ObjectStore>) -> Lake {
    let location = Location::parse("s3://audit/lake").unwrap();
    Lake::open_or_create(location, store).await.unwrap()
}
