//! One event in several lines: everything a responder asks first.

use trailwright_schemas::RouteReason;

use super::mfa::mfa;
use super::row::{Row, first};
use crate::commands::mark;
use crate::terminal::Terminal;

/// Columns of text before what is said.
const INDENT: usize = 12;

/// The lines, the last one without its end.
pub(super) fn lines(row: &Row, terminal: &Terminal) -> String {
    let outcome = row.outcome();
    let outcome = outcome.map_or(String::new(), |outcome| format!(" → {outcome}"));
    let (time, mark) = (terminal.time(&row.event_time), mark(&row.decision));
    let mut lines = vec![format!("{time}  {mark:<6} {}{outcome}", row.call())];
    let mut say = |what: &str, said: String| {
        if !said.is_empty() {
            lines.push(format!("  {what:<width$}{said}", width = INDENT - 2));
        }
    };
    say("who", who(row, terminal));
    say("session", session(row));
    say("from", from(row));
    if let Some(class) = &row.sign_in_class {
        say("sign-in", sign_in(class, row));
        let outcome = row.sign_in_outcome.as_deref();
        say("MFA", mfa(class, row.sign_in_mfa_used, outcome).to_owned());
    }
    say("route", route(row));
    say("needs", needs(row));
    say("decision", format!("{}: {}", row.decision, row.cause));
    say("unknown", row.unknown_keys.join(", "));
    say("assumed", row.assumptions.join("; "));
    say(
        "record",
        format!("{}: {}", row.agreement, row.agreement_reason),
    );
    say(
        "message",
        row.error_message.as_deref().unwrap_or_default().to_owned(),
    );
    say("event", event(row));
    lines.join("\n")
}

fn who(row: &Row, terminal: &Terminal) -> String {
    let mut who = terminal.principal(row.who());
    let as_recorded = row.user_identity_arn.as_deref();
    if let Some(arn) = as_recorded.filter(|arn| *arn != row.who()) {
        who += &format!(" as {arn}");
    }
    who + &labelled(&[
        ("type", row.user_identity_type.as_deref()),
        ("access key", row.user_identity_access_key_id.as_deref()),
        ("on behalf", row.user_identity_invoked_by.as_deref()),
    ])
}

fn session(row: &Row) -> String {
    let with_mfa = row.session_mfa_authenticated.map(|mfa| match mfa {
        true => "with MFA",
        false => "without MFA",
    });
    let parts = [
        row.session_issuer_arn
            .as_deref()
            .map(|issuer| format!("of {issuer}")),
        row.session_creation_date
            .as_deref()
            .map(|since| format!("since {since}")),
        with_mfa.map(str::to_owned),
        row.session_source_identity
            .as_deref()
            .map(|source| format!("source identity {source}")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn from(row: &Row) -> String {
    let mut from = first(&[&row.source_ip_address]).to_owned();
    if let Some(endpoint) = &row.vpc_endpoint_id {
        from += &format!(" through {endpoint}");
    }
    if let Some(agent) = &row.user_agent {
        from += &format!(", {agent}");
    }
    from
}

fn sign_in(class: &str, row: &Row) -> String {
    let mut how = format!("{class} at {}", row.endpoint());
    if let Some(page) = &row.sign_in_login_to {
        how += &format!(", heading to {page}");
    }
    how
}

fn route(row: &Row) -> String {
    let rule = RouteReason::named(&row.route_reason);
    let rule = rule.map_or(&*row.route_reason, |rule| rule.meaning());
    let trails = match row.trails.as_slice() {
        [] => "no trail receives it".to_owned(),
        trails => format!("trails: {}", trails.join(", ")),
    };
    let cookie = row.cookie();
    format!("{}{cookie}: {rule}; {trails}", row.trail_region)
}

fn needs(row: &Row) -> String {
    if row.iam_actions.is_empty() {
        return String::new();
    }
    format!(
        "{} on {}",
        row.iam_actions.join(", "),
        row.iam_resources.join(", ")
    )
}

fn event(row: &Row) -> String {
    let account = first(&[&row.recipient_account_id]);
    let mut event = format!(
        "{} of account {account}, {}",
        first(&[&row.event_id]),
        row.aws_region
    );
    if let Some(request) = &row.request_id {
        event += &format!(", request {request}");
    }
    format!("{event}, from {}", row.source)
}

/// ` (type IAMUser, access key AKIA…)`
fn labelled(parts: &[(&str, Option<&str>)]) -> String {
    let parts = parts
        .iter()
        .filter_map(|(label, value)| Some(format!("{label} {}", (*value)?)));
    match parts.collect::<Vec<_>>().join(", ").as_str() {
        "" => String::new(),
        parts => format!(" ({parts})"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::lines;
    use crate::terminal::Terminal;

    #[test]
    fn everything_a_responder_asks_first_is_there() {
        let shown = samples::all().map(|row| lines(&row, &Terminal::plain()));
        insta::assert_snapshot!(shown.join("\n\n"));
    }
}
