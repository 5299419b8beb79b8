//! `trailwright route`: how records, or a sign-in URL, are routed and why.

use std::io::{BufWriter, Write};
use std::process::ExitCode;

use futures::StreamExt as _;
use serde_json::json;
use trailwright_ingest::Parsed;
use trailwright_ingest::route::{Account, Explanation, Outcome, Router, SignInUrl, is_sign_in_url};
use trailwright_schemas::{Record, Scope};

use crate::Host;
use crate::args::Route;
use crate::config::Config;
use crate::failure::Failure;
use crate::{inputs, since};

/// Part of the input could not be used.
const PARTIAL: u8 = 3;

pub(crate) async fn run(args: &Route, config: &Config, host: &Host) -> Result<ExitCode, Failure> {
    let router = config.router()?;
    let (urls, files): (Vec<String>, Vec<String>) = args
        .inputs
        .iter()
        .cloned()
        .partition(|input| is_sign_in_url(input) || input.starts_with("https://"));
    let mut out = BufWriter::new(std::io::stdout());
    for url in &urls {
        show_url(url, args, &router, host, &mut out)?;
    }
    let mut batches = inputs::batches(inputs::open(&files, config)?, config, host.now);
    let mut unreadable = 0;
    while let Some(batch) = batches.next().await {
        for parsed in &batch.parsed {
            show_record(parsed, args.json, &router, &mut out)?;
        }
        for row in &batch.rejected {
            notice!(
                "{} at byte {}: {}: {}",
                row.source,
                row.offset,
                row.reason.as_str(),
                row.detail
            );
        }
        unreadable += batch.rejected.len();
    }
    out.flush()?;
    Ok(ExitCode::from(if unreadable > 0 { PARTIAL } else { 0 }))
}

fn show_record(
    parsed: &Parsed,
    as_json: bool,
    router: &Router,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let record = &parsed.record;
    let explanation = router.explain(record);
    let routing = &explanation.routing;
    if as_json {
        let line = json!({
            "event_id": record.event_id,
            "event_time": record.event_time,
            "event_source": record.event_source,
            "event_name": record.event_name,
            "aws_region": record.aws_region,
            "scope": routing.scope.as_str(),
            "reason": routing.reason.as_str(),
            "possible_alias_cookie": routing.possible_alias_cookie,
            "trail_region": routing.trail_region(&record.aws_region),
            "trails": routing.trails,
        });
        writeln!(out, "{line}")?;
        return Ok(());
    }
    write_text(record, &explanation, out)
}

fn write_text(
    record: &Record,
    explanation: &Explanation,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let routing = &explanation.routing;
    writeln!(
        out,
        "{} {} {} {}",
        record
            .event_time
            .to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        record.event_source,
        record.event_name,
        record.event_id.as_deref().unwrap_or("(no eventID)"),
    )?;
    writeln!(
        out,
        "  {} → {}: {} ({})",
        routing.scope.as_str(),
        routing.trail_region(&record.aws_region),
        routing.reason.meaning(),
        routing.reason.as_str(),
    )?;
    if routing.possible_alias_cookie {
        writeln!(
            out,
            "  or global: a browser with an account alias cookie may have used the global endpoint; the record cannot tell"
        )?;
    }
    for (name, value) in &explanation.facts {
        writeln!(out, "    {name}: {value}")?;
    }
    for (trail, delivery) in &explanation.deliveries {
        writeln!(out, "    trail {trail}: {}", delivery.as_str())?;
    }
    if explanation.deliveries.is_empty() {
        writeln!(out, "    trails: {}", routing.trails.join(", "))?;
    }
    Ok(())
}

fn show_url(
    text: &str,
    args: &Route,
    router: &Router,
    host: &Host,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let now = (host.now)();
    let at = match &args.at {
        Some(when) => since::parse(when, now).map_err(Failure::usage)?,
        None => now,
    };
    let url = SignInUrl::parse(text).map_err(|error| Failure::usage(error.to_string()))?;
    for outcome in url.outcomes(at) {
        let Outcome {
            scope,
            reason,
            regions,
            condition,
        } = &outcome;
        let place = match (scope, regions.as_slice()) {
            (_, []) => "a Region that AWS picks".to_owned(),
            (_, regions) => regions.join(", "),
        };
        if args.json {
            let line = json!({
                "url": text,
                "at": at,
                "account_id": router.account_of(&url),
                "scope": scope.as_str(),
                "reason": reason.as_str(),
                "regions": regions,
                "condition": condition,
            });
            writeln!(out, "{line}")?;
            continue;
        }
        let trail = if *scope == Scope::Global {
            "global trail"
        } else {
            "regional trail"
        };
        write!(out, "{} → {trail}, recorded in {place}", scope.as_str())?;
        writeln!(
            out,
            "{}{condition} ({})",
            if condition.is_empty() { "" } else { " " },
            reason.as_str()
        )?;
    }
    if !args.json {
        let account = match (&url.account, router.account_of(&url)) {
            (_, Some(id)) => id.to_owned(),
            (Some(Account::Alias(alias)), None) => format!("alias {alias}, not in [aliases]"),
            _ => "not in the URL".to_owned(),
        };
        writeln!(out, "    account: {account}")?;
        writeln!(
            out,
            "    rules in force at: {}",
            at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        )?;
    }
    Ok(())
}
