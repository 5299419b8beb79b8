//! What a session answers, refuses and how answers look.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod geo;
mod layout;

use std::io::Write as _;
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use trailwright_query::{Format, QueryError, Session, Shape, Tables, VIEWS, Zone, write};
use trailwright_store::{Lake, Location};

async fn session(directory: &tempfile::TempDir) -> Session {
    let location = Location::parse(directory.path().to_str().unwrap()).unwrap();
    let lake = Lake::open_or_create(location, Arc::new(LocalFileSystem::new()))
        .await
        .unwrap();
    Session::begin(&lake, Tables::Whole).await.unwrap()
}

async fn answer(sql: &str, shape: impl Into<Shape>) -> String {
    String::from_utf8(bytes_of(sql, shape).await).unwrap()
}

async fn bytes_of(sql: &str, shape: impl Into<Shape>) -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let session = session(&directory).await;
    let mut out = Vec::new();
    let written = write(session.ask(sql).await.unwrap(), shape, &mut out).await;
    written.unwrap();
    out
}

#[tokio::test]
async fn every_view_can_be_asked_on_an_empty_lake() {
    for (view, _) in VIEWS {
        let sql = format!("SELECT count(*) AS n FROM {view}");
        assert_eq!(
            answer(&sql, Format::JsonLines).await,
            "{\"n\":0}\n",
            "{view}"
        );
    }
}

#[tokio::test]
async fn statements_that_change_anything_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let session = session(&directory).await;
    let statements = [
        "CREATE TABLE x AS SELECT 1",
        "DROP TABLE events",
        "DROP VIEW denials",
        "INSERT INTO rejected SELECT * FROM rejected",
        "DELETE FROM events",
        "COPY events TO '/tmp/stolen.parquet'",
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'",
        "SET datafusion.execution.batch_size = 1",
        "EXPLAIN ANALYZE INSERT INTO rejected SELECT * FROM rejected",
    ];
    for statement in statements {
        match session.ask(statement).await {
            Err(QueryError::NotAQuestion(_) | QueryError::Statement(_)) => {}
            Err(error) => panic!("{statement}: {error}"),
            Ok(_) => panic!("{statement} was not refused"),
        }
    }
}

#[tokio::test]
async fn files_outside_the_lake_cannot_be_read() {
    let directory = tempfile::tempdir().unwrap();
    let session = session(&directory).await;
    assert!(session.ask("SELECT * FROM '/etc/passwd'").await.is_err());
}

#[tokio::test]
async fn an_unknown_column_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let session = session(&directory).await;
    let Err(error) = session.ask("SELECT event_nam FROM events").await else {
        panic!("event_nam exists");
    };
    assert!(error.to_string().contains("event_nam"), "{error}");
}

#[tokio::test]
async fn csv_cells_cannot_run_as_formulas() {
    let sql = "SELECT '=1+1' AS a, '-2' AS b, 'plain' AS c, -3 AS d, NULL AS e";
    assert_eq!(
        answer(sql, Format::Csv).await,
        "a,b,c,d,e\n'=1+1,'-2,plain,-3,\n"
    );
}

#[tokio::test]
async fn each_text_format_has_its_shape() {
    let sql = "SELECT * FROM (VALUES (1, 'x'), (2, NULL)) AS t(n, s) ORDER BY n";
    assert_eq!(
        answer(sql, Format::Json).await,
        "[{\"n\":1,\"s\":\"x\"},{\"n\":2,\"s\":null}]\n"
    );
    assert_eq!(
        answer(sql, Format::JsonLines).await,
        "{\"n\":1,\"s\":\"x\"}\n{\"n\":2,\"s\":null}\n"
    );
    assert_eq!(answer(sql, Format::Csv).await, "n,s\n1,x\n2,\n");
    assert_eq!(answer(sql, Format::Tsv).await, "n\ts\n1\tx\n2\t\n");
    assert_eq!(
        answer(sql, Format::Markdown).await,
        "| n | s |\n|---|---|\n| 1 | x |\n| 2 |  |\n"
    );
    assert_eq!(
        answer(sql, Format::Vertical).await,
        "-- row 1\nn | 1\ns | x\n-- row 2\nn | 2\ns | \n"
    );
    insta::assert_snapshot!(answer(sql, Format::Table).await, @r"
    +---+---+
    | n | s |
    +---+---+
    | 1 | x |
    | 2 |   |
    +---+---+
    ");
}

#[tokio::test]
async fn arrow_and_parquet_hold_the_same_rows() {
    use arrow::ipc::reader::StreamReader;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

    let sql = "SELECT * FROM (VALUES (1, 'x'), (2, NULL)) AS t(n, s) ORDER BY n";
    let stream = bytes_of(sql, Format::Arrow).await;
    let stream = StreamReader::try_new(stream.as_slice(), None).unwrap();
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes_of(sql, Format::Parquet).await)
        .unwrap();
    let file = ParquetRecordBatchReader::try_new(file, 10).unwrap();
    let stream: Vec<_> = stream.map(Result::unwrap).collect();
    let file: Vec<_> = file.map(Result::unwrap).collect();
    assert_eq!(stream[0].columns(), file[0].columns());
    assert_eq!((stream.len(), stream[0].num_rows()), (1, 2));
}

#[tokio::test]
async fn people_see_so_many_rows_and_programs_see_all() {
    let sql = "SELECT n FROM generate_series(1, 9999) AS t(n) ORDER BY n";
    let shape = |format| Shape {
        header: false,
        rows_max: Some(2),
        ..Shape::from(format)
    };
    assert_eq!(
        answer(sql, shape(Format::Table)).await,
        "+---+\n| 1 |\n| 2 |\n+---+\n"
    );
    assert_eq!(
        answer(sql, shape(Format::Vertical)).await,
        "-- row 1\nn | 1\n-- row 2\nn | 2\n"
    );
    assert_eq!(answer(sql, shape(Format::Csv)).await.lines().count(), 9999);

    let directory = tempfile::tempdir().unwrap();
    let asked = session(&directory).await.ask(sql).await.unwrap();
    let rows = write(asked, shape(Format::Table), &mut Vec::new()).await;
    assert_eq!(rows.unwrap(), 9999, "those that are not shown are counted");
}

#[tokio::test]
async fn people_read_times_in_their_zone_and_programs_in_utc() {
    let sql =
        "SELECT arrow_cast('2026-03-09T08:00:00Z', 'Timestamp(Microsecond, Some(\"UTC\"))') AS t";
    let shape = |format| Shape {
        zone: Zone::parse("Europe/Berlin").unwrap(),
        ..Shape::from(format)
    };
    let vertical = answer(sql, shape(Format::Vertical)).await;
    assert_eq!(vertical, "-- row 1\nt | 2026-03-09T09:00:00+01:00\n");
    for format in [Format::Csv, Format::JsonLines] {
        let program = answer(sql, shape(format)).await;
        assert!(program.contains("2026-03-09T08:00:00Z"), "{program}");
    }
}

#[tokio::test]
async fn what_a_caller_sent_cannot_steer_a_terminal_or_a_page() {
    let sql = r"SELECT chr(27) || '[2J' || '|<b>&' AS a";
    for format in [Format::Table, Format::Vertical, Format::Markdown] {
        let shown = answer(sql, format).await;
        assert!(!shown.contains('\u{1b}'), "{shown}");
    }
    let page = answer(sql, Format::Markdown).await;
    assert!(page.contains(r"\|&lt;b>&amp;"), "{page}");
}
