//! The daemon on a mock cluster: every message once, whatever happens.

mod both;
mod cluster;
mod crash;
mod dead_letters;
mod faults;
mod instances;
mod messages;
mod outage;
mod policies;
mod process;
mod retention;
