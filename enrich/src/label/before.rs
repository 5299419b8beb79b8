//! Labels that need no policies: there was no request, or it did not get as
//! far as authorization.

use trailwright_schemas::{
    Cause, CauseType, Decision, Record, RecordedOutcome, SignIn, SignInClass, SignInOutcome, Stage,
};

use super::Outcome;
use crate::agreement::Recorded;
use crate::request::NoRequest;

/// What needs no policies: service events, failed authentication, sign-ins.
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
    sign_in(record, recorded.outcome)
}

/// A sign-in is authorized only where console authorization is switched on.
/// <https://docs.aws.amazon.com/signin/latest/userguide/console-access-control.html>
fn sign_in(record: &Record, recorded: RecordedOutcome) -> Option<Outcome> {
    let sign_in = SignIn::of(record);
    let ended = sign_in.as_ref().and_then(|sign_in| sign_in.outcome);
    // `aws login` makes API calls that identity-based policies decide.
    let is_oauth = sign_in.is_some_and(|sign_in| sign_in.class == SignInClass::Oauth);
    if is_oauth || (!record.is_console_sign_in() && ended.is_none()) {
        return None;
    }
    if ended == Some(SignInOutcome::Failure) && recorded == RecordedOutcome::Denied {
        let text = "a sign-in policy that is not known refused the sign-in";
        let cause = Cause::without_policy(CauseType::NoPoliciesKnown, text);
        return Some(Outcome::without_policies(
            Decision::Indeterminate,
            Stage::Authorization,
            cause,
        ));
    }
    let text =
        "no sign-in policy is known; without console authorization no policy restricts sign-ins";
    let cause = Cause::without_policy(CauseType::SignInNotRestricted, text);
    let mut outcome = Outcome::without_policies(Decision::Allow, Stage::Authorization, cause);
    outcome
        .assumptions
        .push("console authorization is off for the account and its organization".to_owned());
    Some(outcome)
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
