//! What is asked: may this principal do this action on this resource.

use crate::statement::action_bits;
use crate::{Context, Principal, ServiceData};

/// One authorization request: one action on one resource.
#[derive(Debug, Clone)]
pub struct Request {
    pub(crate) principal: Principal,
    pub(crate) principal_account: Option<String>,
    pub(crate) service_linked: bool,
    pub(crate) action: String,
    /// The action in lower case: action names are case-insensitive.
    pub(crate) action_key: String,
    pub(crate) action_bits: u64,
    pub(crate) resource: String,
    pub(crate) resource_account: Option<String>,
    pub(crate) management_account: Option<String>,
    /// Resource control policies apply to the action's service, or it is not known whether.
    pub(crate) under_rcp: bool,
    /// Worked out once, so that a decision need not read the texts.
    pub(crate) accounts: Accounts,
    pub(crate) target: Target,
    pub(crate) context: Context,
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

impl Request {
    /// A request of `principal` to do `action` (`s3:GetObject`) on `resource` (an ARN, or `*` for
    /// actions that take no resource). The resource's account is the one in its ARN; where the ARN
    /// has none (S3), or the resource is `*`, it is the principal's until
    /// [`Request::in_account`] says otherwise.
    #[must_use]
    pub fn new(principal: Principal, action: &str, resource: &str, context: Context) -> Self {
        let principal_account = principal.account().map(str::to_owned);
        let resource_account = crate::principal::account_of(resource)
            .filter(|account| account.bytes().all(|b| b.is_ascii_digit()))
            .map(str::to_owned)
            .or_else(|| principal_account.clone());
        let action_key = action.to_lowercase();
        let mut request = Request {
            service_linked: principal.is_service_linked_role(),
            principal,
            principal_account,
            action: action.to_owned(),
            action_bits: action_bits(&action_key),
            target: Target::of(&action_key, resource),
            action_key,
            resource: resource.to_owned(),
            resource_account,
            management_account: None,
            under_rcp: true,
            accounts: Accounts::default(),
            context,
        };
        request.relate_accounts();
        request
    }

    fn relate_accounts(&mut self) {
        let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
        self.accounts = Accounts {
            same: same(&self.principal_account, &self.resource_account),
            principal_in_management: same(&self.management_account, &self.principal_account),
            resource_in_management: same(&self.management_account, &self.resource_account),
        };
    }

    /// Says which account owns the resource.
    #[must_use]
    pub fn in_account(mut self, account: impl Into<String>) -> Self {
        self.resource_account = Some(account.into());
        self.relate_accounts();
        self
    }

    /// Says which account is the management account of the organization: service control policies
    /// do not restrict its principals, nor resource control policies its resources.
    /// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html>
    #[must_use]
    pub fn with_management_account(mut self, account: impl Into<String>) -> Self {
        self.management_account = Some(account.into());
        self.relate_accounts();
        self
    }

    /// Says which services there are: resource control policies then apply only to actions of
    /// services that support them, and without this to all.
    /// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>
    #[must_use]
    pub fn with_service_data(mut self, data: &ServiceData) -> Self {
        self.under_rcp = data.is_under_rcp(&self.action);
        self
    }

    /// Who asks.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The action as given.
    #[must_use]
    pub fn action(&self) -> &str {
        &self.action
    }

    /// The resource: an ARN or `*`.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// The account that owns the resource, if known.
    #[must_use]
    pub fn resource_account(&self) -> Option<&str> {
        self.resource_account.as_deref()
    }

    /// The condition keys.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }
}
