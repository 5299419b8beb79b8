//! What a record says about a sign-in.
//!
//! Source: CloudTrail User Guide, "AWS Management Console sign-in events";
//! IAM Identity Center User Guide, "Understanding sign-in events"; AWS Sign-In
//! User Guide, "Login for AWS local development" (OAuth).

use crate::identity::IdentityType;
use crate::record::Record;

/// How the user signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInClass {
    /// The root user, at the console.
    Root,
    /// An IAM user, at the console.
    IamUser,
    /// A federated user or role session, at the console.
    Federated,
    /// A user of IAM Identity Center, or of WorkSpaces with a smart card.
    IdentityCenter,
    /// A signed-in user who switched to a role.
    RoleSwitch,
    /// `aws login` and other OAuth clients.
    Oauth,
    /// At the console, by somebody the record does not describe.
    Unknown,
}

impl SignInClass {
    /// The stored name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::IamUser => "iam_user",
            Self::Federated => "federated",
            Self::IdentityCenter => "identity_center",
            Self::RoleSwitch => "role_switch",
            Self::Oauth => "oauth",
            Self::Unknown => "unknown",
        }
    }
}

/// How the sign-in ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInOutcome {
    /// The user is in.
    Success,
    /// The user is not.
    Failure,
}

impl SignInOutcome {
    /// The stored name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

/// A sign-in, read from the record that completes it or says that it failed.
/// The steps on the way (`CheckMfa`, `CredentialChallenge`) are events but not
/// sign-ins, and neither are new tokens for an old sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// How.
    pub class: SignInClass,
    /// Success or failure; `None` when the record does not say.
    pub outcome: Option<SignInOutcome>,
    /// Whether there was a second factor; `None` when the record does not say.
    /// Always false for federated users at the console: AWS cannot see theirs.
    pub mfa_used: Option<bool>,
    /// The page the user was heading to: `LoginTo`, or `RedirectTo` of a role
    /// switch.
    pub login_to: Option<String>,
}

impl SignIn {
    /// The sign-in that `record` completes, if it does.
    pub fn of(record: &Record) -> Option<Self> {
        let class = class(record)?;
        Some(Self {
            class,
            outcome: outcome(record),
            mfa_used: mfa_used(record, class),
            login_to: record.additional(match class {
                SignInClass::RoleSwitch => "RedirectTo",
                _ => "LoginTo",
            }),
        })
    }
}

const SIGN_IN: &str = "signin.amazonaws.com";
/// Where the events of IAM Identity Center's portal come from.
const PORTAL: &str = "sso.amazonaws.com";

fn class(record: &Record) -> Option<SignInClass> {
    let failed = || outcome(record) == Some(SignInOutcome::Failure);
    match (record.event_source.as_str(), record.event_name.as_str()) {
        (SIGN_IN, "ConsoleLogin") => {
            Some(console_class(record.user_identity.identity_type.as_ref()))
        }
        (SIGN_IN, "SwitchRole") => Some(SignInClass::RoleSwitch),
        (SIGN_IN, "CreateOAuth2Token") if !is_refresh(record) => Some(SignInClass::Oauth),
        // After a failed authorization there is no request for a token.
        (SIGN_IN, "AuthorizeOAuth2Access") if failed() => Some(SignInClass::Oauth),
        (SIGN_IN | PORTAL, "UserAuthentication") => Some(SignInClass::IdentityCenter),
        // A failed Identity Center sign-in has no UserAuthentication event.
        (SIGN_IN | PORTAL, "CredentialVerification") if failed() => {
            Some(SignInClass::IdentityCenter)
        }
        _ => None,
    }
}

/// Users whose name AWS does not know are IAM users too, in records of failed
/// sign-ins. A sign-in by an identity that cannot sign in to the console is
/// still one that somebody has to look at.
fn console_class(identity: Option<&IdentityType>) -> SignInClass {
    match identity {
        Some(IdentityType::Root) => SignInClass::Root,
        Some(IdentityType::IamUser) => SignInClass::IamUser,
        Some(
            IdentityType::AssumedRole
            | IdentityType::Role
            | IdentityType::FederatedUser
            | IdentityType::Directory
            | IdentityType::IdentityCenterUser
            | IdentityType::SamlUser
            | IdentityType::WebIdentityUser,
        ) => SignInClass::Federated,
        Some(
            IdentityType::AwsAccount
            | IdentityType::AwsService
            | IdentityType::Unknown
            | IdentityType::Other(_),
        )
        | None => SignInClass::Unknown,
    }
}

/// True when the token prolongs a sign-in. Older records name no grant.
fn is_refresh(record: &Record) -> bool {
    let grant = record.additional("grant_type");
    grant.or_else(|| record.parameter("grant_type")).as_deref() == Some("refresh_token")
}

/// The word for the outcome, wherever it stands; without one, an error.
fn outcome(record: &Record) -> Option<SignInOutcome> {
    let name = &record.event_name;
    let in_details = || {
        let details = record.service_event_details.as_ref()?;
        crate::Fields::parse(details.as_str()).ok()?.text(name)
    };
    let word = record
        .response(name)
        .or_else(in_details)
        .or_else(|| record.additional("success"))
        .unwrap_or_default();
    let has_error = record.error_code.is_some() || record.error_message.is_some();
    match word.to_ascii_lowercase().as_str() {
        "success" | "true" => Some(SignInOutcome::Success),
        "failure" | "false" => Some(SignInOutcome::Failure),
        _ => has_error.then_some(SignInOutcome::Failure),
    }
}

fn mfa_used(record: &Record, class: SignInClass) -> Option<bool> {
    let written = record.additional("MFAUsed").unwrap_or_default();
    match written.to_ascii_lowercase().as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        // The console names the device only when one was used.
        _ if record.additional("MFAIdentifier").is_some() => Some(true),
        _ if class == SignInClass::IdentityCenter => {
            several_factors(&record.additional("CredentialType")?)
        }
        _ => None,
    }
}

/// `CredentialType`: every factor, with commas between. One besides or instead
/// of the password means MFA: a code or a device is the second step, a passkey
/// or smart card comes with its own PIN. What an external identity provider
/// asked for (`EXTERNAL_IDP`) is unknown here.
fn several_factors(credential_types: &str) -> Option<bool> {
    let mut types = credential_types.split(',').map(str::trim);
    let is_factor = |kind: &str| {
        matches!(
            kind,
            "TOTP" | "RESYNC_TOTP" | "WEBAUTHN" | "EMAIL_OTP" | "SMARTCARD"
        )
    };
    if types.clone().any(is_factor) {
        Some(true)
    } else {
        types.all(|kind| kind == "PASSWORD").then_some(false)
    }
}

#[cfg(test)]
mod tests;
