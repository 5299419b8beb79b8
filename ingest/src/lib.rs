//! From bytes to routed records: sources, decompression, parsing and routing.
//!
//! Reading order: [`discover`] finds inputs, `decompress` inflates them,
//! [`decode()`] finds the records in them, [`Batch::add`] reads each record, and
//! [`read()`] runs all four over many inputs at once. Only [`discover`] and
//! [`read()`] are asynchronous; from bytes to batches everything is plain
//! functions, so that a message queue can use them as they are.

mod decode;
mod decompress;
pub mod generator;
mod limits;
mod parse;
mod read;
pub mod route;
mod source;

pub use decode::{Found, Piece, decode, decode_reader};
pub use limits::Limits;
pub use parse::{Batch, Context, Parsed};
pub use read::{Settings, read};
pub use source::{Discovered, Input, ObjectPrefix, Source, SourceError, discover};
