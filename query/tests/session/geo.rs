//! `geo_lookup` and `geo_distance_km` in SQL.

use std::sync::Arc;

use serde_json::json;
use trailwright_geo_file::GeoFile;
use trailwright_query::{Format, GeoDatabases, QueryError, write};

/// What is answered with a file that knows 203.0.113.0/24.
async fn answer(sql: &str) -> Result<String, QueryError> {
    let directory = tempfile::tempdir().unwrap();
    let record = json!({
        "country": {"iso_code": "DE"}, "location": {"latitude": 52.52, "longitude": 13.405},
        "autonomous_system_number": 64500,
    });
    let file = GeoFile::new("All").with("203.0.113.0/24".parse().unwrap(), &record);
    let path = directory.path().join("all.mmdb");
    std::fs::write(&path, file.bytes()).unwrap();
    let databases = GeoDatabases::new(vec![path]);
    let session = super::session(&directory)
        .await
        .with_geo(Arc::new(databases));
    let mut out = Vec::new();
    write(session.ask(sql).await?, Format::JsonLines, &mut out).await?;
    Ok(String::from_utf8(out).unwrap())
}

const ADDRESSES: &str = "(VALUES ('203.0.113.7'), ('AWS Internal'), (NULL), ('203.0.113.7'), ('10.0.0.1')) AS t(address)";

#[tokio::test]
async fn each_part_has_a_type_of_its_own_and_what_is_unknown_is_null() {
    let sql = format!(
        "SELECT geo_lookup(address, 'country') AS country, geo_lookup(address, 'asn') AS asn,
                geo_lookup(address, 'latitude') + 1 AS north FROM {ADDRESSES}"
    );
    let known = "{\"country\":\"DE\",\"asn\":64500,\"north\":53.52}\n";
    let unknown = "{\"country\":null,\"asn\":null,\"north\":null}\n";
    let expected = [known, unknown, unknown, known, unknown].concat();
    assert_eq!(answer(&sql).await.unwrap(), expected);
    let literal = answer("SELECT geo_lookup('203.0.113.7', 'asn') AS asn").await;
    assert_eq!(literal.unwrap(), "{\"asn\":64500}\n");
    let literal = answer("SELECT geo_lookup(NULL, 'asn') AS asn").await;
    assert_eq!(literal.unwrap(), "{\"asn\":null}\n");
    let nothing = format!("SELECT geo_lookup(address, 'asn') FROM {ADDRESSES} WHERE false");
    assert_eq!(answer(&nothing).await.unwrap(), "");
}

#[tokio::test]
async fn distances_are_kilometres_and_null_where_a_point_is_unknown() {
    let sql = "SELECT CAST(geo_distance_km(52.52, 13.405, -36.85, 174.76) AS BIGINT) AS km,
                      geo_distance_km(52.52, 13.405, NULL, 174.76) AS unknown";
    assert_eq!(
        answer(sql).await.unwrap(),
        "{\"km\":17746,\"unknown\":null}\n"
    );
}

#[tokio::test]
async fn what_cannot_be_told_is_said_wherever_in_a_question_it_stands() {
    let cases = [
        ("'city'", "none of the files in [geo] databases tells city"),
        ("'contry'", "an address has no part \"contry\""),
        ("address", "a part that is written in the statement"),
    ];
    for (part, words) in cases {
        for sql in [
            format!("SELECT geo_lookup(address, {part}) FROM {ADDRESSES}"),
            format!("SELECT * FROM {ADDRESSES} WHERE geo_lookup(address, {part}) IS NULL"),
            format!("SELECT count(*) FROM {ADDRESSES} GROUP BY geo_lookup(address, {part})"),
            format!("SELECT address FROM {ADDRESSES} ORDER BY geo_lookup(address, {part})"),
        ] {
            match answer(&sql).await {
                Err(QueryError::Geo(error)) => {
                    assert!(error.to_string().contains(words), "{sql}: {error}");
                }
                other => panic!("{sql}: {other:?}"),
            }
        }
    }
}
