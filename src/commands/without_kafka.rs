//! `trailwright run` in a build without Kafka.

use std::process::ExitCode;

use crate::Host;
use crate::args::{Common, Run};
use crate::config::Config;
use crate::failure::Failure;
use crate::telemetry::Log;

pub(crate) async fn run(
    _: &Run,
    _: &Config,
    _: &Common,
    _: &Host,
    _: &Log,
) -> Result<ExitCode, Failure> {
    Err(Failure::usage(
        "this build has no Kafka consumer: build it with cargo install --path . --features kafka (needs a C++ compiler and make)",
    ))
}
