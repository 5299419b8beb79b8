//! Who makes the request.

use std::borrow::Cow;

use crate::arn::after_colons;

/// The principal of a request, as AWS evaluates it.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// The root user of an account.
    Root {
        /// Account id, twelve digits.
        account: String,
    },
    /// An IAM user with its own credentials.
    User {
        /// `arn:aws:iam::ACCOUNT:user/PATH/NAME`.
        arn: String,
    },
    /// A role as such, without a session: for questions like "may this role".
    Role {
        /// `arn:aws:iam::ACCOUNT:role/PATH/NAME`.
        arn: String,
    },
    /// A role session, from AssumeRole or a sibling of it.
    AssumedRole {
        /// `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`.
        session_arn: String,
        /// ARN of the role with its path, if known. A role's name is unique in its account, so
        /// statements that name the role match without it too.
        role_arn: Option<String>,
    },
    /// A session from GetFederationToken.
    FederatedUser {
        /// `arn:aws:sts::ACCOUNT:federated-user/NAME`.
        arn: String,
        /// The IAM user who asked for the session, if known.
        issuer_arn: Option<String>,
    },
    /// Someone with a token of a web identity provider, before a role is assumed.
    WebIdentity {
        /// ARN of the OIDC provider, or the name of a well-known one (`accounts.google.com`).
        provider: String,
    },
    /// Someone with a SAML assertion, before a role is assumed.
    Saml {
        /// ARN of the SAML provider.
        provider: String,
    },
    /// An AWS service that acts for itself.
    Service {
        /// For example `lambda.amazonaws.com`.
        name: String,
    },
    /// An account as such.
    Account {
        /// Account id, twelve digits.
        account: String,
    },
    /// Nobody: the request is not signed.
    Anonymous,
    /// Something else that has an ARN.
    Other {
        /// Its ARN.
        arn: String,
    },
}

impl Principal {
    /// The principal a userIdentity or policy ARN names: a user, role, role session, federated user
    /// or root; an account id means the account; anything else is [`Principal::Other`].
    #[must_use]
    pub fn from_arn(arn: &str) -> Self {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [_, _, service, _, account, resource] = parts.as_slice() else {
            return match arn {
                "*" => Principal::Anonymous,
                id if id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit()) => {
                    Principal::Account {
                        account: id.to_owned(),
                    }
                }
                name if name.ends_with(".amazonaws.com") => Principal::Service {
                    name: name.to_owned(),
                },
                _ => Principal::Other {
                    arn: arn.to_owned(),
                },
            };
        };
        let arn = arn.to_owned();
        let kind = resource.split('/').next().unwrap_or_default();
        match (*service, kind) {
            ("iam", "root") => Principal::Root {
                account: (*account).to_owned(),
            },
            ("iam", "user") => Principal::User { arn },
            ("iam", "role") => Principal::Role { arn },
            ("sts", "assumed-role") => Principal::AssumedRole {
                session_arn: arn,
                role_arn: None,
            },
            ("sts", "federated-user") => Principal::FederatedUser {
                arn,
                issuer_arn: None,
            },
            ("iam", "oidc-provider") => Principal::WebIdentity { provider: arn },
            ("iam", "saml-provider") => Principal::Saml { provider: arn },
            _ => Principal::Other { arn },
        }
    }

    /// The account the principal belongs to, or that of its identity provider; services, anonymous
    /// callers and those with a token of a well-known provider belong to none.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        match self {
            Principal::Root { account } | Principal::Account { account } => Some(account),
            Principal::User { arn }
            | Principal::Role { arn }
            | Principal::FederatedUser { arn, .. } => account_of(arn),
            Principal::AssumedRole { session_arn, .. } => account_of(session_arn),
            Principal::Other { arn } => account_of(arn),
            Principal::WebIdentity { provider } | Principal::Saml { provider } => {
                account_of(provider)
            }
            Principal::Service { .. } | Principal::Anonymous => None,
        }
    }

    /// The principal's own ARN or name; `None` for anonymous callers.
    #[must_use]
    pub fn arn(&self) -> Option<String> {
        match self {
            Principal::Root { account } | Principal::Account { account } => {
                Some(format!("arn:aws:iam::{account}:root"))
            }
            Principal::User { arn }
            | Principal::Role { arn }
            | Principal::FederatedUser { arn, .. }
            | Principal::Other { arn } => Some(arn.clone()),
            Principal::AssumedRole { session_arn, .. } => Some(session_arn.clone()),
            Principal::WebIdentity { provider } | Principal::Saml { provider } => {
                Some(provider.clone())
            }
            Principal::Service { name } => Some(name.clone()),
            Principal::Anonymous => None,
        }
    }

    /// Whether this is a service-linked role or a session of one: their names begin with
    /// `AWSServiceRoleFor`.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html>
    #[must_use]
    pub fn is_service_linked_role(&self) -> bool {
        match self {
            Principal::Role { arn } => {
                arn.contains(":role/aws-service-role/")
                    || role_name(arn).is_some_and(is_service_linked)
            }
            Principal::AssumedRole { session_arn, .. } => {
                session_role_name(session_arn).is_some_and(is_service_linked)
            }
            _ => false,
        }
    }
}

impl From<Principal> for Cow<'_, Principal> {
    fn from(principal: Principal) -> Self {
        Cow::Owned(principal)
    }
}

impl<'a> From<&'a Principal> for Cow<'a, Principal> {
    fn from(principal: &'a Principal) -> Self {
        Cow::Borrowed(principal)
    }
}

fn is_service_linked(name: &str) -> bool {
    name.starts_with("AWSServiceRoleFor")
}

/// The account segment of an ARN, if it has one.
#[must_use]
pub fn account_of(arn: &str) -> Option<&str> {
    let rest = after_colons(arn, 4)?;
    let end = rest.bytes().position(|byte| byte == b':');
    let account = &rest[..end.unwrap_or(rest.len())];
    (!account.is_empty()).then_some(account)
}

/// The name in a role ARN, without its path.
pub(crate) fn role_name(role_arn: &str) -> Option<&str> {
    let resource = after_colons(role_arn, 5)?;
    resource.strip_prefix("role/")?.rsplit('/').next()
}

/// The role's name in the ARN of a role session.
pub(crate) fn session_role_name(session_arn: &str) -> Option<&str> {
    let name = after_colons(session_arn, 5)?.strip_prefix("assumed-role/")?;
    let end = name.bytes().position(|byte| byte == b'/');
    Some(&name[..end.unwrap_or(name.len())])
}
