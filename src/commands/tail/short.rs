//! One event in one line: when, decision, who, from where, what, how it ended; of
//! a sign-in how and by which endpoint, global or regional and by which rule, and
//! MFA; why it was decided so.

use super::mfa::mfa;
use super::row::{Row, first};
use crate::commands::mark;
use crate::terminal::Terminal;

/// The line, without its end.
pub(super) fn line(row: &Row, terminal: &Terminal) -> String {
    let mut line = format!(
        "{} {:<6} {} {} {}",
        terminal.time(&row.event_time),
        mark(&row.decision),
        terminal.principal(row.who()),
        first(&[&row.source_ip_address]),
        row.call(),
    );
    if let Some(outcome) = row.outcome() {
        line += &format!(" → {outcome}");
    }
    if let Some(class) = &row.sign_in_class {
        line += &format!(
            " · {class} sign-in at {}, {} ({}{}) · {}",
            row.endpoint(),
            row.scope,
            row.route_reason,
            row.cookie(),
            mfa(class, row.sign_in_mfa_used, row.sign_in_outcome.as_deref()),
        );
    }
    line += &format!(" · {}", row.cause);
    if &*row.agreement == "disagrees" {
        line += &format!(" · DISAGREES: {}", row.agreement_reason);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::line;
    use crate::terminal::Terminal;

    #[test]
    fn an_event_is_one_line_and_a_sign_in_says_who_where_how_mfa_outcome_and_verdict() {
        let lines = samples::all().map(|row| line(&row, &Terminal::plain()));
        insta::assert_snapshot!(lines.join("\n"));
    }
}
