//! AWS's words for the types of policies.

use trailwright_schemas::CauseType;

/// The name of a type as far as it does not change with its number: `policy`,
/// `policies`. The User Guide has `sessions policy` once.
const NAMES: [(&str, CauseType); 12] = [
    ("identity-based polic", CauseType::IdentityPolicy),
    ("identity polic", CauseType::IdentityPolicy),
    ("resource-based polic", CauseType::ResourcePolicy),
    ("resource polic", CauseType::ResourcePolicy),
    ("role trust polic", CauseType::ResourcePolicy),
    ("trust polic", CauseType::ResourcePolicy),
    ("permissions boundar", CauseType::PermissionsBoundary),
    ("session polic", CauseType::SessionPolicy),
    ("sessions polic", CauseType::SessionPolicy),
    ("service control polic", CauseType::ServiceControlPolicy),
    ("resource control polic", CauseType::ResourceControlPolicy),
    ("VPC endpoint polic", CauseType::VpcEndpointPolicy),
];

/// The type that `text` begins with, after an article, and what comes after.
pub(super) fn named_type(text: &str) -> Option<(CauseType, &str)> {
    let text = ["a ", "an ", "the "]
        .iter()
        .find_map(|article| text.strip_prefix(article))
        .unwrap_or(text);
    NAMES.iter().find_map(|(name, policy_type)| {
        let rest = text.strip_prefix(name)?;
        let rest = rest.trim_start_matches(|letter: char| letter.is_ascii_lowercase());
        Some((*policy_type, rest))
    })
}

/// AWS's words for a type of policy.
pub(crate) fn words(policy_type: CauseType) -> &'static str {
    match policy_type {
        CauseType::IdentityPolicy => "identity-based policy",
        CauseType::ResourcePolicy => "resource-based policy",
        CauseType::PermissionsBoundary => "permissions boundary",
        CauseType::SessionPolicy => "session policy",
        CauseType::ServiceControlPolicy => "service control policy",
        CauseType::ResourceControlPolicy => "resource control policy",
        CauseType::VpcEndpointPolicy => "VPC endpoint policy",
        _ => "policy",
    }
}
