//! What every command takes.

use std::path::PathBuf;

use clap::{ArgAction, Args as ClapArgs, ValueEnum};
use trailwright_query::Zone;

use crate::Host;
use crate::telemetry::Volume;

#[derive(Clone, Debug, ClapArgs)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Common {
    /// Configuration file [default: ./trailwright.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE", env = "TRAILWRIGHT_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Time zone for people [default: local on a terminal, UTC otherwise]
    ///
    /// In which tables and the window of --since and --until show times: local,
    /// UTC, an offset such as +01:00 or a name such as Europe/Berlin. What programs
    /// read (JSON, CSV, Parquet) is in UTC whatever is given here, and so are days
    /// that are given: 2026-03-09 begins at midnight UTC, as a partition of the lake.
    #[arg(long, global = true, value_name = "ZONE", env = "TRAILWRIGHT_TZ", value_parser = zone)]
    tz: Option<Zone>,
    /// Times in UTC: as --tz UTC
    #[arg(long, global = true, conflicts_with = "tz")]
    utc: bool,
    /// Colour of what is written for people
    ///
    /// auto colours what goes to a terminal, unless NO_COLOR is set or TERM is dumb;
    /// CLICOLOR_FORCE colours what goes elsewhere too.
    #[arg(long, global = true, value_enum, value_name = "WHEN", env = "TRAILWRIGHT_COLOR", default_value_t = Colour::Auto)]
    color: Colour,
    /// Say less on standard error; -qq only what went wrong
    #[arg(long, short, global = true, action = ArgAction::Count, conflicts_with = "verbose")]
    quiet: u8,
    /// Say more on standard error; -vv everything
    #[arg(long, short, global = true, action = ArgAction::Count)]
    verbose: u8,
    /// No progress bar
    #[arg(long, global = true)]
    pub(crate) no_progress: bool,
}

/// When to write in colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Colour {
    Auto,
    Always,
    Never,
}

impl Common {
    /// True when only warnings and errors are asked for.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet > 0
    }

    /// The same, and quiet: for what a command does beside what it was asked.
    pub(crate) fn quieter(&self) -> Self {
        Self {
            quiet: self.quiet.max(1),
            ..self.clone()
        }
    }

    /// True when a person wonders.
    pub(crate) fn is_verbose(&self) -> bool {
        self.verbose > 0
    }

    /// How much is said on standard error.
    pub(crate) fn volume(&self) -> Volume {
        match (self.quiet, self.verbose) {
            (0, 0) => Volume::Normal,
            (0, 1) => Volume::More,
            (0, _) => Volume::Everything,
            (1, _) => Volume::Less,
            (_, _) => Volume::Errors,
        }
    }

    /// The surroundings, with what was asked for in place of what they say.
    pub(crate) fn applied_to(&self, host: &Host) -> Host {
        let zone = if self.utc {
            Some(Zone::utc())
        } else {
            self.tz.clone()
        };
        Host {
            zone: zone.unwrap_or_else(|| host.zone.clone()),
            colour: match self.color {
                Colour::Auto => host.colour,
                Colour::Always => true,
                Colour::Never => false,
            },
            ..host.clone()
        }
    }
}

fn zone(name: &str) -> Result<Zone, String> {
    match name {
        "local" => Host::local_zone().ok_or_else(|| {
            "this machine does not say its time zone: give a name such as Europe/Berlin".to_owned()
        }),
        name => Zone::parse(name),
    }
}
