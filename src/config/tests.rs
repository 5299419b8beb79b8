#![allow(clippy::unwrap_used)]
use super::Config;

#[test]
fn the_empty_configuration_is_valid() {
    let config = Config::parse("").unwrap();
    assert!(config.ingest.redact_session_tokens);
    assert!(config.trails.is_empty());
}

#[test]
fn every_documented_key_is_read() {
    let documented = include_str!("../../docs/reference/configuration.md");
    let example = documented
        .split("```toml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let config = Config::parse(example.unwrap()).unwrap();
    assert_eq!(config.lake.as_deref(), Some("s3://audit-lake/prod"));
    assert_eq!(config.trails.len(), 2);
    assert_eq!(config.aliases["acme-prod"], "111122223333");
    assert!(!config.label_options().assume.no_resource_policies);
    assert_eq!(config.commit.time_max().as_secs(), 5);
    assert_eq!(config.service.listen.as_deref(), Some("127.0.0.1:9464"));
    let kafka = &config.source.kafka;
    assert_eq!(kafka.topics, ["cloudtrail", "^audit-.*"]);
    let properties = kafka.properties(|_| None).unwrap();
    assert_eq!(properties["session.timeout.ms"], "45000");
}

#[test]
fn the_configuration_of_the_example_is_valid_and_goes_together() {
    let example = include_str!("../../examples/compose/trailwright.toml");
    let config = Config::parse(example).unwrap();
    assert!(config.contradictions().is_empty());
    assert_eq!(config.source.kafka.topics, ["cloudtrail"]);
}

#[test]
fn a_mistake_is_named_with_its_key_and_place() {
    let cases = [
        ("lak = 'x'", "unknown field `lak`"),
        ("[ingest]\nnesting_max = 'deep'", "line 2"),
        ("[commit]\nseconds_max = -1", "-1 seconds: "),
        (
            "[[trails]]\nname = 'main'\nhome_region = 'europe'",
            "trails[0].home_region: \"europe\" is not a Region code",
        ),
        (
            "[aliases]\nacme = '12'",
            "aliases.acme: \"12\" is not a 12-digit account ID",
        ),
        (
            "[[trails]]\nname = 'data'\nhome_region = 'eu-west-1'\n[[trails.advanced_event_selectors]]\nFieldSelectors = [{ Field = 'eventCategory', Equals = ['Data'] }, { Field = 'color', Equals = ['x'] }]",
            "trails[0].advanced_event_selectors[0].FieldSelectors[1].Field: \"color\" is not a field",
        ),
    ];
    for (text, words) in cases {
        let error = Config::parse(text).unwrap_err();
        assert!(error.contains(words), "{error}");
    }
}
