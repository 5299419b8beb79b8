//! How a command fails: one sentence for the person, one code for the script.

use std::fmt;
use std::process::ExitCode;

use trailwright_query::QueryError;
use trailwright_store::LakeError;

/// Why a command ended early.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// Wrong usage or configuration.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 2,
        }
    }

    /// The lake or a source cannot be reached.
    pub(crate) fn unreachable(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 4,
        }
    }

    /// Something that should not happen.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 1,
        }
    }

    /// The person pressed Ctrl-C, while a command changed a lake or only read.
    pub(crate) fn interrupted(changes_a_lake: bool) -> Self {
        let rest = if changes_a_lake {
            "; what was committed is complete, run it again for the rest"
        } else {
            ""
        };
        Self {
            message: format!("interrupted{rest}"),
            code: 130,
        }
    }

    /// The person pressed Ctrl-C, and this is how to go on.
    pub(crate) fn stopped(how_to_go_on: impl Into<String>) -> Self {
        Self {
            message: how_to_go_on.into(),
            code: 130,
        }
    }

    /// Nobody reads the output any more, which is nobody's fault.
    fn silent() -> Self {
        Self {
            message: String::new(),
            code: 0,
        }
    }

    pub(crate) fn report(self) -> ExitCode {
        if !self.message.is_empty() {
            tracing::error!(target: "trailwright", exit_code = self.code, "{}", self.message);
        }
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<LakeError> for Failure {
    fn from(error: LakeError) -> Self {
        match &error {
            LakeError::Location { .. }
            | LakeError::Schema { .. }
            | LakeError::KeepTooShort { .. }
            | LakeError::KeepTooLong { .. }
            | LakeError::NoSuchVersion { .. } => Self::usage(error.to_string()),
            LakeError::Encode(_) => Self::internal(error.to_string()),
            _ => Self::unreachable(error.to_string()),
        }
    }
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Self {
        match &error {
            _ if error.is_broken_pipe() => Self::silent(),
            QueryError::NotAQuestion(_) | QueryError::Statement(_) | QueryError::Geo(_) => {
                Self::usage(error.to_string())
            }
            QueryError::Table { .. } => Self::unreachable(error.to_string()),
            _ => Self::internal(error.to_string()),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self::silent();
        }
        Self::internal(error.to_string())
    }
}
