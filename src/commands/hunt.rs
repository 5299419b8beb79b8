//! `trailwright hunt`: prepared questions of incident responders.

use std::collections::BTreeMap;
use std::process::ExitCode;

use trailwright_query::{Hunt, Kind, Session, Tables, Value, hunts};

use super::answer::Answering;
use super::questions;
use crate::Host;
use crate::args::{Common, Hunt as Args};
use crate::config::Config;
use crate::failure::Failure;
use crate::since::Window;

pub(crate) async fn run(
    args: &Args,
    config: &Config,
    common: &Common,
    host: &Host,
) -> Result<ExitCode, Failure> {
    let hunts = hunts().map_err(Failure::internal)?;
    let shape = args.output.shape(host)?;
    if args.name == "list" {
        return questions::list(&hunts, shape.format, described, as_json);
    }
    let hunt = questions::find("hunt", &hunts, |hunt| &hunt.name, &args.name)?;
    if args.sql {
        questions::print(&hunt.sql)?;
        return Ok(ExitCode::SUCCESS);
    }
    let window = Window::read(args.since.as_deref(), args.until.as_deref(), (host.now)())?;
    let values = values(hunt, args, &window)?;
    window.say(common, host);
    let answering = Answering::on_standard_output(common, host);
    let lake = super::open(&args.lake, config).await?;
    let session = Session::begin(&lake, Tables::Whole)
        .await?
        .with_geo(config.geo.databases());
    let answer = session.ask_with(&hunt.sql, &values).await?;
    let rows = answering.write(answer, &shape, std::io::stdout()).await?;
    let found = args.exit_code && rows > 0;
    Ok(if found {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}

/// What stands for each `$name` of the statement.
fn values(hunt: &Hunt, args: &Args, window: &Window) -> Result<BTreeMap<String, Value>, Failure> {
    let given = questions::given(&args.param)?;
    let usage = |error: trailwright_query::BindError| Failure::usage(error.to_string());
    hunt.check_since(args.since.is_some()).map_err(usage)?;
    let mut values = hunt.bind(&given).map_err(usage)?;
    for (name, bound) in [("since", window.since), ("until", window.until)] {
        let value = bound.map_or(Value::Absent(Kind::Time), Value::Time);
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
    if hunt.needs_geo {
        text.push_str("    [geo] databases in trailwright.toml are required\n");
    }
    text + &questions::parameters_text(&hunt.parameters)
}

fn as_json(hunt: &Hunt) -> serde_json::Value {
    serde_json::json!({
        "name": hunt.name, "title": hunt.title, "question": hunt.question, "catalogue": hunt.catalogue,
        "needs_since": hunt.needs_since, "needs_geo": hunt.needs_geo, "notes": hunt.notes,
        "parameters": questions::parameters_json(&hunt.parameters),
    })
}
