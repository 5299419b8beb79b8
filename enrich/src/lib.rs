//! From record to label: request derivation, policies in force, evaluation and agreement.
//!
//! [`Labeller::label`] is the stage: it derives the request from a record
//! ([`request`]) with the names and resource types of the [`catalogue`], looks
//! up the [`policies`] in force, has the evaluator decide, and compares the
//! decision with what the record says happened ([`agreement`]).
//!
//! Nothing here fails on a record: what is not known is part of the label.

pub mod agreement;
pub mod catalogue;
mod label;
pub mod policies;
pub mod request;
#[cfg(test)]
mod samples;

pub use label::{
    Assume, Evaluation, Explained, LabelOptions, Labeller, NearMiss, PolicyUsed, Simulated,
    Simulation, StatementUsed,
};
