//! Where a tail stands: everything up to a version of the table of events was
//! shown.

use std::io::ErrorKind;
use std::path::PathBuf;

use crate::failure::Failure;

/// A cursor that may be kept in a file.
pub(super) struct Cursor {
    version: Option<u64>,
    file: Option<PathBuf>,
}

impl Cursor {
    /// `after` as a person gave it, or what the file says, if it is there.
    pub(super) fn begin(after: Option<u64>, file: Option<PathBuf>) -> Result<Self, Failure> {
        let kept = match &file {
            Some(path) => match std::fs::read_to_string(path) {
                Ok(text) => Some(text),
                Err(error) if error.kind() == ErrorKind::NotFound => None,
                Err(error) => {
                    return Err(Failure::usage(format!(
                        "cannot read the cursor in {}: {error}",
                        path.display()
                    )));
                }
            },
            None => None,
        };
        let kept = kept.map(|text| {
            text.trim().parse().map_err(|_| {
                Failure::usage(format!(
                    "{:?} in the cursor file is no cursor, which is a number: give --after, or remove the file",
                    text.trim()
                ))
            })
        });
        Ok(Self {
            version: after.or(kept.transpose()?),
            file,
        })
    }

    /// The version up to which everything was shown; `None` before anything was.
    pub(super) fn version(&self) -> Option<u64> {
        self.version
    }

    /// Everything up to `version` was shown, and whoever reads it has it.
    pub(super) fn move_to(&mut self, version: u64) -> Result<(), Failure> {
        if self.version == Some(version) && self.file.is_none() {
            return Ok(());
        }
        self.version = Some(version);
        let Some(file) = &self.file else {
            return Ok(());
        };
        // A cursor cut in half would be another cursor.
        let mut beside = file.clone().into_os_string();
        beside.push(".new");
        let written = std::fs::write(&beside, format!("{version}\n"));
        let kept = written.and_then(|()| std::fs::rename(&beside, file));
        kept.map_err(|error| {
            Failure::usage(format!(
                "cannot keep the cursor in {}: {error}",
                file.display()
            ))
        })
    }

    /// How a person goes on from here.
    pub(super) fn farewell(&self) -> String {
        match (self.version, &self.file) {
            (_, Some(file)) => format!("go on with --cursor-file {}", file.display()),
            (Some(version), None) => format!("go on with --after {version}"),
            (None, None) => "nothing was shown yet".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Cursor;

    #[test]
    fn a_cursor_outlives_the_process_in_its_file() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("cursor");
        let mut first = Cursor::begin(None, Some(file.clone())).unwrap();
        assert_eq!(first.version(), None);
        first.move_to(41).unwrap();
        first.move_to(42).unwrap();
        let next = Cursor::begin(None, Some(file.clone())).unwrap();
        assert_eq!(next.version(), Some(42));
        std::fs::write(&file, "soon").unwrap();
        assert!(Cursor::begin(None, Some(file)).is_err());
    }
}
