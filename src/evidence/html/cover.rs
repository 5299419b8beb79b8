//! The cover: what was asked of what.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use trailwright_query::ReportScope;

use super::escaped;
use crate::evidence::Evidence;
use crate::evidence::key::PublicKey;
use crate::evidence::manifest::Period;

pub(super) fn cover(evidence: &Evidence, signer: Option<&PublicKey>) -> String {
    let report = &evidence.report;
    let mut cover = format!(
        "<header>\n<p class=\"kind\">Evidence pack · {}</p>\n<h1>{}</h1>\n<p class=\"question\">{}</p>\n<dl>\n",
        escaped(&report.catalogue),
        escaped(&report.title),
        escaped(&report.question)
    );
    for (name, value) in facts(evidence, signer) {
        let _ = writeln!(cover, "<dt>{name}</dt><dd>{value}</dd>");
    }
    cover + "</dl>\n</header>\n"
}

/// Whole days as days.
fn period(scope: &ReportScope) -> String {
    let is_midnight = |time: DateTime<Utc>| time.time() == NaiveTime::MIN;
    if is_midnight(scope.since) && is_midnight(scope.until) {
        let last = scope.until - TimeDelta::days(1);
        let [first, last] = [scope.since, last].map(|day| day.format("%Y-%m-%d"));
        return match scope.until - scope.since == TimeDelta::days(1) {
            true => format!("{first}, the whole day (UTC)"),
            false => format!("{first} to {last}, whole days (UTC)"),
        };
    }
    let Period { since, until } = Period::of(scope);
    format!("{since} up to {until}, which is not part of it")
}

/// Names and values, as HTML.
fn facts(evidence: &Evidence, signer: Option<&PublicKey>) -> Vec<(&'static str, String)> {
    let scope = &evidence.scope;
    let accounts = match scope.accounts.as_slice() {
        [] => "all in the lake".to_owned(),
        accounts => accounts.join(", "),
    };
    let mut facts = vec![("Period", period(scope)), ("Accounts", accounts)];
    if let Some(framework) = &evidence.framework {
        facts.push(("Framework", escaped(framework)));
    }
    if !evidence.parameters.is_empty() {
        let pairs = evidence.parameters.iter();
        let pairs = pairs.map(|(name, value)| escaped(&format!("{name} = {value}")));
        facts.push(("Parameters", pairs.collect::<Vec<_>>().join("<br>")));
    }
    let tables = evidence.tables.iter();
    let tables = tables.filter_map(|(table, version)| Some(format!("{table} {}", (*version)?)));
    let tables = tables.collect::<Vec<_>>().join(" · ");
    facts.push(("Table versions", escaped(&tables)));
    let signed = match signer {
        Some(key) => format!("<code>{key}</code>"),
        None => "not signed".to_owned(),
    };
    facts.push(("Signed by", signed));
    let made_by = concat!("Trailwright ", env!("CARGO_PKG_VERSION"));
    facts.push(("Made by", made_by.to_owned()));
    facts
}
