//! What the Tab key completes in the SQL shell, and where a statement ends.

use trailwright_query::{Session, Statements, TABLES, VIEWS};

use super::meta::{self, Meta};

/// The words of questions. DataFusion knows a thousand, of which people write
/// these.
const KEYWORDS: [&str; 48] = [
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP BY",
    "ORDER BY",
    "HAVING",
    "LIMIT",
    "OFFSET",
    "AND",
    "OR",
    "NOT",
    "IN",
    "IS NULL",
    "IS NOT NULL",
    "LIKE",
    "ILIKE",
    "BETWEEN",
    "AS",
    "DISTINCT",
    "JOIN",
    "LEFT JOIN",
    "CROSS JOIN",
    "ON",
    "USING",
    "UNION ALL",
    "EXCEPT",
    "INTERSECT",
    "WITH",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "ASC",
    "DESC",
    "NULLS LAST",
    "FILTER",
    "OVER",
    "PARTITION BY",
    "EXISTS",
    "CAST",
    "INTERVAL",
    "TIMESTAMP",
    "DATE",
    "TRUE",
    "FALSE",
    "EXPLAIN",
    "EXPLAIN ANALYZE",
];

/// SQL ends with `;`: until then it goes on in the next line.
pub(super) fn is_whole(text: &str) -> bool {
    Meta::read(text).is_some() || !Statements::of(text).is_open()
}

/// The names that a session knows.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Tables and views with their columns.
    tables: Vec<(&'static str, Vec<String>)>,
    functions: Vec<String>,
}

impl Names {
    pub(super) async fn of(session: &Session) -> Self {
        let mut tables = Vec::new();
        for (name, _) in TABLES.into_iter().chain(VIEWS) {
            let columns = session.columns(name).await.unwrap_or_default();
            tables.push((name, columns));
        }
        Self {
            tables,
            functions: session.functions(),
        }
    }

    /// What the word at the end of `line` can become, and where the word begins.
    /// `before` are the lines above it.
    pub(super) fn complete(&self, before: &str, line: &str) -> (usize, Vec<String>) {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        if line.starts_with('\\') && !line.contains(char::is_whitespace) {
            return (0, beginning_with(line, meta::names()));
        }
        let begin = line.trim_end_matches(is_part).len();
        let (left, word) = line.split_at(begin);
        let previous = left.split_whitespace().next_back().unwrap_or_default();
        let tables = self.tables.iter().map(|table| table.0);
        if ["from", "join", r"\d"].contains(&previous.to_ascii_lowercase().as_str()) {
            return (begin, beginning_with(word, tables));
        }
        let mut candidates = beginning_with(word, self.columns(before, line).into_iter());
        if word.is_empty() {
            return (begin, candidates);
        }
        candidates.extend(beginning_with(word, tables));
        let functions = self.functions.iter().map(String::as_str);
        candidates.extend(
            beginning_with(word, functions)
                .into_iter()
                .map(|name| name + "("),
        );
        candidates.extend(keywords(word));
        (begin, candidates)
    }

    /// The columns of the tables that the lines name; of `events` when they name
    /// none yet.
    fn columns(&self, before: &str, line: &str) -> Vec<&str> {
        let is_between = |c: char| !c.is_alphanumeric() && c != '_';
        let words = before.split(is_between).chain(line.split(is_between));
        let words: Vec<&str> = words.collect();
        let named = self.tables.iter().filter(|table| words.contains(&table.0));
        let mut columns: Vec<&str> = named
            .flat_map(|table| &table.1)
            .map(String::as_str)
            .collect();
        if columns.is_empty() {
            let events = self.tables.first().map(|table| table.1.as_slice());
            columns.extend(events.unwrap_or_default().iter().map(String::as_str));
        }
        columns.sort_unstable();
        columns.dedup();
        columns
    }
}

fn beginning_with<'n>(word: &str, names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let word = word.to_ascii_lowercase();
    let names = names.filter(|name| name.to_ascii_lowercase().starts_with(&word));
    names.map(str::to_owned).collect()
}

/// Keywords in the case in which the person writes them.
fn keywords(word: &str) -> Vec<String> {
    let found = beginning_with(word, KEYWORDS.into_iter()).into_iter();
    if word.chars().any(char::is_uppercase) {
        return found.collect();
    }
    found.map(|keyword| keyword.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Names, is_whole};

    fn names() -> Names {
        let columns = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Names {
            tables: vec![
                ("events", columns(&["event_id", "event_time", "raw"])),
                ("denials", columns(&["event_id", "error_code"])),
            ],
            functions: vec!["extract_nothing".to_owned()],
        }
    }

    #[test]
    fn a_statement_may_have_several_lines() {
        let (_, found) = names().complete("select * from denials\n", "where err");
        assert_eq!(found, ["error_code"]);
        for (text, expected) in [
            ("select 1", false),
            ("select 1;", true),
            (r"\q", true),
            ("", true),
            ("-- x", true),
        ] {
            assert_eq!(is_whole(text), expected, "{text}");
        }
    }

    #[test]
    fn tables_follow_from_and_columns_are_those_of_the_tables_named() {
        let cases: [(&str, usize, &[&str]); 7] = [
            ("select * from ", 14, &["events", "denials"]),
            ("select * from d", 14, &["denials"]),
            (r"\d ev", 3, &["events"]),
            ("select event_t", 7, &["event_time"]),
            (
                "select * from denials where e",
                28,
                &[
                    "error_code",
                    "event_id",
                    "events",
                    "extract_nothing(",
                    "else",
                    "end",
                    "exists",
                    "except",
                    "explain",
                    "explain analyze",
                ],
            ),
            ("SELECT EXPLAIN", 7, &["EXPLAIN", "EXPLAIN ANALYZE"]),
            (r"\ti", 0, &[r"\timing"]),
        ];
        for (line, begin, expected) in cases {
            let (at, mut found) = names().complete("", line);
            let mut expected: Vec<String> = expected.iter().map(|it| (*it).to_owned()).collect();
            found.sort();
            expected.sort();
            assert_eq!((at, found), (begin, expected), "{line}");
        }
    }
}
