//! The lines that were entered, kept from one shell to the next.

use std::fs::{OpenOptions, create_dir_all, read_to_string};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Lines that are looked through.
const LINES_MAX: usize = 10_000;

/// The lines of this person, the newest last.
#[derive(Debug, Default)]
pub(super) struct History {
    lines: Vec<String>,
    /// `None` when there is no place for them: then they last as long as the
    /// shell.
    file: Option<PathBuf>,
}

impl History {
    /// Reads what is kept in `directory`.
    pub(super) fn load(directory: &Path) -> io::Result<Self> {
        create_dir_all(directory)?;
        let file = directory.join("history");
        let text = match read_to_string(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            read => read?,
        };
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.drain(..lines.len().saturating_sub(LINES_MAX));
        Ok(Self {
            lines,
            file: Some(file),
        })
    }

    /// Adds a line, and writes it at once: shells side by side and those that
    /// are killed lose nothing. A line that begins with a space is not kept, nor
    /// is one twice in a row.
    pub(super) fn add(&mut self, line: &str) -> io::Result<()> {
        let is_secret = line.starts_with(char::is_whitespace);
        if line.is_empty() || is_secret || self.lines.last().is_some_and(|last| last == line) {
            return Ok(());
        }
        self.lines.push(line.to_owned());
        let Some(path) = &self.file else {
            return Ok(());
        };
        // Questions name people and keys: nobody else may read them.
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(path);
        writeln!(file?, "{line}")
    }

    /// The line so many before the newest.
    pub(super) fn back(&self, by: usize) -> Option<&str> {
        let at = self.lines.len().checked_sub(by)?;
        self.lines.get(at).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::History;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn lines_are_there_in_the_next_shell_and_for_nobody_else() {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().join("state");
        let mut first = History::load(&place).unwrap();
        for line in ["select 1;", "select 1;", " secret", "", "select 2;"] {
            first.add(line).unwrap();
        }
        let next = History::load(&place).unwrap();
        assert_eq!(next.lines, ["select 1;", "select 2;"]);
        assert_eq!((next.back(1), next.back(3)), (Some("select 2;"), None));
        let mode = place
            .join("history")
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
