//! Reading from a terminal: statements with a history, names that Tab completes.

use std::io;
use std::path::{Path, PathBuf};

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Helper};

use super::complete::{Names, is_whole};

const PROMPT: &str = "trailwright> ";
/// Statements that are looked through.
const HISTORY_MAX: usize = 10_000;

/// What a person entered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entered {
    /// SQL up to its `;`, or a command of the shell.
    Text(String),
    /// Ctrl-C: what was written is forgotten.
    Nothing,
    /// Ctrl-D, or the terminal is gone.
    End,
}

/// A terminal at which somebody writes.
pub(super) struct Prompt {
    editor: Editor<Names, FileHistory>,
    /// `None` when there is no place for what was entered: then it lasts as long
    /// as the shell.
    history: Option<PathBuf>,
}

impl Prompt {
    /// Keeps what is entered in a file of `state_directory`, which only this
    /// person can read: questions name people and keys.
    pub(super) fn new(names: Names, state_directory: Option<&Path>) -> io::Result<Self> {
        // What begins with a space is not kept, as in other shells.
        let config = Config::builder()
            .max_history_size(HISTORY_MAX)
            .map_err(io::Error::other)?
            .auto_add_history(true)
            .history_ignore_space(true)
            .completion_type(CompletionType::List)
            .build();
        let mut editor = Editor::with_config(config).map_err(io::Error::other)?;
        editor.set_helper(Some(names));
        let mut prompt = Self {
            editor,
            history: None,
        };
        if let Some(directory) = state_directory
            && let Err(why) = prompt.remember_in(directory)
        {
            notice!("no history in {}: {why}", directory.display());
        }
        Ok(prompt)
    }

    fn remember_in(&mut self, directory: &Path) -> Result<(), ReadlineError> {
        std::fs::create_dir_all(directory)?;
        let file = directory.join("history");
        if file.exists() {
            self.editor.load_history(&file)?;
        }
        self.history = Some(file);
        Ok(())
    }

    /// Reads lines until they are whole.
    pub(super) fn read(&mut self) -> io::Result<Entered> {
        match self.editor.readline(PROMPT) {
            Ok(text) => {
                self.remember();
                Ok(Entered::Text(text))
            }
            Err(ReadlineError::Interrupted) => Ok(Entered::Nothing),
            Err(ReadlineError::Eof) => Ok(Entered::End),
            Err(ReadlineError::Io(error)) => Err(error),
            Err(error) => Err(io::Error::other(error)),
        }
    }

    /// At once: shells side by side and those that are killed lose nothing.
    fn remember(&mut self) {
        if let Some(file) = &self.history
            && let Err(error) = self.editor.append_history(file)
        {
            notice!("this is not kept: {error}");
        }
    }
}

impl Completer for Names {
    type Candidate = String;

    fn complete(
        &self,
        text: &str,
        cursor: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let text = &text[..cursor];
        let line = text.rfind('\n').map_or(0, |end| end + 1);
        let (begin, candidates) = self.complete(&text[..line], &text[line..]);
        Ok((line + begin, candidates))
    }
}

impl Validator for Names {
    fn validate(&self, entered: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(match is_whole(entered.input()) {
            true => ValidationResult::Valid(None),
            false => ValidationResult::Incomplete,
        })
    }
}

impl Highlighter for Names {}

impl Hinter for Names {
    type Hint = String;
}

impl Helper for Names {}
