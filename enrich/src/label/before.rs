//! Labels that need no policies: there was no request, or it did not get as
//! far as authorization.

use trailwright_schemas::{Cause, CauseType, Decision, Record, RecordedOutcome, Stage};

use super::Outcome;
use crate::agreement::Recorded;
use crate::request::NoRequest;

/// What needs no policies: service events and failed authentication.
pub(super) fn before_authorization(record: &Record, recorded: &Recorded<'_>) -> Option<Outcome> {
    if recorded.outcome == RecordedOutcome::AuthenticationFailed {
        let said = record
            .error_message
            .as_deref()
            .or(record.error_code.as_deref());
        let text = format!(
            "the credentials were not accepted: {}",
            said.unwrap_or("the record does not say why")
        );
        let cause = Cause::without_policy(CauseType::AuthenticationFailure, text);
        return Some(Outcome::without_policies(
            Decision::NotEvaluated,
            Stage::Authentication,
            cause,
        ));
    }
    if record.is_service_event() {
        let text = format!(
            "{} acted by itself; there was no request",
            record.event_source
        );
        let cause = Cause::without_policy(CauseType::ServiceEvent, text);
        return Some(Outcome::without_policies(
            Decision::NotEvaluated,
            Stage::ServiceEvent,
            cause,
        ));
    }
    None
}

pub(super) fn unmapped(no_request: &NoRequest) -> Outcome {
    let (cause_type, text) = match no_request {
        NoRequest::ServiceEvent => (CauseType::ServiceEvent, "there was no request".to_owned()),
        NoRequest::NoPrincipal(why) => (
            CauseType::UnmappedRequest,
            format!("the record does not say who called: {why}"),
        ),
        NoRequest::NoAction(why) => (
            CauseType::UnmappedRequest,
            format!("the call has no known IAM action: {why}"),
        ),
    };
    let cause = Cause::without_policy(cause_type, text);
    Outcome::without_policies(Decision::Indeterminate, Stage::Authorization, cause)
}
