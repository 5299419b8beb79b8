//! The lake: two Delta tables under one location, `events` and `rejected`.
//!
//! What holds, whatever happens to the process or the store:
//! - a file that no commit names does not exist;
//! - an event is stored once, by (eventID, recipientAccountId);
//! - a commit whose answer was lost is found again, never repeated;
//! - where a source stands is stored in the same commit as what was read of it.
//!
//! This crate plans no queries; it knows DataFusion only as what the Delta
//! library is built on.

mod commit;
mod encode;
mod error;
mod lake;
mod location;
mod object_reader;
mod parquet_file;
mod positions;
mod seen;
mod statistics;
mod stored_keys;
mod table;

pub use encode::{event_batch, rejected_batch};
pub use error::LakeError;
pub use lake::{Appended, Lake};
pub use location::Location;
pub use positions::Advance;
pub use table::{EVENTS, REJECTED};
