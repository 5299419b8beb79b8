//! Reports and their packs.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::{LakeArg, OutputArg, TextOutputArg};

#[derive(Debug, Subcommand)]
pub(crate) enum Report {
    /// Show all reports with what they take
    List(ReportList),
    /// Ask a report of the lake and write the answer as an evidence pack
    Run(ReportRun),
    /// Check that a pack is as it was made; exit 1 and names what is not
    Verify(ReportVerify),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ReportList {
    #[command(flatten)]
    pub(crate) output: OutputArg,
}

#[derive(Debug, ClapArgs)]
#[command(
    after_help = "The same report of the same versions of the tables gives the same bytes.\n\
                  What is in a pack, how to sign and to check it: docs/reference/reports.md"
)]
pub(crate) struct ReportRun {
    /// Which report; `trailwright report list` shows all
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) lake: LakeArg,
    /// Beginning of the period: 2026-03-01 or 2026-03-01T00:00:00Z, or 7d (ago) [default: the last whole month]
    #[arg(long, value_name = "WHEN", requires = "until")]
    pub(crate) since: Option<String>,
    /// End of the period, which is not part of it; same forms
    #[arg(long, value_name = "WHEN", requires = "since")]
    pub(crate) until: Option<String>,
    /// Only these accounts
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    pub(crate) accounts: Vec<String>,
    /// Version of the framework, for reports that follow one [default: the newest it knows]
    #[arg(long, value_name = "FRAMEWORK")]
    pub(crate) framework: Option<String>,
    /// A value the report takes, as in days=90; repeat for several
    #[arg(long, short, value_name = "NAME=VALUE")]
    pub(crate) param: Vec<String>,
    /// Ed25519 private key (PKCS#8 PEM) that signs the pack
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// Where the pack goes: a file or s3://bucket/key [default: ./NAME_SINCE_UNTIL.zip]
    #[arg(long, value_name = "PACK")]
    pub(crate) out: Option<String>,
    /// Show the report's SQL instead of asking it
    #[arg(long, conflicts_with_all = ["since", "until", "accounts", "framework", "param", "key", "out"])]
    pub(crate) sql: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ReportVerify {
    /// The pack
    #[arg(value_name = "PACK")]
    pub(crate) pack: PathBuf,
    /// Ed25519 public key (PEM) of who should have signed it
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: TextOutputArg,
}
