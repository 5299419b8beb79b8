//! The `trailwright` command.

use std::process::ExitCode;

use trailwright::Host;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    trailwright::run(std::env::args_os(), &Host::of_this_process())
}
