//! `[service]`: the daemon as its operators see it.

use std::time::Duration;

use serde::Deserialize;

/// `[service]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ServiceSettings {
    /// Where `/metrics`, `/healthz` and `/readyz` are answered; nowhere without.
    pub(crate) listen: Option<String>,
    /// Seconds that a commit or a relabelling may take before `/readyz` says
    /// that it is stuck.
    stuck_seconds: u32,
    /// What to log: a level, or `TARGET=LEVEL` with commas between them.
    pub(crate) log: Option<String>,
}

impl Default for ServiceSettings {
    fn default() -> Self {
        Self {
            listen: None,
            stuck_seconds: 300,
            log: None,
        }
    }
}

impl ServiceSettings {
    pub(crate) fn stuck_after(&self) -> Duration {
        Duration::from_secs(self.stuck_seconds.into())
    }

    /// Whether all is the same that a running daemon cannot change.
    pub(crate) fn is_fixed_as_in(&self, running: &Self) -> bool {
        (&self.listen, self.stuck_seconds) == (&running.listen, running.stuck_seconds)
    }
}
