//! Packs as they are made, changed and checked.
#![allow(clippy::unwrap_used)]

mod changed;
mod content;

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use object_store::memory::InMemory;
use trailwright_query::{Report, ReportScope};
use trailwright_store::{Lake, Location};

use super::archive::Archive;
use super::key::{PublicKey, SigningKey};
use super::{Evidence, Verification, pack, verify};

/// What somebody could have put into records.
const WICKED: &str = "<script>alert(''x'')</script>";

/// A report with a bit of everything, whose rows are its own.
fn report() -> Report {
    let text = format!(
        "-- title: Calls & <callers>
-- question: Who called?
-- catalogue: R0
-- framework: cis-3.0 cis-4.0
-- parameter: at_least integer = 2; How many count.
-- note: A note of the report.

-- section: calls
-- title: Calls by name
-- chart: bar name calls
-- note: A note of the section.
SELECT * FROM (VALUES ('GetObject', 12, 'a, \"b\"'), ('=HYPERLINK(\"x\")', 3, '{WICKED}'), ('-1+1', 2, NULL)) AS t(name, calls, detail)
WHERE calls >= $at_least AND $accounts IS NULL AND $framework = 'cis-4.0' ORDER BY calls DESC;

-- section: days
-- title: Calls by day
-- chart: line day calls
SELECT * FROM (VALUES (CAST($since AS DATE), 1), (DATE '2026-02-03', 5), (CAST($until AS DATE), 2)) AS t(day, calls) ORDER BY day;

-- section: nobody
-- title: Calls by nobody
-- empty: Nobody called nobody.
SELECT event_id FROM events ORDER BY event_id;
"
    );
    Report::parse("calls", &text).unwrap()
}

fn scope() -> ReportScope {
    ReportScope {
        since: "2026-02-01T00:00:00Z".parse().unwrap(),
        until: "2026-03-01T00:00:00Z".parse().unwrap(),
        accounts: Vec::new(),
        framework: None,
        parameters: BTreeMap::new(),
    }
}

/// The report, asked of an empty lake.
async fn evidence() -> Evidence {
    let location = Location::parse("s3://bucket/lake").unwrap();
    let lake = Lake::open_or_create(location, Arc::new(InMemory::new())).await;
    Evidence::of(&lake.unwrap(), &report(), &scope())
        .await
        .unwrap()
}

async fn packed(key: Option<&SigningKey>) -> Vec<u8> {
    pack(&evidence().await, key).unwrap()
}

/// A key as OpenSSL writes it, from 32 bytes of its private half.
pub(super) fn key(seed: u8) -> SigningKey {
    let mut der = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    der.extend([seed; 32]);
    let [begin, end] = ["BEGIN", "END"].map(|word| format!("-----{word} PRIVATE KEY-----"));
    let pem = format!("{begin}\n{}\n{end}\n", STANDARD.encode(der));
    SigningKey::from_pem(pem.as_bytes()).unwrap()
}

fn checked(pack: &[u8], trusted: Option<&PublicKey>) -> Verification {
    verify(pack, trusted)
}

/// The files of a pack, by name.
fn files(pack: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let archive = Archive::open(pack).unwrap();
    let read = |name: &str| (name.to_owned(), archive.read(name, 1 << 30).unwrap());
    archive.names().map(read).collect()
}

fn file(pack: &[u8], path: &str) -> Vec<u8> {
    files(pack).remove(path).unwrap()
}
