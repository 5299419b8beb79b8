//! The condition that the flags of a tail stand for. Daemon, Kafka and lake all
//! get the same.

use crate::args::TailEvents;

/// Where the record's "No" means that there was no second factor. Federated users
/// and role switches were asked for theirs elsewhere, if at all, and a sign-in that
/// failed may never have come so far.
const NO_MFA: &str = "sign_in_mfa_used = false AND sign_in_class NOT IN ('federated', 'role_switch') \
    AND sign_in_outcome IS DISTINCT FROM 'failure'";

const FAILED: &str = "error_code IS NOT NULL OR sign_in_outcome = 'failure' \
    OR decision IN ('explicit_deny', 'implicit_deny')";

/// `window` is a condition too.
pub(super) fn condition(events: &TailEvents, window: String) -> String {
    let mut all = vec![window];
    if events.sign_ins {
        all.push("sign_in_class IS NOT NULL".to_owned());
    }
    all.extend(one_of("sign_in_class", &events.class));
    if events.no_mfa {
        all.push(NO_MFA.to_owned());
    }
    if events.failed {
        all.push(format!("({FAILED})"));
    }
    all.extend(one_of("scope", events.scope.as_slice()));
    all.extend(one_of("decision", &events.decision));
    if events.disagree {
        all.push("agreement = 'disagrees'".to_owned());
    }
    if let Some(condition) = &events.condition {
        // A comment may end with the condition.
        all.push(format!("({condition}\n)"));
    }
    all.join(" AND ")
}

/// The values are of a closed list, so that none has a quote in it.
fn one_of(column: &str, values: &[String]) -> Option<String> {
    let quoted: Vec<String> = values.iter().map(|value| format!("'{value}'")).collect();
    (!quoted.is_empty()).then(|| format!("{column} IN ({})", quoted.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::condition;
    use crate::args::TailEvents;

    #[test]
    fn every_flag_narrows_what_is_shown() {
        let texts = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        let all = TailEvents {
            sign_ins: true,
            class: texts(&["root", "iam_user"]),
            no_mfa: true,
            failed: true,
            scope: Some("global".to_owned()),
            decision: texts(&["explicit_deny"]),
            disagree: true,
            condition: Some("source_ip_address = '203.0.113.7' -- the one".to_owned()),
        };
        insta::assert_snapshot!(condition(&all, "true".to_owned()), @r"
        true AND sign_in_class IS NOT NULL AND sign_in_class IN ('root', 'iam_user') AND sign_in_mfa_used = false AND sign_in_class NOT IN ('federated', 'role_switch') AND sign_in_outcome IS DISTINCT FROM 'failure' AND (error_code IS NOT NULL OR sign_in_outcome = 'failure' OR decision IN ('explicit_deny', 'implicit_deny')) AND scope IN ('global') AND decision IN ('explicit_deny') AND agreement = 'disagrees' AND (source_ip_address = '203.0.113.7' -- the one
        )
        ");
        assert_eq!(condition(&TailEvents::default(), "true".to_owned()), "true");
    }
}
