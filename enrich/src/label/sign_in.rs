//! Sign-ins to the console: policies decide about them only where console
//! authorization is on.
//!
//! Source: AWS Sign-In User Guide, "Controlling console access with
//! resource-based policies and resource control policies":
//! <https://docs.aws.amazon.com/signin/latest/userguide/console-access-control.html>

mod judge;

use chrono::Datelike;
use trailwright_schemas::{
    Cause, CauseType, Decision, Record, RecordedOutcome, SignIn, SignInClass, Stage,
};

use super::before::unmapped;
use super::{Labeller, Outcome};
use crate::agreement::Recorded;
use crate::policies::{AsOf, ConsoleAuthorization};
use crate::request::{Derived, NoRequest};

/// The year in which AWS Sign-In began to take policies.
const FIRST_YEAR: i32 = 2026;

/// What AWS documents of an event of the console's sign-in.
enum Checked {
    /// Policies decide.
    ByPolicies,
    /// No policy of AWS Sign-In is asked; why.
    Never(&'static str),
    /// AWS does not say.
    Undocumented,
}

fn checked(record: &Record) -> Checked {
    match record.event_name.as_str() {
        "ConsoleLogin" | "CheckMfa" => Checked::ByPolicies,
        "GetSigninToken" => Checked::Never(
            "a token for a sign-in is not yet one, and the sign-in has its own record",
        ),
        "ExitRole" => Checked::Never("no policy keeps anybody in a role"),
        _ => Checked::Undocumented,
    }
}

impl Labeller {
    /// What a sign-in to the console comes to; `None` when the record is of
    /// none. The calls of `aws login` are API calls.
    pub(super) fn sign_in(
        &self,
        record: &Record,
        recorded: &Recorded<'_>,
        state: AsOf<'_>,
        derived: Result<&Derived<'_>, &NoRequest>,
    ) -> Option<Outcome> {
        let sign_in = SignIn::of(record);
        let is_oauth = sign_in
            .as_ref()
            .is_some_and(|sign_in| sign_in.class == SignInClass::Oauth);
        let has_ended = sign_in.is_some_and(|sign_in| sign_in.outcome.is_some());
        if is_oauth || !(record.is_console_sign_in() || has_ended) {
            return None;
        }
        let refused = recorded.outcome == RecordedOutcome::Denied;
        let checked = checked(record);
        if let (Checked::Never(why), false) = (&checked, refused) {
            return Some(not_restricted((*why).to_owned()));
        }
        Some(match authorization(record, state) {
            ConsoleAuthorization::On(why) => {
                self.authorized(record, state, derived, &checked, &why)
            }
            ConsoleAuthorization::Off(why) => self.through_endpoint(record, state, derived, &why),
            ConsoleAuthorization::Unknown(what)
                if refused && !matches!(checked, Checked::ByPolicies) =>
            {
                self.authorized(record, state, derived, &checked, &what)
            }
            // The refusal tells that it is on, and that there is a policy.
            ConsoleAuthorization::Unknown(_) if refused => {
                let text = "a sign-in policy that is not known refused the sign-in";
                let outcome = self.authorized(record, state, derived, &checked, text);
                unless(Decision::ExplicitDeny, outcome, text.to_owned())
            }
            ConsoleAuthorization::Unknown(what)
                if self.options.assume.console_authorization_off =>
            {
                let why =
                    "console authorization is taken to be off, so no policy decides about sign-ins";
                let mut outcome = self.through_endpoint(record, state, derived, why);
                outcome
                    .assumptions
                    .push(format!("{what}; it is taken to be off"));
                outcome
            }
            // If it is on and nothing denies, it does not matter whether it is on.
            ConsoleAuthorization::Unknown(what) => {
                let outcome = self.authorized(record, state, derived, &checked, &what);
                unless(Decision::Allow, outcome, what)
            }
        })
    }

    /// Console authorization is on.
    fn authorized(
        &self,
        record: &Record,
        state: AsOf<'_>,
        derived: Result<&Derived<'_>, &NoRequest>,
        checked: &Checked,
        why: &str,
    ) -> Outcome {
        match (checked, derived) {
            (Checked::ByPolicies, Ok(derived)) => self.each(record, state, derived, |question| {
                judge::by_policies(question, why)
            }),
            (Checked::ByPolicies, Err(no_request)) => unmapped(no_request),
            _ => open(
                CauseType::UnmappedRequest,
                format!(
                    "AWS does not document whether sign-in policies decide about {}; {why}",
                    record.event_name
                ),
            ),
        }
    }

    /// Console authorization is off: the policy of a VPC endpoint on the way
    /// counts all the same.
    fn through_endpoint(
        &self,
        record: &Record,
        state: AsOf<'_>,
        derived: Result<&Derived<'_>, &NoRequest>,
        why: &str,
    ) -> Outcome {
        match derived {
            Ok(derived) if record.vpc_endpoint_id.is_some() => {
                self.each(record, state, derived, |question| {
                    judge::by_endpoint(question, why)
                })
            }
            _ => not_restricted(why.to_owned()),
        }
    }
}

fn authorization(record: &Record, state: AsOf<'_>) -> ConsoleAuthorization {
    if record.event_time.year() < FIRST_YEAR {
        return ConsoleAuthorization::Off(format!(
            "no policy decides about sign-ins to the console before {FIRST_YEAR}"
        ));
    }
    let account = record.recipient_account_id.as_deref();
    match account.or(record.user_identity.account_id.as_deref()) {
        Some(account) => state.console_authorization(account),
        None => ConsoleAuthorization::Unknown(
            "the record does not say which account it is of".to_owned(),
        ),
    }
}

fn not_restricted(text: String) -> Outcome {
    let cause = Cause::without_policy(CauseType::SignInNotRestricted, text);
    Outcome::without_policies(Decision::Allow, Stage::Authorization, cause)
}

fn open(cause_type: CauseType, text: String) -> Outcome {
    let cause = Cause::without_policy(cause_type, text);
    Outcome::without_policies(Decision::Indeterminate, Stage::Authorization, cause)
}

/// The outcome if it is this one; anything else is open because of `what`.
fn unless(settled: Decision, outcome: Outcome, what: String) -> Outcome {
    if outcome.decision == settled {
        return outcome;
    }
    open(CauseType::NoPoliciesKnown, what)
}

#[cfg(test)]
mod tests;
