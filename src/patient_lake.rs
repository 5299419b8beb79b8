//! A lake whose store may be away for a while.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use trailwright_store::{Lake, LakeError};

use crate::telemetry::Telemetry;

/// The first wait, and the longest; each is twice the one before.
const WAIT: Duration = Duration::from_millis(500);
const WAIT_MAX: Duration = Duration::from_secs(60);

/// A lake that tries again until the store is back, or nothing more is wanted.
pub(crate) struct PatientLake {
    lake: Lake,
    stop: watch::Receiver<bool>,
    telemetry: Arc<Telemetry>,
    now: fn() -> DateTime<Utc>,
}

impl PatientLake {
    pub(crate) fn new(
        lake: Lake,
        stop: watch::Receiver<bool>,
        telemetry: Arc<Telemetry>,
        now: fn() -> DateTime<Utc>,
    ) -> Self {
        Self {
            lake,
            stop,
            telemetry,
            now,
        }
    }

    /// Makes a call until it passes. One that failed half-way is made again.
    pub(crate) async fn call<T>(
        &mut self,
        mut call: impl AsyncFnMut(&mut Lake, DateTime<Utc>) -> Result<T, LakeError>,
    ) -> Result<T, LakeError> {
        let mut wait = WAIT;
        loop {
            let error = match call(&mut self.lake, (self.now)()).await {
                Err(error) if error.may_pass() => error,
                outcome => {
                    self.answered();
                    return outcome;
                }
            };
            self.failed(&error, wait);
            tokio::select! {
                biased;
                _ = self.stop.wait_for(|stop| *stop) => return Err(error),
                () = tokio::time::sleep(wait) => {}
            }
            wait = (wait * 2).min(WAIT_MAX);
        }
    }

    fn failed(&self, error: &LakeError, wait: Duration) {
        self.telemetry.store_failed(error);
        let full = error.is_full();
        let problem = if full {
            "the store is full"
        } else {
            "the store fails"
        };
        tracing::warn!(
            target: "lake",
            full,
            wait_seconds = wait.as_secs_f64(),
            "{problem}: {error}; nothing is lost, trying again in {wait:?}"
        );
    }

    fn answered(&self) {
        if let Some(away) = self.telemetry.health.store_answered() {
            let away_seconds = away.as_secs();
            tracing::info!(target: "lake", away_seconds, "the store is back after {away_seconds} s");
        }
    }

    /// As it was loaded last.
    pub(crate) fn lake(&self) -> &Lake {
        &self.lake
    }

    /// The time.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        (self.now)()
    }

    /// Where sources stand now.
    pub(crate) async fn positions(
        &mut self,
        sources: &[String],
    ) -> Result<Vec<Option<i64>>, LakeError> {
        self.call(async |lake, _| {
            lake.refresh().await?;
            let mut positions = Vec::with_capacity(sources.len());
            for source in sources {
                positions.push(lake.position(source).await?);
            }
            Ok(positions)
        })
        .await
    }
}
