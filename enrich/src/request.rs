//! From a record to the question that was put to IAM: who asked, for which
//! actions, on which resources, in which context.

mod context;
mod parameters;
mod principal;
mod resource;

use serde_json::Value;
use trailwright_evaluator::{ContextValue, Principal};
use trailwright_schemas::{JsonText, Record};

pub(crate) use resource::partition;

use crate::catalogue::{Catalogue, Mapping};

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
pub struct Target {
    /// Its ARN; `*` for actions without resources and where nothing is known.
    pub arn: String,
    /// The account that owns it, when the record says so.
    pub account: Option<String>,
    /// How it is known. `Unknown`: the ARN has a `*` in place of what the
    /// record does not name.
    pub provenance: Provenance,
}

/// One action and the resources it is evaluated on; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// `prefix:Name`.
    pub action: String,
    /// Each is evaluated on its own; any deny denies.
    pub targets: Vec<Target>,
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

/// A request, as far as the record tells it.
#[derive(Clone, Debug)]
pub struct Derived {
    /// Who asked.
    pub principal: Principal,
    /// The value of `aws:PrincipalArn`: of a role session, its role.
    pub principal_arn: Option<String>,
    /// The account of the principal.
    pub principal_account: Option<String>,
    /// What was asked for; at least one action.
    pub actions: Vec<Call>,
    /// The condition keys that do not depend on the resource. Keys not listed
    /// are unknown.
    pub context: Vec<ContextKey>,
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
pub fn derive(
    record: &Record,
    catalogue: &Catalogue,
    names: &dyn Names,
) -> Result<Derived, NoRequest> {
    if record.is_service_event() {
        return Err(NoRequest::ServiceEvent);
    }
    let who = principal::derive(record).map_err(NoRequest::NoPrincipal)?;
    let parameters = tree(record.request_parameters.as_ref());
    let needed = match catalogue.map(&record.event_source, &record.event_name, &parameters) {
        Mapping::Actions(needed) => needed,
        Mapping::Unmapped(reason) => return Err(NoRequest::NoAction(reason)),
    };
    let context = context::derive(record, &who, &parameters);
    let finder = resource::Finder::new(record, catalogue, names, parameters);
    let actions = needed
        .iter()
        .filter_map(|needed| finder.call(needed))
        .collect();
    Ok(Derived {
        principal: who.principal,
        principal_arn: who.arn,
        principal_account: who.account,
        actions,
        context,
    })
}

fn tree(json: Option<&JsonText>) -> Value {
    json.and_then(JsonText::to_value).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests;
