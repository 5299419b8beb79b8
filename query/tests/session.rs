//! What a session answers, refuses and how answers look.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::sync::Arc;

use object_store::local::LocalFileSystem;
use trailwright_query::{Format, QueryError, Session, Tables, VIEWS, write};
use trailwright_store::{Lake, Location};

async fn session(directory: &tempfile::TempDir) -> Session {
    let location = Location::parse(directory.path().to_str().unwrap()).unwrap();
    let lake = Lake::open_or_create(location, Arc::new(LocalFileSystem::new()))
        .await
        .unwrap();
    Session::begin(&lake, Tables::Whole).await.unwrap()
}

async fn answer(sql: &str, format: Format) -> String {
    let directory = tempfile::tempdir().unwrap();
    let session = session(&directory).await;
    let mut out = Vec::new();
    write(session.ask(sql).await.unwrap(), format, &mut out)
        .await
        .unwrap();
    String::from_utf8(out).unwrap()
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
    insta::assert_snapshot!(answer(sql, Format::Table).await, @r"
    +---+---+
    | n | s |
    +---+---+
    | 1 | x |
    | 2 |   |
    +---+---+
    ");
}
