//! The SQL shell: one question after the other.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use trailwright_query::{Format, GeoDatabases, Session, Shape, Statements, Tables};
use trailwright_store::Lake;

use super::super::answer::Answering;
use super::complete::Names;
use super::meta::{self, Meta};
use super::prompt::{Entered, Prompt};
use crate::Host;
use crate::args::Common;
use crate::failure::Failure;

/// Answers until the person leaves.
pub(super) async fn run(
    lake: Lake,
    geo: Arc<GeoDatabases>,
    shape: Shape,
    common: &Common,
    host: &Host,
) -> Result<ExitCode, Failure> {
    // From here on Ctrl-C ends questions, not the process.
    let _interrupts = signal(SignalKind::interrupt())?;
    let session = begin(&lake, &geo).await?;
    let names = Names::of(&session).await;
    let mut prompt = Prompt::new(names, host.state_directory.as_deref())?;
    if !common.is_quiet() {
        say(&format!(
            "{}: \\? shows what there is, \\q leaves\n",
            lake.location()
        ));
    }
    let mut shell = Shell {
        lake,
        geo,
        session,
        shape,
        is_timed: true,
        next_into: None,
        common,
        host,
    };
    loop {
        let text = match prompt.read()? {
            Entered::Text(text) => text,
            Entered::Nothing => continue,
            Entered::End => return Ok(ExitCode::SUCCESS),
        };
        match Meta::read(&text) {
            Some(Ok(Meta::Quit)) => return Ok(ExitCode::SUCCESS),
            Some(Ok(meta)) => shell.obey(meta).await,
            Some(Err(why)) => notice!("{why}"),
            None => shell.answer(&text).await,
        }
    }
}

struct Shell<'a> {
    lake: Lake,
    geo: Arc<GeoDatabases>,
    session: Session,
    shape: Shape,
    is_timed: bool,
    next_into: Option<(PathBuf, Format)>,
    common: &'a Common,
    host: &'a Host,
}

impl Shell<'_> {
    /// Answers every statement of `input`, up to the first that fails.
    async fn answer(&mut self, input: &str) {
        for question in Statements::of(input).all() {
            tokio::select! {
                // Listens before the question can show that it is running.
                biased;
                _ = tokio::signal::ctrl_c() => {
                    notice!("stopped");
                    return;
                }
                answered = self.ask(question) => if let Err(failure) = answered {
                    notice!("{failure}");
                    return;
                },
            }
        }
    }

    /// Answers as of now: the lake may have grown since the last question.
    async fn ask(&mut self, question: &str) -> Result<(), Failure> {
        if self.lake.refresh().await? {
            self.session = begin(&self.lake, &self.geo).await?;
        }
        let mut answering = Answering::on_standard_output(self.common, self.host);
        if !self.is_timed {
            answering = answering.without_count();
        }
        let answer = self.session.ask(question).await?;
        match self.next_into.take() {
            None => answering.write(answer, &self.shape, io::stdout()).await?,
            Some((path, format)) => {
                let file = File::create(&path).map_err(|error| {
                    Failure::usage(format!("cannot write {}: {error}", path.display()))
                })?;
                let shape = Shape {
                    format,
                    rows_max: None,
                    ..self.shape.clone()
                };
                answering.write(answer, &shape, file).await?
            }
        };
        Ok(())
    }

    async fn obey(&mut self, meta: Meta) {
        match meta {
            Meta::Tables => say(&meta::list(true)),
            Meta::Views => say(&meta::list(false)),
            Meta::Help => say(&meta::help()),
            Meta::Columns(table) => {
                self.answer(&format!(
                    "SELECT column_name, data_type, is_nullable FROM information_schema.columns \
                     WHERE table_name = '{}' ORDER BY ordinal_position",
                    table.replace('\'', "''")
                ))
                .await;
            }
            Meta::Functions(text) => {
                let text = text.to_lowercase();
                let names = self.session.functions();
                let names = names.iter().filter(|name| name.contains(&text));
                say(&names.map(|name| format!("{name}\n")).collect::<String>());
            }
            Meta::Format(Some(format)) => self.shape.format = format,
            Meta::Format(None) => say(&meta::formats(self.shape.format)),
            Meta::Vertical if self.shape.format == Format::Vertical => {
                self.shape.format = Format::Table;
            }
            Meta::Vertical => self.shape.format = Format::Vertical,
            Meta::Timing => {
                self.is_timed = !self.is_timed;
                say(if self.is_timed {
                    "timing is on\n"
                } else {
                    "timing is off\n"
                });
            }
            Meta::Into(path) => match meta::format_of(&path) {
                Ok(format) => self.next_into = Some((path, format)),
                Err(why) => notice!("{why}"),
            },
            // The loop ends by itself.
            Meta::Quit => {}
        }
    }
}

async fn begin(lake: &Lake, geo: &Arc<GeoDatabases>) -> Result<Session, Failure> {
    let session = Session::begin(lake, Tables::Whole).await?;
    Ok(session.with_geo(Arc::clone(geo)))
}

fn say(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}
