//! What is in a pack.

use super::{checked, evidence, file, files, key, pack, packed};
use crate::evidence::Signature;
use crate::evidence::file_name;

fn text(pack: &[u8], path: &str) -> String {
    String::from_utf8(file(pack, path)).unwrap()
}

#[tokio::test]
async fn the_same_question_to_the_same_state_gives_the_same_bytes() {
    assert_eq!(packed(None).await, packed(None).await);
    assert_eq!(packed(Some(&key(7))).await, packed(Some(&key(7))).await);
}

#[tokio::test]
async fn a_pack_as_it_was_made_is_found_so_with_who_signed_it() {
    let (signer, other) = (key(7).public(), key(8).public());
    let signed = packed(Some(&key(7))).await;
    let verification = checked(&signed, Some(&signer));
    assert_eq!(verification.findings, [""; 0]);
    assert_eq!(verification.signature, Signature::Trusted(signer.clone()));
    let unknown = checked(&signed, None);
    assert_eq!(unknown.findings, [""; 0]);
    assert_eq!(unknown.signature, Signature::OfUnknown(signer.clone()));
    let wrong = checked(&signed, Some(&other));
    let expected = format!("manifest.json: it is signed by {signer}, and not by {other}");
    assert_eq!(wrong.findings, [expected]);
    let unsigned = packed(None).await;
    assert_eq!(checked(&unsigned, None).findings, [""; 0]);
    assert_eq!(checked(&unsigned, None).signature, Signature::Absent);
    let wanted = checked(&unsigned, Some(&signer)).findings;
    assert_eq!(wanted, ["manifest.json: it is not signed"]);
}

#[tokio::test]
async fn the_manifest_tells_what_was_asked_of_what_and_the_hash_of_each_file() {
    let pack = packed(Some(&key(7))).await;
    // Hashes of the page and the JSON change with every version.
    let version = [
        (r"trailwright \d+\.\d+\.\d+", "trailwright [version]"),
        (
            r#"(?s)("path": "report.(html|json)",\s+"bytes": )\d+(,\s+"sha256": )"\w+""#,
            "$1[bytes]$3[sha256]",
        ),
    ];
    insta::with_settings!({filters => version}, {
        insta::assert_snapshot!("manifest", text(&pack, "manifest.json"));
    });
    let names: Vec<String> = files(&pack).into_keys().collect();
    insta::assert_debug_snapshot!("names", names);
}

#[tokio::test]
async fn the_page_for_people() {
    let pack = packed(Some(&key(7))).await;
    let page = text(&pack, "report.html");
    let body = page.split_once("</style>").unwrap().1;
    let version = [(r"Trailwright \d+\.\d+\.\d+", "Trailwright [version]")];
    insta::with_settings!({filters => version}, {
        insta::assert_snapshot!("page", body);
    });
}

#[tokio::test]
async fn nothing_of_a_record_is_markup_and_the_page_loads_nothing() {
    let page = text(&packed(None).await, "report.html");
    assert!(
        page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"),
        "{page}"
    );
    assert!(page.contains("Calls &amp; &lt;callers&gt;"));
    assert!(page.contains("default-src 'none'"));
    for forbidden in [
        "<script",
        "<link",
        "<img",
        "src=",
        "@import",
        "url(",
        "javascript:",
    ] {
        let body = page.replace("img-src data:", "").to_lowercase();
        assert!(!body.contains(forbidden), "{forbidden}");
    }
}

#[tokio::test]
async fn csv_is_read_by_others_as_the_rows_are_and_runs_nothing() {
    let bytes = file(&packed(None).await, "csv/01-calls.csv");
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    assert_eq!(reader.headers().unwrap(), vec!["name", "calls", "detail"]);
    let rows: Vec<Vec<String>> = reader
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect();
    assert_eq!(
        rows,
        [
            ["GetObject", "12", "a, \"b\""],
            ["'=HYPERLINK(\"x\")", "3", "<script>alert('x')</script>"],
            ["'-1+1", "2", ""],
        ]
    );
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text.matches("\r\n").count(), lines);
}

#[tokio::test]
async fn json_has_every_row_with_every_column() {
    let json = file(&packed(None).await, "report.json");
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["report"]["parameters"]["at_least"], "2");
    assert_eq!(json["report"]["framework"], "cis-4.0");
    let calls = &json["sections"][0];
    assert_eq!(
        calls["columns"],
        serde_json::json!(["name", "calls", "detail"])
    );
    assert_eq!(calls["rows"].as_array().unwrap().len(), 3);
    assert_eq!(calls["rows"][1]["name"], "=HYPERLINK(\"x\")");
    assert!(calls["rows"][2]["detail"].is_null());
    assert_eq!(json["sections"][1]["rows"][0]["day"], "2026-02-01");
    assert_eq!(json["sections"][2]["rows"], serde_json::json!([]));
}

#[tokio::test]
async fn the_statements_are_in_the_pack_as_they_were_asked() {
    let evidence = evidence().await;
    let pack = pack(&evidence, None).unwrap();
    assert_eq!(text(&pack, "queries/calls.sql"), evidence.report.sql);
}

#[test]
fn a_pack_is_called_by_its_report_and_period() {
    assert_eq!(
        file_name("calls", &super::scope()),
        "calls_2026-02-01_2026-03-01.zip"
    );
    let mut part = super::scope();
    part.since = "2026-02-01T06:30:00Z".parse().unwrap();
    assert_eq!(
        file_name("calls", &part),
        "calls_2026-02-01T063000Z_2026-03-01.zip"
    );
}
