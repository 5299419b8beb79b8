//! What the header of a hunt may say, and what may be given to it.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use super::{Hunt, hunts};
use crate::questions::{BindError, Kind, Presence, Value};

const FILE: &str = "\
-- title: Failed calls
-- question: Which calls from this address failed?
-- catalogue: Q4
-- idea: everybody
-- parameter: cidr text required; Network or address.
-- parameter: at_least integer = 10; How many count,
--   at the least.
-- parameter: window duration = 1d12h; Length of a window.
-- parameter: account text optional; Only this account.
-- note: Says little.
SELECT $cidr, $at_least, $window, $account, $since, $until -- and $nothing
";

fn given(values: &[(&str, &str)]) -> BTreeMap<String, String> {
    values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn a_header_is_read_whole() {
    let hunt = Hunt::parse("failed", FILE).unwrap();
    assert_eq!(
        (hunt.title.as_str(), hunt.catalogue.as_str()),
        ("Failed calls", "Q4")
    );
    assert_eq!(hunt.notes, ["Says little."]);
    assert!(!hunt.needs_since && !hunt.needs_geo);
    let [cidr, at_least, window, account] = &hunt.parameters[..] else {
        unreachable!("four parameters");
    };
    assert_eq!(
        (cidr.kind, &cidr.presence),
        (Kind::Text, &Presence::Required)
    );
    assert_eq!(at_least.presence, Presence::Default(Value::Integer(10)));
    assert_eq!(at_least.meaning, "How many count, at the least.");
    assert_eq!(
        window.presence,
        Presence::Default(Value::Duration(chrono::TimeDelta::hours(36)))
    );
    assert_eq!(account.presence, Presence::Optional);
}

#[test]
fn whatever_a_header_does_not_say_plainly_is_an_error() {
    let cases = [
        ("-- title: Failed calls\n", "", "no title"),
        (
            "-- idea: everybody\n",
            "-- idea: a\n-- idea: b\n",
            "5: a second idea",
        ),
        (
            "-- idea: everybody\n",
            "-- ideas: everybody\n",
            "4: the header knows no",
        ),
        ("-- idea: everybody\n", "-- idea everybody\n", "line 4"),
        (
            "-- title: Failed calls\n",
            "--   more\n",
            "begins with a continuation",
        ),
        (
            "cidr text required",
            "cidr words required",
            "\"words\" is no kind",
        ),
        ("cidr text required", "Cidr text required", "is no name"),
        (
            "cidr text required",
            "cidr text",
            "a parameter is NAME KIND",
        ),
        ("cidr text required", "cidr text maybe", "neither required"),
        (
            "cidr text required;",
            "cidr text required:",
            "no \"; meaning\"",
        ),
        (
            "integer = 10",
            "integer = ten",
            "default of at_least: give a whole number",
        ),
        ("account text", "cidr text", "a second parameter cidr"),
        ("account text", "since text", "a second parameter since"),
        ("$account, ", "", "does not use $account"),
        ("$until", "$until, $after", "does not declare $after"),
        (
            "$until",
            "$until, geo_lookup($cidr, 'city')",
            "\"geo: required\" if and only if",
        ),
        (
            "-- idea: everybody\n",
            "-- idea: everybody\n-- geo: required\n",
            "\"geo: required\" if and only if",
        ),
        ("$since, ", "", "does not use $since"),
    ];
    for (from, to, expected) in cases {
        assert!(FILE.contains(from), "{from}");
        let error = Hunt::parse("failed", &FILE.replacen(from, to, 1)).unwrap_err();
        assert!(error.contains(expected), "{from} -> {to}: {error}");
    }
}

#[test]
fn values_are_typed_and_defaults_fill_in() {
    let hunt = Hunt::parse("failed", FILE).unwrap();
    let values = hunt
        .bind(&given(&[("cidr", "' OR 1=1 --"), ("at_least", "3")]))
        .unwrap();
    assert_eq!(values["cidr"], Value::Text("' OR 1=1 --".to_owned()));
    assert_eq!(values["at_least"], Value::Integer(3));
    assert_eq!(values["window"].to_string(), "1d12h");
    assert_eq!(values["account"], Value::Absent(Kind::Text));
}

#[test]
fn values_that_do_not_fit_are_refused_with_the_way_out() {
    let hunt = Hunt::parse("failed", FILE).unwrap();
    let refused = |values: &[(&str, &str)]| hunt.bind(&given(values)).unwrap_err().to_string();
    assert!(refused(&[]).contains("--param cidr=TEXT"));
    assert!(
        refused(&[("cidr", "x"), ("cird", "y")])
            .contains("it takes cidr, at_least, window, account")
    );
    assert!(refused(&[("cidr", "x"), ("at_least", "1; DROP")]).contains("give a whole number"));
    let networks = FILE.replacen("cidr text", "cidr network", 1);
    let networks = Hunt::parse("failed", &networks).unwrap();
    assert!(networks.bind(&given(&[("cidr", "2001:db8::/32")])).is_ok());
    let error = networks.bind(&given(&[("cidr", "here")])).unwrap_err();
    assert!(error.to_string().contains("203.0.113.0/24"), "{error}");
    assert!(refused(&[("cidr", "x"), ("window", "soon")]).contains("90s, 10m"));
}

#[test]
fn a_comparison_with_the_time_before_needs_a_beginning() {
    let file = FILE.replacen("-- idea", "-- window: required\n-- idea", 1);
    let hunt = Hunt::parse("failed", &file).unwrap();
    assert!(matches!(
        hunt.check_since(false),
        Err(BindError::Since { .. })
    ));
    assert_eq!(hunt.check_since(true), Ok(()));
}

#[test]
fn every_file_of_a_hunt_is_in_the_catalogue_and_can_be_read() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("hunts");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| name.strip_suffix(".sql").unwrap().to_owned())
        .collect();
    files.sort_unstable();
    let mut names: Vec<String> = hunts().unwrap().into_iter().map(|hunt| hunt.name).collect();
    names.sort_unstable();
    assert_eq!(names, files);
}
