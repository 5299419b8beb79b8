//! The IAM policy evaluator: pure, without IO, clock or async, and without knowledge of CloudTrail.
//!
//! A [`Policy`] is compiled once from its JSON text. The policies in force for one call are put into
//! [`Layers`]; [`evaluate`] answers a [`Request`] against them with a [`Verdict`]: the decision, its
//! cause, every statement that matched, and what was missing. [`decide`] is the same decision without
//! the lists. [`explain`] adds what nearly matched and numbered steps for a person.
//!
//! Context keys are three-valued: present, absent or unknown. The decision is
//! [`Decision::Indeterminate`] only if the unknown keys can change it.
//!
//! [`ServiceData`] knows the actions, resource types and condition keys of AWS's services. Evaluation
//! does without it; given to [`Request::with_service_data`] it says which services resource control
//! policies bind, [`ServiceData::unsupported_resource`] is the check whether an action works on a
//! type of resource at all, and [`lint`] compares policies with it.
//!
//! The rules and their sources: `docs/reference/evaluation.md`.

mod diagnostic;
mod json;

mod action;
mod context;
mod principal;
mod request;

mod arn;
mod pattern;
mod template;
mod value;

mod compile;
mod condition;
mod policy;
mod principal_element;
mod statement;

mod index;
mod layers;
mod options;

mod completions;
mod decision;
mod evaluate;
mod explain;
mod gather;
mod matching;
mod verdict;

pub mod cases;
pub mod service_data;

pub use action::ActionName;
pub use arn::after_colons;
pub use compile::Unreadable;
pub use context::{Context, ContextValue, Keys, Lookup, Unlisted, key_hash};
pub use diagnostic::{Code, Diagnostic, Position, Severity};
pub use evaluate::{decide, evaluate};
pub use explain::{Explanation, NearMiss, Step, explain};
pub use layers::{IdentityPolicies, IdentitySource, Layers, Level, PolicySet};
pub use options::Options;
pub use policy::{Policy, PolicyId};
pub use principal::{Principal, account_of};
pub use request::Request;
pub use service_data::{ServiceData, lint};
pub use statement::{Effect, Statement};
pub use verdict::{
    Cause, Decided, Decision, LayerResult, LayerResults, Match, Missing, PolicyType,
    ResourceResult, Verdict,
};
