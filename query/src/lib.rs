//! Questions to the lake: a DataFusion session with the lake's tables and
//! views, and the formats in which answers are given.
//!
//! Only this crate knows DataFusion sessions. It reads; it never writes.

mod bind;
mod error;
mod format;
mod functions;
mod hunts;
mod selection;
mod session;

pub use error::QueryError;
pub use format::{Format, bytes, json_lines, rows, write};
pub use hunts::{BindError, Hunt, Kind, Parameter, Presence, Value, WINDOW, duration, hunts};
pub use selection::Selection;
pub use session::{Answer, Session, Tables, VIEWS};

/// Batches of rows, for callers that format answers themselves.
pub use arrow::array::RecordBatch;
