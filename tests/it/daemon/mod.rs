//! The daemon on a mock cluster: every message once, whatever happens.

mod both;
mod cluster;
mod crash;
mod dead_letters;
mod doctor;
mod faults;
mod instances;
mod maintenance;
mod messages;
mod outage;
mod policies;
mod process;
mod reload;
mod retention;
mod service;
