//! Reading from a terminal: lines with a history, names that Tab completes.

use std::io::{self, Write as _};

use console::{Term, measure_text_width};

use super::complete::{Names, is_whole};
use super::history::History;
use super::line::{Line, Pressed};

const PROMPT: &str = "trailwright> ";
const CONTINUED: &str = "        ...> ";

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
#[derive(Debug)]
pub(super) struct Prompt {
    terminal: Term,
    names: Names,
    history: History,
}

impl Prompt {
    pub(super) fn new(names: Names, history: History) -> Self {
        Self {
            terminal: Term::buffered_stdout(),
            names,
            history,
        }
    }

    /// Reads lines until they are whole.
    pub(super) fn read(&mut self) -> io::Result<Entered> {
        let mut text = String::new();
        loop {
            let prompt = if text.is_empty() { PROMPT } else { CONTINUED };
            let line = match self.read_line(prompt, &text)? {
                Entered::Text(line) => line,
                broken_off => return Ok(broken_off),
            };
            if let Err(error) = self.history.add(&line) {
                notice!("this line is not kept: {error}");
            }
            text += &line;
            if is_whole(&text) {
                return Ok(Entered::Text(text));
            }
            text.push('\n');
        }
    }

    /// One line; `before` are those above it.
    fn read_line(&mut self, prompt: &str, before: &str) -> io::Result<Entered> {
        let mut line = Line::default();
        // How far back in the history, and what was written before that.
        let (mut back, mut written) = (0, Line::default());
        loop {
            self.draw(prompt, &line)?;
            let key = match self.terminal.read_key_raw() {
                Ok(key) => key,
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Ok(Entered::End);
                }
                Err(error) => return Err(error),
            };
            match line.press(&key) {
                Pressed::Edited => continue,
                Pressed::Complete => self.complete(before, &mut line)?,
                Pressed::Clear => self.terminal.clear_screen()?,
                Pressed::Earlier => {
                    if let Some(earlier) = self.history.back(back + 1) {
                        if back == 0 {
                            written = line;
                        }
                        line = Line::of(earlier);
                        back += 1;
                    }
                }
                Pressed::Later if back > 0 => {
                    back -= 1;
                    line = self
                        .history
                        .back(back)
                        .map_or_else(|| written.clone(), Line::of);
                }
                Pressed::Later => {}
                Pressed::Enter => {
                    self.leave_line()?;
                    return Ok(Entered::Text(line.text().to_owned()));
                }
                Pressed::Interrupt => {
                    self.leave_line()?;
                    return Ok(Entered::Nothing);
                }
                Pressed::End => {
                    self.leave_line()?;
                    return Ok(Entered::End);
                }
            }
        }
    }

    /// Completes as far as all candidates agree, and lists them when there is
    /// more than one.
    fn complete(&mut self, before: &str, line: &mut Line) -> io::Result<()> {
        let (half, _) = line.halves();
        let (begin, candidates) = self.names.complete(before, half);
        let typed = half.len() - begin;
        let common = common_beginning(&candidates);
        if common.len() >= typed && !candidates.is_empty() {
            line.replace_from(begin, common);
        }
        if candidates.len() > 1 && common.len() <= typed {
            self.leave_line()?;
            let width = usize::from(self.terminal.size().1);
            self.terminal
                .write_all(in_columns(&candidates, width).as_bytes())?;
        }
        Ok(())
    }

    fn leave_line(&mut self) -> io::Result<()> {
        self.terminal.write_str("\n")?;
        self.terminal.flush()
    }

    /// Draws the part of the line around the cursor that fits the width.
    fn draw(&self, prompt: &str, line: &Line) -> io::Result<()> {
        let width = usize::from(self.terminal.size().1);
        let room = width.saturating_sub(prompt.len() + 1);
        let (left, right) = line.halves();
        let left = last_of_width(left, room);
        let cursor = measure_text_width(left);
        let right = first_of_width(right, room - cursor);
        self.terminal.clear_line()?;
        self.terminal
            .write_str(&format!("{prompt}{left}{right}\r"))?;
        self.terminal.move_cursor_right(prompt.len() + cursor)?;
        self.terminal.flush()
    }
}

/// What all candidates begin with.
fn common_beginning(candidates: &[String]) -> &str {
    let Some((first, others)) = candidates.split_first() else {
        return "";
    };
    let agree = |end: usize| others.iter().all(|other| other.starts_with(&first[..end]));
    let ends = first.char_indices().map(|(at, c)| at + c.len_utf8());
    let end = ends.take_while(|end| agree(*end)).last();
    &first[..end.unwrap_or(0)]
}

/// The longest beginning of `text` that is no wider than `width`.
fn first_of_width(text: &str, width: usize) -> &str {
    let mut room = width;
    for (at, character) in text.char_indices() {
        let end = at + character.len_utf8();
        match room.checked_sub(measure_text_width(&text[at..end])) {
            Some(left) => room = left,
            None => return &text[..at],
        }
    }
    text
}

/// The longest end of `text` that is no wider than `width`.
fn last_of_width(text: &str, width: usize) -> &str {
    let mut room = width;
    for (at, character) in text.char_indices().rev() {
        let end = at + character.len_utf8();
        match room.checked_sub(measure_text_width(&text[at..end])) {
            Some(left) => room = left,
            None => return &text[end..],
        }
    }
    text
}

/// Names side by side, as many as fit.
fn in_columns(names: &[String], width: usize) -> String {
    let widest = names.iter().map(String::len).max().unwrap_or_default() + 2;
    let columns = (width / widest).max(1);
    let row = |row: &[String]| {
        let cells: String = row.iter().map(|name| format!("{name:widest$}")).collect();
        format!("{}\n", cells.trim_end())
    };
    names.chunks(columns).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::{common_beginning, first_of_width, in_columns, last_of_width};

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn names_are_completed_as_far_as_they_agree() {
        assert_eq!(
            common_beginning(&owned(&["event_id", "event_time"])),
            "event_"
        );
        assert_eq!(common_beginning(&owned(&["é1", "è1"])), "");
        assert_eq!(common_beginning(&owned(&["raw"])), "raw");
        assert_eq!(common_beginning(&[]), "");
    }

    #[test]
    fn a_long_line_shows_what_is_around_the_cursor() {
        assert_eq!(last_of_width("select 日本", 4), "日本");
        assert_eq!(last_of_width("select 日本", 3), "本");
        assert_eq!(first_of_width("日本x", 4), "日本");
        assert_eq!(first_of_width("", 4), "");
    }

    #[test]
    fn candidates_stand_side_by_side() {
        assert_eq!(in_columns(&owned(&["a", "bb", "c"]), 9), "a   bb\nc\n");
        assert_eq!(in_columns(&owned(&["a", "bb"]), 1), "a\nbb\n");
    }
}
