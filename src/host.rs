//! What the process gets from its surroundings, passed in so that tests can
//! give something else.

use std::io::IsTerminal as _;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use object_store::ObjectStore;

/// The surroundings of a run.
#[derive(Clone, Debug)]
pub struct Host {
    /// The clock.
    pub now: fn() -> DateTime<Utc>,
    /// What stands between the daemon and the store of its lake: nothing, except
    /// in tests of what happens when a store fails.
    pub lake_store: fn(Arc<dyn ObjectStore>) -> Arc<dyn ObjectStore>,
    /// How the program was called, for commands that a person can copy.
    pub program: String,
    /// True when standard output is a terminal.
    pub stdout_is_terminal: bool,
    /// True when standard output may be coloured.
    pub colour: bool,
    /// True when standard error is a terminal.
    pub stderr_is_terminal: bool,
}

impl Host {
    /// The surroundings of this process. The only place that reads the clock.
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place that reads the clock"
    )]
    pub fn of_this_process() -> Self {
        let stdout_is_terminal = std::io::stdout().is_terminal();
        Self {
            now: Utc::now,
            lake_store: |store| store,
            program: std::env::args()
                .next()
                .unwrap_or_else(|| "trailwright".to_owned()),
            stdout_is_terminal,
            colour: stdout_is_terminal && wants_colour(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
        }
    }
}

/// <https://no-color.org>, and terminals that know no colour.
fn wants_colour() -> bool {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    !no_color && !dumb
}
