//! `trailwright tail`: the newest events, and those that come in.

use std::collections::HashSet;
use std::io::{BufWriter, Write};
use std::process::ExitCode;
use std::time::Duration;

use trailwright_query::{Session, Tables, rows};
use trailwright_store::Lake;

use super::mark;
use crate::Host;
use crate::args::{Common, Tail, TailFormat};
use crate::config::Config;
use crate::failure::Failure;
use crate::since::Window;

/// How often a followed lake is asked whether it has a new version.
const POLL: Duration = Duration::from_millis(500);

/// What a line shows, in the order of [`Line`].
const COLUMNS: &str = "event_time, coalesce(principal_arn, user_identity_arn, user_identity_user_name, user_identity_principal_id, \
    user_identity_invoked_by, user_identity_type) AS who, source_ip_address, event_source, event_name, \
    coalesce(sign_in_outcome, error_code) AS outcome, sign_in_class, sign_in_mfa_used, trail_region, route_reason, \
    possible_alias_cookie, decision, cause, agreement";

pub(crate) async fn run(
    args: &Tail,
    config: &Config,
    common: &Common,
    host: &Host,
) -> Result<ExitCode, Failure> {
    let window = Window::read(args.since.as_deref(), None, (host.now)())?;
    window.say(common, host);
    let filter = filter(args, &window);
    let mut lake = super::open(&args.lake, config).await?;
    let session = Session::begin(&lake, Tables::Whole).await?;
    let files = lake.event_files()?;
    let mut seen: HashSet<String> = files.into_iter().map(|file| file.origin).collect();
    let newest = format!(
        "SELECT {} FROM (SELECT * FROM events WHERE {filter} ORDER BY event_time DESC LIMIT {}) ORDER BY event_time",
        selection(args.format),
        args.number
    );
    show(&session, &newest, args.format).await?;
    if !args.follow {
        return Ok(ExitCode::SUCCESS);
    }
    loop {
        tokio::time::sleep(POLL).await;
        follow(&mut lake, &mut seen, &filter, args.format).await?;
    }
}

/// Shows the events of files that were committed since the last look. A file
/// that relabelling wrote has the origin of the one it replaced, so its events
/// are not shown again; nor are those that compaction made of files seen.
async fn follow(
    lake: &mut Lake,
    seen: &mut HashSet<String>,
    filter: &str,
    format: TailFormat,
) -> Result<(), Failure> {
    let before = lake.events().version();
    if !lake.refresh().await? {
        return Ok(());
    }
    for exchange in lake.exchanges_after(before).await? {
        if exchange.removed.iter().all(|file| seen.contains(file)) {
            seen.extend(exchange.added);
        }
    }
    let new: Vec<String> = lake
        .event_files()?
        .into_iter()
        .filter(|file| seen.insert(file.origin.clone()))
        .map(|file| file.path)
        .collect();
    if new.is_empty() {
        return Ok(());
    }
    let session = Session::begin(lake, Tables::Files(new)).await?;
    let sql = format!(
        "SELECT {} FROM events WHERE {filter} ORDER BY event_time",
        selection(format)
    );
    show(&session, &sql, format).await
}

fn selection(format: TailFormat) -> &'static str {
    match format {
        TailFormat::Short => COLUMNS,
        TailFormat::Raw => "raw",
    }
}

fn filter(args: &Tail, window: &Window) -> String {
    let mut conditions = vec![window.condition()];
    if args.sign_ins {
        conditions.push("sign_in_class IS NOT NULL".to_owned());
    }
    if args.failed {
        conditions.push(
            "(error_code IS NOT NULL OR sign_in_outcome = 'failure' OR decision IN ('explicit_deny', 'implicit_deny'))"
                .to_owned(),
        );
    }
    if let Some(scope) = &args.scope {
        conditions.push(format!("scope = '{scope}'"));
    }
    if let Some(decision) = &args.decision {
        conditions.push(format!("decision = '{decision}'"));
    }
    if let Some(condition) = &args.condition {
        conditions.push(format!("({condition})"));
    }
    conditions.join(" AND ")
}

async fn show(session: &Session, sql: &str, format: TailFormat) -> Result<(), Failure> {
    let mut answer = session.ask(sql).await?;
    let mut out = BufWriter::new(std::io::stdout());
    while let Some(batch) = answer.next().await? {
        for row in rows(&batch)? {
            match format {
                TailFormat::Raw => writeln!(out, "{}", row[0].as_deref().unwrap_or_default())?,
                TailFormat::Short => writeln!(out, "{}", Line(&row))?,
            }
        }
    }
    out.flush()?;
    Ok(())
}

/// One event in one line: when, decision, who, from where, what, how it ended,
/// where it was routed, why it was decided so.
struct Line<'a>(&'a [Option<String>]);

impl Line<'_> {
    fn cell(&self, column: usize) -> &str {
        self.0.get(column).and_then(Option::as_deref).unwrap_or("-")
    }
}

impl std::fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let service = self.cell(3).trim_end_matches(".amazonaws.com");
        write!(
            f,
            "{} {:<6} {} {} {service}:{}",
            self.cell(0),
            mark(self.cell(11)),
            self.cell(1),
            self.cell(2),
            self.cell(4),
        )?;
        match self.cell(5) {
            "-" => {}
            outcome => write!(f, " → {outcome}")?,
        }
        if self.cell(6) != "-" {
            let mfa = match self.cell(7) {
                "true" => "MFA",
                "false" => "no MFA",
                _ => "MFA unknown",
            };
            let cookie = if self.cell(10) == "true" {
                ", or global with an alias cookie"
            } else {
                ""
            };
            write!(
                f,
                " · {} sign-in, {mfa} · {} ({}{cookie})",
                self.cell(6),
                self.cell(8),
                self.cell(9)
            )?;
        }
        write!(f, " · {}", self.cell(12))?;
        if self.cell(13) == "disagrees" {
            f.write_str(" · DISAGREES with the record")?;
        }
        Ok(())
    }
}
