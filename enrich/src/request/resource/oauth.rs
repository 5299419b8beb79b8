//! The resources of calls by OAuth clients, which follow from the client.
//!
//! Source: AWS Sign-In User Guide, "Login for AWS local development" and
//! "AWS managed policies for AWS Sign-In" (`SignInLocalDevelopmentAccess`,
//! `AWSMCPSignInOAuthAccessPolicy`).

use super::Finder;
use crate::catalogue::Needed;
use crate::request::json::Json;
use crate::request::{Provenance, Target};

/// The actions whose resource is what a client asks access through.
const ACTIONS: [&str; 4] = [
    "signin:AuthorizeOAuth2Access",
    "signin:CreateOAuth2Token",
    "signin:IntrospectOAuth2Token",
    "signin:RevokeOAuth2Token",
];

impl<'r> Finder<'_, 'r> {
    /// What a client asks access through: `aws login` on this machine or on
    /// another one, or a service. `None` for all other calls.
    pub(super) fn oauth(&self, needed: &Needed) -> Option<Target<'r>> {
        if !ACTIONS.contains(&needed.action.as_str()) {
            return None;
        }
        let says = |name: &str| self.parameters.tree.member(name).and_then(Json::scalar);
        let client = says("client_id").unwrap_or_default();
        let asked = says("resource").unwrap_or_default();
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
        Some(self.target(arn.into(), provenance))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use serde_json::{Value, json};
    use trailwright_evaluator::ContextValue;

    use trailwright_schemas::Record;

    use crate::catalogue::Catalogue;
    use crate::request::{Provenance, derive};
    use crate::samples;

    fn record(name: &str, parameters: &Value) -> Record {
        samples::record(json!({
            "eventSource": "signin.amazonaws.com", "eventName": name, "requestParameters": parameters,
            "additionalEventData": {"success": "true", "grant_type": "authorization_code"}
        }))
    }

    #[test]
    fn the_client_tells_what_it_asks_access_through() {
        let dcr = "arn:aws:signin:eu-west-1::external-client/dcr/1";
        let catalogue = Catalogue::embedded();
        for (parameters, resource) in [
            (
                json!({"client_id": "arn:aws:signin:::devtools/same-device"}),
                "oauth2/public-client/localhost",
            ),
            (
                json!({"client_id": "arn:aws:signin:::devtools/cross-device"}),
                "oauth2/public-client/remote",
            ),
            (
                json!({"client_id": dcr, "resource": "https://aws-mcp.eu-west-1.api.aws/mcp"}),
                "service-principal/aws-mcp.amazonaws.com",
            ),
            (
                json!({"client_id": dcr, "resource": "https://other.example"}),
                "*",
            ),
            (Value::Null, "*"),
        ] {
            for name in ["AuthorizeOAuth2Access", "CreateOAuth2Token"] {
                let record = record(name, &parameters);
                let derived = derive(&record, &catalogue, &()).unwrap();
                let [target] = derived.actions[0].targets.as_slice() else {
                    panic!("{derived:#?}");
                };
                assert_eq!(
                    target.arn,
                    format!("arn:aws:signin:eu-west-1:111111111111:{resource}")
                );
                let known = target.provenance == Provenance::Derived;
                assert_eq!(known, resource != "*", "{parameters}");
            }
        }
    }

    #[test]
    fn the_keys_of_a_client_are_those_that_the_record_has() {
        let parameters =
            json!({"client_id": "c-1", "redirect_uri": "http://127.0.0.1:53037/oauth/callback"});
        let (record, catalogue) = (
            record("AuthorizeOAuth2Access", &parameters),
            Catalogue::embedded(),
        );
        let context = derive(&record, &catalogue, &()).unwrap().context();
        let value = |name: &str| {
            let key = context
                .iter()
                .find(|key| key.name.eq_ignore_ascii_case(name));
            key.map(|key| key.value.clone())
        };
        let one = |text: &str| Some(ContextValue::One(text.to_owned()));
        assert_eq!(value("signin:OAuthClientId"), one("c-1"));
        assert_eq!(
            value("signin:OAuthRedirectUri"),
            one("http://127.0.0.1:53037/oauth/callback")
        );
        assert_eq!(value("signin:OAuthGrantType"), one("authorization_code"));
        assert_eq!(value("signin:PrincipalArn"), Some(ContextValue::Absent));
        assert_eq!(value("signin:OAuthClientAuthentication"), None);
    }

    #[test]
    fn a_console_sign_in_asks_for_three_actions_on_the_console() {
        let (record, catalogue) = (record("ConsoleLogin", &Value::Null), Catalogue::embedded());
        let derived = derive(&record, &catalogue, &()).unwrap();
        let asked: Vec<(&str, &str)> = derived
            .actions
            .iter()
            .map(|call| (call.action.as_str(), &*call.targets[0].arn))
            .collect();
        let console = "arn:aws:signin:::console/*";
        assert_eq!(
            asked,
            [
                ("signin:Authenticate", console),
                ("signin:AuthorizeOAuth2Access", console),
                ("signin:CreateOAuth2Token", console),
            ]
        );
    }
}
