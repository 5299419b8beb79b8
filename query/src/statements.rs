//! Where one statement ends and the next begins.

/// A text with statements in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Statements<'t> {
    /// Those that end with `;`, without it.
    pub complete: Vec<&'t str>,
    /// What follows the last `;`: a statement that is not at its end, a
    /// comment, or nothing.
    pub rest: &'t str,
}

impl<'t> Statements<'t> {
    /// Finds the semicolons that are outside of quotes and comments.
    pub fn of(text: &'t str) -> Self {
        let mut found = Self::default();
        let mut begin = 0;
        let mut at = 0;
        while at < text.len() {
            let end = at + token(&text[at..]);
            if &text[at..end] == ";" {
                let statement = text[begin..at].trim();
                if says_something(statement) {
                    found.complete.push(statement);
                }
                begin = end;
            }
            at = end;
        }
        found.rest = &text[begin..];
        found
    }

    /// True when there is more than space and comments after the last `;`.
    pub fn is_open(&self) -> bool {
        says_something(self.rest)
    }

    /// All of them: at the end of a text the last `;` may be missing.
    pub fn all(self) -> Vec<&'t str> {
        let mut all = self.complete;
        if says_something(self.rest) {
            all.push(self.rest.trim());
        }
        all
    }
}

fn says_something(statement: &str) -> bool {
    let mut rest = statement;
    while !rest.is_empty() {
        let token = &rest[..token(rest)];
        if !is_comment(token) && !token.chars().all(char::is_whitespace) {
            return true;
        }
        rest = &rest[token.len()..];
    }
    false
}

fn is_comment(token: &str) -> bool {
    token.starts_with("--") || token.starts_with("/*")
}

/// The length of what stands at the beginning: a quoted text, a comment, or one
/// character. What is not closed reaches to the end.
fn token(text: &str) -> usize {
    let to_the_end = text.len();
    if text.starts_with("--") {
        return text.find('\n').map_or(to_the_end, |end| end + 1);
    }
    if text.starts_with("/*") {
        return block_comment(text);
    }
    // DuckDB's division of integers, of which the second half begins no comment.
    if text.starts_with("//") {
        return 2;
    }
    match text.chars().next() {
        // A doubled quote is the end of one text and the beginning of the next.
        Some(quote @ ('\'' | '"')) => text[1..].find(quote).map_or(to_the_end, |end| end + 2),
        Some(other) => other.len_utf8(),
        None => 0,
    }
}

/// Comments can lie in comments.
fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::Statements;
    use datafusion::sql::sqlparser::dialect::GenericDialect;
    use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
    use proptest::prelude::*;

    #[test]
    fn semicolons_in_quotes_and_comments_end_nothing() {
        let text = "select ';' as \";\" -- ; no\n/* ; /* ; */ ; */ ; select 'it''s;'; select 3";
        let found = Statements::of(text);
        assert_eq!(
            found.complete,
            [
                "select ';' as \";\" -- ; no\n/* ; /* ; */ ; */",
                "select 'it''s;'"
            ]
        );
        assert_eq!(found.rest, " select 3");
        assert!(found.is_open());
    }

    #[test]
    fn comments_and_empty_statements_are_no_statements() {
        let found = Statements::of("-- title: x\n;; /* nothing */ ; \n-- the end");
        assert_eq!(found.complete, [""; 0]);
        assert!(!found.is_open());
        assert_eq!(
            Statements::of("select 1 -- last").all(),
            ["select 1 -- last"]
        );
    }

    #[test]
    fn a_division_begins_no_comment() {
        let found = Statements::of("select 5//*;select 6");
        assert_eq!(found.complete, ["select 5//*"]);
    }

    #[test]
    fn what_is_not_closed_is_open() {
        for text in ["select 'a;", "select \"a;", "/* ;", "select 1"] {
            assert!(Statements::of(text).complete.is_empty(), "{text}");
        }
        assert!(!Statements::of("select 1;").is_open());
    }

    proptest! {
        /// The parser of DataFusion sees as many statements as we do.
        #[test]
        fn semicolons_are_those_that_the_parser_sees(text in r#"([a ;'"\n]|--|/\*|\*/|é){0,20}"#) {
            let Ok(tokens) = Tokenizer::new(&GenericDialect {}, &text).tokenize() else {
                return Ok(());
            };
            let statements = tokens.split(|token| *token == Token::SemiColon);
            let says_something = |tokens: &&[Token]| tokens.iter().any(|token| !matches!(token, Token::Whitespace(_)));
            prop_assert_eq!(
                Statements::of(&text).all().len(),
                statements.filter(says_something).count()
            );
        }
    }
}
