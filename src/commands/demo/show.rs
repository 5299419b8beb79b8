//! What the demo shows: questions to the lake, answered in words.

use std::io::{BufWriter, Write};

use trailwright_query::{Session, rows};

use super::write::Written;
use crate::failure::Failure;

/// Sign-ins: one of each kind, with the rule that routed it.
const SIGN_INS: &str = "
    SELECT to_char(event_time, '%H:%M') AS at, sign_in_class, sign_in_outcome,
           coalesce(split_part(user_identity_arn, ':', 6), user_name, '-') AS who,
           trail_region, route_reason, possible_alias_cookie, sign_in_mfa_used
    FROM (SELECT *, row_number() OVER (
            PARTITION BY sign_in_class, sign_in_outcome, scope, route_reason, possible_alias_cookie
            ORDER BY event_time, event_id) AS nth FROM sign_ins)
    WHERE nth = 1 ORDER BY event_time, event_id";

/// Denials: one for each cause, the first of the day.
const DENIALS: &str = "
    SELECT to_char(event_time, '%H:%M') AS at, split_part(principal_arn, ':', 6) AS who,
           iam_actions[1] AS action, decision, cause, times
    FROM (SELECT *, row_number() OVER (PARTITION BY decision, cause_type, cause_policy ORDER BY event_time, event_id) AS nth,
                 count(*) OVER (PARTITION BY decision, cause_type, cause_policy) AS times
          FROM denials WHERE decision IN ('explicit_deny', 'implicit_deny'))
    WHERE nth = 1 ORDER BY event_time, event_id";

/// A chain of two roles: who assumed what, and what was done at its end. The
/// access key in the answer of one call signs the next.
const CHAIN: &str = "
    WITH assumed AS (
      SELECT event_time, user_identity_access_key_id AS by_key, user_identity_type, user_identity_arn,
             (regexp_match(request_parameters, '\"roleArn\":\"([^\"]+)\"'))[1] AS role,
             (regexp_match(response_elements, '\"accessKeyId\":\"([^\"]+)\"'))[1] AS new_key
      FROM events WHERE event_name = 'AssumeRole' AND error_code IS NULL)
    SELECT to_char(a.event_time, '%H:%M') AS first_at, a.user_identity_arn AS human, a.role AS first_role,
           to_char(b.event_time, '%H:%M') AS second_at, b.role AS second_role,
           count(*) AS calls, min(e.event_name) AS example
    FROM assumed a JOIN assumed b ON b.by_key = a.new_key JOIN events e ON e.user_identity_access_key_id = b.new_key
    WHERE a.user_identity_type = 'IAMUser'
    GROUP BY a.event_time, a.user_identity_arn, a.role, b.event_time, b.role ORDER BY a.event_time LIMIT 1";

const DISAGREEMENTS: &str = "
    SELECT to_char(event_time, '%H:%M') AS at, principal_arn, iam_actions[1] AS action, recorded_outcome, decision, cause, event_id
    FROM events WHERE agreement = 'disagrees' ORDER BY event_time";

const DECISIONS: &str = "SELECT decision, count(*) AS n FROM events GROUP BY 1 ORDER BY 2 DESC, 1";
const REJECTED: &str = "SELECT reason, detail FROM rejected ORDER BY 1, 2";
const PARTITIONS: &str =
    "SELECT trail_region, event_date, count(*) FROM events GROUP BY 1, 2 ORDER BY 1, 2";

type Rows = Vec<Vec<Option<String>>>;

pub(super) async fn show(
    session: &Session,
    written: &Written,
    closing: &str,
    program: &str,
) -> Result<(), Failure> {
    let mut out = BufWriter::new(std::io::stdout());
    writeln!(
        out,
        "One day of a small synthetic organization, through the real pipeline.\n{closing}\n"
    )?;

    writeln!(
        out,
        "Sign-ins, and whether they belong to the global or a regional trail"
    )?;
    for row in &ask(session, SIGN_INS).await? {
        write_sign_in(row, &mut out)?;
    }
    writeln!(out, "\nDenied, and by what")?;
    for row in &ask(session, DENIALS).await? {
        let mark = if cell(row, 3) == "explicit_deny" {
            "DENY!"
        } else {
            "deny "
        };
        write!(
            out,
            "  {} {mark} {} {}",
            cell(row, 0),
            cell(row, 1),
            cell(row, 2)
        )?;
        match cell(row, 5) {
            "1" => writeln!(out)?,
            times => writeln!(out, "  ({times} in all)")?,
        }
        writeln!(out, "        {}", cell(row, 4))?;
    }
    for row in &ask(session, CHAIN).await? {
        writeln!(out, "\nOne role chain, joined by access keys")?;
        writeln!(out, "  {}  {}", cell(row, 0), cell(row, 1))?;
        writeln!(out, "     └─ assumed {}", cell(row, 2))?;
        writeln!(
            out,
            "  {}     └─ assumed {}, then made {} calls, {} among them",
            cell(row, 3),
            cell(row, 4),
            cell(row, 5),
            cell(row, 6)
        )?;
    }
    writeln!(out, "\nWhere the record and the policies disagree")?;
    for row in &ask(session, DISAGREEMENTS).await? {
        writeln!(
            out,
            "  {} {} {}: recorded {}, policies say {}",
            cell(row, 0),
            cell(row, 1),
            cell(row, 2),
            cell(row, 3),
            cell(row, 4)
        )?;
        writeln!(out, "        {} (event {})", cell(row, 5), cell(row, 6))?;
    }
    writeln!(out, "\nDecisions")?;
    for row in &ask(session, DECISIONS).await? {
        writeln!(out, "  {:<14} {:>5}", cell(row, 0), cell(row, 1))?;
    }
    writeln!(out, "\nNot ingested, and why")?;
    for row in &ask(session, REJECTED).await? {
        writeln!(out, "  {}: {}", cell(row, 0), cell(row, 1))?;
    }
    writeln!(out, "\nThe Parquet lies in")?;
    for row in &ask(session, PARTITIONS).await? {
        writeln!(
            out,
            "  {}/events/trail_region={}/event_date={}/  {:>4} events",
            written.lake,
            cell(row, 0),
            cell(row, 1),
            cell(row, 2)
        )?;
    }
    write_next_steps(written, program, &mut out)?;
    out.flush()?;
    Ok(())
}

fn write_sign_in(row: &[Option<String>], out: &mut impl Write) -> std::io::Result<()> {
    let place = match cell(row, 4) {
        "global" => "global trail".to_owned(),
        region => format!("trail of {region}"),
    };
    let mfa = match cell(row, 7) {
        "true" => ", MFA",
        "false" => ", no MFA",
        _ => "",
    };
    let cookie = if cell(row, 6) == "true" {
        "; or global, with an alias cookie"
    } else {
        ""
    };
    writeln!(
        out,
        "  {} {:<16} {:<8} {} → {place} ({}{cookie}){mfa}",
        cell(row, 0),
        cell(row, 1),
        cell(row, 2),
        cell(row, 3),
        cell(row, 5),
    )
}

fn write_next_steps(written: &Written, program: &str, out: &mut impl Write) -> std::io::Result<()> {
    let Written {
        lake,
        logs,
        policies,
        configuration,
    } = written;
    writeln!(out, "\nTry next")?;
    writeln!(
        out,
        "  {program} query --lake {lake} \"select principal_arn, cause, count(*) from denials group by 1, 2 order by 3 desc\""
    )?;
    writeln!(out, "  {program} tail --lake {lake} --sign-ins")?;
    writeln!(
        out,
        "  {program} route --config {} {logs} | less",
        configuration.display()
    )?;
    writeln!(
        out,
        "Change a policy in {policies}, remove {lake}, and ingest {logs} again to see other decisions."
    )
}

async fn ask(session: &Session, sql: &str) -> Result<Rows, Failure> {
    let mut all = Vec::new();
    for batch in session.ask(sql).await?.collect().await? {
        all.extend(rows(&batch)?);
    }
    Ok(all)
}

fn cell(row: &[Option<String>], column: usize) -> &str {
    row.get(column).and_then(Option::as_deref).unwrap_or("-")
}
