//! Reading the message of a denial.
//!
//! Source: IAM User Guide, "Troubleshoot access denied error messages".

use trailwright_schemas::CauseType;

/// What a denial's message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// `User: …`
    pub principal: Option<String>,
    /// `… to perform: …`
    pub action: Option<String>,
    /// `… on resource: …`
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
        /// The policy.
        arn: Option<String>,
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
    /// A gate outside IAM.
    OtherGate,
}

/// Reads a message. `None` when it is not one of a denial.
pub fn parse(message: &str) -> Option<Denial> {
    let denial = Denial {
        principal: word_after(message, "User: "),
        action: word_after(message, "not authorized to perform: "),
        resource: resource(message),
        reason: reason(message)?,
        authorization_id: word_after(message, "authorization id: "),
    };
    Some(denial)
}

fn reason(message: &str) -> Option<Reason> {
    if GATES.iter().any(|gate| message.contains(gate)) {
        return Some(Reason::OtherGate);
    }
    explicit(message)
        .or_else(|| implicit(message))
        .or_else(|| whole(message))
        .or_else(|| {
            let encoded = message.contains("Encoded authorization failure message");
            encoded.then_some(Reason::Encoded)
        })
        .or_else(|| {
            BARE.iter()
                .any(|form| message.contains(form))
                .then_some(Reason::Withheld)
        })
}

/// Messages of `AccessDenied` errors that no policy causes.
const GATES: [&str; 3] = [
    // Billing: the account's switch "IAM access to billing information".
    "IAM user access not activated",
    // A role can only be passed to services of its own account.
    "Cross-account pass role is not allowed",
    // S3 Block Public Access.
    "BlockPublicAccess",
];

const BARE: [&str; 6] = [
    "is not authorized to perform",
    "not authorized to perform this operation",
    "You are not authorized to make this call",
    "You are not authorized",
    "Access Denied",
    "AccessDenied",
];

/// Messages that name the type of policy in a sentence of their own, without
/// telling an explicit deny from a missing allow.
fn whole(message: &str) -> Option<Reason> {
    let (_, after) = message
        .split_once("denied due to a ")
        .or_else(|| message.split_once("denied because of a "))?;
    let policy_type = policy_type(after)?;
    Some(Reason::Named { policy_type })
}

fn explicit(message: &str) -> Option<Reason> {
    let (_, after) = message.split_once("with an explicit deny")?;
    let named = ["in a ", "in an ", "in the "]
        .iter()
        .find_map(|article| after.trim_start().strip_prefix(article));
    let policy_type = named.and_then(policy_type);
    // `…: arn:aws:…/p-0123. Go to https://…`
    let arn = named
        .and_then(|named| named.split_once(": "))
        .and_then(|(_, arn)| arn.split_whitespace().next())
        .filter(|arn| arn.starts_with("arn:"))
        .map(|arn| arn.trim_end_matches(['.', ',']).to_owned());
    Some(Reason::Explicit { policy_type, arn })
}

fn implicit(message: &str) -> Option<Reason> {
    let (_, after) = message.split_once("because no ")?;
    let policy_type = policy_type(after)?;
    Some(Reason::Implicit { policy_type })
}

/// The type of policy that `text` begins with.
fn policy_type(text: &str) -> Option<CauseType> {
    let names = [
        ("identity-based polic", CauseType::IdentityPolicy),
        ("identity polic", CauseType::IdentityPolicy),
        ("resource-based polic", CauseType::ResourcePolicy),
        ("resource polic", CauseType::ResourcePolicy),
        ("role trust polic", CauseType::ResourcePolicy),
        ("trust polic", CauseType::ResourcePolicy),
        ("permissions boundar", CauseType::PermissionsBoundary),
        ("session polic", CauseType::SessionPolicy),
        ("service control polic", CauseType::ServiceControlPolicy),
        ("resource control polic", CauseType::ResourceControlPolicy),
        ("VPC endpoint polic", CauseType::VpcEndpointPolicy),
    ];
    let found = names.iter().find(|(name, _)| text.starts_with(name));
    found.map(|(_, policy_type)| *policy_type)
}

/// `on resource: ARN`, or a kind and a name (`user ada`), up to the reason.
fn resource(message: &str) -> Option<String> {
    let (_, after) = message.split_once(" on resource: ")?;
    let end = [" because no ", " with an explicit deny", ". ", "\n"]
        .iter()
        .filter_map(|end| after.find(end))
        .min()
        .unwrap_or(after.len());
    let resource = after.get(..end)?.trim().trim_end_matches('.');
    (!resource.is_empty()).then(|| resource.to_owned())
}

fn word_after(message: &str, before: &str) -> Option<String> {
    let (_, after) = message.split_once(before)?;
    let word = after.split_whitespace().next()?.trim_end_matches('.');
    (!word.is_empty()).then(|| word.to_owned())
}
