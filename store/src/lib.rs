//! The lake: Delta tables under one location: `events`, `rejected`, and
//! `policy_timeline`, what the labels of the events were computed from.
//!
//! What holds, whatever happens to the process or the store:
//! - a file that no commit names does not exist;
//! - an event is stored once, by (eventID, recipientAccountId);
//! - a commit whose answer was lost is found again, never repeated;
//! - where a source stands is stored in the same commit as what was read of it;
//! - a label that changes does so together with all others that do.
//!
//! This crate plans no queries; it knows DataFusion only as what the Delta
//! library is built on.

mod commit;
mod encode;
mod error;
mod history;
mod keyed_table;
mod lake;
mod location;
mod object_reader;
mod parquet_file;
mod policy_inputs;
mod positions;
mod relabel;
mod seen;
mod statistics;
mod stored;
mod table;

pub use encode::{event_batch, rejected_batch};
pub use error::LakeError;
pub use lake::{Appended, EventFile, Lake};
pub use location::Location;
pub use positions::Advance;
pub use relabel::{RelabelScope, Relabelled};
pub use table::{EVENTS, POLICY_TIMELINE, REJECTED};
