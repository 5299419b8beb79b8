//! Who made the call: `userIdentity` as IAM sees it.
//!
//! Source: CloudTrail User Guide, "CloudTrail userIdentity element"; IAM User
//! Guide, "AWS global condition context keys" (`aws:PrincipalArn`).

use std::borrow::Cow;

use trailwright_evaluator::Principal;
use trailwright_schemas::{IdentityType, Record, UserIdentity};

/// The principal with what the context and the look-up of policies need.
pub(super) struct Who<'r> {
    pub(super) principal: Principal,
    pub(super) arn: Option<Cow<'r, str>>,
    pub(super) account: Option<Cow<'r, str>>,
}

/// The principal, or why the record does not tell.
pub(super) fn derive(record: &Record) -> Result<Who<'_>, String> {
    let identity = &record.user_identity;
    let principal = principal(record)?;
    let account = borrowed(identity.account_id.as_deref(), principal.account());
    let arn = match &principal {
        Principal::AssumedRole { session_arn, .. } => match role(identity) {
            Some(arn) => Some(Cow::Borrowed(arn)),
            None => role_of(session_arn).map(Cow::Owned),
        },
        Principal::Service { .. } | Principal::Anonymous => None,
        Principal::User { arn } => borrowed(identity.arn.as_deref(), Some(arn)),
        other => other.arn().map(Cow::Owned),
    };
    Ok(Who {
        principal,
        arn,
        account,
    })
}

/// The text, borrowed from where it is known to stand.
fn borrowed<'r>(known: Option<&'r str>, text: Option<&str>) -> Option<Cow<'r, str>> {
    let text = text?;
    Some(match known {
        Some(known) if known == text => Cow::Borrowed(known),
        _ => Cow::Owned(text.to_owned()),
    })
}

fn principal(record: &Record) -> Result<Principal, String> {
    let identity = &record.user_identity;
    let Some(kind) = &identity.identity_type else {
        return untyped(identity);
    };
    match kind {
        IdentityType::Root => account(identity).map(|account| Principal::Root { account }),
        IdentityType::IamUser => user_arn(identity).map(|arn| Principal::User { arn }),
        IdentityType::AssumedRole => session(identity),
        IdentityType::Role => arn(identity).map(|arn| Principal::Role { arn }),
        IdentityType::FederatedUser => arn(identity).map(|arn| Principal::FederatedUser {
            arn,
            issuer_arn: identity.issuer().and_then(|issuer| issuer.arn.clone()),
        }),
        IdentityType::AwsService => service(identity),
        IdentityType::AwsAccount => foreign(identity),
        IdentityType::WebIdentityUser => identity
            .identity_provider
            .clone()
            .map(|provider| Principal::WebIdentity { provider })
            .ok_or_else(|| missing("identityProvider")),
        IdentityType::SamlUser => record
            .parameter("principalArn")
            .or_else(|| identity.identity_provider.clone())
            .map(|provider| Principal::Saml { provider })
            .ok_or_else(|| missing("identityProvider")),
        IdentityType::IdentityCenterUser
        | IdentityType::Directory
        | IdentityType::Unknown
        | IdentityType::Other(_) => by_arn(identity)
            .ok_or_else(|| format!("an identity of type {} is no IAM principal", kind.as_str())),
    }
}

fn untyped(identity: &UserIdentity) -> Result<Principal, String> {
    match by_arn(identity) {
        Some(principal) => Ok(principal),
        None if identity.invoked_by.is_some() => service(identity),
        None => Err("userIdentity has neither a type nor an ARN".to_owned()),
    }
}

/// The principal that the ARN names, whatever the type says.
fn by_arn(identity: &UserIdentity) -> Option<Principal> {
    match Principal::from_arn(identity.arn.as_deref()?) {
        Principal::Other { .. } => None,
        principal => Some(principal),
    }
}

fn session(identity: &UserIdentity) -> Result<Principal, String> {
    Ok(Principal::AssumedRole {
        session_arn: arn(identity)?,
        role_arn: role(identity).map(str::to_owned),
    })
}

/// The role whose session it is, with its path.
fn role(identity: &UserIdentity) -> Option<&str> {
    let issuer = identity.issuer()?;
    let is_role = issuer.issuer_type.as_deref() != Some("Root");
    issuer.arn.as_deref().filter(|_| is_role)
}

fn service(identity: &UserIdentity) -> Result<Principal, String> {
    identity
        .invoked_by
        .clone()
        .map(|name| Principal::Service { name })
        .ok_or_else(|| missing("invokedBy"))
}

/// A caller of another account, as the owner of the resource sees it.
fn foreign(identity: &UserIdentity) -> Result<Principal, String> {
    if let Some(arn) = &identity.arn {
        return Ok(Principal::from_arn(arn));
    }
    match identity.account_id.as_deref() {
        Some("ANONYMOUS_PRINCIPAL" | "anonymous") => Ok(Principal::Anonymous),
        Some(account) => Ok(Principal::Account {
            account: account.to_owned(),
        }),
        None => Err(missing("accountId")),
    }
}

fn user_arn(identity: &UserIdentity) -> Result<String, String> {
    if let Some(arn) = &identity.arn {
        return Ok(arn.clone());
    }
    // A failed sign-in names the user and no ARN.
    match (&identity.account_id, &identity.user_name) {
        (Some(account), Some(name)) if name != "HIDDEN_DUE_TO_SECURITY_REASONS" => {
            Ok(format!("arn:aws:iam::{account}:user/{name}"))
        }
        _ => Err(missing("arn")),
    }
}

/// The role that a session ARN names, without its path.
fn role_of(session_arn: &str) -> Option<String> {
    let parts: Vec<&str> = session_arn.splitn(6, ':').collect();
    let [arn, partition, _, _, account, resource] = parts.as_slice() else {
        return None;
    };
    let name = resource.strip_prefix("assumed-role/")?.split('/').next()?;
    Some(format!("{arn}:{partition}:iam::{account}:role/{name}"))
}

fn arn(identity: &UserIdentity) -> Result<String, String> {
    identity.arn.clone().ok_or_else(|| missing("arn"))
}

fn account(identity: &UserIdentity) -> Result<String, String> {
    let of_arn = || identity.arn.as_deref()?.split(':').nth(4);
    identity
        .account_id
        .as_deref()
        .or_else(of_arn)
        .map(str::to_owned)
        .ok_or_else(|| missing("accountId"))
}

fn missing(element: &str) -> String {
    format!("userIdentity has no {element}")
}
