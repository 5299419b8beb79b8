//! `trailwright report`: the reports of auditors as evidence packs.

mod verify;

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use trailwright_query::{Report, ReportScope, reports};

use super::questions;
use crate::Host;
use crate::accounts;
use crate::args::{Common, Report as Command, ReportRun};
use crate::config::Config;
use crate::evidence::{Destination, Evidence, Put, SigningKey, file_name, pack};
use crate::failure::Failure;
use crate::origin::second;
use crate::schedule::Period;
use crate::since::Window;

pub(crate) async fn run(
    command: &Command,
    config: &Config,
    common: &Common,
    host: &Host,
) -> Result<ExitCode, Failure> {
    match command {
        Command::List(list) => {
            let format = list.output.shape(host)?.format;
            let reports = reports().map_err(Failure::internal)?;
            questions::list(&reports, format, described, as_json)
        }
        Command::Run(args) => make(args, config, common, host).await,
        Command::Verify(args) => verify::run(args, host),
    }
}

async fn make(
    args: &ReportRun,
    config: &Config,
    common: &Common,
    host: &Host,
) -> Result<ExitCode, Failure> {
    let reports = reports().map_err(Failure::internal)?;
    let report = questions::find("report", &reports, |report| &report.name, &args.name)?;
    if args.sql {
        questions::print(&report.sql)?;
        return Ok(ExitCode::SUCCESS);
    }
    let say = |line: String| {
        if !common.is_quiet() {
            notice!("{line}");
        }
    };
    let scope = scope(args, (host.now)())?;
    let (begin, end) = (second(scope.since), second(scope.until));
    say(format!("since {begin}\nuntil {end}"));
    let key = args.key.as_deref().map(SigningKey::read).transpose()?;
    let name = file_name(&report.name, &scope);
    let (folder, name) = place(args.out.as_deref().unwrap_or(&name))?;
    let destination = Destination::open(folder, &config.s3)?;
    let there = || {
        Failure::usage(format!(
            "{name} is there already, and evidence is not overwritten: choose another --out"
        ))
    };
    if destination.has(name).await? {
        return Err(there());
    }
    let lake = super::open(&args.lake, config).await?;
    let evidence = Evidence::of(&lake, report, &scope).await?;
    let packed = pack(&evidence, key.as_ref())?;
    if destination.put(name, packed).await? == Put::WasThere {
        return Err(there());
    }
    match &key {
        Some(key) => say(format!("signed by {}", key.public())),
        None => say("not signed, because no --key is given".to_owned()),
    }
    let gaps = evidence.coverage.gap_hours();
    if gaps > 0 {
        say(format!(
            "{gaps} hours of accounts and Regions have gaps: the pack names them"
        ));
    }
    questions::print(&format!("{}\n", args.out.as_deref().unwrap_or(name)))?;
    Ok(ExitCode::SUCCESS)
}

fn scope(args: &ReportRun, now: DateTime<Utc>) -> Result<ReportScope, Failure> {
    let window = Window::read(args.since.as_deref(), args.until.as_deref(), now)?;
    let (since, until) = match (window.since, window.until) {
        (Some(since), Some(until)) => (since, until),
        _ => Period::Month.before(now),
    };
    accounts::check(&args.accounts).map_err(Failure::usage)?;
    Ok(ReportScope {
        since,
        until,
        accounts: accounts::sorted(&args.accounts),
        framework: args.framework.clone(),
        parameters: questions::given(&args.param)?,
    })
}

/// The directory or prefix of a pack, and its name.
fn place(out: &str) -> Result<(&str, &str), Failure> {
    let (folder, name) = match out.rsplit_once('/') {
        Some(("", name)) => ("/", name),
        Some((folder, name)) => (folder, name),
        None => (".", out),
    };
    if name.is_empty() || name == ".." || folder == "s3:/" {
        return Err(Failure::usage(format!(
            "--out {out}: give a file, as in packs/march.zip or s3://bucket/march.zip"
        )));
    }
    Ok((folder, name))
}

fn described(report: &Report) -> String {
    let Report {
        name,
        catalogue,
        question,
        ..
    } = report;
    let mut text = format!("{name} ({catalogue})\n    {question}\n");
    if let Some(default) = report.frameworks.last() {
        let frameworks = report.frameworks.join(", ");
        text += &format!("    --framework {frameworks} (default {default})\n");
    }
    text + &questions::parameters_text(&report.parameters)
}

fn as_json(report: &Report) -> serde_json::Value {
    let sections = report.sections.iter();
    let sections = sections.map(|one| serde_json::json!({"name": one.name, "title": one.title}));
    serde_json::json!({
        "name": report.name, "title": report.title, "question": report.question, "catalogue": report.catalogue,
        "frameworks": report.frameworks, "notes": report.notes,
        "parameters": questions::parameters_json(&report.parameters),
        "sections": sections.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::place;

    #[test]
    fn a_pack_goes_into_a_directory_or_a_bucket() {
        assert_eq!(place("a.zip").unwrap(), (".", "a.zip"));
        assert_eq!(place("/a.zip").unwrap(), ("/", "a.zip"));
        assert_eq!(place("packs/a.zip").unwrap(), ("packs", "a.zip"));
        assert_eq!(
            place("s3://bucket/a.zip").unwrap(),
            ("s3://bucket", "a.zip")
        );
        for out in ["packs/", "s3://bucket", "..", ""] {
            assert!(place(out).is_err(), "{out}");
        }
    }
}
