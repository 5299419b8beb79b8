//! Files that could not be read and are tried again, less and less often.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

/// The first wait, and the longest; each is twice the one before.
const WAIT: Duration = Duration::from_secs(30);
const WAIT_MAX: Duration = Duration::from_secs(3600);

#[derive(Default)]
pub(super) struct Postponed {
    files: HashMap<String, Until>,
}

#[derive(Clone, Copy)]
struct Until {
    at: Instant,
    wait: Duration,
}

impl Postponed {
    pub(super) fn add(&mut self, id: String, now: Instant) {
        let before = self.files.get(&id);
        let wait = before.map_or(WAIT, |until| (until.wait * 2).min(WAIT_MAX));
        let at = now + wait;
        self.files.insert(id, Until { at, wait });
    }

    pub(super) fn remove(&mut self, id: &str) {
        self.files.remove(id);
    }

    pub(super) fn waits(&self, id: &str, now: Instant) -> bool {
        self.files.get(id).is_some_and(|until| now < until.at)
    }

    /// What was not there any more to be tried again.
    pub(super) fn forget_old(&mut self, now: Instant) {
        self.files.retain(|_, until| now < until.at + 2 * WAIT_MAX);
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::{Postponed, WAIT, WAIT_MAX};

    #[test]
    fn each_failure_doubles_the_wait_up_to_an_hour_and_what_is_gone_is_forgotten() {
        let mut postponed = Postponed::default();
        let mut now = Instant::now();
        let mut waited = Vec::new();
        for _ in 0..9 {
            postponed.add("a".to_owned(), now);
            let mut wait = WAIT;
            while postponed.waits("a", now + wait) {
                wait += WAIT;
            }
            waited.push(wait.as_secs());
            now += wait;
        }
        assert_eq!(waited, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
        postponed.forget_old(now);
        assert_eq!(postponed.files.len(), 1);
        postponed.forget_old(now + 2 * WAIT_MAX);
        assert_eq!(postponed.files.len(), 0);
    }
}
