//! The inputs named on a command line, opened and read.

use std::num::NonZeroUsize;

use chrono::{DateTime, Utc};
use futures::stream::{self, BoxStream, StreamExt as _};
use trailwright_ingest::{Batch, Settings, Source, discover, read};

use crate::config::Config;
use crate::failure::Failure;
use crate::storage;

/// Opens what the arguments name. Nothing is read yet.
pub(crate) fn open(arguments: &[String], config: &Config) -> Result<Vec<Source>, Failure> {
    let source = |argument: &String| {
        Source::from_argument(
            argument.as_ref(),
            |bucket| storage::of_bucket(bucket, &config.s3),
            || Box::new(std::io::stdin()),
        )
        .map_err(|error| Failure::usage(error.to_string()))
    };
    arguments.iter().map(source).collect()
}

/// The records of all sources, in order.
pub(crate) fn batches(
    sources: Vec<Source>,
    config: &Config,
    now: DateTime<Utc>,
) -> BoxStream<'static, Batch> {
    let settings = Settings {
        limits: config.limits(),
        redact: config.ingest.redact_session_tokens,
        parallel: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        now,
    };
    read(stream::iter(sources).flat_map(discover), settings).boxed()
}
