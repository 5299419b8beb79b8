//! Reports of the binary: packs that others can check.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use crate::command::Trailwright;
use crate::story;

const PERIOD: [&str; 4] = ["--since", "2026-03-09", "--until", "2026-03-10"];

/// Makes a pack of the story, and gives its bytes.
fn pack(lake: &Trailwright, more: &[&str], out: &str) -> Vec<u8> {
    let args = [
        "report",
        "run",
        "disagreements",
        "--lake",
        "lake",
        "--out",
        out,
    ];
    let said = lake.run(&[&args[..], &PERIOD, more].concat());
    assert_eq!(said, format!("{out}\n"));
    std::fs::read(lake.path(out)).unwrap()
}

fn files(pack: &Path) -> BTreeMap<String, Vec<u8>> {
    let bytes = std::fs::read(pack).unwrap();
    let zip = rawzip::ZipArchive::from_slice(&bytes).unwrap();
    let mut entries = zip.entries();
    let mut files = BTreeMap::new();
    while let Some(entry) = entries.next_entry().unwrap() {
        let name = String::from_utf8(entry.file_path().as_bytes().to_vec());
        let file = zip.get_entry(entry.wayfinder()).unwrap();
        let mut inflated = Vec::new();
        let inflate = flate2::bufread::DeflateDecoder::new(file.data());
        let mut reader = file.verifying_reader(inflate);
        reader.read_to_end(&mut inflated).unwrap();
        files.insert(name.unwrap(), inflated);
    }
    files
}

/// An Ed25519 key pair as OpenSSL writes it; the private half is 32 times 7.
fn keys(trailwright: &Trailwright) {
    let [begin, end] = ["BEGIN", "END"].map(|word| format!("-----{word} PRIVATE KEY-----"));
    let body = "MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";
    trailwright.write("key.pem", format!("{begin}\n{body}\n{end}\n"));
    trailwright.write(
        "public.pem",
        "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=\n-----END PUBLIC KEY-----\n",
    );
}

#[test]
fn another_process_makes_the_same_bytes_of_the_same_lake() {
    let lake = story::lake();
    let first = pack(&lake, &[], "first.zip");
    let second = pack(&lake, &[], "packs/second.zip");
    assert_eq!(first, second);
    let narrow = pack(&lake, &["--accounts", "444455556666"], "narrow.zip");
    assert_ne!(first, narrow);
    let twice = ["--accounts", "444455556666,444455556666"];
    assert_eq!(pack(&lake, &twice, "twice.zip"), narrow);
}

#[test]
fn the_rows_of_a_section_are_the_answer_to_its_question() {
    let lake = story::lake();
    pack(&lake, &[], "pack.zip");
    let files = files(&lake.path("pack.zip"));
    let mut reader = csv::Reader::from_reader(files["csv/04-events.csv"].as_slice());
    let ids: Vec<String> = reader
        .records()
        .map(|row| row.unwrap().iter().next_back().unwrap().to_owned())
        .collect();
    let expected = lake.ask(
        "select event_id from events where agreement = 'disagrees' order by event_time, event_id",
    );
    assert!(!ids.is_empty());
    assert_eq!(ids, expected);
    let json: serde_json::Value = serde_json::from_slice(&files["report.json"]).unwrap();
    assert_eq!(
        json["sections"][3]["rows"].as_array().unwrap().len(),
        ids.len()
    );
}

#[test]
fn a_signed_pack_is_verified_and_a_changed_one_is_a_finding_that_names_the_file() {
    let lake = story::lake();
    keys(&lake);
    pack(&lake, &["--key", "key.pem"], "pack.zip");
    let verify = ["report", "verify", "pack.zip", "--output", "text"];
    insta::assert_snapshot!(
        "verified_with_the_key",
        versioned(&lake.run(&[&verify[..], &["--key", "public.pem"]].concat()))
    );
    insta::assert_snapshot!("verified_without_a_key", versioned(&lake.run(&verify)));

    // A bit of the ZIP is another, in its first file.
    let mut bytes = std::fs::read(lake.path("pack.zip")).unwrap();
    bytes[2000] ^= 1;
    lake.write("pack.zip.changed", bytes);
    let changed = [
        "report",
        "verify",
        "pack.zip.changed",
        "--key",
        "public.pem",
    ];
    let found: serde_json::Value = serde_json::from_str(&lake.run_to(&changed, 1)).unwrap();
    let finding = found["findings"][0].as_str().unwrap();
    assert!(
        finding.starts_with("report.html: it was changed"),
        "{found}"
    );
    assert_eq!(found["signature"], "trusted");
}

fn versioned(said: &str) -> String {
    said.replace(env!("CARGO_PKG_VERSION"), "[version]")
}

#[test]
fn the_list_shows_what_each_report_takes() {
    let trailwright = Trailwright::new();
    let json = trailwright.run(&["report", "list", "--output", "json"]);
    let list: serde_json::Value = serde_json::from_str(&json).unwrap();
    let names: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"disagreements"), "{names:?}");
    let text = trailwright.run(&["report", "list", "--output", "table"]);
    assert!(
        text.contains("disagreements (R10)\n    Where do the policies"),
        "{text}"
    );
    let sql = trailwright.run(&["report", "run", "disagreements", "--sql"]);
    assert!(sql.starts_with("-- title: "), "{sql}");
}

#[test]
fn mistakes_name_the_way_out() {
    let lake = story::lake();
    let said = |args: &[&str]| lake.complaint(&[&["report", "run"], args].concat(), 2);
    assert!(said(&["disagreement"]).contains("did you mean disagreements"));
    assert!(said(&["xyz"]).contains("`trailwright report list` shows all"));
    assert!(said(&["disagreements", "--since", "7d"]).contains("--until"));
    let backwards = [
        "disagreements",
        "--since",
        "2026-03-10",
        "--until",
        "2026-03-09",
    ];
    assert!(said(&backwards).contains("before it begins"));
    assert!(said(&["disagreements", "--accounts", "12"]).contains("12-digit"));
    assert!(said(&["disagreements", "--framework", "cis-3.0"]).contains("it knows none"));
    assert!(said(&["disagreements", "--param", "days=1"]).contains("takes no \"days\""));
    assert!(
        said(&["disagreements", "--key", "lake/none.pem"]).contains("cannot read lake/none.pem")
    );
    lake.write("no.pem", "no key");
    assert!(
        said(&["disagreements", "--key", "no.pem"]).contains("openssl genpkey -algorithm ed25519")
    );
    lake.write("there.zip", "evidence");
    assert!(
        said(&["disagreements", "--lake", "lake", "--out", "there.zip"])
            .contains("not overwritten")
    );
    let verify = |args: &[&str], code| {
        lake.output(&[&["report", "verify"], args].concat())
            .status
            .code()
            == Some(code)
    };
    assert!(verify(&["nowhere.zip"], 2));
    assert!(verify(&["there.zip"], 1));
    assert!(verify(&["there.zip", "--key", "no.pem"], 2));
}

#[test]
fn without_a_period_it_is_the_last_month_and_unsigned_is_said() {
    let lake = story::lake();
    let output = lake.output(&["report", "run", "disagreements", "--lake", "lake"]);
    let said = String::from_utf8(output.stderr).unwrap();
    let name = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("-01T00:00:00Z\nuntil "), "{said}");
    assert!(
        said.contains("not signed, because no --key is given"),
        "{said}"
    );
    let manifest = files(&lake.path(name.trim_end()))
        .remove("manifest.json")
        .unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    assert!(manifest["signed_by"].is_null());
    // The rows, and their labels by what the policies in them tell.
    assert_eq!(manifest["tables"]["events"], 2);
}
