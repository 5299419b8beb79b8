//! From a record to the question that was put to IAM: who asked, for which
//! actions, on which resources, in which context.

mod context;
mod json;
mod parameters;
mod principal;
mod resource;
mod tags;

use std::borrow::Cow;

use trailwright_evaluator::{ActionName, ContextValue, Principal};
use trailwright_schemas::Record;

use crate::catalogue::{Catalogue, Needed};
use parameters::Parameters;
pub(crate) use resource::partition;

/// How a part of the request is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Provenance {
    /// The record says it.
    Exact,
    /// It follows from the record by a rule that may err.
    Derived,
    /// The record does not tell.
    Unknown,
}

impl Provenance {
    /// The name as printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Derived => "derived",
            Self::Unknown => "unknown",
        }
    }
}

/// A resource of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target<'r> {
    /// Its ARN; `*` for actions without resources and where nothing is known.
    pub arn: Cow<'r, str>,
    /// The account that owns it, when the record says so.
    pub account: Option<Cow<'r, str>>,
    /// How it is known. `Unknown`: the ARN has a `*` in place of what the
    /// record does not name.
    pub provenance: Provenance,
}

/// One action and the resources it is evaluated on; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call<'r> {
    /// `prefix:Name`.
    pub action: Cow<'r, ActionName>,
    /// Each is evaluated on its own; any deny denies.
    pub targets: Vec<Target<'r>>,
}

/// A condition key of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextKey {
    /// Such as `aws:SourceIp`.
    pub name: String,
    /// Its value, absent or unknown.
    pub value: ContextValue,
    /// How it is known.
    pub provenance: Provenance,
}

/// A request, as far as the record tells it. It is also where the evaluator
/// looks up condition keys ([`trailwright_evaluator::Keys`]): they are worked
/// out when a policy reads them. Those of the resource and those that only an
/// inventory knows (organizations, tags) are not among them.
#[derive(Clone, Debug)]
pub struct Derived<'r> {
    /// Who asked.
    pub principal: Principal,
    /// The value of `aws:PrincipalArn`: of a role session, its role.
    pub principal_arn: Option<Cow<'r, str>>,
    /// The account of the principal.
    pub principal_account: Option<Cow<'r, str>>,
    /// What was asked for; at least one action.
    pub actions: Vec<Call<'r>>,
    /// Condition keys that are said outright and win over derived ones.
    stated: Vec<ContextKey>,
    source: Option<Source<'r>>,
}

/// What condition keys are derived from.
#[derive(Clone, Debug)]
struct Source<'r> {
    record: &'r Record,
    catalogue: &'r Catalogue,
    parameters: Parameters<'r>,
}

impl Derived<'_> {
    /// The same with these condition keys in place of what the record tells of
    /// them.
    pub(crate) fn with_stated(mut self, keys: Vec<ContextKey>) -> Self {
        let is_replaced = |known: &ContextKey| {
            keys.iter()
                .any(|key| key.name.eq_ignore_ascii_case(&known.name))
        };
        self.stated.retain(|known| !is_replaced(known));
        self.stated.extend(keys);
        self
    }

    /// A request that no record tells: these are its condition keys.
    pub fn stated(
        principal: Principal,
        principal_arn: Option<String>,
        context: Vec<ContextKey>,
    ) -> Self {
        Self {
            principal_account: principal.account().map(|account| account.to_owned().into()),
            principal,
            principal_arn: principal_arn.map(Cow::Owned),
            actions: Vec::new(),
            stated: context,
            source: None,
        }
    }
}

/// Why there is nothing to evaluate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoRequest {
    /// A service acted by itself.
    ServiceEvent,
    /// The record does not say who called; why.
    NoPrincipal(String),
    /// The call has no published IAM action; why.
    NoAction(String),
}

/// What the record does not have and an inventory of IAM may: the paths of
/// users, groups, roles and policies that requests name without.
pub trait Names {
    /// The ARN of the entity of `kind` (`user`, `role`, `group`, `policy`,
    /// `instance-profile`) called `name` in `account`.
    fn arn(&self, kind: &str, account: &str, name: &str) -> Option<String>;
}

/// No inventory.
impl Names for () {
    fn arn(&self, _: &str, _: &str, _: &str) -> Option<String> {
        None
    }
}

/// Derives the request from the record.
///
/// # Errors
/// [`NoRequest`] when there was none, or the record does not tell who asked or
/// for what.
pub fn derive<'r>(
    record: &'r Record,
    catalogue: &'r Catalogue,
    names: &dyn Names,
) -> Result<Derived<'r>, NoRequest> {
    if record.is_service_event() {
        return Err(NoRequest::ServiceEvent);
    }
    let who = principal::derive(record).map_err(NoRequest::NoPrincipal)?;
    let parameters = Parameters::read(record.request_parameters.as_ref());
    let has = |name: &str| parameters.says(name);
    let mapped = catalogue.map(&record.event_source, &record.event_name, has);
    let needed = mapped.map_err(NoRequest::NoAction)?;
    let actions = calls(record, names, &parameters, needed);
    Ok(Derived {
        principal: who.principal,
        principal_arn: who.arn,
        principal_account: who.account,
        actions,
        stated: context::recorded(record),
        source: Some(Source {
            record,
            catalogue,
            parameters,
        }),
    })
}

fn calls<'r>(
    record: &'r Record,
    names: &dyn Names,
    parameters: &Parameters<'r>,
    needed: &'r [Needed],
) -> Vec<Call<'r>> {
    let finder = resource::Finder::new(record, names, parameters);
    let when = |needed: &&Needed| {
        needed.when.is_empty() || needed.when.iter().any(|name| parameters.says(name))
    };
    let calls = needed.iter().filter(when);
    calls.filter_map(|needed| finder.call(needed)).collect()
}

#[cfg(test)]
mod tests;
