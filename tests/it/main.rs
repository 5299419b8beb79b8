//! Integration tests: the binary and what holds across crates. One test binary,
//! because linking DataFusion more than once is slow.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)]

mod columns_page;
mod command;
mod commands;
mod crate_edges;
mod daemon;
mod demo;
mod invictus;
mod real_records;
mod simulate;
