//! `trailwright demo`: a small organization's day through the real pipeline.

use std::process::ExitCode;

use crate::Host;
use crate::args::{Common, Demo};
use crate::failure::Failure;

pub(crate) async fn run(args: &Demo, _common: &Common, _host: &Host) -> Result<ExitCode, Failure> {
    Err(Failure::usage(format!(
        "{} cannot be written yet",
        args.directory.display()
    )))
}
