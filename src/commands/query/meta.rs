//! The commands of the SQL shell that are no SQL: `\d` and others.

use std::path::PathBuf;

use clap::ValueEnum as _;
use trailwright_query::{Format, TABLES, VIEWS};

use crate::args::Output;
use crate::near::did_you_mean;

/// Name, what it takes, what it does.
const COMMANDS: [(&str, &str, &str); 10] = [
    (r"\d", "[NAME]", "tables and views, or the columns of one"),
    (r"\dv", "", "views"),
    (
        r"\df",
        "[TEXT]",
        "functions, or those with TEXT in their name",
    ),
    (
        r"\f",
        "[FORMAT]",
        "the format of answers: table, vertical, csv, json and so on",
    ),
    (r"\x", "", "one line per column, and back to a table"),
    (
        r"\o",
        "FILE",
        "the next answer goes into FILE, in the format of its ending",
    ),
    (
        r"\timing",
        "",
        "whether the number of rows and the time are said",
    ),
    (r"\?", "", "this help"),
    (r"\q", "", "leave, as Ctrl-D does"),
    (
        "Ctrl-C",
        "",
        "stop the question that runs, or forget the line",
    ),
];

/// What a person asks of the shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meta {
    /// All tables and views.
    Tables,
    /// The views.
    Views,
    /// The columns of a table or view.
    Columns(String),
    /// The functions with this in their name.
    Functions(String),
    /// Another format, or which one it is.
    Format(Option<Format>),
    /// Vertical, or back to a table.
    Vertical,
    /// The next answer goes here.
    Into(PathBuf),
    /// Say rows and time, or no longer.
    Timing,
    /// What there is.
    Help,
    /// The end.
    Quit,
}

impl Meta {
    /// Reads a line. `None` when it is SQL.
    pub(super) fn read(line: &str) -> Option<Result<Self, String>> {
        let line = line.trim();
        match line.to_ascii_lowercase().as_str() {
            "quit" | "exit" => return Some(Ok(Self::Quit)),
            "help" => return Some(Ok(Self::Help)),
            _ if !line.starts_with('\\') => return None,
            _ => {}
        }
        // People end it as they end SQL.
        let line = line.trim_end_matches(';').trim_end();
        let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        Some(Self::of(name, rest.trim()))
    }

    fn of(name: &str, given: &str) -> Result<Self, String> {
        let takes_nothing = |meta: Self| match given {
            "" => Ok(meta),
            more => Err(format!(
                r"{name} takes nothing, not {more:?}; \? shows what there is"
            )),
        };
        match name {
            r"\d" if given.is_empty() => Ok(Self::Tables),
            r"\d" => Ok(Self::Columns(given.to_owned())),
            r"\df" => Ok(Self::Functions(given.to_owned())),
            r"\f" if given.is_empty() => Ok(Self::Format(None)),
            r"\f" => format_named(given).map(|format| Self::Format(Some(format))),
            r"\o" if given.is_empty() => Err(r"\o needs a file, as in \o answer.csv".to_owned()),
            r"\o" => Ok(Self::Into(PathBuf::from(given))),
            r"\dv" => takes_nothing(Self::Views),
            r"\x" => takes_nothing(Self::Vertical),
            r"\timing" => takes_nothing(Self::Timing),
            r"\?" => takes_nothing(Self::Help),
            r"\q" => takes_nothing(Self::Quit),
            other => {
                let hint = did_you_mean(other, names());
                Err(format!(
                    r"there is no command {other}; {hint}\? shows what there is"
                ))
            }
        }
    }
}

/// The names of the commands.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    COMMANDS
        .iter()
        .map(|command| command.0)
        .filter(|name| name.starts_with('\\'))
}

/// The format of this name.
fn format_named(name: &str) -> Result<Format, String> {
    let format = Output::from_str(name, true).map(Output::format);
    let format = format.ok().filter(|format| !format.is_binary());
    format.ok_or_else(|| {
        let names: Vec<String> = formats_of_a_shell().filter_map(name_of).collect();
        format!("{name:?} is no format of a shell: {}", names.join(", "))
    })
}

/// The formats that a terminal can show.
fn formats_of_a_shell() -> impl Iterator<Item = Output> {
    let all = Output::value_variants().iter().copied();
    all.filter(|output| !output.format().is_binary())
}

fn name_of(output: Output) -> Option<String> {
    Some(output.to_possible_value()?.get_name().to_owned())
}

/// The formats, with a star at the one in use.
pub(super) fn formats(in_use: Format) -> String {
    let line = |output: Output| {
        let star = if output.format() == in_use { '*' } else { ' ' };
        Some(format!("{star} {}\n", name_of(output)?))
    };
    formats_of_a_shell().filter_map(line).collect()
}

/// The format that the ending of a file's name stands for.
pub(super) fn format_of(file: &std::path::Path) -> Result<Format, String> {
    let ending = file
        .extension()
        .and_then(|it| it.to_str())
        .unwrap_or_default();
    match ending.to_ascii_lowercase().as_str() {
        "csv" => Ok(Format::Csv),
        "tsv" => Ok(Format::Tsv),
        "json" => Ok(Format::Json),
        "jsonl" | "ndjson" => Ok(Format::JsonLines),
        "md" => Ok(Format::Markdown),
        "parquet" => Ok(Format::Parquet),
        "arrow" | "arrows" => Ok(Format::Arrow),
        "txt" => Ok(Format::Table),
        _ => Err(format!(
            "the ending of {} is none of csv, tsv, json, jsonl, md, parquet, arrow, txt",
            file.display()
        )),
    }
}

/// All tables and views, or only these, one a line.
pub(super) fn list(with_tables: bool) -> String {
    let tables = TABLES.iter().filter(|_| with_tables);
    let tables = tables.map(|(name, what)| line("table", name, what));
    let views = VIEWS
        .iter()
        .map(|(name, sql)| line("view", name, &meaning(sql)));
    tables.chain(views).collect()
}

fn line(kind: &str, name: &str, what: &str) -> String {
    format!("{kind:<5}  {name:<20}  {what}\n")
}

/// The first sentence of the comment that a view begins with.
fn meaning(sql: &str) -> String {
    let comment = sql.lines().map_while(|line| line.strip_prefix("--"));
    let comment = comment.map(str::trim).collect::<Vec<_>>().join(" ");
    let sentence = comment.split_inclusive(". ").next().unwrap_or_default();
    sentence.trim().trim_end_matches('.').to_owned()
}

/// What there is.
pub(super) fn help() -> String {
    let line = |(name, takes, does): &(&str, &str, &str)| {
        format!("{:<16} {does}\n", format!("{name} {takes}"))
    };
    let commands: String = COMMANDS.iter().map(line).collect();
    format!("SQL ends with `;` and may have several lines. Tab completes names.\n{commands}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{COMMANDS, Meta, help, list};
    use trailwright_query::Format;

    #[test]
    fn sql_is_no_command_and_commands_are_read() {
        let read = |line| Meta::read(line).map(|meta| meta.map_err(|why| why.len()));
        assert_eq!(read("select 1;"), None);
        assert_eq!(read(" quit "), Some(Ok(Meta::Quit)));
        assert_eq!(read(r"\d"), Some(Ok(Meta::Tables)));
        assert_eq!(
            read(r"\d events;"),
            Some(Ok(Meta::Columns("events".to_owned())))
        );
        assert_eq!(read(r"\f CSV"), Some(Ok(Meta::Format(Some(Format::Csv)))));
        assert_eq!(read(r"\o a b.csv"), Some(Ok(Meta::Into("a b.csv".into()))));
    }

    #[test]
    fn what_is_no_command_is_said_with_what_is() {
        let why = |line| Meta::read(line).unwrap().unwrap_err();
        assert!(why(r"\timng").contains(r"did you mean \timing?"));
        assert!(why(r"\f parquet").contains("table, vertical, markdown"));
        assert!(why(r"\q now").contains("takes nothing"));
        assert!(why(r"\o").contains(r"\o answer.csv"));
    }

    #[test]
    fn every_command_of_the_help_is_one() {
        for (name, ..) in COMMANDS.iter().filter(|it| it.0.starts_with('\\')) {
            let given = if *name == r"\o" {
                format!("{name} x.csv")
            } else {
                (*name).to_owned()
            };
            assert!(Meta::read(&given).unwrap().is_ok(), "{name}");
        }
        assert!(help().contains(r"\timing"));
    }

    #[test]
    fn every_view_says_what_it_is() {
        for line in list(true).lines() {
            assert!(line.len() > 32, "{line}");
        }
    }
}
