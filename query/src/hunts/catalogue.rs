//! Every hunt, in the order of the questions.

use super::Hunt;

macro_rules! files {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../hunts/", $name, ".sql")))),*]
    };
}

const FILES: &[(&str, &str)] = &files!(
    "key-activity"
    "key-owner"
    "key-clients"
    "address-activity"
    "principal-writes"
    "role-chain"
    "first-seen-apis"
    "first-seen-regions"
    "sign-in-places"
    "impossible-travel"
    "role-user-agents"
    "deny-bursts"
    "enumeration-bursts"
    "sign-in-guessing"
    "password-spraying"
    "sign-ins-without-mfa"
    "root-use"
    "privilege-escalation"
    "persistence"
    "defence-evasion"
    "credential-access"
    "sharing"
    "s3-readers"
    "s3-objects"
    "data-staging"
    "ransom"
    "instance-credentials"
    "instance-roles-looking-around"
    "compute-abuse"
    "resource-timeline"
    "cross-account"
    "iam-timeline"
    "call-origins"
    "super-timeline"
    "allowed-but-denied"
    "allowing-statements"
);

/// Every hunt.
pub fn hunts() -> Result<Vec<Hunt>, String> {
    FILES
        .iter()
        .map(|(name, text)| Hunt::parse(name, text))
        .collect()
}
