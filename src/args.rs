//! The command line.

mod common;
mod help;
mod output;
mod report;
mod tail;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

pub(crate) use common::Common;
pub(crate) use help::command;
pub(crate) use output::{Output, OutputArg, TextOutputArg};
pub(crate) use report::{Report, ReportRun, ReportVerify};
pub(crate) use tail::{Tail, TailEvents, TailFormat};

/// CloudTrail events: routed, re-evaluated against the policies, stored as
/// Parquet, asked in SQL.
#[derive(Debug, Parser)]
#[command(
    name = "trailwright",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 done · 1 a finding where one was asked for · 2 wrong usage or configuration · \
                  3 part of the input could not be used (see `trailwright rejected`) · 4 lake or source unreachable · 130 interrupted"
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a small synthetic organization, run its day through the pipeline and show the result
    Demo(Demo),
    /// Read CloudTrail records into a lake, each event once
    Ingest(Ingest),
    /// Follow Kafka or files that appear into a lake, each event once, until told to stop
    Run(Run),
    /// Check configuration, brokers, store, lake, policies and clock, and say what to do
    Doctor(Doctor),
    /// Ask the lake in SQL
    Query(Query),
    /// Ask one of the prepared questions of incident responders
    Hunt(Hunt),
    /// Make the reports of auditors as evidence packs, and check packs
    #[command(subcommand)]
    Report(Report),
    /// Show sign-ins and calls as they come in: from a daemon, Kafka, or the lake
    Tail(Tail),
    /// Show how records, or a sign-in URL, are routed and why
    Route(Route),
    /// Show what could not be ingested, why, and from where
    Rejected(Rejected),
    /// Make large files of small ones, and write checkpoints that are due
    Compact(Compact),
    /// Take out what is older than [retention] says, except what a [[hold]] covers
    Retain(Retain),
    /// Delete files that are no longer part of the lake and that no reader needs
    Vacuum(Vacuum),
    /// Show what arrived of each account, Region and hour, and what did not
    Coverage(Coverage),
    /// Show what decided an event, step by step, and what that rests on
    Explain(Explain),
    /// Show the policies as of a time, and how they changed
    #[command(subcommand)]
    Policies(Policies),
    /// Show how the decisions stand to what the records say happened
    Agreement(Agreement),
    /// Ask what the policies decide on a request, and why
    Simulate(Simulate),
    /// Work with policy documents
    #[command(subcommand)]
    Policy(Policy),
    /// Write what a shell needs to complete the command line
    Completions(Completions),
    /// Write the manual pages
    Man(Man),
}

impl Command {
    /// True for commands that write to a lake.
    pub(crate) fn changes_a_lake(&self) -> bool {
        match self {
            Self::Demo(_)
            | Self::Ingest(_)
            | Self::Run(_)
            | Self::Compact(_)
            | Self::Retain(_)
            | Self::Vacuum(_) => true,
            Self::Rejected(rejected) => rejected.command.is_some(),
            _ => false,
        }
    }
}

#[derive(Debug, ClapArgs)]
#[command(
    after_help = "bash: trailwright completions bash > ~/.local/share/bash-completion/completions/trailwright\n\
                  zsh:  trailwright completions zsh > a directory of $fpath, as _trailwright\n\
                  fish: trailwright completions fish > ~/.config/fish/completions/trailwright.fish"
)]
pub(crate) struct Completions {
    /// For which shell
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: Shell,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Elvish,
    Nushell,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Man {
    /// Directory for one page per command, such as ~/.local/share/man/man1
    #[arg(value_name = "DIR")]
    pub(crate) directory: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Explain {
    #[command(flatten)]
    pub(crate) lake: LakeArg,
    /// eventID of the event to explain
    #[arg(value_name = "EVENT_ID", required_unless_present = "file")]
    pub(crate) event_id: Option<String>,
    /// Explain records of a file (- for standard input) in place of the lake's: all, or the one with EVENT_ID
    #[arg(long, short, value_name = "FILE")]
    pub(crate) file: Option<String>,
    /// Directory of policies (overrides [policies] directory)
    #[arg(long, value_name = "DIR", env = "TRAILWRIGHT_POLICIES")]
    pub(crate) policies: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: TextOutputArg,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Policies {
    /// Show the policies that were in force at a time, and since when
    AsOf(PoliciesAsOf),
    /// Show how a user, group, role, policy, resource or account changed, and what changed it
    History(PoliciesHistory),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PoliciesAsOf {
    #[command(flatten)]
    pub(crate) lake: LakeArg,
    /// When: 2026-03-09T08:00:00Z, 2026-03-09, 2h (ago), now, yesterday
    #[arg(value_name = "TIME")]
    pub(crate) time: String,
    /// Only this user, group or role, with its documents
    #[arg(long, value_name = "ARN")]
    pub(crate) principal: Option<String>,
    /// Directory of policies (overrides [policies] directory)
    #[arg(long, value_name = "DIR", env = "TRAILWRIGHT_POLICIES")]
    pub(crate) policies: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: TextOutputArg,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PoliciesHistory {
    #[command(flatten)]
    pub(crate) lake: LakeArg,
    /// ARN of a user, group, role, managed policy or resource; ARN or id of a control policy, account, unit or root
    #[arg(value_name = "ARN")]
    pub(crate) name: String,
    /// Only changes since then: 2h, 1d12h, T-7d, yesterday, 2026-03-09 or 2026-03-09T08:00:00Z
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<String>,
    /// Only changes before then
    #[arg(long, value_name = "WHEN")]
    pub(crate) until: Option<String>,
    /// Directory of policies (overrides [policies] directory)
    #[arg(long, value_name = "DIR", env = "TRAILWRIGHT_POLICIES")]
    pub(crate) policies: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: TextOutputArg,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Agreement {
    #[command(flatten)]
    pub(crate) lake: LakeArg,
    /// Only events since then: 2h, 1d12h, T-7d, yesterday, 2026-03-09 or 2026-03-09T08:00:00Z
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<String>,
    /// Only events before then
    #[arg(long, value_name = "WHEN")]
    pub(crate) until: Option<String>,
    /// How many kinds of disagreement to show
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) top: usize,
    #[command(flatten)]
    pub(crate) output: TextOutputArg,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Check policy documents and show what is wrong with them, and where
    Check(PolicyCheck),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PolicyCheck {
    /// JSON policy documents
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Simulate {
    /// Who: ARN of a user, role, role session or root, an account ID, or a service's name
    #[arg(long, value_name = "ARN", required_unless_present = "cases")]
    pub(crate) principal: Option<String>,
    /// What: such as s3:GetObject; repeat for several
    #[arg(long, value_name = "ACTION", required_unless_present = "cases")]
    pub(crate) action: Vec<String>,
    /// On what; repeat for several
    #[arg(long, value_name = "ARN", default_value = "*")]
    pub(crate) resource: Vec<String>,
    /// Condition key, as in aws:SourceIp=203.0.113.7; repeat a key for several values
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) context: Vec<String>,
    /// Condition keys that are not given count as absent instead of unknown
    #[arg(long)]
    pub(crate) complete: bool,
    /// Directory of policies (overrides [policies] directory)
    #[arg(long, value_name = "DIR", env = "TRAILWRIGHT_POLICIES")]
    pub(crate) policies: Option<PathBuf>,
    /// Show the numbered steps of the evaluation and what nearly matched
    #[arg(long)]
    pub(crate) explain: bool,
    /// Text for people, or one JSON verdict per line
    #[arg(long, short, value_enum, default_value_t = SimulateOutput::Text)]
    pub(crate) output: SimulateOutput,
    /// Run cases in the conformance format, one a line (- for standard input); exit 1 when one is not met
    #[arg(long, value_name = "FILE", conflicts_with_all = ["principal", "action", "resource", "context", "policies", "explain"])]
    pub(crate) cases: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SimulateOutput {
    Text,
    Json,
}

/// Which lake.
#[derive(Debug, ClapArgs)]
pub(crate) struct LakeArg {
    /// Directory or s3://bucket/prefix of the lake [default: ./lake]
    #[arg(long, value_name = "LAKE", env = "TRAILWRIGHT_LAKE")]
    pub(crate) lake: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Demo {
    /// Where the demo is written
    #[arg(long, value_name = "DIR", default_value = "trailwright-demo")]
    pub(crate) directory: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Ingest {
    #[command(flatten)]
    pub(crate) lake: LakeArg,
    /// Policies to evaluate against (overrides [policies] directory)
    #[arg(long, value_name = "DIR", env = "TRAILWRIGHT_POLICIES")]
    pub(crate) policies: Option<PathBuf>,
    /// Files, directories (recursively), s3://bucket/prefix, or - for standard input
    #[arg(required = true, value_name = "INPUT")]
    pub(crate) inputs: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) lake: LakeArg,
    /// Policies to evaluate against (overrides [policies] directory)
    #[arg(long, value_name = "DIR", env = "TRAILWRIGHT_POLICIES")]
    pub(crate) policies: Option<PathBuf>,
    /// Directory or s3://bucket/prefix in which files appear; repeat for several (overrides [source.objects] places)
    #[arg(long, short, value_name = "PLACE")]
    pub(crate) follow: Vec<String>,
    #[command(flatten)]
    pub(crate) kafka: KafkaArgs,
    /// Answer /metrics, /healthz, /readyz and /tail here, such as 127.0.0.1:9464 (overrides [service] listen)
    #[arg(long, value_name = "ADDRESS:PORT", env = "TRAILWRIGHT_LISTEN")]
    pub(crate) listen: Option<String>,
    /// How to write the log on standard error
    #[arg(long, value_enum, value_name = "FORMAT", env = "TRAILWRIGHT_LOG_FORMAT", default_value_t = LogFormat::Human)]
    pub(crate) log_format: LogFormat,
    /// What to log: a level, or TARGET=LEVEL with commas between them (overrides [service] log)
    #[arg(long, value_name = "FILTER", env = "TRAILWRIGHT_LOG")]
    pub(crate) log: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// One line for people
    Human,
    /// One JSON object a line
    Json,
}

/// What to consume from Kafka, as a member of a group.
#[derive(Debug, ClapArgs)]
pub(crate) struct KafkaArgs {
    #[command(flatten)]
    pub(crate) topics: KafkaTopics,
    /// Consumer group (group.id)
    #[arg(long, short, value_name = "GROUP")]
    pub(crate) group: Option<String>,
}

/// What to read of Kafka.
#[derive(Debug, ClapArgs)]
pub(crate) struct KafkaTopics {
    /// Topic, or a pattern that begins with ^; repeat for several (overrides [source.kafka] topics)
    #[arg(long = "topic", short = 't', value_name = "TOPIC")]
    pub(crate) names: Vec<String>,
    /// Brokers (bootstrap.servers)
    #[arg(long, short, value_name = "HOST:PORT,…")]
    pub(crate) brokers: Option<String>,
    /// A property of librdkafka, over those in [source.kafka.properties]; repeat for several
    #[arg(short = 'X', value_name = "PROPERTY=VALUE")]
    pub(crate) properties: Vec<String>,
}

impl KafkaArgs {
    /// True when any of them is given.
    pub(crate) fn are_given(&self) -> bool {
        self.topics.are_given() || self.group.is_some()
    }
}

impl KafkaTopics {
    /// True when any of them is given.
    pub(crate) fn are_given(&self) -> bool {
        !self.names.is_empty() || !self.properties.is_empty() || self.brokers.is_some()
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Compact {
    #[command(flatten)]
    pub(crate) lake: LakeArg,
    /// Merge all small files, also the few that are not worth it by themselves
    #[arg(long)]
    pub(crate) full: bool,
    /// Say what would be done (in a first round), and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) output: TextOutputArg,
}

#[derive(Debug, ClapArgs)]
#[command(
    after_help = "What goes is out of the lake at once, and out of its store with the next vacuum.\n\
                  The history of each table says who took out what: docs/reference/maintenance.md"
)]
pub(crate) struct Retain {
    #[command(flatten)]
    pub(crate) lake: LakeArg,
    /// Say what would go and what a hold keeps, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) output: TextOutputArg,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Vacuum {
    #[command(flatten)]
    pub(crate) lake: LakeArg,
    /// Keep what a reader needs that began so many hours ago (overrides [vacuum] keep_hours)
    #[arg(long, value_name = "HOURS")]
    pub(crate) keep_hours: Option<u32>,
    /// Allow --keep-hours below 24: queries and appends that run longer may fail
    #[arg(long, requires = "keep_hours")]
    pub(crate) allow_short_keep: bool,
    /// Say what would be deleted, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) output: TextOutputArg,
}

#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Exit codes: 0 all is well · 1 warnings · 2 wrong configuration · 4 brokers, store or lake unreachable"
)]
pub(crate) struct Doctor {
    #[command(flatten)]
    pub(crate) lake: LakeArg,
    /// Directory of policies (overrides [policies] directory)
    #[arg(long, value_name = "DIR", env = "TRAILWRIGHT_POLICIES")]
    pub(crate) policies: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) kafka: KafkaArgs,
    #[command(flatten)]
    pub(crate) output: TextOutputArg,
}

#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Without SQL, on a terminal, this is a shell: \\? shows its commands. The lake is only read.\n\
                  Tables: events, rejected, files, replayed. Views: named_events, sign_ins, denials, role_sessions,\n\
                  iam_changes, principals, access_keys, cloudtrail_lake, athena_cloudtrail, open_rejected.\n\
                  Formats, the shell, time zones: docs/reference/query.md"
)]
pub(crate) struct Query {
    /// The question, or several with `;` between them [default: what comes through a pipe, or a shell]
    #[arg(value_name = "SQL", conflicts_with = "file")]
    pub(crate) sql: Option<String>,
    /// The same as a flag, as psql has it
    #[arg(long, short, value_name = "SQL", conflicts_with_all = ["file", "sql"])]
    pub(crate) command: Option<String>,
    /// Read the questions from a file (- for standard input)
    #[arg(long, short, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) lake: LakeArg,
    #[command(flatten)]
    pub(crate) output: OutputArg,
}

impl Query {
    /// True when nothing says what the question is.
    pub(crate) fn is_open(&self) -> bool {
        self.sql.is_none() && self.command.is_none() && self.file.is_none()
    }
}

#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Without --exit-code a hunt that was answered ends with 0, whatever it found.\n\
                  Each hunt, with a sample of its answer: docs/reference/hunts.md"
)]
pub(crate) struct Hunt {
    /// Which hunt, or `list` for all of them with what they take
    #[arg(value_name = "NAME|list")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) lake: LakeArg,
    /// A value the hunt takes, as in access_key=AKIAIOSFODNN7EXAMPLE; repeat for several
    #[arg(long, short, value_name = "NAME=VALUE")]
    pub(crate) param: Vec<String>,
    /// Only events since then: 2h, 1d12h, T-7d, yesterday, 2026-03-09 or 2026-03-09T08:00:00Z
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<String>,
    /// Only events before then; same forms
    #[arg(long, value_name = "WHEN")]
    pub(crate) until: Option<String>,
    /// End with 1 when the hunt finds something
    #[arg(long)]
    pub(crate) exit_code: bool,
    /// Show the hunt's SQL instead of asking it, to read or to change (`trailwright query --file`)
    #[arg(long, conflicts_with_all = ["param", "since", "until", "exit_code"])]
    pub(crate) sql: bool,
    #[command(flatten)]
    pub(crate) output: OutputArg,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Route {
    /// Files, directories, s3://bucket/prefix, - for standard input, or a sign-in URL
    #[arg(required = true, value_name = "INPUT")]
    pub(crate) inputs: Vec<String>,
    /// For a sign-in URL: when the user signed in, because the rules changed over time [default: now]
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// JSON lines instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Hours are those of delivery, as the names of files tell. A late file has an event that is older than \
                  --late-after. A gap goes to the last file of any account and Region, or to --until."
)]
pub(crate) struct Coverage {
    #[command(flatten)]
    pub(crate) lake: LakeArg,
    /// Only hours since then: 2h, 1d12h, T-7d, yesterday, 2026-03-09 or 2026-03-09T08:00:00Z
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<String>,
    /// Only hours before then
    #[arg(long, value_name = "WHEN")]
    pub(crate) until: Option<String>,
    /// Only these accounts
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    pub(crate) accounts: Vec<String>,
    /// How old an event may be when its file is delivered
    #[arg(long, value_name = "DURATION", default_value = "15m")]
    pub(crate) late_after: String,
    /// End with 1 when there is a gap or a file is missing
    #[arg(long)]
    pub(crate) exit_code: bool,
    #[command(flatten)]
    pub(crate) output: TextOutputArg,
}

#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Rejected {
    #[command(subcommand)]
    pub(crate) command: Option<RejectedCommand>,
    #[command(flatten)]
    pub(crate) lake: LakeArg,
    /// Only this reason
    #[arg(long, value_name = "REASON")]
    pub(crate) reason: Option<String>,
    /// Also rows that were replayed and gave records
    #[arg(long)]
    pub(crate) all: bool,
    /// Write the original bytes of the row whose ID begins so to standard output
    #[arg(long, value_name = "ID", conflicts_with_all = ["reason", "all", "output"])]
    pub(crate) original: Option<String>,
    #[command(flatten)]
    pub(crate) output: OutputArg,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RejectedCommand {
    /// Read the bytes of rejected rows again, after limits or the program changed: what passes becomes events, once
    Replay(Replay),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Replay {
    #[command(flatten)]
    pub(crate) lake: LakeArg,
    /// Only this reason
    #[arg(long, value_name = "REASON")]
    pub(crate) reason: Option<String>,
    /// Only rows rejected since then: 2h, 1d12h, T-7d, yesterday, 2026-03-09 or 2026-03-09T08:00:00Z
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<String>,
    /// Only rows whose ID begins so
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
    /// Say what would be replayed, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Policies to evaluate against (overrides [policies] directory)
    #[arg(long, value_name = "DIR", env = "TRAILWRIGHT_POLICIES")]
    pub(crate) policies: Option<PathBuf>,
}
