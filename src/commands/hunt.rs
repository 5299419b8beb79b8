//! `trailwright hunt`: prepared questions of incident responders.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write as _};
use std::process::ExitCode;

use chrono::{DateTime, SecondsFormat, Utc};
use trailwright_query::{Hunt, Kind, Session, Tables, Value, hunts, write};

use super::questions;
use crate::Host;
use crate::args::{Common, Hunt as Args};
use crate::config::Config;
use crate::failure::Failure;
use crate::since;

pub(crate) async fn run(
    args: &Args,
    config: &Config,
    common: &Common,
    host: &Host,
) -> Result<ExitCode, Failure> {
    let hunts = hunts().map_err(Failure::internal)?;
    let format = args.output.format(host.stdout_is_terminal);
    if args.name == "list" {
        return questions::list(&hunts, format, described, as_json);
    }
    let hunt = questions::find("hunt", &hunts, |hunt| &hunt.name, &args.name)?;
    if args.sql {
        questions::print(&hunt.sql)?;
        return Ok(ExitCode::SUCCESS);
    }
    super::not_parquet_on_a_terminal(format, host)?;
    let values = values(hunt, args, common, (host.now)())?;
    let started = std::time::Instant::now();
    let lake = super::open(&args.lake, config).await?;
    let session = Session::begin(&lake, Tables::Whole).await?;
    let answer = session.ask_with(&hunt.sql, &values).await?;
    let mut out = BufWriter::new(std::io::stdout());
    let rows = write(answer, format, &mut out).await?;
    out.flush()?;
    if host.stdout_is_terminal && !common.quiet {
        eprintln!("{rows} rows in {:.2} s", started.elapsed().as_secs_f64());
    }
    let found = args.exit_code && rows > 0;
    Ok(if found {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}

/// What stands for each `$name` of the statement.
fn values(
    hunt: &Hunt,
    args: &Args,
    common: &Common,
    now: DateTime<Utc>,
) -> Result<BTreeMap<String, Value>, Failure> {
    let given = questions::given(&args.param)?;
    let usage = |error: trailwright_query::BindError| Failure::usage(error.to_string());
    hunt.check_since(args.since.is_some()).map_err(usage)?;
    let mut values = hunt.bind(&given).map_err(usage)?;
    for (name, when) in [("since", &args.since), ("until", &args.until)] {
        let value = match when {
            None => Value::Absent(Kind::Time),
            Some(when) => {
                let time = since::parse(when, now).map_err(Failure::usage)?;
                if !common.quiet {
                    eprintln!("{name} {}", time.to_rfc3339_opts(SecondsFormat::Secs, true));
                }
                Value::Time(time)
            }
        };
        values.insert(name.to_owned(), value);
    }
    Ok(values)
}

fn described(hunt: &Hunt) -> String {
    let mut text = format!(
        "{} ({})\n    {}\n",
        hunt.name, hunt.catalogue, hunt.question
    );
    if hunt.needs_since {
        text.push_str("    --since is required\n");
    }
    text + &questions::parameters_text(&hunt.parameters)
}

fn as_json(hunt: &Hunt) -> serde_json::Value {
    serde_json::json!({
        "name": hunt.name, "title": hunt.title, "question": hunt.question, "catalogue": hunt.catalogue,
        "needs_since": hunt.needs_since, "notes": hunt.notes,
        "parameters": questions::parameters_json(&hunt.parameters),
    })
}
