//! Cases in the neutral conformance format: a request, its policies and the expected verdict, one
//! JSON object per line.

mod read;
mod render;

pub use read::{Case, CaseError};
pub use render::render;
