//! Metrics and health of the daemon, told as things happen.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use trailwright_schemas::{Event, Reason, Rejected};
use trailwright_store::{Appended, LakeError};

use super::health::Health;
use super::lag::Lag;
use super::metrics::{Metrics, Now, StoreFailure};
use super::process;

/// What is told of a daemon.
pub(crate) struct Telemetry {
    pub(crate) health: Health,
    pub(crate) lag: Lag,
    metrics: Metrics,
    now: fn() -> DateTime<Utc>,
}

/// What a batch holds, before it is stored.
pub(crate) struct Held {
    newest: Option<DateTime<Utc>>,
    rejected: BTreeMap<&'static str, usize>,
    rows_rejected: usize,
}

impl Held {
    pub(crate) fn of<E: Borrow<Event>>(events: &[E], rejected: &[Rejected]) -> Self {
        let mut reasons = BTreeMap::new();
        for row in rejected {
            *reasons.entry(row.reason.as_str()).or_default() += 1;
        }
        Self {
            newest: events
                .iter()
                .map(|event| event.borrow().record.event_time)
                .max(),
            rejected: reasons,
            rows_rejected: rejected.len(),
        }
    }
}

impl Telemetry {
    pub(crate) fn new(stuck_after: Duration, now: fn() -> DateTime<Utc>) -> Self {
        Self {
            health: Health::new(stuck_after),
            lag: Lag::default(),
            metrics: Metrics::new(now()),
            now,
        }
    }

    /// A message was read.
    pub(crate) fn read(&self, bytes: u64) {
        self.metrics.read(bytes);
    }

    /// A batch is stored.
    pub(crate) fn stored(&self, held: Held, appended: &Appended, took: Duration) {
        let metrics = &self.metrics;
        metrics.committed(took, (self.now)());
        for (label, events) in &appended.by_label {
            metrics.stored(*label, *events);
        }
        metrics.duplicates(appended.duplicates);
        for (reason, rows) in held.rejected {
            metrics.rejected(reason, rows);
        }
        // Those that the lake itself found: other content under the same key.
        let conflicting = appended.rejected + appended.rejected_before;
        let conflicting = conflicting.saturating_sub(held.rows_rejected);
        if conflicting > 0 {
            metrics.rejected(Reason::ConflictingEventId.as_str(), conflicting);
        }
        if let Some(newest) = held.newest {
            metrics.newest_event(newest);
        }
    }

    /// Labels changed.
    pub(crate) fn relabelled(&self, events: usize) {
        self.metrics.relabelled(events);
    }

    /// A batch was given up.
    pub(crate) fn overtaken(&self) {
        self.metrics.overtaken();
    }

    /// A call of the store failed and is made again.
    pub(crate) fn store_failed(&self, error: &LakeError) {
        let failure = match error.is_full() {
            true => StoreFailure::Full,
            false => StoreFailure::Away,
        };
        self.metrics.store_failed(failure);
        self.health.store_failed(error.to_string());
    }

    /// A tail is being served.
    pub(crate) fn tail_began(&self) {
        self.metrics.tails(1);
    }

    /// It is no more.
    pub(crate) fn tail_ended(&self) {
        self.metrics.tails(-1);
    }

    /// A tail got events.
    pub(crate) fn tail_sent(&self, events: usize) {
        self.metrics.tail_sent(events as u64);
    }

    /// A tail was too slow to get events.
    pub(crate) fn tail_missed(&self, events: u64) {
        self.metrics.tail_missed(events);
    }

    /// A scheduled report was made and put where it belongs.
    pub(crate) fn report_written(&self, report: &str) {
        self.metrics.report(report, "written");
    }

    /// A scheduled report could not be made, or not be put where it belongs.
    pub(crate) fn report_failed(&self, report: &str) {
        self.metrics.report(report, "failed");
    }

    /// The configuration was read again.
    pub(crate) fn reloaded(&self) {
        self.metrics.reloaded((self.now)());
    }

    /// A new configuration was refused.
    pub(crate) fn reload_refused(&self) {
        self.metrics.reload_refused();
    }

    /// The page for Prometheus.
    pub(crate) fn page(&self) -> Result<String, fmt::Error> {
        self.metrics.page(Now {
            ready: self.health.not_ready().is_empty(),
            store_waiting: self.health.store_is_away(),
            behind: self.lag.behind((self.now)()),
            resident_bytes: process::resident_bytes(),
        })
    }
}
