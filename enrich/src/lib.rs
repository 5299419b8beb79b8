//! From record to label: request derivation, policies in force, evaluation and agreement.

pub mod catalogue;
