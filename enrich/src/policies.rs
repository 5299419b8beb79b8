//! The policies in force: the state of IAM, the organization and resource
//! policies as a function of time.
//!
//! Inputs are [`PolicyFile`]s (exports, with a date or without) and records of
//! calls that changed something. Both are turned into facts with a time
//! (`change`), which the [`Timeline`] keeps in order; [`Timeline::as_of`] asks.

mod as_of;
mod change;
mod entity;
mod events;
mod files;
mod history;
mod life;
mod listing;
mod managed;
mod moment;
mod organization;
mod principal;
mod recent;
mod resource;
mod series;
mod session;
mod sign_in;
mod timeline;

pub use as_of::{AsOf, SessionPolicies, TrustPolicy};
pub use files::{PolicyFile, Problem, list_files};
pub use history::{Change, DocumentChange, DocumentState};
pub use listing::{
    LevelListing, Listing, Membership, OrganizationListing, PolicyInForce, PolicyKind, Presence,
    PrincipalListing, ResourceListing, Tag,
};
pub use moment::{Moment, Origin};
pub use organization::{Levels, Organization};
pub use principal::PrincipalPolicies;
pub use recent::Recent;
pub use resource::ResourcePolicy;
pub use sign_in::ConsoleAuthorization;
pub(crate) use sign_in::{allowing_by_default, sign_in_key};
pub use timeline::{Concern, Concerned, Timeline};

#[cfg(test)]
mod tests;
