//! The inputs named on a command line, opened and read.

use std::num::NonZeroUsize;

use chrono::{DateTime, Utc};
use futures::stream::{self, BoxStream, StreamExt as _};
use trailwright_ingest::{Batch, Place, Settings, Source, discover, read};

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
    now: fn() -> DateTime<Utc>,
) -> BoxStream<'static, Batch> {
    let discovered = stream::iter(sources).flat_map(discover);
    read(discovered, settings(config, now)).boxed()
}

/// How files are read.
pub(crate) fn settings(config: &Config, now: fn() -> DateTime<Utc>) -> Settings {
    Settings {
        limits: config.limits(),
        redact: config.ingest.redact_session_tokens,
        parallel: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        now,
    }
}

/// Places to look through again and again.
pub(crate) fn places(arguments: &[String], config: &Config) -> Result<Vec<Place>, Failure> {
    let place = |argument: &String| {
        Place::open(argument, |bucket| storage::of_bucket(bucket, &config.s3))
            .map_err(|error| Failure::usage(error.to_string()))
    };
    arguments.iter().map(place).collect()
}
