//! `trailwright completions`: what a shell needs to complete the command line.

use std::io::Write as _;
use std::process::ExitCode;

use clap_complete::{Generator, Shell as OfClap};
use clap_complete_nushell::Nushell;

use crate::args::{self, Completions, Shell};
use crate::failure::Failure;

pub(crate) fn run(args: &Completions) -> Result<ExitCode, Failure> {
    let script = match args.shell {
        Shell::Bash => script(OfClap::Bash),
        Shell::Zsh => script(OfClap::Zsh),
        Shell::Fish => script(OfClap::Fish),
        Shell::Powershell => script(OfClap::PowerShell),
        Shell::Elvish => script(OfClap::Elvish),
        Shell::Nushell => script(Nushell),
    };
    std::io::stdout().write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}

fn script(shell: impl Generator) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut args::command(), "trailwright", &mut script);
    script
}
