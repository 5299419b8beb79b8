//! What the record says happened.
//!
//! Sources: CloudTrail User Guide, "AWS Management Console sign-in events" and
//! "CloudTrail record contents"; the services' lists of common errors.

use trailwright_schemas::{Record, RecordedOutcome, SignIn, SignInOutcome};

use super::message::parse;

/// Error codes of a denial, in lower case, without the `Client.` that EC2 puts
/// in front.
const DENIED: [&str; 14] = [
    "accessdenied",
    "accessdeniedexception",
    "accessdeniedfault",
    "unauthorizedoperation",
    "vpceaccessdenied",
    "authorizationerror",
    "authorizationerrorexception",
    "notauthorized",
    "notauthorizedexception",
    "unauthorizedexception",
    "forbiddenexception",
    "kms.accessdeniedexception",
    "kmsaccessdenied",
    "kmsaccessdeniedexception",
];

/// Error codes of credentials that were not accepted.
const NOT_AUTHENTICATED: [&str; 9] = [
    "invalidclienttokenid",
    "unrecognizedclientexception",
    "signaturedoesnotmatch",
    "expiredtoken",
    "expiredtokenexception",
    "authfailure",
    "invalidaccesskeyid",
    "incompletesignature",
    "requestexpired",
];

/// Parts of the error codes of gates that come after authorization: quotas,
/// billing, services that the account has not signed up for.
const GATES: [&str; 8] = [
    "limitexceeded",
    "quotaexceeded",
    "optinrequired",
    "subscriptionrequired",
    "pendingverification",
    "notsignedup",
    "accountproblem",
    "invalidaccessexception",
];

/// What the record itself says.
pub fn recorded_outcome(record: &Record) -> RecordedOutcome {
    let sign_in = SignIn::of(record).and_then(|sign_in| sign_in.outcome);
    match sign_in {
        Some(SignInOutcome::Failure) if refused_by_policy(record) => {
            return RecordedOutcome::Denied;
        }
        // IAM Identity Center records its failures as service events.
        Some(SignInOutcome::Failure) => return RecordedOutcome::AuthenticationFailed,
        _ if record.is_service_event() => return RecordedOutcome::NoRequest,
        Some(SignInOutcome::Success) => return RecordedOutcome::Allowed,
        None => {}
    }
    // A step of a sign-in, such as CheckMfa.
    let step = record
        .is_console_sign_in()
        .then(|| record.response(&record.event_name));
    if step
        .flatten()
        .is_some_and(|word| word.eq_ignore_ascii_case("failure"))
    {
        return RecordedOutcome::AuthenticationFailed;
    }
    let message = record.error_message.as_deref();
    match code(record) {
        Some(code) if code == "dryrunoperation" => RecordedOutcome::Allowed,
        Some(code) if DENIED.contains(&code.as_str()) => RecordedOutcome::Denied,
        Some(code) if NOT_AUTHENTICATED.contains(&code.as_str()) => {
            RecordedOutcome::AuthenticationFailed
        }
        Some(_) => RecordedOutcome::OtherError,
        // Some services record the message alone.
        None if message.and_then(parse).is_some() => RecordedOutcome::Denied,
        None if message.is_some() => RecordedOutcome::OtherError,
        None => RecordedOutcome::Allowed,
    }
}

/// Whether a failed sign-in failed by a policy: the credentials were right.
pub fn refused_by_policy(record: &Record) -> bool {
    record
        .error_message
        .as_deref()
        .is_some_and(|message| message.starts_with("Authorization denied"))
}

/// Whether the error is one of a gate that comes after authorization.
pub(super) fn is_gate(record: &Record) -> bool {
    code(record).is_some_and(|code| GATES.iter().any(|gate| code.contains(gate)))
}

fn code(record: &Record) -> Option<String> {
    let code = record.error_code.as_deref()?.to_ascii_lowercase();
    Some(code.strip_prefix("client.").unwrap_or(&code).to_owned())
}
