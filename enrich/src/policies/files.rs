//! Files of policies: what a directory of exports says.

mod authorization_details;
mod aws_managed;
mod date;
mod directory;
pub(super) mod document;
mod organization;
mod resources;
mod sign_in;

pub(crate) use directory::changes;
pub use directory::{PolicyFile, Problem, list_files};
