//! What is asked: may this principal do this action on this resource.

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::{ActionName, Context, Principal, ServiceData};

/// One authorization request: one action on one resource.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    pub(crate) principal: Cow<'a, Principal>,
    pub(crate) service_linked: bool,
    pub(crate) action: Cow<'a, ActionName>,
    pub(crate) resource: Cow<'a, str>,
    /// The account of the principal, where that was said.
    caller: Option<&'a str>,
    /// Who owns the resource, where that was said.
    owner: Option<Cow<'a, str>>,
    management_account: Option<Cow<'a, str>>,
    /// Resource control policies apply to the action's service, or it is not known whether.
    pub(crate) under_rcp: bool,
    /// Worked out once, so that a decision need not read the texts.
    accounts: OnceLock<Accounts>,
    pub(crate) target: Target,
    pub(crate) context: Context<'a>,
}

/// How the accounts of a request relate.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Accounts {
    /// The principal belongs to the account that owns the resource.
    pub(crate) same: bool,
    pub(crate) principal_in_management: bool,
    pub(crate) resource_in_management: bool,
}

/// Requests on which special rules bear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// A call to KMS on a key.
    Key,
    /// A call to STS on a role.
    Role,
    Other,
}

impl Target {
    #[inline]
    fn of(action_key: &str, resource: &str) -> Self {
        if action_key.starts_with("kms:") && resource.contains(":key/") {
            Target::Key
        } else if action_key.starts_with("sts:") && resource.contains(":role/") {
            Target::Role
        } else {
            Target::Other
        }
    }
}

impl<'a> Request<'a> {
    /// A request of `principal` to do `action` (`s3:GetObject`) on `resource` (an ARN, or `*` for
    /// actions that take no resource). The resource's account is the one in its ARN; where the ARN
    /// has none (S3), or the resource is `*`, it is the principal's until
    /// [`Request::in_account`] says otherwise.
    #[must_use]
    pub fn new(
        principal: impl Into<Cow<'a, Principal>>,
        action: &str,
        resource: impl Into<Cow<'a, str>>,
        context: Context<'a>,
    ) -> Self {
        let action = Cow::Owned(ActionName::new(action));
        Self::with_name(principal.into(), action, resource.into(), context)
    }

    /// The same for an action whose name was looked at before: nothing is copied.
    #[must_use]
    #[inline]
    pub fn for_action(
        principal: &'a Principal,
        action: &'a ActionName,
        resource: &'a str,
        context: Context<'a>,
    ) -> Self {
        let action = Cow::Borrowed(action);
        Self::with_name(principal.into(), action, resource.into(), context)
    }

    #[inline]
    fn with_name(
        principal: Cow<'a, Principal>,
        action: Cow<'a, ActionName>,
        resource: Cow<'a, str>,
        context: Context<'a>,
    ) -> Self {
        Request {
            service_linked: principal.is_service_linked_role(),
            principal,
            target: Target::of(action.key(), &resource),
            under_rcp: action.is_under_rcp(),
            action,
            resource,
            caller: None,
            owner: None,
            management_account: None,
            accounts: OnceLock::new(),
            context,
        }
    }

    /// How the accounts of principal and resource relate.
    pub(crate) fn accounts(&self) -> Accounts {
        *self.accounts.get_or_init(|| self.relate_accounts())
    }

    fn relate_accounts(&self) -> Accounts {
        let same = |a: Option<&str>, b: Option<&str>| a.is_some() && a == b;
        let caller = self.caller.or_else(|| self.principal.account());
        let owner = self.stated_owner().or(caller);
        let management = self.management_account.as_deref();
        Accounts {
            same: same(caller, owner),
            principal_in_management: same(management, caller),
            resource_in_management: same(management, owner),
        }
    }

    /// Says which account the principal belongs to, where its ARN was looked at before.
    #[must_use]
    #[inline]
    pub fn from_account(mut self, account: &'a str) -> Self {
        self.caller = Some(account);
        self.accounts = OnceLock::new();
        self
    }

    /// Says which account owns the resource.
    #[must_use]
    #[inline]
    pub fn in_account(mut self, account: impl Into<Cow<'a, str>>) -> Self {
        self.owner = Some(account.into());
        self.accounts = OnceLock::new();
        self
    }

    /// Says which account is the management account of the organization: service control policies
    /// do not restrict its principals, nor resource control policies its resources.
    /// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html>
    #[must_use]
    #[inline]
    pub fn with_management_account(mut self, account: impl Into<Cow<'a, str>>) -> Self {
        self.management_account = Some(account.into());
        self.accounts = OnceLock::new();
        self
    }

    /// Says which services there are: resource control policies then apply only to actions of
    /// services that support them, and without this to all.
    /// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>
    #[must_use]
    pub fn with_service_data(mut self, data: &ServiceData) -> Self {
        self.under_rcp = data.is_under_rcp(self.action.as_str());
        self
    }

    /// The same, borrowing nothing: its condition keys are worked out.
    #[must_use]
    pub fn into_owned(self) -> Request<'static> {
        let owned = |text: Cow<'a, str>| Cow::Owned(text.into_owned());
        Request {
            principal: Cow::Owned(self.principal.into_owned()),
            service_linked: self.service_linked,
            action: Cow::Owned(self.action.into_owned()),
            resource: owned(self.resource),
            caller: None,
            owner: self.owner.map(owned),
            management_account: self.management_account.map(owned),
            under_rcp: self.under_rcp,
            accounts: self.accounts,
            target: self.target,
            context: self.context.into_owned(),
        }
    }

    /// Who asks.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The action as given.
    #[must_use]
    pub fn action(&self) -> &str {
        self.action.as_str()
    }

    /// The resource: an ARN or `*`.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// The account that owns the resource, if known.
    #[must_use]
    pub fn resource_account(&self) -> Option<&str> {
        self.stated_owner().or_else(|| self.principal.account())
    }

    /// The owner as it was said, or as the resource's ARN says it.
    fn stated_owner(&self) -> Option<&str> {
        let of_arn = || {
            crate::principal::account_of(&self.resource)
                .filter(|account| account.bytes().all(|b| b.is_ascii_digit()))
        };
        self.owner.as_deref().or_else(of_arn)
    }

    /// Whether a service-linked role asks, which control policies do not restrict.
    #[must_use]
    pub fn is_of_service_linked_role(&self) -> bool {
        self.service_linked
    }

    /// The condition keys.
    #[must_use]
    pub fn context(&self) -> &Context<'a> {
        &self.context
    }
}
