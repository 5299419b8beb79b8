//! What files tell of addresses, in the layouts of their vendors, and what is
//! said of files that tell nothing.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use datafusion::scalar::ScalarValue;
use serde_json::{Value, json};
use trailwright_geo_file::GeoFile;

use super::{GeoDatabases, GeoError, Part};

fn maxmind_city() -> GeoFile {
    let berlin = json!({
        "country": {"iso_code": "DE", "names": {"en": "Germany"}},
        "subdivisions": [{"iso_code": "BE", "names": {"en": "State of Berlin"}}],
        "city": {"names": {"de": "Berlin (Mitte)", "en": "Berlin"}},
        "location": {"latitude": 52.52, "longitude": 13.405, "accuracy_radius": 20},
    });
    let somewhere =
        json!({"registered_country": {"iso_code": "US"}, "country": {"iso_code": "NZ"}});
    let file = GeoFile::new("GeoLite2-City");
    let file = file.with("203.0.113.0/24".parse().unwrap(), &berlin);
    let file = file.with("203.0.113.128/25".parse().unwrap(), &somewhere);
    file.with("2001:db8::/32".parse().unwrap(), &berlin)
}

fn maxmind_asn() -> GeoFile {
    let network =
        json!({"autonomous_system_number": 64500, "autonomous_system_organization": "Example Net"});
    let file = GeoFile::of_ipv4("GeoLite2-ASN");
    file.with("203.0.113.0/24".parse().unwrap(), &network)
}

fn databases(directory: &tempfile::TempDir, files: &[(&str, Vec<u8>)]) -> GeoDatabases {
    let written = |(name, bytes): &(&str, Vec<u8>)| {
        let path = directory.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    GeoDatabases::new(files.iter().map(written).collect())
}

fn both(directory: &tempfile::TempDir) -> GeoDatabases {
    let files = [
        ("city.mmdb", maxmind_city().bytes()),
        ("asn.mmdb", maxmind_asn().bytes()),
    ];
    databases(directory, &files)
}

#[test]
fn every_part_is_found_in_the_file_that_has_it() {
    let directory = tempfile::tempdir().unwrap();
    let databases = both(&directory);
    let cases = [
        ("203.0.113.7", Part::Country, Some(ScalarValue::from("DE"))),
        ("203.0.113.7", Part::Region, Some("State of Berlin".into())),
        ("203.0.113.7", Part::City, Some("Berlin".into())),
        ("203.0.113.7", Part::Latitude, Some(52.52.into())),
        ("203.0.113.7", Part::Longitude, Some(13.405.into())),
        ("203.0.113.7", Part::Asn, Some(64_500_i64.into())),
        (
            "203.0.113.7",
            Part::AsOrganization,
            Some("Example Net".into()),
        ),
        ("::ffff:203.0.113.7", Part::City, Some("Berlin".into())),
        ("2001:db8:7::1", Part::City, Some("Berlin".into())),
        // The file of networks knows IPv4 only.
        ("2001:db8:7::1", Part::Asn, None),
        // A smaller network within the larger, of which less is known.
        ("203.0.113.200", Part::Country, Some("NZ".into())),
        ("203.0.113.200", Part::City, None),
        ("203.0.113.200", Part::Latitude, None),
        // In no file.
        ("198.51.100.7", Part::Country, None),
        ("10.0.0.1", Part::Country, None),
        ("2001:db9::1", Part::Country, None),
        // No addresses.
        ("ec2.amazonaws.com", Part::Country, None),
        ("AWS Internal", Part::Asn, None),
        ("", Part::City, None),
    ];
    for (address, part, expected) in cases {
        assert_eq!(databases.check(part), Ok(()));
        let found = databases.look_up(address, part).unwrap();
        assert_eq!(found, expected, "{address} {}", part.name());
    }
}

#[test]
fn the_layouts_of_other_vendors_are_known() {
    let parts = |record: &Value| {
        let part = |part: Part| Some(format!("{}={}", part.name(), part.of(record)?));
        let parts: Vec<String> = Part::ALL.into_iter().filter_map(part).collect();
        parts.join(" ")
    };
    let enterprise = json!({"traits": {"autonomous_system_number": 64500, "autonomous_system_organization": "Example Net"}});
    assert_eq!(parts(&enterprise), "asn=64500 as_organization=Example Net");
    let lite = json!({"country": "Germany", "country_code": "DE", "asn": "AS64500", "as_name": "Example Net"});
    assert_eq!(
        parts(&lite),
        "country=DE asn=64500 as_organization=Example Net"
    );
    let texts = json!({"country": "DE", "region": "Berlin", "city": "Berlin", "lat": "52.52", "lng": "13.405"});
    assert_eq!(
        parts(&texts),
        "country=DE region=Berlin city=Berlin latitude=52.52 longitude=13.405"
    );
    let strange =
        json!({"country": "Germany", "city": 7, "lat": "north", "asn": "64500", "location": []});
    assert_eq!(parts(&strange), "");
}

#[test]
fn where_several_files_tell_the_same_the_first_counts() {
    let directory = tempfile::tempdir().unwrap();
    let network = "203.0.113.0/25".parse().unwrap();
    let own = GeoFile::new("Own").with(network, &json!({"city": "Office"}));
    let files = [
        ("own.mmdb", own.bytes()),
        ("city.mmdb", maxmind_city().bytes()),
    ];
    let databases = databases(&directory, &files);
    let city = |address: &str| databases.look_up(address, Part::City).unwrap();
    assert_eq!(city("203.0.113.7"), Some("Office".into()));
    assert_eq!(city("2001:db8::1"), Some("Berlin".into()));
}

#[test]
fn what_no_file_tells_is_an_error_and_not_null() {
    let none = GeoDatabases::default();
    assert_eq!(none.check(Part::City), Err(GeoError::NotConfigured));
    let directory = tempfile::tempdir().unwrap();
    let files = [("city.mmdb", maxmind_city().bytes())];
    let error = databases(&directory, &files).check(Part::Asn).unwrap_err();
    let said = error
        .to_string()
        .replace(directory.path().to_str().unwrap(), "");
    assert_eq!(
        said,
        "geo_lookup: none of the files in [geo] databases tells asn \
         (/city.mmdb tells country, region, city, latitude, longitude): add one that does, such as GeoLite2-ASN.mmdb"
    );
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let absent = GeoDatabases::new(vec![PathBuf::from("/no/such.mmdb")]);
    let error = absent.check(Part::City).unwrap_err();
    assert!(matches!(error, GeoError::Unreadable { .. }), "{error}");
    assert!(error.to_string().contains("/no/such.mmdb"), "{error}");
    let whole = maxmind_city().bytes();
    let mut garbled = whole.clone();
    let name = garbled.windows(7).position(|bytes| bytes == b"country");
    let name = name.unwrap();
    garbled[name - 1..name + 7].fill(0xff);
    for bytes in [Vec::new(), whole[..whole.len() / 2].to_vec(), garbled] {
        let error = databases(&directory, &[("broken.mmdb", bytes)])
            .check(Part::City)
            .unwrap_err();
        assert!(matches!(error, GeoError::Damaged { .. }), "{error}");
        assert!(error.to_string().contains("/broken.mmdb"), "{error}");
    }
}
