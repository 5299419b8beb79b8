//! Whether the daemon is ready: let in by its group, its store and brokers
//! answering, and nothing stuck.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// What keeps the daemon from its work, if anything.
pub(crate) struct Health {
    state: Mutex<State>,
    /// A step that takes longer counts as stuck.
    stuck_after: Duration,
}

#[derive(Default)]
struct State {
    lake_is_open: bool,
    /// How many topic partitions; `None` before the group let this instance in.
    assigned: Option<usize>,
    /// Why brokers do not answer.
    brokers_away: Option<String>,
    store_away: Option<Away>,
    /// What is being done, and since when.
    step: Option<(&'static str, Instant)>,
    stopping: bool,
}

struct Away {
    since: Instant,
    why: String,
}

impl Health {
    pub(crate) fn new(stuck_after: Duration) -> Self {
        Self {
            state: Mutex::default(),
            stuck_after,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn lake_is_open(&self) {
        self.state().lake_is_open = true;
    }

    /// So many topic partitions are this instance's.
    pub(crate) fn assigned(&self, partitions: usize) {
        self.state().assigned = Some(partitions);
    }

    #[cfg(any(test, feature = "kafka"))]
    pub(crate) fn brokers_answer(&self) {
        self.state().brokers_away = None;
    }

    #[cfg(any(test, feature = "kafka"))]
    pub(crate) fn brokers_are_away(&self, why: String) {
        self.state().brokers_away = Some(why);
    }

    /// The store failed, and what it failed at is tried again.
    pub(crate) fn store_failed(&self, why: String) {
        let mut state = self.state();
        let since = state.store_away.as_ref().map(|away| away.since);
        let since = since.unwrap_or_else(Instant::now);
        state.store_away = Some(Away { since, why });
    }

    /// The store answers; if it had been away, for how long.
    pub(crate) fn store_answered(&self) -> Option<Duration> {
        Some(self.state().store_away.take()?.since.elapsed())
    }

    pub(crate) fn store_is_away(&self) -> bool {
        self.state().store_away.is_some()
    }

    /// A step begins that should end before long; it ends with the value.
    pub(crate) fn begin(&self, step: &'static str) -> Step<'_> {
        self.state().step = Some((step, Instant::now()));
        Step(self)
    }

    /// True between the beginning and the end of a step.
    #[cfg(test)]
    pub(crate) fn is_in_a_step(&self) -> bool {
        self.state().step.is_some()
    }

    pub(crate) fn stopping(&self) {
        self.state().stopping = true;
    }

    /// Why it is not ready, if it is not.
    pub(crate) fn not_ready(&self) -> Vec<String> {
        let state = self.state();
        let mut reasons = Vec::new();
        if state.stopping {
            reasons.push("stopping".to_owned());
        }
        if !state.lake_is_open {
            reasons.push("starting: the lake is not open yet".to_owned());
        } else if state.assigned.is_none() {
            reasons.push("the group has not assigned topic partitions yet".to_owned());
        }
        if let Some(why) = &state.brokers_away {
            reasons.push(format!("brokers do not answer: {why}"));
        }
        if let Some(away) = &state.store_away {
            let seconds = away.since.elapsed().as_secs();
            reasons.push(format!("the store fails since {seconds} s: {}", away.why));
        } else if let Some((step, since)) = state.step
            && since.elapsed() > self.stuck_after
        {
            let seconds = since.elapsed().as_secs();
            reasons.push(format!("stuck: {step} for {seconds} s"));
        }
        reasons
    }
}

/// Something that is being done.
pub(crate) struct Step<'h>(&'h Health);

impl Drop for Step<'_> {
    fn drop(&mut self) {
        self.0.state().step = None;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Health;

    fn ready() -> Health {
        let health = Health::new(Duration::from_secs(300));
        health.lake_is_open();
        health.assigned(2);
        health
    }

    #[tokio::test(start_paused = true)]
    async fn every_state_that_is_not_ready_says_why() {
        let mut said = Vec::new();
        let mut note = |health: &Health| said.push(health.not_ready().join("; "));
        let starting = Health::new(Duration::from_secs(300));
        note(&starting);
        starting.lake_is_open();
        note(&starting);
        let health = ready();
        note(&health);
        health.brokers_are_away("timed out".to_owned());
        note(&health);
        health.brokers_answer();
        health.store_failed("no space left on device".to_owned());
        tokio::time::advance(Duration::from_secs(7)).await;
        health.store_failed("no space left on device".to_owned());
        note(&health);
        health.store_answered();
        health.stopping();
        note(&health);
        insta::assert_snapshot!(said.join("\n"), @r"
        starting: the lake is not open yet
        the group has not assigned topic partitions yet

        brokers do not answer: timed out
        the store fails since 7 s: no space left on device
        stopping
        ");
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_without_an_end_is_stuck_and_one_that_ended_is_not() {
        let health = ready();
        let step = health.begin("storing");
        tokio::time::advance(Duration::from_secs(300)).await;
        assert!(health.not_ready().is_empty());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(health.not_ready(), ["stuck: storing for 301 s"]);
        drop(step);
        assert!(health.not_ready().is_empty());
    }
}
