//! What the lake promises, on real tables in a directory.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod append;
mod fixtures;
mod positions;
mod unreliable;
