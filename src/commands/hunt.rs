//! `trailwright hunt`: prepared questions of incident responders.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::ExitCode;

use trailwright_query::{Format, Hunt, Kind, Parameter, Presence, Session, Tables, Value, hunts};

use super::answer::Answering;
use crate::Host;
use crate::args::{Common, Hunt as Args};
use crate::config::Config;
use crate::failure::Failure;
use crate::near::did_you_mean;
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
        return list(&hunts, shape.format);
    }
    let hunt = find(&hunts, &args.name)?;
    if args.sql {
        print(&hunt.sql)?;
        return Ok(ExitCode::SUCCESS);
    }
    let window = Window::read(args.since.as_deref(), args.until.as_deref(), (host.now)())?;
    let values = values(hunt, args, &window)?;
    window.say(common, host);
    let answering = Answering::on_standard_output(common, host);
    let lake = super::open(&args.lake, config).await?;
    let session = Session::begin(&lake, Tables::Whole).await?;
    let answer = session.ask_with(&hunt.sql, &values).await?;
    let rows = answering.write(answer, &shape, std::io::stdout()).await?;
    let found = args.exit_code && rows > 0;
    Ok(if found {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}

/// The hunt of this name; if there is none, the error names what is near.
fn find<'h>(hunts: &'h [Hunt], name: &str) -> Result<&'h Hunt, Failure> {
    if let Some(hunt) = hunts.iter().find(|hunt| hunt.name == name) {
        return Ok(hunt);
    }
    let names = hunts.iter().map(|hunt| hunt.name.as_str());
    let hint = did_you_mean(name, names);
    Err(Failure::usage(format!(
        "there is no hunt {name:?}; {hint}`trailwright hunt list` shows all"
    )))
}

/// What stands for each `$name` of the statement.
fn values(hunt: &Hunt, args: &Args, window: &Window) -> Result<BTreeMap<String, Value>, Failure> {
    let mut given = BTreeMap::new();
    for pair in &args.param {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| Failure::usage(format!("--param {pair}: give NAME=VALUE")))?;
        if given.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(Failure::usage(format!("--param {name} is given twice")));
        }
    }
    let usage = |error: trailwright_query::BindError| Failure::usage(error.to_string());
    hunt.check_since(args.since.is_some()).map_err(usage)?;
    let mut values = hunt.bind(&given).map_err(usage)?;
    for (name, bound) in [("since", window.since), ("until", window.until)] {
        let value = bound.map_or(Value::Absent(Kind::Time), Value::Time);
        values.insert(name.to_owned(), value);
    }
    Ok(values)
}

fn list(hunts: &[Hunt], format: Format) -> Result<ExitCode, Failure> {
    match format {
        Format::Table => print(&hunts.iter().map(described).collect::<String>())?,
        Format::Json => print(&format!(
            "{}\n",
            serde_json::Value::Array(hunts.iter().map(as_json).collect())
        ))?,
        Format::JsonLines => print(
            &hunts
                .iter()
                .map(|hunt| format!("{}\n", as_json(hunt)))
                .collect::<String>(),
        )?,
        _ => return Err(Failure::usage("the list is given as table, json or jsonl")),
    }
    Ok(ExitCode::SUCCESS)
}

fn described(hunt: &Hunt) -> String {
    let mut text = format!(
        "{} ({})\n    {}\n",
        hunt.name, hunt.catalogue, hunt.question
    );
    if hunt.needs_since {
        text.push_str("    --since is required\n");
    }
    for parameter in &hunt.parameters {
        text.push_str(&format!(
            "    --param {}=…  {} ({})\n",
            parameter.name,
            parameter.meaning,
            presence(parameter)
        ));
    }
    text
}

fn presence(parameter: &Parameter) -> String {
    match &parameter.presence {
        Presence::Required => "required".to_owned(),
        Presence::Optional => "optional".to_owned(),
        Presence::Default(value) => format!("default {value}"),
    }
}

fn as_json(hunt: &Hunt) -> serde_json::Value {
    let parameter = |parameter: &Parameter| {
        let default = match &parameter.presence {
            Presence::Default(value) => Some(value.to_string()),
            _ => None,
        };
        serde_json::json!({
            "name": parameter.name, "kind": parameter.kind.name(), "meaning": parameter.meaning,
            "required": parameter.presence == Presence::Required, "default": default,
        })
    };
    serde_json::json!({
        "name": hunt.name, "title": hunt.title, "question": hunt.question, "catalogue": hunt.catalogue,
        "needs_since": hunt.needs_since, "notes": hunt.notes,
        "parameters": hunt.parameters.iter().map(parameter).collect::<Vec<_>>(),
    })
}

fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}
