//! What the formats for people read of an event, named as the columns are.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use serde::Deserialize;
use trailwright_query::harmless;

/// The columns that [`short`](super::short) needs.
pub(super) const SHORT: [&str; 26] = [
    "event_time",
    "event_id",
    "event_source",
    "event_name",
    "source_ip_address",
    "error_code",
    "recipient_account_id",
    "user_identity_type",
    "user_identity_principal_id",
    "user_identity_arn",
    "user_identity_user_name",
    "user_identity_invoked_by",
    "tls_client_provided_host_header",
    "scope",
    "route_reason",
    "possible_alias_cookie",
    "sign_in_class",
    "sign_in_outcome",
    "sign_in_mfa_used",
    "sign_in_login_to",
    "decision",
    "cause",
    "principal_arn",
    "agreement",
    "agreement_reason",
    "trail_region",
];

/// What [`detailed`](super::detailed) needs besides.
pub(super) const DETAILED: [&str; 16] = [
    "aws_region",
    "user_agent",
    "error_message",
    "request_id",
    "vpc_endpoint_id",
    "user_identity_access_key_id",
    "session_issuer_arn",
    "session_source_identity",
    "session_creation_date",
    "session_mfa_authenticated",
    "trails",
    "iam_actions",
    "iam_resources",
    "unknown_keys",
    "assumptions",
    "source",
];

/// Text that others wrote, in one line and without what moves the cursor of a
/// terminal: users of AWS choose names and user agents freely.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "String")]
pub(super) struct Text(String);

impl From<String> for Text {
    fn from(text: String) -> Self {
        if !text.contains(char::is_control) {
            return Self(text);
        }
        Self(harmless(&text).replace('\n', "\\n"))
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

/// A row with all of these.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Row {
    pub(super) event_time: Text,
    pub(super) event_id: Option<Text>,
    pub(super) event_source: Text,
    pub(super) event_name: Text,
    pub(super) source_ip_address: Option<Text>,
    pub(super) error_code: Option<Text>,
    pub(super) recipient_account_id: Option<Text>,
    pub(super) user_identity_type: Option<Text>,
    pub(super) user_identity_principal_id: Option<Text>,
    pub(super) user_identity_arn: Option<Text>,
    pub(super) user_identity_user_name: Option<Text>,
    pub(super) user_identity_invoked_by: Option<Text>,
    pub(super) tls_client_provided_host_header: Option<Text>,
    pub(super) scope: Text,
    pub(super) route_reason: Text,
    pub(super) possible_alias_cookie: bool,
    pub(super) sign_in_class: Option<Text>,
    pub(super) sign_in_outcome: Option<Text>,
    pub(super) sign_in_mfa_used: Option<bool>,
    pub(super) sign_in_login_to: Option<Text>,
    pub(super) decision: Text,
    pub(super) cause: Text,
    pub(super) principal_arn: Option<Text>,
    pub(super) agreement: Text,
    pub(super) agreement_reason: Text,
    pub(super) trail_region: Text,
    pub(super) aws_region: Text,
    pub(super) user_agent: Option<Text>,
    pub(super) error_message: Option<Text>,
    pub(super) request_id: Option<Text>,
    pub(super) vpc_endpoint_id: Option<Text>,
    pub(super) user_identity_access_key_id: Option<Text>,
    pub(super) session_issuer_arn: Option<Text>,
    pub(super) session_source_identity: Option<Text>,
    pub(super) session_creation_date: Option<Text>,
    pub(super) session_mfa_authenticated: Option<bool>,
    pub(super) trails: Vec<Text>,
    pub(super) iam_actions: Vec<Text>,
    pub(super) iam_resources: Vec<Text>,
    pub(super) unknown_keys: Vec<Text>,
    pub(super) assumptions: Vec<Text>,
    pub(super) source: Text,
}

impl Row {
    /// Who, by the best name there is.
    pub(super) fn who(&self) -> &str {
        let names = [
            &self.principal_arn,
            &self.user_identity_arn,
            &self.user_identity_user_name,
            &self.user_identity_principal_id,
            &self.user_identity_invoked_by,
            &self.user_identity_type,
        ];
        first(&names)
    }

    /// `s3:GetObject`, by the service's own name.
    pub(super) fn call(&self) -> String {
        let service = self.event_source.trim_end_matches(".amazonaws.com");
        format!("{service}:{}", self.event_name)
    }

    /// How it ended, if not as it should.
    pub(super) fn outcome(&self) -> Option<&str> {
        let outcome = self.sign_in_outcome.as_ref();
        outcome.or(self.error_code.as_ref()).map(|text| &**text)
    }

    /// The endpoint at which the user signed in.
    pub(super) fn endpoint(&self) -> &str {
        let host = self.tls_client_provided_host_header.as_deref();
        host.unwrap_or("an endpoint that is not recorded")
    }

    /// What a regional sign-in may have been instead.
    pub(super) fn cookie(&self) -> &'static str {
        match self.possible_alias_cookie {
            true => ", or global with an alias cookie",
            false => "",
        }
    }
}

/// The first that there is, or a dash.
pub(super) fn first<'r>(names: &[&'r Option<Text>]) -> &'r str {
    let mut names = names.iter().filter_map(|name| name.as_deref());
    names.next().unwrap_or("-")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use trailwright_query::Selection;

    use super::{DETAILED, Row, SHORT, Text};

    #[test]
    fn what_others_wrote_is_one_line_without_escapes() {
        let wicked = Text::from("a\n\u{1b}[2Jb".to_owned());
        assert_eq!(&*wicked, "a\\n\\u{1b}[2Jb");
    }

    #[test]
    fn what_is_asked_for_are_columns_and_all_of_them_are_read() {
        let columns = [&SHORT[..], &DETAILED].concat();
        Selection::new("true", &columns).unwrap();
        let wrong = columns.iter().map(|name| (*name, serde_json::json!({})));
        for (name, value) in wrong {
            let row = serde_json::json!({ name: value });
            assert!(serde_json::from_value::<Row>(row).is_err(), "{name}");
        }
    }
}
