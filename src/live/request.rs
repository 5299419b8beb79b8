//! What a client asks of `GET /tail`, as the query of its URL.

use url::form_urlencoded;

use trailwright_query::{QueryError, Selection};

/// Which events, and from where on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// An SQL condition over the columns of `events`.
    pub(crate) condition: String,
    /// What to show of each event; all columns when there are none.
    pub(crate) columns: Vec<String>,
    pub(crate) begin: Begin,
}

/// What comes before what is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    /// So many of the newest events of the lake.
    Newest(usize),
    /// All that was stored after this version of the table of events.
    After(u64),
}

impl Request {
    /// Reads the query of a URL: `where`, `columns` (with commas between them),
    /// `newest` or `after`. All may be missing. The error says what is wrong.
    pub(crate) fn parse(query: &str) -> Result<Self, String> {
        let mut request = Self {
            condition: "true".to_owned(),
            columns: Vec::new(),
            begin: Begin::Newest(0),
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let not_a_number = |_| format!("{name}={value} is no number");
            match &*name {
                "where" => request.condition = value.into_owned(),
                "columns" => {
                    request.columns = value.split(',').map(str::to_owned).collect();
                }
                "newest" => request.begin = Begin::Newest(value.parse().map_err(not_a_number)?),
                "after" => request.begin = Begin::After(value.parse().map_err(not_a_number)?),
                _ => {
                    return Err(format!(
                        "{name} is not known here: where, columns, newest, after"
                    ));
                }
            }
        }
        Ok(request)
    }

    /// The query that [`parse`](Self::parse) reads.
    pub(crate) fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("where", &self.condition);
        if !self.columns.is_empty() {
            query.append_pair("columns", &self.columns.join(","));
        }
        match self.begin {
            Begin::Newest(rows) => query.append_pair("newest", &rows.to_string()),
            Begin::After(version) => query.append_pair("after", &version.to_string()),
        };
        query.finish()
    }

    pub(crate) fn selection(&self) -> Result<Selection, QueryError> {
        Selection::new(&self.condition, &self.columns)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Begin, Request};

    #[test]
    fn what_is_asked_arrives_whatever_characters_are_in_it() {
        let asked = Request {
            condition: "user_agent LIKE '%&=+ ü%' AND decision <> 'allow'".to_owned(),
            columns: vec!["event_time".to_owned(), "raw".to_owned()],
            begin: Begin::After(42),
        };
        assert_eq!(Request::parse(&asked.query()), Ok(asked));
        assert_eq!(
            Request::parse("").unwrap(),
            Request {
                condition: "true".to_owned(),
                columns: Vec::new(),
                begin: Begin::Newest(0)
            }
        );
    }

    #[test]
    fn what_is_not_understood_is_refused_by_name() {
        assert_eq!(
            Request::parse("filter=x").unwrap_err(),
            "filter is not known here: where, columns, newest, after"
        );
        assert_eq!(
            Request::parse("after=x").unwrap_err(),
            "after=x is no number"
        );
    }
}
