//! Questions to the lake: a DataFusion session with the lake's tables and
//! views, and the formats in which answers are given.
//!
//! Only this crate knows DataFusion sessions. It reads; it never writes.

mod bind;
mod error;
mod format;
mod functions;
mod hunts;
mod questions;
mod reports;
mod selection;
mod session;
mod table;

pub use error::QueryError;
pub use format::{Format, bytes, json_lines, rows, write};
pub use hunts::{Hunt, WINDOW, hunts};
pub use questions::{BindError, Kind, Parameter, Presence, Value, duration};
pub use reports::{Chart, ChartKind, Report, ReportScope, Section, reports};
pub use selection::Selection;
pub use session::{Answer, Session, Tables, VIEWS};
pub use table::Table;

/// Batches of rows, for callers that format answers themselves.
pub use arrow::array::RecordBatch;
