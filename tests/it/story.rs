//! A day in three accounts, with something for every hunt to find and something
//! beside it that it must not find. The event IDs say what each record is for.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use trailwright_query::{
    GeoDatabases, Hunt, Kind, ReportScope, Session, Tables, Value, WINDOW, hunts, reports, rows,
};
use trailwright_store::{Lake, Location};

use crate::command::Trailwright;
use crate::geo;

/// A lake with the story in it.
pub(crate) fn lake() -> Trailwright {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/story");
    let trailwright = Trailwright::new();
    let (records, policies) = (folder.join("records.jsonl"), folder.join("policies"));
    trailwright.run(&[
        "ingest",
        "--lake",
        "lake",
        "--policies",
        policies.to_str().unwrap(),
        records.to_str().unwrap(),
    ]);
    trailwright
}

/// A session in this process, for tests that ask a lot.
pub(crate) struct Asker {
    runtime: tokio::runtime::Runtime,
    session: Session,
    _lake: Trailwright,
}

impl Asker {
    /// Over the lake that was made in `lake`.
    pub(crate) fn of(lake: Trailwright) -> Self {
        Self::at(lake, "lake")
    }

    /// Over the lake that was made in this folder.
    pub(crate) fn at(lake: Trailwright, folder: &str) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let session = runtime.block_on(async {
            let location = Location::parse(lake.path(folder).to_str().unwrap()).unwrap();
            let opened = Lake::open(location, Arc::new(LocalFileSystem::new())).await;
            let session = Session::begin(&opened.unwrap(), Tables::Whole).await;
            let places = GeoDatabases::new(geo::files(&lake));
            session.unwrap().with_geo(Arc::new(places))
        });
        Self {
            runtime,
            session,
            _lake: lake,
        }
    }

    /// The answer to a question.
    pub(crate) fn ask(&self, sql: &str, values: &BTreeMap<String, Value>) -> Rows {
        self.runtime.block_on(async {
            let answer = self.session.ask_with(sql, values).await.unwrap();
            let fields = answer.schema().fields().clone();
            let batches = answer.collect().await.unwrap();
            Rows {
                columns: fields.iter().map(|field| field.name().clone()).collect(),
                rows: batches
                    .iter()
                    .flat_map(|batch| rows(batch).unwrap())
                    .collect(),
            }
        })
    }

    /// The answer to a hunt, with `NAME=VALUE` as on the command line, `since`
    /// and `until` among them.
    pub(crate) fn hunt(&self, name: &str, given: &[&str]) -> Rows {
        let hunt = find(name);
        let mut given: BTreeMap<String, String> = given
            .iter()
            .map(|pair| pair.split_once('=').unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let window = WINDOW.map(|name| {
            let text = given.remove(name);
            let value = text.map(|text| Value::read(Kind::Time, &text).unwrap());
            (name.to_owned(), value.unwrap_or(Value::Absent(Kind::Time)))
        });
        let mut values = hunt.bind(&given).unwrap();
        values.extend(window);
        self.ask(&hunt.sql, &values)
    }

    /// The answers of a report by section, of those asked for (all of none),
    /// with `NAME=VALUE` as on the command line, `since`, `until` and
    /// `framework` among them.
    pub(crate) fn report(
        &self,
        name: &str,
        sections: &[&str],
        given: &[&str],
    ) -> BTreeMap<String, Rows> {
        let report = reports().unwrap().into_iter().find(|one| one.name == name);
        let report = report.unwrap();
        let mut given: BTreeMap<String, String> = given
            .iter()
            .map(|pair| pair.split_once('=').unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let mut day = |name: &str, default: &str| {
            let day = given.remove(name).unwrap_or_else(|| default.to_owned());
            format!("{day}T00:00:00Z").parse().unwrap()
        };
        let scope = ReportScope {
            since: day("since", "2023-07-01"),
            until: day("until", "2026-04-01"),
            accounts: Vec::new(),
            framework: given.remove("framework"),
            parameters: given,
        };
        let values = report.bind(&scope).unwrap();
        let asked = |name: &str| sections.is_empty() || sections.contains(&name);
        let wanted = report.sections.iter().filter(|one| asked(&one.name));
        wanted
            .map(|section| (section.name.clone(), self.ask(&section.sql, &values)))
            .collect()
    }
}

/// An answer.
pub(crate) struct Rows {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Option<String>>>,
}

impl Rows {
    /// One row, a column a line.
    pub(crate) fn upright(&self, row: usize) -> String {
        let cells = self.columns.iter().zip(&self.rows[row]);
        let line = |(column, cell): (&String, &Option<String>)| {
            let cell = cell.as_deref().unwrap_or_default();
            format!("{column:<28}  {cell}").trim_end().to_owned() + "\n"
        };
        cells.map(line).collect()
    }

    /// All rows, a column a line.
    pub(crate) fn all_upright(&self) -> String {
        let row = |row: usize| format!("-- {}\n{}", row + 1, self.upright(row));
        (0..self.rows.len()).map(row).collect()
    }

    /// The values of a column.
    pub(crate) fn column(&self, name: &str) -> Vec<String> {
        let place = self
            .columns
            .iter()
            .position(|column| column == name)
            .unwrap();
        let cell = |row: &Vec<Option<String>>| row[place].clone().unwrap_or_default();
        self.rows.iter().map(cell).collect()
    }

    /// These columns of each row in one line.
    pub(crate) fn lines(&self, columns: &[&str]) -> Vec<String> {
        let columns: Vec<Vec<String>> = columns.iter().map(|name| self.column(name)).collect();
        let line = |row: usize| {
            let cells: Vec<&str> = columns.iter().map(|column| column[row].as_str()).collect();
            cells.join(" ")
        };
        (0..self.rows.len()).map(line).collect()
    }
}

fn find(name: &str) -> Hunt {
    let hunts = hunts().unwrap();
    hunts.into_iter().find(|hunt| hunt.name == name).unwrap()
}
