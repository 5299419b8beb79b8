//! What Prometheus reads. Names and meanings: docs/reference/metrics.md.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use trailwright_ingest::TopicPartition;
use trailwright_schemas::{Agreement, Decision, Scope};

use super::lag::Behind;

/// Seconds: a local disk takes milliseconds, a bucket some hundred, a store that
/// had been away minutes.
const COMMIT_SECONDS: [f64; 13] = [
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0,
];

/// The content type of [`Metrics::page`].
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labelled {
    scope: &'static str,
    decision: &'static str,
    agreement: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Because {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Made {
    report: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Partition {
    topic: String,
    partition: i32,
}

/// A number that is not shown before it is known.
type Known<L = Vec<(String, String)>> = Family<L, Gauge<f64, AtomicU64>>;

/// All metrics of the daemon.
pub(crate) struct Metrics {
    registry: Registry,
    messages: Counter,
    bytes: Counter,
    events: Family<Labelled, Counter>,
    duplicates: Counter,
    rejected: Family<Because, Counter>,
    relabelled: Counter,
    commits: Counter,
    commit_duration: Histogram,
    overtaken: Counter,
    store_errors: Family<Because, Counter>,
    store_waiting: Gauge,
    reports: Family<Made, Counter>,
    ready: Gauge,
    newest_event: Known,
    last_commit: Known,
    reload_successful: Gauge,
    reload_time: Known,
    topic_partitions: Gauge,
    lag_messages: Family<Partition, Gauge>,
    lag_time: Known<Partition>,
    resident: Known,
    tails: Gauge,
    tail_sent: Counter,
    tail_missed: Counter,
    /// One page at a time: it fills in what is read at that moment.
    page: Mutex<()>,
}

/// Why the store failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreFailure {
    /// There is no room.
    Full,
    /// It does not answer, or not as it should.
    Away,
}

/// What is read at the moment of asking.
pub(super) struct Now {
    pub(super) ready: bool,
    pub(super) store_waiting: bool,
    pub(super) behind: Vec<(TopicPartition, Behind)>,
    pub(super) resident_bytes: Option<u64>,
}

impl Metrics {
    /// Nothing counted yet.
    pub(crate) fn new(started: DateTime<Utc>) -> Self {
        let mut registry = Registry::default();
        let start: Known = Family::default();
        set(&start, &Vec::new(), unix_seconds(started));
        registry.register_with_unit(
            "process_start_time",
            "When the process began, in seconds since 1970",
            Unit::Seconds,
            start,
        );
        let resident: Known = Family::default();
        registry.register_with_unit(
            "process_resident_memory",
            "Memory that the process holds",
            Unit::Bytes,
            resident.clone(),
        );
        let own = registry.sub_registry_with_prefix("trailwright");
        let version = vec![("version", env!("CARGO_PKG_VERSION"))];
        own.register("build", "Which trailwright this is", Info::new(version));
        let mut metrics = Self {
            registry: Registry::default(),
            messages: counter(own, "messages_read", "Messages read from Kafka"),
            bytes: Counter::default(),
            events: Family::default(),
            duplicates: counter(
                own,
                "events_duplicate",
                "Events that the lake already had, with the same content",
            ),
            rejected: Family::default(),
            relabelled: counter(
                own,
                "events_relabelled",
                "Events whose labels changed by what became known later",
            ),
            commits: counter(own, "commits", "Commits that brought positions forward"),
            commit_duration: Histogram::new(COMMIT_SECONDS),
            overtaken: counter(
                own,
                "batches_overtaken",
                "Batches given up because another instance had stored part of them",
            ),
            store_errors: Family::default(),
            store_waiting: Gauge::default(),
            reports: Family::default(),
            ready: Gauge::default(),
            newest_event: Family::default(),
            last_commit: Family::default(),
            reload_successful: Gauge::default(),
            reload_time: Family::default(),
            topic_partitions: Gauge::default(),
            lag_messages: Family::default(),
            lag_time: Family::default(),
            resident,
            tails: Gauge::default(),
            tail_sent: counter(own, "tail_events_sent", "Events sent to tails"),
            tail_missed: counter(
                own,
                "tail_events_missed",
                "Events that tails were too slow to get",
            ),
            page: Mutex::default(),
        };
        metrics.reload_successful.set(1);
        metrics.register_others(own);
        metrics.registry = registry;
        metrics
    }

    fn register_others(&self, own: &mut Registry) {
        own.register_with_unit(
            "read",
            "Bytes of the values of messages",
            Unit::Bytes,
            self.bytes.clone(),
        );
        own.register(
            "events_stored",
            "Events that are new in the lake, by how they are labelled",
            self.events.clone(),
        );
        own.register(
            "rows_rejected",
            "Rows of rejected, by reason",
            self.rejected.clone(),
        );
        own.register_with_unit(
            "commit_duration",
            "Time of a commit, with the attempts that failed",
            Unit::Seconds,
            self.commit_duration.clone(),
        );
        own.register(
            "store_errors",
            "Calls of the store that failed and are made again",
            self.store_errors.clone(),
        );
        own.register(
            "store_waiting",
            "1 while the daemon waits for its store",
            self.store_waiting.clone(),
        );
        own.register(
            "reports",
            "Scheduled reports, by whether they were written",
            self.reports.clone(),
        );
        own.register("ready", "1 while /readyz says ready", self.ready.clone());
        own.register_with_unit(
            "newest_event_timestamp",
            "eventTime of the newest event stored, in seconds since 1970",
            Unit::Seconds,
            self.newest_event.clone(),
        );
        own.register_with_unit(
            "last_commit_timestamp",
            "When the last commit was made, in seconds since 1970",
            Unit::Seconds,
            self.last_commit.clone(),
        );
        own.register(
            "config_last_reload_successful",
            "0 when the configuration was refused at the last SIGHUP",
            self.reload_successful.clone(),
        );
        own.register_with_unit(
            "config_last_reload_success_timestamp",
            "When a configuration was read again, in seconds since 1970",
            Unit::Seconds,
            self.reload_time.clone(),
        );
        own.register(
            "topic_partitions",
            "Topic partitions that this instance reads",
            self.topic_partitions.clone(),
        );
        own.register(
            "lag_messages",
            "Messages that Kafka has and the lake has not",
            self.lag_messages.clone(),
        );
        own.register_with_unit(
            "lag",
            "Age of the oldest message that the lake has not",
            Unit::Seconds,
            self.lag_time.clone(),
        );
        own.register("tails", "Tails that are being served", self.tails.clone());
    }

    pub(super) fn tails(&self, more: i64) {
        self.tails.inc_by(more);
    }

    pub(super) fn tail_sent(&self, events: u64) {
        self.tail_sent.inc_by(events);
    }

    pub(super) fn tail_missed(&self, events: u64) {
        self.tail_missed.inc_by(events);
    }

    pub(super) fn read(&self, bytes: u64) {
        self.messages.inc();
        self.bytes.inc_by(bytes);
    }

    pub(super) fn stored(&self, label: (Scope, Decision, Agreement), events: usize) {
        let (scope, decision, agreement) = label;
        let labelled = Labelled {
            scope: scope.as_str(),
            decision: decision.as_str(),
            agreement: agreement.as_str(),
        };
        let counter = self.events.get_or_create(&labelled);
        counter.inc_by(events as u64);
    }

    pub(super) fn duplicates(&self, events: usize) {
        self.duplicates.inc_by(events as u64);
    }

    pub(super) fn rejected(&self, reason: &'static str, rows: usize) {
        let counter = self.rejected.get_or_create(&Because { reason });
        counter.inc_by(rows as u64);
    }

    pub(super) fn relabelled(&self, events: usize) {
        self.relabelled.inc_by(events as u64);
    }

    pub(super) fn committed(&self, took: Duration, now: DateTime<Utc>) {
        self.commits.inc();
        self.commit_duration.observe(took.as_secs_f64());
        set(&self.last_commit, &Vec::new(), unix_seconds(now));
    }

    pub(super) fn newest_event(&self, time: DateTime<Utc>) {
        let gauge = self.newest_event.get_or_create(&Vec::new());
        gauge.set(gauge.get().max(unix_seconds(time)));
    }

    pub(super) fn overtaken(&self) {
        self.overtaken.inc();
    }

    pub(super) fn store_failed(&self, failure: StoreFailure) {
        let reason = match failure {
            StoreFailure::Full => "full",
            StoreFailure::Away => "away",
        };
        self.store_errors.get_or_create(&Because { reason }).inc();
    }

    pub(super) fn report(&self, report: &str, outcome: &'static str) {
        let report = report.to_owned();
        self.reports.get_or_create(&Made { report, outcome }).inc();
    }

    pub(super) fn reloaded(&self, now: DateTime<Utc>) {
        self.reload_successful.set(1);
        set(&self.reload_time, &Vec::new(), unix_seconds(now));
    }

    pub(super) fn reload_refused(&self) {
        self.reload_successful.set(0);
    }

    /// All of them in the text format of OpenMetrics.
    pub(super) fn page(&self, now: Now) -> Result<String, fmt::Error> {
        let _one = self.page.lock().unwrap_or_else(PoisonError::into_inner);
        self.ready.set(now.ready.into());
        self.store_waiting.set(now.store_waiting.into());
        if let Some(bytes) = now.resident_bytes {
            set(&self.resident, &Vec::new(), bytes as f64);
        }
        let count = i64::try_from(now.behind.len()).unwrap_or(i64::MAX);
        self.topic_partitions.set(count);
        // What others read now is no longer ours to tell.
        self.lag_messages.clear();
        self.lag_time.clear();
        for (TopicPartition { topic, partition }, behind) in now.behind {
            let labels = Partition { topic, partition };
            if let Some(messages) = behind.messages {
                self.lag_messages.get_or_create(&labels).set(messages);
            }
            if let Some(time) = behind.time {
                let seconds = time.num_milliseconds() as f64 / 1000.0;
                set(&self.lag_time, &labels, seconds);
            }
        }
        let mut page = String::new();
        encode(&mut page, &self.registry)?;
        Ok(page)
    }
}

fn counter(registry: &mut Registry, name: &str, help: &str) -> Counter {
    let counter = Counter::default();
    registry.register(name, help, counter.clone());
    counter
}

fn set<L: Clone + std::hash::Hash + Eq>(known: &Known<L>, labels: &L, value: f64) {
    known.get_or_create(labels).set(value);
}

/// Timestamps have milliseconds, as those of Kafka and Delta.
fn unix_seconds(time: DateTime<Utc>) -> f64 {
    time.timestamp_millis() as f64 / 1000.0
}
