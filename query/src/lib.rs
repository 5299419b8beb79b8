//! Questions to the lake: a DataFusion session with the lake's tables and
//! views, and the formats in which answers are given.
//!
//! Only this crate knows DataFusion sessions. It reads; it never writes.

mod bind;
mod error;
mod format;
mod functions;
mod hunts;
mod scan;
mod session;
mod statements;
mod zone;

pub use error::QueryError;
pub use format::{Format, Shape, bytes, rows, write};
pub use hunts::{BindError, Hunt, Kind, Parameter, Presence, Value, WINDOW, duration, hunts};
pub use scan::{Kept, Scan, Scanned};
pub use session::{Answer, Session, TABLES, Tables, VIEWS};
pub use statements::Statements;
pub use zone::Zone;

/// Batches of rows, for callers that format answers themselves.
pub use arrow::array::RecordBatch;
