//! What can go wrong with a question.

use datafusion::error::DataFusionError;
use thiserror::Error;

use crate::geo::GeoError;

/// An error of a query.
#[derive(Debug, Error)]
pub enum QueryError {
    /// The statement is not a question: it would change something.
    #[error("only questions are answered here (SELECT, WITH, EXPLAIN, SHOW, DESCRIBE): {0}")]
    NotAQuestion(String),
    /// The statement cannot be understood or planned.
    #[error("{0}")]
    Statement(String),
    /// The question was understood and failed while it ran.
    #[error("the query failed: {0}")]
    Execution(String),
    /// The question needs more than an answer may hold.
    #[error(
        "more memory is needed than an answer may hold here, half of what the machine or the container has: ask for less \
         (--since, --until, a narrower WHERE), or on a larger machine ({0})"
    )]
    Memory(String),
    /// The places of addresses are asked for and cannot be told.
    #[error(transparent)]
    Geo(#[from] GeoError),
    /// A table could not be opened.
    #[error("cannot open the table {table}: {message}")]
    Table {
        /// The table.
        table: &'static str,
        /// What the library says.
        message: String,
    },
    /// The answer has more rows than may be held in memory.
    #[error("the answer has more than {rows_max} rows")]
    TooLarge {
        /// How many it may have.
        rows_max: usize,
    },
    /// The answer could not be written.
    #[error("cannot write the answer: {0}")]
    Write(#[from] std::io::Error),
    /// The answer could not be put into the format asked for.
    #[error("cannot format the answer: {0}")]
    Format(String),
}

impl QueryError {
    pub(crate) fn statement(error: DataFusionError) -> Self {
        Self::geo(&error).unwrap_or_else(|| Self::Statement(error.strip_backtrace()))
    }

    pub(crate) fn execution(error: DataFusionError) -> Self {
        if let Some(geo) = Self::geo(&error) {
            return geo;
        }
        match error.find_root() {
            DataFusionError::ResourcesExhausted(_) => Self::Memory(error.strip_backtrace()),
            _ => Self::Execution(error.strip_backtrace()),
        }
    }

    /// What `geo_lookup` says, whenever the engine came to ask it.
    fn geo(error: &DataFusionError) -> Option<Self> {
        match error.find_root() {
            DataFusionError::External(root) => {
                root.downcast_ref::<GeoError>().cloned().map(Self::Geo)
            }
            _ => None,
        }
    }

    /// True when whoever reads the answer has stopped reading.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Write(error) if error.kind() == std::io::ErrorKind::BrokenPipe)
    }
}
