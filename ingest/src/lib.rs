//! From bytes to routed records: sources, decompression, parsing and routing.
//!
//! Reading order: [`discover`] finds inputs, `decompress` inflates them,
//! [`decode()`] finds the records in them, [`Batch::add`] reads each record, and
//! [`read()`] runs all four over many inputs at once. `Consumer` (feature
//! `kafka`) brings the messages of Kafka instead. Only these two and [`discover`] are
//! asynchronous; from bytes to batches everything is plain functions.

mod decode;
mod decompress;
pub mod generator;
#[cfg(feature = "kafka")]
mod kafka;
mod limits;
mod parse;
mod read;
pub mod route;
mod source;

pub use decode::{Found, Piece, decode, decode_reader};
#[cfg(feature = "kafka")]
pub use kafka::{
    Arrival, Brokers, ConsumeError, Consumer, KafkaSettings, Offsets, TopicPartition, Topics,
};
pub use limits::Limits;
pub use parse::{Batch, Context, Parsed};
pub use read::{Settings, read};
pub use source::{Discovered, Input, ObjectPrefix, Source, SourceError, discover};
