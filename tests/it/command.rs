//! Running the binary.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The binary in an empty directory of its own, without the environment of the
/// person who runs the tests.
pub(crate) struct Trailwright {
    directory: tempfile::TempDir,
}

impl Trailwright {
    pub(crate) fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn output(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_trailwright"))
            .args(args)
            .current_dir(self.directory.path())
            .env_clear()
            .output()
            .unwrap()
    }

    /// Runs a command that must end well, and gives its standard output.
    #[track_caller]
    pub(crate) fn run(&self, args: &[&str]) -> String {
        self.run_to(args, 0)
    }

    /// Runs a command that must end with `code`.
    #[track_caller]
    pub(crate) fn run_to(&self, args: &[&str], code: i32) -> String {
        let output = self.output(args);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{args:?}\n{errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a command that must end with `code` says on standard error.
    #[track_caller]
    pub(crate) fn complaint(&self, args: &[&str], code: i32) -> String {
        let output = self.output(args);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}\n{errors}");
        errors
    }

    /// The answer to a question, as CSV without its header.
    #[track_caller]
    pub(crate) fn ask(&self, sql: &str) -> Vec<String> {
        let csv = self.run(&["query", "--lake", "lake", "--output", "csv", sql]);
        csv.lines().skip(1).map(str::to_owned).collect()
    }
}

/// The folder of public records, if it lies beside the clone. Says so when it
/// does not.
pub(crate) fn shared(file: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("TRAILWRIGHT_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let path = folder.join(file);
    if path.exists() {
        return Some(path.canonicalize().unwrap());
    }
    println!(
        "skipped: {} is not there (TRAILWRIGHT_SHARED)",
        path.display()
    );
    None
}
