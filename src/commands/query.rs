//! `trailwright query`: SQL in, rows out.

use std::io::{BufWriter, Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use trailwright_query::{Session, Tables, write};

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
    let sql = question(args)?;
    let format = args.output.format(host.stdout_is_terminal);
    super::not_parquet_on_a_terminal(format, host)?;
    let started = std::time::Instant::now();
    let lake = super::open(&args.lake, config).await?;
    let session = Session::begin(&lake, Tables::Whole).await?;
    let answer = session.ask(&sql).await?;
    let mut out = BufWriter::new(std::io::stdout());
    let rows = write(answer, format, &mut out).await?;
    out.flush()?;
    if host.stdout_is_terminal && !common.quiet {
        eprintln!("{rows} rows in {:.2} s", started.elapsed().as_secs_f64());
    }
    Ok(ExitCode::SUCCESS)
}

fn question(args: &Query) -> Result<String, Failure> {
    let text = match (&args.sql, &args.file) {
        (Some(sql), _) => sql.clone(),
        (None, Some(file)) if file == Path::new("-") => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            text
        }
        (None, Some(file)) => std::fs::read_to_string(file)
            .map_err(|error| Failure::usage(format!("cannot read {}: {error}", file.display())))?,
        (None, None) => String::new(),
    };
    Ok(text.trim().trim_end_matches(';').to_owned())
}
