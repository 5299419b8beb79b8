//! What the lake promises, on real tables in a directory.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod any_order;
mod append;
mod fixtures;
mod ledger;
mod policy_inputs;
mod positions;
mod relabel;
mod unreliable;
