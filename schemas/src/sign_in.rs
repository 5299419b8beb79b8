//! What a record says about a sign-in.
//!
//! Source: CloudTrail User Guide, "AWS Management Console sign-in events";
//! IAM Identity Center User Guide, "Understanding sign-in events".

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
    /// A user of IAM Identity Center.
    IdentityCenter,
    /// A signed-in user who switched to a role.
    RoleSwitch,
    /// `aws login` and other OAuth clients.
    Oauth,
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

/// A sign-in, read from the record that completes it. The steps on the way
/// (`CheckMfa`, `CredentialChallenge`) are events but not sign-ins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// How.
    pub class: SignInClass,
    /// Success or failure; `None` when the record does not say.
    pub outcome: Option<SignInOutcome>,
    /// `MFAUsed`. Always false for federated users: AWS cannot see their MFA.
    pub mfa_used: Option<bool>,
    /// `LoginTo`: the page the user was heading to.
    pub login_to: Option<String>,
}

impl SignIn {
    /// The sign-in that `record` completes, if it does.
    pub fn of(record: &Record) -> Option<Self> {
        let class = class(record)?;
        Some(Self {
            class,
            outcome: outcome(record),
            mfa_used: record
                .additional("MFAUsed")
                .map(|used| used.eq_ignore_ascii_case("yes")),
            login_to: record.additional("LoginTo"),
        })
    }
}

fn class(record: &Record) -> Option<SignInClass> {
    match record.event_name.as_str() {
        "ConsoleLogin" => Some(match record.user_identity.identity_type {
            Some(IdentityType::Root) => SignInClass::Root,
            Some(IdentityType::IamUser) => SignInClass::IamUser,
            _ => SignInClass::Federated,
        }),
        "SwitchRole" if record.event_source == "signin.amazonaws.com" => {
            Some(SignInClass::RoleSwitch)
        }
        "CreateOAuth2Token" if record.event_source == "signin.amazonaws.com" => {
            Some(SignInClass::Oauth)
        }
        "UserAuthentication" => Some(SignInClass::IdentityCenter),
        // A failed Identity Center sign-in has no UserAuthentication event.
        "CredentialVerification" if outcome(record) == Some(SignInOutcome::Failure) => {
            Some(SignInClass::IdentityCenter)
        }
        _ => None,
    }
}

fn outcome(record: &Record) -> Option<SignInOutcome> {
    let name = &record.event_name;
    let in_details = || {
        let details = record.service_event_details.as_ref()?;
        crate::Fields::parse(details.as_str()).ok()?.text(name)
    };
    let word = record
        .response(name)
        .or_else(in_details)
        .or_else(|| record.additional("success"))?;
    match word.to_ascii_lowercase().as_str() {
        "success" | "true" => Some(SignInOutcome::Success),
        "failure" | "false" => Some(SignInOutcome::Failure),
        _ => None,
    }
}
