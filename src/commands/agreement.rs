//! `trailwright agreement`: how the decisions stand to what the records say.

use std::io::Write as _;
use std::process::ExitCode;

use serde_json::{Value, json};
use trailwright_query::{Session, Tables, rows};

use crate::Host;
use crate::args::{Agreement, Common};
use crate::config::Config;
use crate::failure::Failure;
use crate::since::Window;

type Row = Vec<String>;

pub(crate) async fn run(
    args: &Agreement,
    config: &Config,
    common: &Common,
    host: &Host,
) -> Result<ExitCode, Failure> {
    let window = Window::read(args.since.as_deref(), args.until.as_deref(), (host.now)())?;
    window.say(common, host);
    let window = window.condition();
    let lake = super::open(&args.lake, config).await?;
    let session = Session::begin(&lake, Tables::Whole).await?;
    let counts = ask(&session, &counts(&window)).await?;
    let disagreements = ask(&session, &disagreements(&window, args.top)).await?;
    let mut out = std::io::stdout().lock();
    if args.output.is_json(host.stdout_is_terminal) {
        writeln!(out, "{}", as_json(&counts, &disagreements))?;
        return Ok(ExitCode::SUCCESS);
    }
    let text = as_text(&counts, &disagreements, &lake.location().to_string());
    write!(out, "{}", trailwright_query::harmless(&text))?;
    Ok(ExitCode::SUCCESS)
}

fn counts(window: &str) -> String {
    format!(
        "SELECT agreement, agreement_class, decision, count(*) AS events FROM events WHERE {window} \
         GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3"
    )
}

/// Who disagrees on what, the most frequent first, each with its newest event.
fn disagreements(window: &str, top: usize) -> String {
    format!(
        "SELECT coalesce(principal_arn, user_identity_arn, user_identity_invoked_by, '-') AS principal, \
                coalesce(iam_actions[1], event_source || ' ' || event_name) AS action, agreement_class, \
                count(*) AS events, last_value(event_id ORDER BY event_time, event_id) AS example, \
                last_value(cause ORDER BY event_time, event_id) AS cause \
         FROM events WHERE agreement = 'disagrees' AND {window} \
         GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3 LIMIT {top}"
    )
}

async fn ask(session: &Session, sql: &str) -> Result<Vec<Row>, Failure> {
    let mut found = Vec::new();
    for batch in session.ask(sql).await?.collect().await? {
        let texts = rows(&batch)?.into_iter().map(|row| {
            let cells = row.into_iter();
            cells.map(Option::unwrap_or_default).collect()
        });
        found.extend(texts);
    }
    Ok(found)
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_default()
}

fn as_json(counts: &[Row], disagreements: &[Row]) -> Value {
    let counted = counts.iter().map(|row| {
        json!({
            "agreement": row[0], "agreement_class": row[1], "decision": row[2], "events": number(&row[3]),
        })
    });
    let disagreeing = disagreements.iter().map(|row| {
        json!({
            "principal": row[0], "action": row[1], "agreement_class": row[2], "events": number(&row[3]),
            "example_event_id": row[4], "cause": row[5],
        })
    });
    json!({
        "events": counts.iter().map(|row| number(&row[3])).sum::<u64>(),
        "counts": counted.collect::<Vec<_>>(),
        "disagreements": disagreeing.collect::<Vec<_>>(),
    })
}

fn as_text(counts: &[Row], disagreements: &[Row], lake: &str) -> String {
    let all: u64 = counts.iter().map(|row| number(&row[3])).sum();
    let mut text = format!("{all} events\n");
    for row in counts {
        let share = 100.0 * number(&row[3]) as f64 / all.max(1) as f64;
        text += &format!(
            "{:>9}  {share:5.1} %  {:<14}  {:<30}  {}\n",
            row[3], row[0], row[1], row[2]
        );
    }
    if disagreements.is_empty() {
        return text + "\nNo decision disagrees with its record.\n";
    }
    text += "\nDisagreements, the most frequent first\n";
    for row in disagreements {
        let [principal, action, class, events, example, cause] =
            [0, 1, 2, 3, 4, 5].map(|n| &row[n]);
        text += &format!("{events:>9}  {principal}  {action}  {class}\n");
        text += &format!("           {cause}\n");
        text += &format!("           trailwright explain --lake {lake} {example}\n");
    }
    text
}
