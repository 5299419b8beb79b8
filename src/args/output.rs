//! How answers are written.

use clap::{Args as ClapArgs, ValueEnum};
use trailwright_query::{Format, Shape};

use crate::Host;
use crate::failure::Failure;

/// Rows of an answer that fit a person.
const TERMINAL_ROWS: usize = 40;

/// How commands answer whose answers are rows.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArg {
    /// How to write the answer [default: table on a terminal, jsonl otherwise]
    #[arg(long, short, value_enum, value_name = "FORMAT")]
    output: Option<Output>,
    /// Leave the names of the columns out
    #[arg(long)]
    no_header: bool,
    /// Show so many rows, 0 for all [default: 40 on a terminal, all otherwise]
    ///
    /// For the formats that people read (table, vertical, markdown); the rows that
    /// are not shown are counted.
    #[arg(long, value_name = "N")]
    max_rows: Option<usize>,
}

/// The formats, by the names they have on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Output {
    /// Columns aligned, for people
    Table,
    /// One line per column, for rows with many
    Vertical,
    /// A table of Markdown
    Markdown,
    /// One JSON array
    Json,
    /// One JSON object a line
    Jsonl,
    /// RFC 4180; no cell runs as a formula
    Csv,
    /// As CSV, with tabs
    Tsv,
    /// One Parquet file
    Parquet,
    /// One Arrow IPC stream
    Arrow,
}

impl Output {
    pub(crate) fn format(self) -> Format {
        match self {
            Self::Table => Format::Table,
            Self::Vertical => Format::Vertical,
            Self::Markdown => Format::Markdown,
            Self::Json => Format::Json,
            Self::Jsonl => Format::JsonLines,
            Self::Csv => Format::Csv,
            Self::Tsv => Format::Tsv,
            Self::Parquet => Format::Parquet,
            Self::Arrow => Format::Arrow,
        }
    }
}

impl OutputArg {
    /// How the answer is written to standard output.
    pub(crate) fn shape(&self, host: &Host) -> Result<Shape, Failure> {
        let format = match self.output {
            Some(output) => output.format(),
            None if host.stdout_is_terminal => Format::Table,
            None => Format::JsonLines,
        };
        if format.is_binary() && host.stdout_is_terminal {
            return Err(Failure::usage(
                "Parquet and Arrow are not for terminals: redirect them, as in --output parquet > answer.parquet",
            ));
        }
        let rows_max = match self.max_rows {
            Some(0) => None,
            None if host.stdout_is_terminal => Some(TERMINAL_ROWS),
            given => given,
        };
        Ok(Shape {
            format,
            header: !self.no_header,
            rows_max,
            zone: host.zone.clone(),
        })
    }
}

/// How commands answer whose answers are no rows.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Output")]
pub(crate) struct TextOutputArg {
    /// How to write the answer [default: text on a terminal, JSON otherwise]
    #[arg(long, short, value_enum, value_name = "FORMAT")]
    output: Option<TextOutput>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TextOutput {
    /// Text for people
    Text,
    /// JSON, one object a line
    Json,
}

impl TextOutputArg {
    pub(crate) fn is_json(&self, stdout_is_terminal: bool) -> bool {
        match self.output {
            Some(output) => output == TextOutput::Json,
            None => !stdout_is_terminal,
        }
    }
}
