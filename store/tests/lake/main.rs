//! What the lake promises, on real tables in a directory.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod any_order;
mod append;
mod checkpoint;
mod compact;
mod fixtures;
mod killed;
mod later;
mod ledger;
mod mortal;
mod policy_inputs;
mod positions;
mod relabel;
mod retain;
mod unreliable;
mod vacuum;
