//! What the record itself says happened.
//!
//! Sources: CloudTrail User Guide, "AWS Management Console sign-in events" and
//! "CloudTrail record contents".

use std::borrow::Cow;

use trailwright_schemas::{Record, RecordedCause, RecordedOutcome, SignIn, SignInOutcome};

use super::error_codes::{is_denial_code, outcome_of_code};
use super::gate::{Gate, gate_of_code};
use super::message::{Reason, reason};

/// What the record says happened, read once.
#[derive(Clone, Debug)]
pub struct Recorded<'a> {
    /// What happened.
    pub outcome: RecordedOutcome,
    /// Why its message says the call was denied, when it was.
    pub reason: Option<Reason>,
    /// The error code, without EC2's `Client.`.
    pub(super) code: Option<&'a str>,
    /// The message, wherever it stands.
    pub(super) message: Option<Cow<'a, str>>,
}

impl<'a> Recorded<'a> {
    /// Reads the record. Without an error nothing is allocated.
    pub fn of(record: &'a Record) -> Self {
        let code = record
            .error_code
            .as_deref()
            .map(|code| code.strip_prefix("Client.").unwrap_or(code));
        let mut recorded = Self {
            outcome: RecordedOutcome::Allowed,
            reason: None,
            code,
            message: message(record),
        };
        let said = recorded.message.as_deref();
        let may_be_denial = code.is_none_or(is_denial_code);
        let reason = said.filter(|_| may_be_denial).and_then(reason);
        recorded.outcome = sign_in(record, code, said)
            .unwrap_or_else(|| outcome(record, code, said, reason.is_some()));
        recorded.reason = reason.filter(|_| recorded.outcome == RecordedOutcome::Denied);
        recorded
    }

    /// The cause that the record states.
    pub fn cause(&self) -> Option<RecordedCause> {
        let (policy_type, policy) = match self.reason.as_ref()? {
            Reason::Explicit {
                policy_type,
                policy,
                ..
            } => ((*policy_type)?, policy.as_ref()),
            Reason::Implicit { policy_type } | Reason::Named { policy_type } => {
                (*policy_type, None)
            }
            Reason::Withheld | Reason::Encoded | Reason::Gate(_) => return None,
        };
        let policy = policy.map(|stated| match stated.is_cut {
            true => format!("{}...", stated.arn),
            false => stated.arn.clone(),
        });
        Some(RecordedCause {
            policy_type,
            policy,
        })
    }

    /// The gate outside IAM that its message states.
    pub(super) fn stated_gate(&self) -> Option<Gate> {
        match self.reason.as_ref()? {
            Reason::Gate(gate) => Some(*gate),
            _ => None,
        }
    }

    /// The gate after authorization that its error code tells of.
    pub(super) fn gate_of_code(&self) -> Option<Gate> {
        self.code.and_then(gate_of_code)
    }

    /// The error in a word.
    pub(super) fn error(&self) -> &str {
        self.code.or(self.message.as_deref()).unwrap_or("an error")
    }
}

/// `errorMessage`, or where some services put it instead.
fn message(record: &Record) -> Option<Cow<'_, str>> {
    let written = record.error_message.as_deref().map(Cow::Borrowed);
    written.or_else(|| message_in_response(record).map(Cow::Owned))
}

/// The size of a response that holds nothing but an error. Larger ones are not
/// searched: successful calls have them.
const ERROR_RESPONSE_BYTES_MAX: usize = 2048;

/// "Other AWS services provide error information as part of responseElements":
/// `{"message": "User: … is not authorized to perform: …"}` in records of
/// AppSync, EKS and GuardDuty.
fn message_in_response(record: &Record) -> Option<String> {
    let response = record.response_elements.as_ref()?.as_str();
    let may_hold = response.len() <= ERROR_RESPONSE_BYTES_MAX
        && (record.error_code.is_some() || response.contains(" is not authorized to perform"));
    let said = |name| may_hold.then(|| record.response(name)).flatten();
    let message = said("message").or_else(|| said("errorMessage"))?;
    let is_error = record.error_code.is_some() || message.starts_with("User: ");
    is_error.then_some(message)
}

fn sign_in(record: &Record, code: Option<&str>, message: Option<&str>) -> Option<RecordedOutcome> {
    let ended = SignIn::of(record).and_then(|sign_in| sign_in.outcome);
    match ended {
        // The credentials were right.
        Some(SignInOutcome::Failure) if refused_by_policy(code, message) => {
            Some(RecordedOutcome::Denied)
        }
        // IAM Identity Center records its failures as service events.
        Some(SignInOutcome::Failure) => Some(RecordedOutcome::AuthenticationFailed),
        _ if record.is_service_event() => Some(RecordedOutcome::NoRequest),
        Some(SignInOutcome::Success) => Some(RecordedOutcome::Allowed),
        // A step of a sign-in, such as CheckMfa.
        None if record.is_console_sign_in() => {
            let step = record.response(&record.event_name)?;
            step.eq_ignore_ascii_case("failure")
                .then_some(RecordedOutcome::AuthenticationFailed)
        }
        None => None,
    }
}

fn refused_by_policy(code: Option<&str>, message: Option<&str>) -> bool {
    message.is_some_and(|message| message.starts_with("Authorization denied"))
        || code.is_some_and(is_denial_code)
}

fn outcome(
    record: &Record,
    code: Option<&str>,
    message: Option<&str>,
    is_denial: bool,
) -> RecordedOutcome {
    match code {
        Some(code) => outcome_of_code(&record.event_source, code),
        // Some services record the message alone.
        None if is_denial => RecordedOutcome::Denied,
        None if message.is_some() => RecordedOutcome::OtherError,
        None => RecordedOutcome::Allowed,
    }
}

#[cfg(test)]
mod tests;
