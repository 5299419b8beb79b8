//! The `Principal` and `NotPrincipal` elements, and how strongly they name the caller.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use crate::principal::{account_of, role_name, session_role_name};
use crate::{Principal, Request};

/// A compiled `Principal` or `NotPrincipal`.
#[derive(Debug, Clone)]
pub(crate) struct PrincipalElement {
    pub(crate) negated: bool,
    pub(crate) patterns: Box<[PrincipalPattern]>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PrincipalPattern {
    Everyone,
    /// An account id, or the ARN of its root.
    Account(Box<str>),
    Arn(Box<str>),
    /// A role's ARN: account and name apart, since sessions do not carry the path.
    Role {
        arn: Box<str>,
        account: Box<str>,
        name: Box<str>,
    },
    Service(Box<str>),
    Federated(Box<str>),
    /// A canonical user, or the id left when a principal was deleted: no request matches it.
    Nobody,
}

/// How a statement names the caller. The order is that of strength: what names the caller more
/// directly depends on fewer other policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Named {
    /// Through the account: it delegates to that account's own policies.
    ByAccount,
    /// Through the role of the session, or the user who asked for the federation session.
    ByRole,
    /// By itself, or as everyone.
    Directly,
}

impl PrincipalPattern {
    /// Reads a value under the key `AWS`.
    pub(crate) fn aws(value: &str) -> Self {
        if value == "*" {
            return PrincipalPattern::Everyone;
        }
        if value.len() == 12 && value.bytes().all(|b| b.is_ascii_digit()) {
            return PrincipalPattern::Account(value.into());
        }
        match (
            account_of(value),
            value.splitn(6, ':').nth(5),
            role_name(value),
        ) {
            (Some(account), Some("root"), _) if value.contains(":iam:") => {
                PrincipalPattern::Account(account.into())
            }
            (Some(account), _, Some(name)) => PrincipalPattern::Role {
                arn: value.into(),
                account: account.into(),
                name: name.into(),
            },
            (Some(_), Some(_), _) => PrincipalPattern::Arn(value.into()),
            _ => PrincipalPattern::Nobody,
        }
    }

    fn names(&self, request: &Request<'_>, denies: bool) -> Option<Named> {
        let principal = &*request.principal;
        let direct = |yes: bool| yes.then_some(Named::Directly);
        match self {
            PrincipalPattern::Everyone => Some(Named::Directly),
            PrincipalPattern::Nobody => None,
            PrincipalPattern::Service(name) => direct(
                matches!(principal, Principal::Service { name: own } if own.eq_ignore_ascii_case(name)),
            ),
            PrincipalPattern::Federated(provider) => direct(match principal {
                Principal::WebIdentity { provider: own } | Principal::Saml { provider: own } => {
                    **own == **provider
                }
                _ => false,
            }),
            // An identity provider's account is named, but a federated identity has no policies
            // there: an allow delegates to nobody, and a deny does not reach it.
            PrincipalPattern::Account(_) if denies && is_federated(principal) => None,
            PrincipalPattern::Account(account) => {
                (request.principal.account() == Some(account)).then_some(Named::ByAccount)
            }
            PrincipalPattern::Role { arn, account, name } => match principal {
                Principal::Role { arn: own } => (**own == **arn).then_some(Named::ByRole),
                Principal::AssumedRole {
                    session_arn,
                    role_arn,
                } => match role_arn {
                    Some(own) => **own == **arn,
                    None => {
                        account_of(session_arn) == Some(account)
                            && session_role_name(session_arn) == Some(name)
                    }
                }
                .then_some(Named::ByRole),
                _ => None,
            },
            PrincipalPattern::Arn(arn) => match principal {
                Principal::User { arn: own } | Principal::Other { arn: own } => {
                    direct(**own == **arn)
                }
                Principal::AssumedRole { session_arn, .. } => direct(**session_arn == **arn),
                Principal::FederatedUser { arn: own, .. } if **own == **arn => {
                    Some(Named::Directly)
                }
                Principal::FederatedUser {
                    issuer_arn: Some(issuer),
                    ..
                } if **issuer == **arn => Some(Named::ByRole),
                _ => None,
            },
        }
    }
}

fn is_federated(principal: &Principal) -> bool {
    matches!(
        principal,
        Principal::WebIdentity { .. } | Principal::Saml { .. }
    )
}

impl PrincipalElement {
    /// How the element names the caller, or `None` if it does not. `denies`: the statement denies.
    /// `bounded`: the caller has a permissions boundary.
    pub(crate) fn names(
        &self,
        request: &Request<'_>,
        denies: bool,
        bounded: bool,
    ) -> Option<Named> {
        if !self.negated {
            return self
                .patterns
                .iter()
                .filter_map(|p| p.names(request, denies))
                .max();
        }
        let excluded = match (denies, bounded) {
            // AWS denies every principal with a boundary, whatever NotPrincipal lists.
            // <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>
            (true, true) => false,
            (true, false) => self.lists_all_identities(request),
            (false, _) => self
                .patterns
                .iter()
                .any(|p| p.names(request, denies).is_some()),
        };
        (!excluded).then_some(Named::Directly)
    }

    /// A caller escapes a Deny with NotPrincipal only if every identity it acts under is listed:
    /// its account, its role, its session.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>
    fn lists_all_identities(&self, request: &Request<'_>) -> bool {
        let lists = |how: Named| {
            self.patterns
                .iter()
                .any(|p| p.names(request, false) == Some(how))
        };
        if self.patterns.contains(&PrincipalPattern::Everyone) {
            return true;
        }
        match &*request.principal {
            Principal::Root { .. } | Principal::Account { .. } => lists(Named::ByAccount),
            Principal::User { .. } | Principal::Other { .. } => {
                lists(Named::ByAccount) && lists(Named::Directly)
            }
            Principal::Role { .. } => lists(Named::ByAccount) && lists(Named::ByRole),
            Principal::AssumedRole { .. } => {
                lists(Named::ByAccount) && lists(Named::ByRole) && lists(Named::Directly)
            }
            Principal::FederatedUser { .. } => lists(Named::ByAccount) && lists(Named::Directly),
            Principal::WebIdentity { .. } | Principal::Saml { .. } | Principal::Service { .. } => {
                lists(Named::Directly)
            }
            Principal::Anonymous => false,
        }
    }
}

impl PrincipalElement {
    /// Whether everyone is named.
    pub(crate) fn is_everyone(&self) -> bool {
        self.negated || self.patterns.contains(&PrincipalPattern::Everyone)
    }
}
