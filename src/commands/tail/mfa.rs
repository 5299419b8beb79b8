//! Whether there was a second factor, and why the record says "No".
//!
//! Source: CloudTrail User Guide, "AWS Management Console sign-in events"; IAM
//! Identity Center User Guide, "Understanding sign-in events".

/// In words, for a sign-in of this class (`sign_in_class`), with this
/// `sign_in_mfa_used` and `sign_in_outcome`.
pub(super) fn mfa(class: &str, used: Option<bool>, outcome: Option<&str>) -> &'static str {
    match (class, used) {
        (_, Some(true)) => "MFA",
        ("federated", _) => {
            "MFA unknown (the identity provider asks for it; AWS records No for all)"
        }
        ("role_switch", _) => "MFA unknown (asked for at the sign-in before the switch)",
        (_, Some(false)) if outcome == Some("failure") => {
            "no MFA (it may have failed before a second factor was asked for)"
        }
        ("identity_center", Some(false)) => "no MFA (the password was the only credential)",
        ("root" | "iam_user", Some(false)) => {
            "no MFA (none was asked for: no device is registered)"
        }
        (_, Some(false)) => "no MFA",
        ("identity_center", None) => {
            "MFA unknown (an external identity provider asks for it, or the record names no credential)"
        }
        ("oauth", None) => "MFA unknown (asked for at the sign-in in the browser)",
        (_, None) => "MFA not recorded",
    }
}

#[cfg(test)]
mod tests {
    use super::mfa;

    #[test]
    fn why_mfa_is_no_is_said_for_every_class() {
        let classes = [
            "root",
            "iam_user",
            "federated",
            "identity_center",
            "role_switch",
            "oauth",
            "unknown",
        ];
        let mut said = String::new();
        for class in classes {
            for (used, outcome) in [
                (Some(false), Some("success")),
                (Some(false), Some("failure")),
                (None, Some("success")),
            ] {
                let why = mfa(class, used, outcome);
                said += &format!("{class} {used:?} {}: {why}\n", outcome.unwrap_or("-"));
            }
            assert_eq!(mfa(class, Some(true), Some("success")), "MFA");
        }
        insta::assert_snapshot!(said);
    }
}
