//! What the record says happened, against what evaluation finds.
//!
//! [`Recorded::of`] reads outcome and stated cause, [`compare`] sets them
//! against the decision, and [`Compared::or_propagation`] asks whether a change
//! that was still on its way explains a disagreement.

mod compare;
mod error_codes;
mod gate;
mod message;
mod policy_type;
mod propagation;
mod recorded;

pub use compare::{Compared, Denier, Found, compare};
pub use gate::Gate;
pub use message::{Denial, Reason, StatedPolicy, parse};
pub(crate) use policy_type::words;
pub use propagation::EarlierState;
pub use recorded::Recorded;
