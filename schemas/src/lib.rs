//! What Trailwright knows about the shape of things: the CloudTrail record as
//! received, the event as stored, the label, and the table of stored columns.
//!
//! This crate reads no files, knows no policies and decides nothing: the other
//! crates meet here.

mod agreement;
mod columns;
mod content;
mod event;
mod identity;
mod json;
mod label;
mod policy_input;
mod record;
mod redact;
mod rejected;
mod replayed;
mod sign_in;
mod source_file;
mod trail;

pub use agreement::{Agreement, AgreementClass, RecordedCause, RecordedOutcome};
pub use columns::{
    COLUMNS, Column, Kind, OfEvent, OfLabel, PARTITION_COLUMNS, Stored, Value, event_schema,
    rejected_schema, resource_fields,
};
pub use content::ContentHash;
pub use event::{Event, Provenance, Received};
pub use identity::{IdentityType, SessionContext, SessionIssuer, UserIdentity};
pub use json::{Fields, JsonText};
pub use label::{Cause, CauseType, Decision, Label, LabelState, Stage};
pub use policy_input::{PolicyInput, PolicyInputKind, policy_timeline_schema};
pub use record::{EventVersion, Limits, Record, Resource, TlsDetails};
pub use redact::{Redacted, redact};
pub use rejected::{Reason, Rejected};
pub use replayed::{Replayed, replayed_schema};
pub use sign_in::{SignIn, SignInClass, SignInOutcome};
pub use source_file::{SourceFile, files_schema};
pub use trail::{RouteReason, Routing, Scope};
