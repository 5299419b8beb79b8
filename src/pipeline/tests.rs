//! The pipelines on stores in memory, killed at every write to the lake. The
//! clock is a paused one.
#![allow(clippy::unwrap_used)]

mod follow;
mod replay;
mod watched;
mod world;
