//! Records of `signin.amazonaws.com`.
//!
//! Source: CloudTrail User Guide, "AWS Management Console sign-in events".

use serde_json::{Value, json};
use trailwright_schemas::{CauseType, Decision};

use crate::generator::Expected;
use crate::generator::caller::{BROWSER, Caller};
use crate::generator::day::Day;
use crate::generator::organization::User;
use crate::generator::record::tls;

/// An IAM user's way into the console.
pub(super) struct Login<'a> {
    pub(super) user: &'a User,
    pub(super) address: &'static str,
    pub(super) region: &'static str,
    /// The sign-in endpoint.
    pub(super) host: &'a str,
    /// The page the user was heading to.
    pub(super) login_to: &'a str,
    pub(super) mfa: bool,
}

/// While console authorization is off, which is the default, no policy
/// restricts who signs in.
pub(super) fn not_restricted() -> Expected {
    Expected::new(Decision::Allow, CauseType::SignInNotRestricted)
}

/// The credentials were wrong, so no policy was asked.
pub(super) fn not_authenticated() -> Expected {
    Expected::new(Decision::NotEvaluated, CauseType::AuthenticationFailure)
}

/// The elements that all events of the sign-in service share.
pub(super) fn event(name: &str, identity: Value, address: &str, host: &str) -> Value {
    json!({
        "eventType": "AwsConsoleSignIn",
        "eventSource": "signin.amazonaws.com",
        "eventName": name,
        "readOnly": false,
        "userIdentity": identity,
        "sourceIPAddress": address,
        "userAgent": BROWSER,
        "tlsDetails": tls(host),
    })
}

/// `user` signs in, with MFA where the login says so.
pub(super) fn sign_in(day: &mut Day, at: u32, login: &Login<'_>) -> Caller {
    let user = login.user;
    if login.mfa {
        let mut check = event("CheckMfa", half_known(user), login.address, login.host);
        check["responseElements"] = json!({ "CheckMfa": "Success" });
        check["additionalEventData"] = json!({ "MfaType": "Virtual MFA" });
        day.add(at, user.account, login.region, check, not_restricted());
    }
    let identity = json!({
        "type": "IAMUser",
        "principalId": user.id,
        "arn": user.arn(),
        "accountId": user.account,
        "userName": user.name,
    });
    let mut record = event("ConsoleLogin", identity, login.address, login.host);
    record["responseElements"] = json!({ "ConsoleLogin": "Success" });
    record["additionalEventData"] = additional(login);
    day.add(at + 9, user.account, login.region, record, not_restricted());
    let key = day.random.temporary_key();
    Caller::user_in_console(user, &key, login.address, &day.time(at + 9), login.mfa)
}

/// Somebody gives a wrong password for `user`.
pub(super) fn wrong_password(day: &mut Day, at: u32, login: &Login<'_>) {
    let identity = half_known(login.user);
    let mut record = event("ConsoleLogin", identity, login.address, login.host);
    record["errorMessage"] = json!("Failed authentication");
    record["responseElements"] = json!({ "ConsoleLogin": "Failure" });
    record["additionalEventData"] = additional(login);
    let expected = not_authenticated();
    day.add(at, login.user.account, login.region, record, expected);
}

/// A user before the sign-in is complete: without an ARN.
fn half_known(user: &User) -> Value {
    json!({
        "type": "IAMUser",
        "principalId": user.id,
        "accountId": user.account,
        "accessKeyId": "",
        "userName": user.name,
    })
}

fn additional(login: &Login<'_>) -> Value {
    let mut additional = json!({
        "LoginTo": login.login_to,
        "MobileVersion": "No",
        "MFAUsed": if login.mfa { "Yes" } else { "No" },
    });
    if login.mfa {
        let user = login.user;
        let device = format!("arn:aws:iam::{}:mfa/{}-phone", user.account, user.name);
        additional["MFAIdentifier"] = json!(device);
    }
    additional
}
