//! The lake: Delta tables under one location: `events`, `rejected`,
//! `policy_timeline`, what the labels of the events were computed from, `files`,
//! the ledger of files that were read, and `replayed`, what became of rejected
//! rows that were read again.
//!
//! What holds, whatever happens to the process or the store:
//! - a file that no commit names does not exist;
//! - an event is stored once, by (eventID, recipientAccountId);
//! - a commit whose answer was lost is found again, never repeated;
//! - where a source stands is stored in the same commit as what was read of it;
//! - a file is in the ledger only when all that was read of it is stored;
//! - a label that changes does so together with all others that do;
//! - events whose labels others overtook are on record until they are made anew;
//! - compaction, retention and vacuum change none of this, and a reader never
//!   meets a gap.
//!
//! This crate plans no queries; it knows DataFusion only as what the Delta
//! library is built on.

mod append;
mod behind;
mod beside;
mod checkpoint;
mod commit;
mod compact;
mod data_file;
mod encode;
mod error;
mod file_name;
mod history;
mod hold;
mod keyed_table;
mod lake;
mod later;
mod lazy_table;
mod location;
mod log;
mod maintenance;
mod merge;
mod object_reader;
mod parquet_file;
mod policy_inputs;
mod positions;
mod relabel;
mod retain;
mod retention;
mod seen;
mod statistics;
mod stored;
mod table;
mod vacuum;

pub use append::{Appended, SharedEvent};
pub use checkpoint::{CHECKPOINT_VERSIONS, Checkpointed};
pub use compact::{Compacted, Compaction};
pub use encode::{event_batch, event_columns, rejected_batch};
pub use error::LakeError;
pub use hold::Hold;
pub use lake::{EventFile, Lake};
pub use later::Later;
pub use location::Location;
pub use positions::Advance;
pub use relabel::{RelabelScope, Relabelled};
pub use retain::Retained;
pub use retention::{Days, Retention};
pub use table::{EVENTS, FILES, POLICY_TIMELINE, REJECTED, REPLAYED};
pub use vacuum::{KEEP_HOURS_MIN, Vacuum, Vacuumed};
