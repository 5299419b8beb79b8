//! What the process gets from its surroundings, passed in so that tests can
//! give something else.

use std::ffi::OsStr;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use object_store::ObjectStore;
use trailwright_query::Zone;

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
    /// True when standard input is a terminal.
    pub stdin_is_terminal: bool,
    /// True when standard output is a terminal.
    pub stdout_is_terminal: bool,
    /// True when standard output may be coloured.
    pub colour: bool,
    /// In which zone people read times.
    pub zone: Zone,
    /// Where what a person did is remembered, such as the history of the SQL
    /// shell; `None` when the environment names no place.
    pub state_directory: Option<PathBuf>,
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
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stdout_is_terminal,
            colour: wants_colour(stdout_is_terminal, |name| std::env::var_os(name)),
            zone: Self::local_zone()
                .filter(|_| stdout_is_terminal)
                .unwrap_or_else(Zone::utc),
            state_directory: state_directory(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
        }
    }

    /// The zone of this machine, or the one that `TZ` names.
    pub(crate) fn local_zone() -> Option<Zone> {
        let named = std::env::var("TZ").ok();
        let named = named.and_then(|name| Zone::parse(name.trim_start_matches(':')).ok());
        named.or_else(|| Zone::parse(&iana_time_zone::get_timezone().ok()?).ok())
    }
}

/// <https://no-color.org>, <https://bixense.com/clicolors>, and terminals that
/// know no colour.
fn wants_colour<V: AsRef<OsStr>>(is_terminal: bool, variable: impl Fn(&str) -> Option<V>) -> bool {
    let is =
        |name: &str, test: fn(&OsStr) -> bool| variable(name).is_some_and(|it| test(it.as_ref()));
    if is("NO_COLOR", |value| !value.is_empty()) {
        return false;
    }
    let forced = is("CLICOLOR_FORCE", |value| !value.is_empty() && value != "0");
    forced || (is_terminal && !is("TERM", |value| value == "dumb"))
}

/// Of the XDG Base Directory Specification.
fn state_directory() -> Option<PathBuf> {
    let absolute = |name: &str| {
        let path = PathBuf::from(std::env::var_os(name)?);
        path.is_absolute().then_some(path)
    };
    let state = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")));
    Some(state?.join("trailwright"))
}

#[cfg(test)]
mod tests {
    use super::wants_colour;

    #[test]
    fn colour_follows_the_terminal_unless_the_environment_says_otherwise() {
        let coloured = |is_terminal, set: &[(&str, &'static str)]| {
            wants_colour(is_terminal, |name| {
                set.iter()
                    .find(|(it, _)| *it == name)
                    .map(|(_, value)| *value)
            })
        };
        assert!(coloured(true, &[]) && !coloured(false, &[]));
        assert!(!coloured(true, &[("NO_COLOR", "1")]) && coloured(true, &[("NO_COLOR", "")]));
        assert!(!coloured(true, &[("TERM", "dumb")]));
        assert!(coloured(false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!coloured(false, &[("CLICOLOR_FORCE", "0")]));
        assert!(!coloured(
            true,
            &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]
        ));
    }
}
