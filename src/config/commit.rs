//! `[commit]`: when what was read becomes visible.

use std::time::Duration;

use serde::Deserialize;

/// `[commit]`: a commit closes when the first of these is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CommitSettings {
    /// Events and rejected rows that wait: files large enough to read fast, few enough to hold
    /// in memory.
    pub(crate) rows_max: usize,
    /// Bytes of records that wait.
    pub(crate) bytes_max: usize,
    /// Seconds that the first event waits (`run` only).
    seconds_max: Seconds,
    /// Seconds between relabellings by what came late (`run` only).
    relabel_seconds: Seconds,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "f64")]
pub(super) struct Seconds(pub(super) Duration);

impl TryFrom<f64> for Seconds {
    type Error = String;

    fn try_from(seconds: f64) -> Result<Self, String> {
        Duration::try_from_secs_f64(seconds)
            .map(Self)
            .map_err(|error| format!("{seconds} seconds: {error}"))
    }
}

impl Default for CommitSettings {
    fn default() -> Self {
        Self {
            rows_max: 100_000,
            bytes_max: 256 * 1024 * 1024,
            seconds_max: Seconds(Duration::from_secs(5)),
            relabel_seconds: Seconds(Duration::from_secs(60)),
        }
    }
}

impl CommitSettings {
    pub(crate) fn time_max(&self) -> Duration {
        self.seconds_max.0
    }

    pub(crate) fn relabel_interval(&self) -> Duration {
        self.relabel_seconds.0
    }
}
