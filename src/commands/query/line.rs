//! One line being written: its text, the cursor, and what a key does to them.

use console::Key;

/// What a key asks for beyond the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pressed {
    /// Nothing: the line changed, or did not.
    Edited,
    /// The line is finished.
    Enter,
    /// The line is to be forgotten.
    Interrupt,
    /// The shell is to end.
    End,
    /// Names are to be completed.
    Complete,
    /// The line before, of the history.
    Earlier,
    /// The line after.
    Later,
    /// A clean screen.
    Clear,
}

/// A line and where the cursor stands in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    text: String,
    /// In bytes, between two characters.
    cursor: usize,
}

impl Line {
    /// With the cursor at its end.
    pub(super) fn of(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            cursor: text.len(),
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What stands before and after the cursor.
    pub(super) fn halves(&self) -> (&str, &str) {
        self.text.split_at(self.cursor)
    }

    /// What a key does, with the control characters that other shells have.
    pub(super) fn press(&mut self, key: &Key) -> Pressed {
        match key {
            Key::Enter => return Pressed::Enter,
            Key::CtrlC => return Pressed::Interrupt,
            Key::Tab => return Pressed::Complete,
            Key::ArrowUp | Key::Char('\u{10}') => return Pressed::Earlier,
            Key::ArrowDown | Key::Char('\u{e}') => return Pressed::Later,
            Key::Char('\u{c}') => return Pressed::Clear,
            Key::Char('\u{4}') if self.text.is_empty() => return Pressed::End,
            Key::Char('\u{4}') | Key::Del => self.delete(self.after()),
            Key::Backspace => self.delete(self.before()),
            Key::ArrowLeft | Key::Char('\u{2}') => self.cursor = self.before(),
            Key::ArrowRight | Key::Char('\u{6}') => self.cursor = self.after(),
            Key::Home => self.cursor = 0,
            Key::End => self.cursor = self.text.len(),
            Key::Char('\u{b}') => self.delete(self.text.len()),
            Key::Char('\u{15}') => self.delete(0),
            Key::Char('\u{17}') => self.delete(self.word()),
            Key::Char(character) if !character.is_control() => {
                self.text.insert(self.cursor, *character);
                self.cursor += character.len_utf8();
            }
            _ => {}
        }
        Pressed::Edited
    }

    /// Puts `text` in place of what is between `begin` and the cursor.
    pub(super) fn replace_from(&mut self, begin: usize, text: &str) {
        self.text.replace_range(begin..self.cursor, text);
        self.cursor = begin + text.len();
    }

    fn before(&self) -> usize {
        let last = self.halves().0.chars().next_back();
        self.cursor - last.map_or(0, char::len_utf8)
    }

    fn after(&self) -> usize {
        let next = self.halves().1.chars().next();
        self.cursor + next.map_or(0, char::len_utf8)
    }

    /// Where the word before the cursor begins.
    fn word(&self) -> usize {
        let before = self.halves().0.trim_end();
        before
            .rfind(char::is_whitespace)
            .map_or(0, |space| space + 1)
    }

    /// Takes out what is between the cursor and `other`.
    fn delete(&mut self, other: usize) {
        let (begin, end) = (self.cursor.min(other), self.cursor.max(other));
        self.text.replace_range(begin..end, "");
        self.cursor = begin;
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Pressed};
    use console::Key;
    use proptest::prelude::*;

    fn typed(keys: &[Key]) -> (String, usize) {
        let mut line = Line::default();
        for key in keys {
            line.press(key);
        }
        (line.text.clone(), line.cursor)
    }

    fn chars(text: &str) -> Vec<Key> {
        text.chars().map(Key::Char).collect()
    }

    #[test]
    fn keys_do_what_they_do_in_other_shells() {
        let after = |more: &[Key]| typed(&[&chars("select é1")[..], more].concat());
        assert_eq!(after(&[Key::Backspace]), ("select é".to_owned(), 9));
        assert_eq!(
            after(&[Key::ArrowLeft, Key::Backspace]),
            ("select 1".to_owned(), 7)
        );
        assert_eq!(after(&[Key::Home, Key::Del]), ("elect é1".to_owned(), 0));
        assert_eq!(after(&[Key::Char('\u{17}')]), ("select ".to_owned(), 7));
        assert_eq!(after(&[Key::Char('\u{15}')]), (String::new(), 0));
        assert_eq!(after(&[Key::Home, Key::Char('\u{b}')]), (String::new(), 0));
        assert_eq!(after(&[Key::Char('\u{7}')]), ("select é1".to_owned(), 10));
    }

    #[test]
    fn control_d_ends_an_empty_line_only() {
        let mut line = Line::default();
        assert_eq!(line.press(&Key::Char('\u{4}')), Pressed::End);
        let mut line = Line::of("x");
        assert_eq!(line.press(&Key::Char('\u{4}')), Pressed::Edited);
        assert_eq!(line.text(), "x");
    }

    proptest! {
        /// The cursor never stands inside a character.
        #[test]
        fn no_keys_in_any_order_break_a_line(
            keys in proptest::collection::vec(
                prop_oneof![
                    any::<char>().prop_map(Key::Char),
                    (1_u8..32).prop_map(|byte| Key::Char(char::from(byte))),
                    Just(Key::Backspace), Just(Key::Del), Just(Key::ArrowLeft), Just(Key::ArrowRight), Just(Key::Home), Just(Key::End),
                ],
                0..60,
            )
        ) {
            let (text, cursor) = typed(&keys);
            prop_assert!(text.is_char_boundary(cursor));
        }
    }
}
