//! `trailwright policies history`: what changed, and the event that changed it.

use std::io::Write as _;
use std::process::ExitCode;

use serde_json::{Value, json};
use similar::{ChangeTag, TextDiff};
use trailwright_enrich::policies::{Change, DocumentChange, DocumentState};

use super::unknown;
use trailwright_query::harmless;

use crate::Host;
use crate::args::{Common, PoliciesHistory};
use crate::config::Config;
use crate::failure::Failure;
use crate::origin::{self, pretty, second};
use crate::policies;
use crate::since::Window;

/// Lines around a change that are shown.
const CONTEXT: usize = 3;

pub(crate) async fn run(
    args: &PoliciesHistory,
    config: &Config,
    common: &Common,
    host: &Host,
) -> Result<ExitCode, Failure> {
    let window = Window::read(args.since.as_deref(), args.until.as_deref(), (host.now)())?;
    window.say(common, host);
    let lake = super::super::open_if_there(&args.lake, config).await?;
    let directory = args.policies.as_deref();
    let labeller = policies::asked(lake.as_ref(), config, directory, common).await?;
    let changes = labeller.timeline().history(&args.name);
    let mut changes = changes.ok_or_else(|| unknown(&args.name, labeller.timeline()))?;
    changes.retain(|change| within(change, window));
    let mut out = std::io::stdout().lock();
    if args.output.is_json(host.stdout_is_terminal) {
        for change in &changes {
            writeln!(out, "{}", json(change))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    write!(out, "{}", text(&changes, host.colour))?;
    if changes.is_empty() {
        notice!("nothing changed {} in that time", args.name);
    }
    Ok(ExitCode::SUCCESS)
}

/// What a file without a date shows has no time, so a window leaves it out.
fn within(change: &Change, window: Window) -> bool {
    let Window { since, until } = window;
    match &change.at {
        Some(at) => {
            since.is_none_or(|since| at.time >= since) && until.is_none_or(|until| at.time < until)
        }
        None => since.is_none() && until.is_none(),
    }
}

/// Changes that the same input told of stand together below its line.
fn text(changes: &[Change], colour: bool) -> String {
    let mut text = String::new();
    let mut told = None;
    for change in changes {
        let place = (change.at.as_ref().map(|at| at.time), &change.origin);
        if told != Some(place) {
            let time = place.0.map_or("at all times".to_owned(), second);
            let before = if told.is_some() { "\n" } else { "" };
            text += &harmless(&format!("{before}{time}  {}\n", origin::by(&change.origin)));
            told = Some(place);
        }
        text += &harmless(&format!("  {}\n", change.what));
        if let Some(document) = &change.document {
            text += &diff(document, colour);
        }
    }
    text
}

/// The documents, one element a line, as a unified diff.
fn diff(change: &DocumentChange, colour: bool) -> String {
    let mut text = String::new();
    for (what, state) in [("before", &change.before), ("after", &change.after)] {
        match state {
            DocumentState::Unknown => text += &format!("    ({what}: not known)\n"),
            DocumentState::Unreadable(why) => {
                text += &harmless(&format!("    ({what}: it cannot be read: {why})\n"));
            }
            DocumentState::None | DocumentState::Text(_) => {}
        }
    }
    let document = |state: &DocumentState| state.text().map(pretty).unwrap_or_default();
    let (before, after) = (document(&change.before), document(&change.after));
    let diff = TextDiff::from_lines(&before, &after);
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        text += &coloured(&hunk.header().to_string(), "36", colour);
        for line in hunk.iter_changes() {
            let content = line.value().trim_end_matches('\n');
            text += &match line.tag() {
                ChangeTag::Delete => coloured(&format!("-{content}"), "31", colour),
                ChangeTag::Insert => coloured(&format!("+{content}"), "32", colour),
                ChangeTag::Equal => coloured(&format!(" {content}"), "0", false),
            };
        }
    }
    text
}

fn coloured(line: &str, code: &str, colour: bool) -> String {
    let line = harmless(line);
    match colour {
        true => format!("    \u{1b}[{code}m{line}\u{1b}[0m\n"),
        false => format!("    {line}\n"),
    }
}

fn json(change: &Change) -> Value {
    let state = |state: &DocumentState| match state {
        DocumentState::None => Value::Null,
        DocumentState::Text(text) => origin::tree(text),
        DocumentState::Unreadable(why) => json!({"unreadable": why}),
        DocumentState::Unknown => json!({"unknown": true}),
    };
    let document = change.document.as_ref();
    json!({
        "time": change.at.as_ref().map(|at| second(at.time)),
        "origin": origin::json(&change.origin),
        "what": change.what,
        "document": document.map(|document| json!({
            "before": state(&document.before), "after": state(&document.after),
        })),
    })
}
