//! Places of addresses: files of made-up places, the hunts that need them, and
//! what is said to who has none.

mod records;

use std::path::PathBuf;

use serde_json::{Value, json};
use trailwright_geo_file::GeoFile;

use self::records::{assume_role, assume_role_with_web_identity, sign_in};
use crate::command::Trailwright;

/// The files for the addresses of tests, in the layout of GeoLite2, written
/// beside the lake: 203.0.113.0/24 and 192.0.2.0/25 are in one city and in
/// networks of their own, 198.51.100.0/24 is on the other side of the Earth.
pub(crate) fn files(trailwright: &Trailwright) -> Vec<PathBuf> {
    let berlin = place("DE", "Berlin", 52.52, 13.405);
    let cities = [
        ("203.0.113.0/24", &berlin),
        ("192.0.2.0/25", &berlin),
        ("198.51.100.0/24", &place("NZ", "Auckland", -36.85, 174.76)),
        ("2001:db8::/32", &place("FR", "Paris", 48.857, 2.352)),
    ];
    let networks = [
        ("203.0.113.0/24", &network(64500, "Example Access")),
        ("192.0.2.0/25", &network(64501, "Example Hosting")),
        ("198.51.100.0/24", &network(64510, "Example Transit")),
        ("2001:db8::/32", &network(64500, "Example Access")),
    ];
    let file = |name: &str, kind: &str, records: &[(&str, &Value)]| {
        let file = records
            .iter()
            .fold(GeoFile::new(kind), |file, (at, record)| {
                file.with(at.parse().unwrap(), record)
            });
        trailwright.write(name, file.bytes())
    };
    vec![
        file("geo/city.mmdb", "GeoLite2-City", &cities),
        file("geo/asn.mmdb", "GeoLite2-ASN", &networks),
    ]
}

fn place(country: &str, city: &str, latitude: f64, longitude: f64) -> Value {
    json!({
        "country": {"iso_code": country}, "city": {"names": {"en": city}},
        "location": {"latitude": latitude, "longitude": longitude},
    })
}

fn network(number: u32, organization: &str) -> Value {
    json!({"autonomous_system_number": number, "autonomous_system_organization": organization})
}

const CONFIGURED: &str = "lake = 'lake'\n[geo]\ndatabases = ['geo/city.mmdb', 'geo/asn.mmdb']\n";

/// A lake with these records, and a configuration beside it that names the files.
fn lake(records: &[Value]) -> Trailwright {
    let trailwright = Trailwright::new();
    let lines: String = records.iter().map(|record| format!("{record}\n")).collect();
    trailwright.write("records.jsonl", lines);
    trailwright.run(&["ingest", "--lake", "lake", "records.jsonl"]);
    files(&trailwright);
    trailwright.write("trailwright.toml", CONFIGURED);
    trailwright
}

/// The answer to a hunt: these columns, a row a line.
fn hunt(trailwright: &Trailwright, args: &[&str], columns: &[&str]) -> Vec<String> {
    let rows = trailwright.run(&[&["hunt"], args, &["--output", "jsonl"]].concat());
    let cells = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        let cell = |name: &&str| match &row[*name] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        columns.iter().map(cell).collect::<Vec<_>>().join(" | ")
    };
    rows.lines().map(cells).collect()
}

#[test]
fn who_is_in_two_places_too_soon_is_found_and_who_travels_or_stays_is_not() {
    let trailwright = lake(&[
        // Two hours around half the Earth, for a role session.
        sign_in("2026-03-09T08:00:00Z", "ines", "203.0.113.7", "Success"),
        assume_role("2026-03-09T10:00:00Z", "ines", "198.51.100.9"),
        // As far within two days is a journey.
        sign_in("2026-03-11T10:00:00Z", "ines", "2001:db8::7", "Success"),
        // Another network in the same city.
        sign_in("2026-03-09T08:00:00Z", "theo", "203.0.113.7", "Success"),
        sign_in("2026-03-09T08:00:10Z", "theo", "192.0.2.7", "Success"),
        // Failures are nobody's, services are nowhere, and so are private addresses.
        sign_in("2026-03-09T08:01:00Z", "theo", "198.51.100.9", "Failure"),
        assume_role("2026-03-09T08:02:00Z", "theo", "AWS Internal"),
        assume_role("2026-03-09T08:03:00Z", "theo", "10.1.2.3"),
        assume_role("2026-03-09T08:04:00Z", "theo", "192.0.2.200"),
        // A workload is wherever it is.
        assume_role_with_web_identity("2026-03-09T08:00:00Z", "203.0.113.7"),
        assume_role_with_web_identity("2026-03-09T08:05:00Z", "198.51.100.9"),
        // In one second, within one autonomous system.
        sign_in("2026-03-09T09:00:00Z", "app", "203.0.113.7", "Success"),
        assume_role("2026-03-09T09:00:00Z", "app", "2001:db8::7"),
    ]);
    let columns = [
        "event_id",
        "from_place",
        "to_place",
        "km",
        "km_per_hour",
        "from_network",
        "to_network",
        "same_network",
    ];
    let app = "app 2026-03-09T09:00:00Z ConsoleLogin | Paris, FR | Berlin, DE | ";
    let ines = "ines 2026-03-09T10:00:00Z AssumeRole | Berlin, DE | Auckland, NZ | 17746 | 8873 | AS64500 Example Access | AS64510 Example Transit | false";
    let found = hunt(&trailwright, &["impossible-travel"], &columns);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(
        found[0].starts_with(app)
            && found[0]
                .ends_with("| null | AS64500 Example Access | AS64500 Example Access | true"),
        "{found:#?}"
    );
    assert_eq!(found[1], ines);
    // The sign-in before the window counts, for that within it.
    let late = ["impossible-travel", "--since", "2026-03-09T09:30:00Z"];
    assert_eq!(hunt(&trailwright, &late, &columns), [ines]);
    let fast = [
        "impossible-travel",
        "-p",
        "max_km_per_hour=9000",
        "-p",
        "min_km=1000",
    ];
    assert_eq!(hunt(&trailwright, &fast, &columns), [""; 0]);
    let one = [
        "impossible-travel",
        "-p",
        "principal=arn:aws:iam::111122223333:user/theo",
        "-p",
        "min_km=0",
    ];
    assert_eq!(hunt(&trailwright, &one, &columns), [""; 0]);
}

#[test]
fn countries_and_networks_are_new_for_whom_they_are() {
    let trailwright = lake(&[
        sign_in("2026-02-01T08:00:00Z", "ines", "203.0.113.7", "Success"),
        assume_role("2026-02-02T08:00:00Z", "ines", "2001:db8::7"),
        sign_in("2026-02-03T08:00:00Z", "theo", "198.51.100.7", "Success"),
        // Before what counts as known.
        sign_in("2025-03-01T08:00:00Z", "ines", "198.51.100.7", "Success"),
        // A new network in a known country, a new country, and what is known.
        sign_in("2026-03-09T08:00:00Z", "ines", "192.0.2.7", "Success"),
        sign_in("2026-03-09T09:00:00Z", "ines", "198.51.100.8", "Success"),
        assume_role("2026-03-09T09:30:00Z", "ines", "198.51.100.9"),
        sign_in("2026-03-09T10:00:00Z", "ines", "203.0.113.9", "Success"),
        sign_in("2026-03-09T10:00:00Z", "theo", "198.51.100.7", "Success"),
        // Nobody knows this one yet.
        assume_role("2026-03-09T11:00:00Z", "app", "203.0.113.7"),
    ]);
    let columns = [
        "first_event_id",
        "kind",
        "place",
        "sign_ins",
        "event_names",
        "known",
    ];
    let found = hunt(
        &trailwright,
        &["sign-in-places", "--since", "2026-03-01"],
        &columns,
    );
    let expected = [
        r#"ines 2026-03-09T08:00:00Z ConsoleLogin | network | AS64501 Example Hosting | 1 | ["ConsoleLogin"] | ["AS64500 Example Access"]"#,
        r#"ines 2026-03-09T09:00:00Z ConsoleLogin | country | NZ | 2 | ["AssumeRole","ConsoleLogin"] | ["DE","FR"]"#,
        r#"ines 2026-03-09T09:00:00Z ConsoleLogin | network | AS64510 Example Transit | 2 | ["AssumeRole","ConsoleLogin"] | ["AS64500 Example Access"]"#,
        r#"app 2026-03-09T11:00:00Z AssumeRole | country | DE | 1 | ["AssumeRole"] | null"#,
        r#"app 2026-03-09T11:00:00Z AssumeRole | network | AS64500 Example Access | 1 | ["AssumeRole"] | null"#,
    ];
    assert_eq!(found, expected);
}

#[test]
fn without_files_that_tell_it_the_person_hears_what_to_do() {
    let trailwright = lake(&[]);
    trailwright.write("geo/packed.tar.gz", "not a database");
    let directory = trailwright.path(".").canonicalize().unwrap();
    let said = |databases: &str, args: &[&str]| {
        let configuration = format!("lake = 'lake'\n[geo]\ndatabases = [{databases}]\n");
        trailwright.write("trailwright.toml", configuration);
        let said = trailwright.complaint(args, 2);
        said.replace(directory.to_str().unwrap(), "[directory]")
    };
    let travel = ["hunt", "impossible-travel"];
    let cases = [
        said("", &travel),
        said("'geo/none.mmdb'", &travel),
        said("'geo/packed.tar.gz'", &travel),
        said("'geo/city.mmdb'", &travel),
        said(
            "'geo/asn.mmdb'",
            &[
                "query",
                "select count(*) from sign_ins where geo_lookup(source_ip_address, 'city') = 'Berlin'",
            ],
        ),
        said(
            "'geo/city.mmdb'",
            &["query", "select geo_lookup('203.0.113.7', 'town')"],
        ),
        said(
            "'geo/city.mmdb'",
            &[
                "query",
                "select geo_lookup('203.0.113.7', event_name) from events",
            ],
        ),
    ];
    insta::assert_snapshot!("geo_said", cases.join(""));
    // Who asks for no place does not hear of the files.
    trailwright.write("trailwright.toml", "[geo]\ndatabases = ['geo/none.mmdb']\n");
    assert_eq!(trailwright.ask("select 1"), ["1"]);
}

#[test]
fn files_are_looked_for_beside_the_configuration() {
    let trailwright = lake(&[]);
    trailwright.write("etc/own.toml", CONFIGURED.replace("geo/", "../geo/"));
    let sql = "select geo_lookup('203.0.113.7', 'city') as city";
    let args = ["query", "--config", "etc/own.toml", "--output", "csv", sql];
    assert_eq!(trailwright.run(&args), "city\nBerlin\n");
}

#[test]
fn the_doctor_says_what_the_files_tell() {
    let trailwright = lake(&[]);
    trailwright.write("geo/other.mmdb", GeoFile::new("Anything").bytes());
    let said = |configuration: &str| {
        trailwright.write("trailwright.toml", configuration);
        let output = trailwright.output(&["doctor", "--output", "text"]);
        let text = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let begin = lines
            .iter()
            .position(|line| line.contains(" geo: "))
            .unwrap();
        let end = lines
            .iter()
            .position(|line| line.contains(" store: "))
            .unwrap();
        lines[begin..end].join("\n") + "\n"
    };
    let broken = said("lake = 'lake'\n[geo]\ndatabases = ['geo/none.mmdb']\n");
    let fine = said(&CONFIGURED.replace("asn.mmdb'", "asn.mmdb', 'geo/other.mmdb'"));
    insta::assert_snapshot!("doctor_geo", fine + &broken);
}
