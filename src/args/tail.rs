//! `trailwright tail`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::{KafkaTopics, LakeArg};

/// From where, which events, and how to show them.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Without --from and --brokers the lake is read, and followed as commits are made.\n\
                  A cursor is what a tail that ends says on standard error: --after shows everything that came since, \
                  from a daemon or from the lake; the last few events may come again, and none is left out.\n\
                  Each line explained, and what curl gets: docs/reference/tail.md"
)]
pub(crate) struct Tail {
    /// A daemon that listens (`trailwright run --listen`), such as http://127.0.0.1:9464
    #[arg(
        long,
        value_name = "URL",
        env = "TRAILWRIGHT_DAEMON",
        help_heading = "From where"
    )]
    pub(crate) from: Option<String>,
    #[command(flatten, next_help_heading = "From where")]
    pub(crate) kafka: KafkaTopics,
    #[command(flatten, next_help_heading = "From where")]
    pub(crate) lake: LakeArg,
    /// Policies to evaluate against what comes from Kafka (overrides [policies] directory)
    #[arg(
        long,
        value_name = "DIR",
        env = "TRAILWRIGHT_POLICIES",
        help_heading = "From where"
    )]
    pub(crate) policies: Option<PathBuf>,
    #[command(flatten, next_help_heading = "Which events")]
    pub(crate) events: TailEvents,
    /// Only events since then: 90s, 2h, 1d12h, 2026-03-09 or 2026-03-09T08:00:00Z
    #[arg(long, value_name = "WHEN", help_heading = "Which events")]
    pub(crate) since: Option<String>,
    /// How many of the newest events of the lake to begin with [default: 20]
    #[arg(long, short = 'n', value_name = "N", help_heading = "Which events")]
    pub(crate) number: Option<usize>,
    /// Begin with what came after this cursor of an earlier tail
    #[arg(
        long,
        value_name = "CURSOR",
        conflicts_with = "number",
        help_heading = "Which events"
    )]
    pub(crate) after: Option<u64>,
    /// Begin at the cursor in this file, if it is there, and keep it there
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "after",
        help_heading = "Which events"
    )]
    pub(crate) cursor_file: Option<PathBuf>,
    /// Stay and show events as they come
    #[arg(long, short)]
    pub(crate) follow: bool,
    /// How to show an event
    #[arg(long, value_enum, default_value_t = TailFormat::Short)]
    pub(crate) format: TailFormat,
}

/// Which events to show: those to which all of this applies.
#[derive(Debug, Default, ClapArgs)]
pub(crate) struct TailEvents {
    /// Only completed sign-ins
    #[arg(long)]
    pub(crate) sign_ins: bool,
    /// Only sign-ins of this class; commas or repeat for several
    #[arg(
        long,
        value_name = "CLASS",
        value_delimiter = ',',
        value_parser = ["root", "iam_user", "federated", "identity_center", "role_switch", "oauth", "unknown"]
    )]
    pub(crate) class: Vec<String>,
    /// Only sign-ins that were made without a second factor, where the record can tell
    #[arg(long)]
    pub(crate) no_mfa: bool,
    /// Only what failed or was denied
    #[arg(long)]
    pub(crate) failed: bool,
    /// Only events of this scope
    #[arg(long, value_name = "global|regional", value_parser = ["global", "regional"])]
    pub(crate) scope: Option<String>,
    /// Only events with this recomputed decision; commas or repeat for several
    #[arg(
        long,
        value_name = "DECISION",
        value_delimiter = ',',
        value_parser = ["allow", "explicit_deny", "implicit_deny", "indeterminate", "not_evaluated"]
    )]
    pub(crate) decision: Vec<String>,
    /// Only events where record and policies disagree
    #[arg(long)]
    pub(crate) disagree: bool,
    /// Only events for which this SQL condition over the columns of events holds
    #[arg(long = "where", value_name = "SQL")]
    pub(crate) condition: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TailFormat {
    /// One line per event
    Short,
    /// Several lines per event: everything a responder asks first
    Detailed,
    /// All columns of events as JSON, one event a line
    Json,
    /// The record as received, one event a line
    Raw,
}
