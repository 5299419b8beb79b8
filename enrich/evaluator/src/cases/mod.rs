//! Cases in the neutral conformance format: a request, its policies and the expected verdict, one
//! JSON object per line.

mod compare;
mod read;
mod render;

pub use compare::differences;
pub use read::{Case, CaseError};
pub use render::render;
