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
mod conventions;
mod coverage;
mod crate_edges;
#[cfg(feature = "kafka")]
mod daemon;
mod demo;
mod doctor;
mod explain;
mod explain_page;
mod follow;
mod functions_page;
mod geo;
mod history;
mod hunts;
mod invictus;
mod lake_samples;
mod maintenance;
mod metrics_page;
mod policies;
mod query;
mod real_records;
mod replay;
mod report_answers;
mod report_catalogue;
mod report_cis;
mod reports;
mod role_chains;
mod shell;
mod simulate;
mod story;
mod tail;
mod views;
