//! From record to label: request derivation, policies in force, evaluation and agreement.

pub mod catalogue;
pub mod request;
#[cfg(test)]
mod samples;
