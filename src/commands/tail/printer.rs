//! Lines as they come, each event once, in the format asked for.

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::row::{DETAILED, Row, SHORT};
use super::{detailed, short};
use crate::args::TailFormat;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// Events that are remembered so as not to be shown again: more than one commit
/// holds, unless it is told to hold more.
const REMEMBERED: usize = 200_000;

/// Writes events to `out`.
pub(super) struct Printer<W> {
    out: W,
    format: TailFormat,
    terminal: Terminal,
    shown: Shown,
}

/// What tells an event from others, and the record itself.
#[derive(Deserialize)]
struct Key<'l> {
    #[serde(default)]
    event_id: Option<String>,
    #[serde(default)]
    recipient_account_id: Option<String>,
    #[serde(default, borrow)]
    raw: Option<&'l RawValue>,
}

/// The columns that a format needs; none are all.
pub(super) fn columns(format: TailFormat) -> Vec<String> {
    let names = match format {
        TailFormat::Short => SHORT.to_vec(),
        TailFormat::Detailed => [&SHORT[..], &DETAILED].concat(),
        TailFormat::Json => Vec::new(),
        TailFormat::Raw => vec!["event_id", "recipient_account_id", "raw"],
    };
    names.into_iter().map(str::to_owned).collect()
}

impl<W: Write> Printer<W> {
    pub(super) fn new(out: W, format: TailFormat, terminal: Terminal) -> Self {
        Self {
            out,
            format,
            terminal,
            shown: Shown::default(),
        }
    }

    /// Shows the event of a line of JSON, unless it was shown before.
    pub(super) fn line(&mut self, line: &[u8]) -> Result<(), Failure> {
        match self.format {
            TailFormat::Short | TailFormat::Detailed => {
                let row: Row = serde_json::from_slice(line).map_err(not_an_event)?;
                if self
                    .shown
                    .is_new(row.event_id.as_deref(), row.recipient_account_id.as_deref())
                {
                    self.for_people(&row)?;
                }
            }
            TailFormat::Json | TailFormat::Raw => {
                let key: Key<'_> = serde_json::from_slice(line).map_err(not_an_event)?;
                if self
                    .shown
                    .is_new(key.event_id.as_deref(), key.recipient_account_id.as_deref())
                {
                    self.for_programs(line, &key)?;
                }
            }
        }
        Ok(())
    }

    fn for_people(&mut self, row: &Row) -> Result<(), Failure> {
        match self.format {
            TailFormat::Detailed => {
                writeln!(self.out, "{}\n", detailed::lines(row, &self.terminal))?;
            }
            _ => writeln!(self.out, "{}", short::line(row, &self.terminal))?,
        }
        Ok(())
    }

    fn for_programs(&mut self, line: &[u8], key: &Key<'_>) -> Result<(), Failure> {
        match key.raw.filter(|_| self.format == TailFormat::Raw) {
            Some(raw) => {
                let raw: String = serde_json::from_str(raw.get()).map_err(not_an_event)?;
                writeln!(self.out, "{raw}")?;
            }
            None => {
                self.out.write_all(line.trim_ascii_end())?;
                self.out.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    /// Writes what is waiting.
    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.out.flush()?)
    }
}

fn not_an_event(error: serde_json::Error) -> Failure {
    Failure::internal(format!("what came is no event: {error}"))
}

/// The events shown last. Those without an ID are always new.
#[derive(Default)]
struct Shown {
    keys: HashSet<u64>,
    oldest_first: VecDeque<u64>,
}

impl Shown {
    fn is_new(&mut self, event_id: Option<&str>, account: Option<&str>) -> bool {
        let Some(id) = event_id else { return true };
        let mut hasher = DefaultHasher::new();
        (id, account).hash(&mut hasher);
        let key = hasher.finish();
        if !self.keys.insert(key) {
            return false;
        }
        self.oldest_first.push_back(key);
        if self.oldest_first.len() > REMEMBERED
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.keys.remove(&oldest);
        }
        true
    }
}
