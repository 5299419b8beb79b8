//! The tail of the daemon: events as soon as they are labelled, before they are
//! stored. It may repeat, the lake may not (docs/reference/tail.md).

mod answer;
mod feed;
mod notice;
mod request;
#[cfg(test)]
mod samples;

use std::sync::{Arc, OnceLock};

use tokio::sync::Semaphore;
use trailwright_store::{Lake, LakeError};

pub(crate) use self::answer::answer;
pub(crate) use self::feed::Feed;
pub(crate) use self::notice::Notice;
pub(crate) use self::request::{Begin, Request};
use crate::telemetry::Telemetry;

/// Tails that are served at the same time.
const TAILS_MAX: usize = 16;

/// What the port needs to serve tails.
pub(crate) struct Live {
    pub(crate) feed: Arc<Feed>,
    /// The lake, once it is open: to be opened again for each tail.
    lake: OnceLock<Lake>,
    pub(crate) telemetry: Arc<Telemetry>,
    places: Semaphore,
}

impl Live {
    pub(crate) fn new(telemetry: Arc<Telemetry>) -> Self {
        Self {
            feed: Arc::default(),
            lake: OnceLock::new(),
            telemetry,
            places: Semaphore::new(TAILS_MAX),
        }
    }

    /// From now on tails can be served.
    pub(crate) async fn open(&self, lake: &Lake) -> Result<(), LakeError> {
        // It is opened once.
        self.lake.set(lake.reopen().await?).ok();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
