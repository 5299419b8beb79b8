//! What AWS answers: granted, or denied with the words AWS would write.
//!
//! Source: IAM User Guide, "Troubleshoot access denied error messages".

use trailwright_schemas::{CauseType, Decision};

use super::Expected;
use super::call::Call;
use super::caller::Caller;
use super::random::Random;

/// The layer of policies that denies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layer {
    Identity,
    Resource,
    Trust,
    Boundary,
    Session,
    Scp,
    Rcp,
}

impl Layer {
    fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity-based policy",
            Self::Resource => "resource-based policy",
            Self::Trust => "role trust policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::Scp => "service control policy",
            Self::Rcp => "resource control policy",
        }
    }

    fn article(self) -> &'static str {
        match self {
            Self::Identity => "an",
            Self::Trust => "the",
            _ => "a",
        }
    }

    pub(super) fn cause(self) -> CauseType {
        match self {
            Self::Identity => CauseType::IdentityPolicy,
            Self::Resource | Self::Trust => CauseType::ResourcePolicy,
            Self::Boundary => CauseType::PermissionsBoundary,
            Self::Session => CauseType::SessionPolicy,
            Self::Scp => CauseType::ServiceControlPolicy,
            Self::Rcp => CauseType::ResourceControlPolicy,
        }
    }
}

/// What the message says of the reason.
#[derive(Clone, Debug)]
enum Wording {
    /// The type of policy, of an explicit deny also its ARN.
    Reason(Option<String>),
    /// As `Reason`, with the way to the access troubleshooter.
    Troubleshooter(Option<String>),
    /// Who, what and on what, but not why.
    Bare,
    /// Nothing but that it is denied.
    Mute,
}

/// The answer to one call.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// The call succeeded.
    Granted(Expected),
    /// The call was authorized, or never asked for it, and failed otherwise.
    Failed(Expected, &'static str, String),
    /// The policies deny.
    Denied(Denial),
}

/// A denial by one layer.
#[derive(Clone, Debug)]
pub(super) struct Denial {
    layer: Layer,
    explicit: bool,
    wording: Wording,
}

impl Answer {
    pub(super) fn allowed(cause: CauseType) -> Self {
        Self::Granted(Expected::new(Decision::Allow, cause))
    }

    /// Allowed by a policy of the caller.
    pub(super) fn allowed_by_identity() -> Self {
        Self::allowed(CauseType::IdentityPolicy)
    }

    /// Allowed by a policy of the resource.
    pub(super) fn allowed_by_resource() -> Self {
        Self::allowed(CauseType::ResourcePolicy)
    }

    /// Allowed by a policy of the caller, and failed for another reason.
    pub(super) fn failed(code: &'static str, message: impl Into<String>) -> Self {
        let expected = Expected::new(Decision::Allow, CauseType::IdentityPolicy);
        Self::Failed(expected, code, message.into())
    }

    /// `layer` has no statement that allows.
    pub(super) fn missing(layer: Layer) -> Self {
        Self::denied(layer, false, Wording::Reason(None))
    }

    /// A statement in `layer` denies; `policy` is the ARN that AWS names.
    pub(super) fn explicit(layer: Layer, policy: Option<String>) -> Self {
        Self::denied(layer, true, Wording::Reason(policy))
    }

    fn denied(layer: Layer, explicit: bool, wording: Wording) -> Self {
        Self::Denied(Denial {
            layer,
            explicit,
            wording,
        })
    }

    /// The same denial in a message that keeps the reason back.
    pub(super) fn bare(self) -> Self {
        self.worded(|_| Wording::Bare)
    }

    /// The same denial in the oldest form, which says nothing.
    pub(super) fn mute(self) -> Self {
        self.worded(|_| Wording::Mute)
    }

    /// The same denial with the way to the access troubleshooter.
    pub(super) fn with_troubleshooter(self) -> Self {
        self.worded(|wording| match wording {
            Wording::Reason(policy) => Wording::Troubleshooter(policy),
            other => other,
        })
    }

    fn worded(self, change: impl FnOnce(Wording) -> Wording) -> Self {
        match self {
            Self::Denied(denial) => Self::Denied(Denial {
                wording: change(denial.wording),
                ..denial
            }),
            other => other,
        }
    }

    pub(super) fn expected(&self) -> Expected {
        match self {
            Self::Granted(expected) | Self::Failed(expected, ..) => *expected,
            Self::Denied(denial) => Expected::new(denial.decision(), denial.layer.cause()),
        }
    }

    /// `errorCode` and `errorMessage`; `None` for a call that succeeded.
    pub(super) fn error(
        &self,
        call: &Call,
        caller: &Caller,
        random: &mut Random,
    ) -> Option<(String, String)> {
        match self {
            Self::Granted(_) => None,
            Self::Failed(_, code, message) => Some(((*code).to_owned(), message.clone())),
            Self::Denied(denial) => {
                let message = denial.message(call, caller, random);
                Some((denial_code(call.service).to_owned(), message))
            }
        }
    }
}

impl Denial {
    fn decision(&self) -> Decision {
        if self.explicit {
            Decision::ExplicitDeny
        } else {
            Decision::ImplicitDeny
        }
    }

    fn message(&self, call: &Call, caller: &Caller, random: &mut Random) -> String {
        let sentence = match &self.wording {
            Wording::Mute => None,
            Wording::Bare => Some(attempt(call, caller)),
            Wording::Reason(policy) => {
                let reason = self.reason(call, policy.as_deref());
                Some(format!("{} {reason}", attempt(call, caller)))
            }
            Wording::Troubleshooter(policy) => {
                let reason = self.reason(call, policy.as_deref());
                Some(format!(
                    "{} {reason}. Go to https://console.aws.amazon.com/iam/home#/access-troubleshooter \
                     for complete details, or call the iam:GetAuthorizationDetails API with the \
                     following authorization id: {}",
                    attempt(call, caller),
                    random.uuid()
                ))
            }
        };
        if call.service != "ec2" {
            return sentence.unwrap_or_else(|| "Access Denied".to_owned());
        }
        let encoded = random.letters(240);
        let opening = "You are not authorized to perform this operation.";
        let closing = format!("Encoded authorization failure message: {encoded}");
        match sentence {
            Some(sentence) => format!("{opening} {sentence}. {closing}"),
            None => format!("{opening} {closing}"),
        }
    }

    fn reason(&self, call: &Call, policy: Option<&str>) -> String {
        let layer = self.layer.name();
        if !self.explicit {
            return format!("because no {layer} allows the {} action", call.action());
        }
        let article = self.layer.article();
        let policy = policy.map(|arn| format!(": {arn}")).unwrap_or_default();
        format!("with an explicit deny in {article} {layer}{policy}")
    }
}

fn attempt(call: &Call, caller: &Caller) -> String {
    let resource = match (&call.denied_on, call.service) {
        (None, _) => String::new(),
        (Some(arn), "s3") => format!(" on resource: \"{arn}\""),
        (Some(arn), _) => format!(" on resource: {arn}"),
    };
    format!(
        "User: {} is not authorized to perform: {}{resource}",
        caller.arn,
        call.action()
    )
}

fn denial_code(service: &str) -> &'static str {
    match service {
        "ec2" => "Client.UnauthorizedOperation",
        "s3" | "iam" | "sts" | "cloudformation" => "AccessDenied",
        _ => "AccessDeniedException",
    }
}
