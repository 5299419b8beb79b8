//! The resources of calls by OAuth clients, which follow from the client.
//!
//! Source: AWS Sign-In User Guide, "Login for AWS local development" and
//! "AWS managed policies for AWS Sign-In" (`SignInLocalDevelopmentAccess`,
//! `AWSMCPSignInOAuthAccessPolicy`).

use super::Finder;
use crate::catalogue::Needed;
use crate::request::{Provenance, Target, parameters};

/// The actions whose resource is what a client asks access through.
const ACTIONS: [&str; 4] = [
    "signin:AuthorizeOAuth2Access",
    "signin:CreateOAuth2Token",
    "signin:IntrospectOAuth2Token",
    "signin:RevokeOAuth2Token",
];

impl Finder<'_> {
    /// What a client asks access through: `aws login` on this machine or on
    /// another one, or a service. `None` for all other calls.
    pub(super) fn oauth(&self, needed: &Needed) -> Option<Target> {
        if !ACTIONS.contains(&needed.action.as_str()) {
            return None;
        }
        let client = parameters::top(&self.parameters, "client_id").unwrap_or_default();
        let asked = parameters::top(&self.parameters, "resource").unwrap_or_default();
        let name = match client.rsplit(':').next() {
            Some("devtools/same-device") => Some("oauth2/public-client/localhost"),
            Some("devtools/cross-device") => Some("oauth2/public-client/remote"),
            _ if asked.starts_with("https://aws-mcp.") => {
                Some("service-principal/aws-mcp.amazonaws.com")
            }
            _ => None,
        };
        let provenance = name.map_or(Provenance::Unknown, |_| Provenance::Derived);
        let (partition, region) = (self.partition, &self.record.aws_region);
        let name = name.unwrap_or("*");
        let arn = format!("arn:{partition}:signin:{region}:{}:{name}", self.account);
        Some(self.target(arn, provenance))
    }
}
