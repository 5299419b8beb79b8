//! Questions to the lake: a DataFusion session with the lake's tables and
//! views, and the formats in which answers are given.
//!
//! Only this crate knows DataFusion sessions. It reads; it never writes.

mod bind;
mod error;
mod format;
mod functions;
mod geo;
mod hunts;
mod memory;
mod questions;
mod reports;
mod scan;
mod selection;
mod session;
mod statements;
mod table;
mod zone;

pub use error::QueryError;
pub use format::{Format, Shape, bytes, harmless, json_lines, rows, write};
pub use geo::{GeoDatabases, GeoError, GeoFileInfo};
pub use hunts::{Hunt, WINDOW, hunts};
pub use questions::{BindError, Kind, Parameter, Presence, Value, duration};
pub use reports::{Chart, ChartKind, Report, ReportScope, Section, reports};
pub use scan::{Kept, Scan, Scanned};
pub use selection::Selection;
pub use session::{Answer, Session, TABLES, Tables, VIEWS};
pub use statements::Statements;
pub use table::Table;
pub use zone::Zone;

/// Batches of rows, for callers that format answers themselves.
pub use arrow::array::RecordBatch;
