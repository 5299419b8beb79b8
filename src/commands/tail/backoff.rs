//! Waiting longer each time that something does not answer.

use std::time::Duration;

const WAIT: Duration = Duration::from_millis(500);
const WAIT_MAX: Duration = Duration::from_secs(10);

pub(super) struct Backoff(Duration);

impl Backoff {
    pub(super) fn new() -> Self {
        Self(WAIT)
    }

    /// Says why, and waits.
    pub(super) async fn wait(&mut self, why: &str) {
        let wait = self.0;
        tracing::warn!(target: "trailwright", "{why}; trying again in {wait:?}");
        tokio::time::sleep(wait).await;
        self.0 = (wait * 2).min(WAIT_MAX);
    }

    /// It answers.
    pub(super) fn end(&mut self) {
        self.0 = WAIT;
    }
}
