//! Reading the message of a denial.
//!
//! `User: <ARN> is not authorized to perform: <action> on resource: <ARN>
//! <reason>`, where the reason is missing, `because no <type> allows the
//! <action> action`, or `with an explicit deny in a <type>: <policy ARN>`. After
//! it may come an encoded message or where to ask for details.
//!
//! Sources: IAM User Guide, "Troubleshoot access denied error messages" and
//! "Troubleshoot access denied error messages with authorization ID"; S3 User
//! Guide, "Troubleshoot access denied (403 Forbidden) errors".

mod elements;

use std::sync::LazyLock;

use memchr::memmem::{Finder, FinderRev};
use trailwright_schemas::CauseType;

use self::elements::{ON_RESOURCE, action, after, authorization_id, principal, resource};
use super::gate::{Gate, stated_gate};
use super::policy_type::named_type;

/// What a denial's message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// `User: …`
    pub principal: Option<String>,
    /// `… to perform: …`
    pub action: Option<String>,
    /// `… on resource: …`, without quotation marks.
    pub resource: Option<String>,
    /// Why.
    pub reason: Reason,
    /// `… with the following authorization id: …`
    pub authorization_id: Option<String>,
}

/// The cause that a message states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// `with an explicit deny in a <type>: <ARN>`; type and ARN may be missing.
    Explicit {
        /// The type of the policy.
        policy_type: Option<CauseType>,
        /// `… transitively through a <type>`: the policy whose effect it was.
        through: Option<CauseType>,
        /// The policy.
        policy: Option<StatedPolicy>,
    },
    /// `because no <type> allows the <action> action`
    Implicit {
        /// The type of the policies that do not allow.
        policy_type: CauseType,
    },
    /// `denied due to a <type>`: explicitly or not, it does not say.
    Named {
        /// The type of the policy.
        policy_type: CauseType,
    },
    /// Not said: services without the feature, other accounts, a cut message.
    Withheld,
    /// Said in an encoded message that only `sts:DecodeAuthorizationMessage`
    /// opens.
    Encoded,
    /// No policy: a gate outside IAM.
    Gate(Gate),
}

/// A policy's ARN as a message states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedPolicy {
    /// The ARN, or the beginning of it.
    pub arn: String,
    /// Whether CloudTrail cut the message within it.
    pub is_cut: bool,
}

impl StatedPolicy {
    /// Whether this may be the policy with that ARN.
    pub fn is(&self, arn: &str) -> bool {
        if self.is_cut {
            arn.starts_with(&self.arn)
        } else {
            arn == self.arn
        }
    }
}

/// Reads a message. `None` when it is not one of a denial.
pub fn parse(message: &str) -> Option<Denial> {
    Some(Denial {
        principal: principal(message),
        action: action(message),
        resource: resource(message),
        reason: reason(message)?,
        authorization_id: authorization_id(message),
    })
}

/// CloudTrail cuts messages at 1 KB and puts three points at the end. Source:
/// CloudTrail User Guide, "CloudTrail record contents"; the points are in real
/// records.
fn is_cut(message: &str) -> bool {
    message.ends_with(CUT) || message.len() >= 1024
}

const CUT: &str = "...";
const EXPLICIT: &str = " with an explicit deny";
const IMPLICIT: &str = " because no ";

/// What is looked for in every denial is made ready to be looked for once.
static RESOURCE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(ON_RESOURCE));
static LAST: LazyLock<[FinderRev<'static>; 2]> =
    LazyLock::new(|| [EXPLICIT, IMPLICIT].map(FinderRev::new));

/// Why it says that the call was denied. `None` when it is no denial.
pub(super) fn reason(message: &str) -> Option<Reason> {
    let said = reason_text(message);
    stated_gate(said)
        .map(Reason::Gate)
        .or_else(|| explicit_or_implicit(message, said))
        .or_else(|| whole(said))
        .or_else(|| {
            let encoded = said.contains("Encoded authorization failure message");
            encoded.then_some(Reason::Encoded)
        })
        .or_else(|| is_bare(message).then_some(Reason::Withheld))
}

/// The part of the message that AWS alone has written. Whoever names an object
/// `x because no service control policy allows it` is not believed: S3 puts its
/// resources in quotation marks, and nothing after them has any. Where the
/// message is cut, the last mark may still be one in the name.
fn reason_text(message: &str) -> &str {
    let resource = RESOURCE.find(message.as_bytes());
    let resource = resource.map(|at| &message[at + ON_RESOURCE.len()..]);
    match resource.and_then(|said| said.strip_prefix('"')) {
        Some(_) if is_cut(message) => "",
        Some(resource) => resource.rsplit_once('"').map_or("", |(_, said)| said),
        None => message,
    }
}

/// The last of the two: what comes before it may be a resource's name.
fn explicit_or_implicit(message: &str, said: &str) -> Option<Reason> {
    let [explicit_at, implicit_at] = LAST.each_ref().map(|last| last.rfind(said.as_bytes()));
    match (explicit_at, implicit_at) {
        (Some(before), Some(at)) if at > before => implicit(&said[at + IMPLICIT.len()..]),
        (Some(at), _) => Some(explicit(&said[at + EXPLICIT.len()..], is_cut(message))),
        (None, Some(at)) => implicit(&said[at + IMPLICIT.len()..]),
        (None, None) => None,
    }
}

fn explicit(said: &str, is_cut: bool) -> Reason {
    let named = said.strip_prefix(" in ").and_then(named_type);
    let (policy_type, rest) = match named {
        Some((policy_type, rest)) => (Some(policy_type), rest),
        None => (None, ""),
    };
    let other = rest
        .strip_prefix(" transitively through ")
        .and_then(named_type);
    let through = other.map(|(policy_type, _)| policy_type);
    let rest = other.map_or(rest, |(_, rest)| rest);
    Reason::Explicit {
        policy_type,
        through,
        policy: rest
            .strip_prefix(": ")
            .and_then(|arn| stated_policy(arn, is_cut)),
    }
}

/// `arn:aws:…/p-0123. Go to https://…`: no policy's name has white space.
fn stated_policy(said: &str, is_cut: bool) -> Option<StatedPolicy> {
    let word = said.split_whitespace().next()?;
    let is_cut = is_cut && word.len() == said.len();
    let arn = if is_cut {
        word.trim_end_matches('.')
    } else {
        word.strip_suffix(['.', ',']).unwrap_or(word)
    };
    arn.starts_with("arn:").then(|| StatedPolicy {
        arn: arn.to_owned(),
        is_cut,
    })
}

fn implicit(said: &str) -> Option<Reason> {
    let (policy_type, _) = named_type(said)?;
    Some(Reason::Implicit { policy_type })
}

/// Messages that name the type of policy in a sentence of their own, without
/// telling an explicit deny from a missing allow. Sources: CloudTrail User
/// Guide, "Network activity events"; AWS Sign-In User Guide, "Console access
/// control".
fn whole(message: &str) -> Option<Reason> {
    let named = ["denied due to ", "denied because of "]
        .iter()
        .find_map(|before| after(message, before))?;
    let (policy_type, _) = named_type(named)?;
    Some(Reason::Named { policy_type })
}

/// Forms without a reason, seen in records and in access-undenied-aws's list.
/// Organizations and KMS speak so of several causes at once, among them that
/// there is no such key, or that the account is not the management account.
const BARE: [&str; 10] = [
    "not authorized to perform",
    "not authorized to make this call",
    "not authorized to access",
    "You are not authorized",
    "You don't have permissions to access this resource",
    "or you are not allowed to access",
    "is not allowed to execute",
    "No access to any requested resource",
    "Access Denied",
    "AccessDenied",
];

fn is_bare(message: &str) -> bool {
    let access_to =
        message.starts_with("Access to the resource ") && message.contains(" is denied");
    access_to || BARE.iter().any(|form| message.contains(form))
}

#[cfg(test)]
mod tests;
