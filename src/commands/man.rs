//! `trailwright man`: the manual pages.

use std::process::ExitCode;

use crate::args::{self, Man};
use crate::failure::Failure;

pub(crate) fn run(args: &Man) -> Result<ExitCode, Failure> {
    let place = args.directory.display();
    let written = std::fs::create_dir_all(&args.directory)
        .and_then(|()| clap_mangen::generate_to(args::command(), &args.directory));
    written.map_err(|error| Failure::usage(format!("cannot write to {place}: {error}")))?;
    Ok(ExitCode::SUCCESS)
}
