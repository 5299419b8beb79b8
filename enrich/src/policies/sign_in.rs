//! Whether policies decide about sign-ins to the console, over time, and the
//! policy of an account about them.
//!
//! Source: AWS Sign-In User Guide, "Controlling console access with
//! resource-based policies and resource control policies":
//! <https://docs.aws.amazon.com/signin/latest/userguide/console-access-control.html>

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use trailwright_evaluator::{Policy, PolicyId};

use super::moment::{Moment, Origin, When};
use super::organization::Organization;
use super::resource::statements_of;
use super::series::{Reading, Series};

/// Whether policies decide about sign-ins to the console of an account. AWS has
/// it off until somebody enables it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsoleAuthorization {
    /// For this account or its whole organization; what told, in words.
    On(String),
    /// Neither for the account nor for its organization; what told, in words.
    Off(String),
    /// Not known; of what nothing tells, in words.
    Unknown(String),
}

/// The settings over time, by account (twelve digits), organization (`o-…`) or
/// its root (`r-…`).
#[derive(Debug, Default)]
pub(super) struct ConsoleAuthorizations(BTreeMap<Arc<str>, Series<bool>>);

impl ConsoleAuthorizations {
    pub(super) fn set(
        &mut self,
        target: Arc<str>,
        at: Option<&Moment>,
        on: bool,
        origin: &Arc<Origin>,
    ) {
        self.0.entry(target).or_default().set(at, on, origin);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every change with what told of it, in no order.
    pub(super) fn changes(&self) -> impl Iterator<Item = (&Moment, &Arc<Origin>)> {
        self.0.values().flat_map(Series::changes)
    }

    /// Whether it is on for an account, by its own setting or that of its
    /// organization: either suffices.
    pub(super) fn of(
        &self,
        account: &str,
        organization: Option<&Organization>,
        when: When<'_>,
    ) -> ConsoleAuthorization {
        let own = self.0.get(account).and_then(|series| value(series, when));
        if let Some((true, origin)) = own {
            return on(account, origin);
        }
        let (mut off, mut open) = (None, None);
        let organizations = self.0.iter().filter(|(target, _)| target.contains('-'));
        for (target, series) in organizations {
            let Some((is_on, origin)) = value(series, when) else {
                continue;
            };
            match (belongs(account, target, organization), is_on) {
                (Some(true), true) => return on(target, origin),
                (Some(true), false) => off = Some(origin),
                (None, true) => open = Some(target),
                (Some(false), _) | (None, false) => {}
            }
        }
        if let Some(target) = open {
            return ConsoleAuthorization::Unknown(format!(
                "console authorization is on for {target}, and nothing tells whether account \
                 {account} belongs to it"
            ));
        }
        match (own, off) {
            (Some((_, origin)), Some(_)) => ConsoleAuthorization::Off(format!(
                "console authorization is off for account {account} and its organization: {origin}"
            )),
            (Some(_), None) => unknown(&format!("the organization of account {account}")),
            (None, Some(_)) => unknown(&format!("account {account}")),
            (None, None) => unknown(&format!("account {account} and its organization")),
        }
    }
}

fn on(target: &str, origin: &Origin) -> ConsoleAuthorization {
    ConsoleAuthorization::On(format!(
        "console authorization is on for {target}: {origin}"
    ))
}

fn unknown(whom: &str) -> ConsoleAuthorization {
    ConsoleAuthorization::Unknown(format!(
        "nothing tells whether console authorization is on for {whom}"
    ))
}

/// A call that switches it changes it: enabling what is enabled is a conflict,
/// and disabling what is not finds nothing.
/// <https://docs.aws.amazon.com/signin/latest/APIReference/API_PutConsoleAuthorizationConfiguration.html>
fn value<'a>(series: &'a Series<bool>, when: When<'_>) -> Option<(bool, &'a Origin)> {
    match series.at(when, series.start()) {
        Reading::Known(on, origin) => Some((*on, origin)),
        Reading::Absent => None,
        Reading::Before(next) => Some((!next.value, &next.origin)),
    }
}

/// Whether an account belongs to an organization or root; `None` when nothing
/// tells.
fn belongs(account: &str, target: &str, organization: Option<&Organization>) -> Option<bool> {
    let organization = organization?;
    match organization.levels_of(account) {
        Some(levels) => Some(levels.path.split('/').any(|node| node == target)),
        None if organization.id.as_deref() == Some(target) => Some(false),
        None => None,
    }
}

/// What the policy of an account about sign-ins is kept and told under: it has
/// no ARN.
pub(crate) fn sign_in_key(account: &str) -> String {
    format!("sign-in to {account}")
}

/// The policy together with what AWS allows where no statement denies: "console
/// sign-in access is enabled by default".
pub(crate) fn allowing_by_default(account: &str, policy: Option<&Policy>) -> Option<Policy> {
    let mut statements = match policy {
        Some(policy) => statements_of(policy)?,
        None => Vec::new(),
    };
    statements.push(json!({
        "Sid": "SignInByDefault", "Effect": "Allow", "Principal": "*", "Action": "signin:*", "Resource": "*",
    }));
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    let id = PolicyId::named(format!("policy of {}", sign_in_key(account)));
    Policy::compile(id, &document.to_string()).ok()
}

#[cfg(test)]
mod tests;
