//! `[source.objects]`: directories and buckets in which new files appear.

use std::time::Duration;

use serde::Deserialize;

use super::commit::Seconds;

/// `[source.objects]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Objects {
    /// Directories or `s3://bucket/prefix`.
    pub(crate) places: Vec<String>,
    /// Seconds from the beginning of a look to that of the next.
    look_seconds: Seconds,
    /// Seconds between looks that see everything, where others see only the
    /// folders of the last two days.
    whole_look_seconds: Seconds,
}

impl Default for Objects {
    fn default() -> Self {
        Self {
            places: Vec::new(),
            look_seconds: Seconds(Duration::from_secs(60)),
            whole_look_seconds: Seconds(Duration::from_secs(3600)),
        }
    }
}

impl Objects {
    pub(crate) fn look_interval(&self) -> Duration {
        self.look_seconds.0
    }

    pub(crate) fn whole_look_interval(&self) -> Duration {
        self.whole_look_seconds.0
    }
}
