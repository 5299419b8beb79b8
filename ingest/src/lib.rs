//! From bytes to routed records: sources, decompression, parsing and routing.
//!
//! Reading order: [`discover`] finds inputs, `decompress` inflates them,
//! [`decode()`] finds the records in them, [`Batch::add`] reads each record, and
//! [`read()`] runs all four over many inputs at once. `Consumer` (feature
//! `kafka`) brings the messages of Kafka instead. Only these two and [`discover`] are
//! asynchronous; from bytes to batches everything is plain functions.

mod arrival;
mod decode;
mod decompress;
pub mod generator;
#[cfg(feature = "kafka")]
mod kafka;
mod limits;
mod parse;
mod read;
mod replay;
pub mod route;
mod source;

pub use arrival::{Arrival, Offsets, TopicPartition};
pub use decode::{Found, Piece, decode, decode_reader};
#[cfg(feature = "kafka")]
pub use kafka::{Brokers, ConsumeError, Consumer, KafkaSettings, Onlooker, Topics};
pub use limits::Limits;
pub use parse::{Batch, Context, FileEnd, Parsed};
pub use read::{Settings, read};
pub use replay::RejectedBytes;
pub use source::{Delivery, Discovered, Input, ObjectPrefix, Place, Source, SourceError, discover};
