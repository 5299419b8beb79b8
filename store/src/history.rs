//! When the lake was last written.

use chrono::{DateTime, Utc};
use futures::TryStreamExt as _;

use crate::error::LakeError;
use crate::lake::Lake;
use crate::table::EVENTS;

impl Lake {
    /// The time of the last commit of events, by the clock of who made it.
    /// `None` when the log does not say.
    pub async fn last_commit(&self) -> Result<Option<DateTime<Utc>>, LakeError> {
        let mut commits = self.events().history(Some(1));
        let last = commits.try_next().await;
        let last = last.map_err(LakeError::table("read the history of", EVENTS))?;
        let millis = last.and_then(|commit| commit.timestamp);
        Ok(millis.and_then(DateTime::from_timestamp_millis))
    }
}
