//! `trailwright query`: SQL in, rows out.

mod complete;
mod meta;
mod prompt;
mod shell;

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use trailwright_query::{Session, Statements, Tables};

use super::answer::Answering;
use crate::Host;
use crate::args::{Common, Query};
use crate::config::Config;
use crate::failure::Failure;

pub(crate) async fn run(
    args: &Query,
    config: &Config,
    common: &Common,
    host: &Host,
) -> Result<ExitCode, Failure> {
    let shape = args.output.shape(host)?;
    if is_shell(args, host) {
        let lake = super::open(&args.lake, config).await?;
        return shell::run(lake, config.geo.databases(), shape, common, host).await;
    }
    let text = questions(args)?;
    let questions = Statements::of(&text).all();
    if questions.is_empty() {
        return Err(Failure::usage(
            "there is no question: give SQL, --file, or SQL through a pipe",
        ));
    }
    if shape.format.is_binary() && questions.len() > 1 {
        return Err(Failure::usage(format!(
            "Parquet and Arrow hold one answer, and there are {} questions",
            questions.len()
        )));
    }
    let lake = super::open(&args.lake, config).await?;
    let session = Session::begin(&lake, Tables::Whole)
        .await?
        .with_geo(config.geo.databases());
    for question in questions {
        let answering = Answering::on_standard_output(common, host);
        let answer = session.ask(question).await?;
        answering.write(answer, &shape, std::io::stdout()).await?;
    }
    Ok(ExitCode::SUCCESS)
}

/// True when a person asks one question after the other.
pub(crate) fn is_shell(args: &Query, host: &Host) -> bool {
    args.is_open() && host.stdin_is_terminal && host.stdout_is_terminal
}

fn questions(args: &Query) -> Result<String, Failure> {
    if let Some(sql) = args.sql.as_ref().or(args.command.as_ref()) {
        return Ok(sql.clone());
    }
    match &args.file {
        Some(file) if file != Path::new("-") => std::fs::read_to_string(file)
            .map_err(|error| Failure::usage(format!("cannot read {}: {error}", file.display()))),
        _ => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            Ok(text)
        }
    }
}
