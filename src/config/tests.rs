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
    let maintenance = config.lake_maintenance();
    let retention = maintenance.retention(String::new()).unwrap();
    assert_eq!(
        (retention.events, retention.rejected),
        (Some(2557), Some(400))
    );
    assert_eq!(retention.trails["reads-of-audit-bucket"], Some(90));
    assert_eq!(retention.holds[0].name, "case-2026-17");
    assert_eq!(maintenance.vacuum.keep_hours, 168);
    assert_eq!(
        maintenance.compaction.beside_appends().quiet.num_minutes(),
        10
    );
    assert_eq!(config.source.objects.places, ["s3://audit-logs/AWSLogs"]);
    assert_eq!(config.source.objects.look_interval().as_secs(), 60);
    assert_ne!(config.geo.databases(), Config::default().geo.databases());
    assert_eq!(config.service.listen.as_deref(), Some("127.0.0.1:9464"));
    assert_eq!(config.report[0].to, "s3://audit-evidence/monthly");
    assert_eq!(
        config.report[0].key.as_deref(),
        Some("report-key.pem".as_ref())
    );
    let kafka = &config.source.kafka;
    assert_eq!(kafka.topics, ["cloudtrail", "^audit-.*"]);
    assert_eq!(kafka.dead_letter.topic.as_deref(), Some("cloudtrail.dlq"));
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
            "[compaction]\nfiles_min = 1",
            "compaction.files_min: it takes 2",
        ),
        (
            "[compaction]\ntarget_bytes = 0",
            "compaction.target_bytes: ",
        ),
        (
            "[retention]\ndays = 'for ever'",
            "\"for ever\" is neither a number of days nor \"forever\"",
        ),
        ("[retention]\ndays = -1", "-1 is no number of days"),
        (
            "[retention.trails]\nreads = 1\n[[trails]]\nname = 'main'\nhome_region = 'eu-west-1'",
            "retention.trails.reads: no trail has this name; there are main",
        ),
        (
            "[vacuum]\nkeep_hours = 23",
            "vacuum.keep_hours: 23 is less than 24",
        ),
        (
            "[[hold]]\nname = 'a'\nreason = ' '",
            "hold[0].reason: say it",
        ),
        ("[[hold]]\nname = 'a'", "missing field `reason`"),
        (
            "[[hold]]\nname = 'a'\nreason = 'b'\naccounts = ['1111-2222-3333']",
            "hold[0].accounts: \"1111-2222-3333\" is not a 12-digit account ID",
        ),
        (
            "[[hold]]\nname = 'a'\nreason = 'b'\nprincipals = ['ines']",
            "hold[0].principals: \"ines\" is not the ARN of a principal",
        ),
        (
            "[[hold]]\nname = 'a'\nreason = 'b'\nsince = '3 March'",
            "hold[0].since: \"3 March\" is no time",
        ),
        (
            "[[hold]]\nname = 'a'\nreason = 'b'\nsince = '2026-03-09'\nuntil = '2026-03-09'",
            "hold[0].until: it is not after since",
        ),
        (
            "[[hold]]\nname = 'a'\nreason = 'b'\n[[hold]]\nname = 'a'\nreason = 'c'",
            "hold[1].name: \"a\" is there twice",
        ),
        (
            "[[report]]\nname = 'disagreement'\nschedule = '0 6 1 * *'\nperiod = 'previous month'\nto = 'packs'",
            "report[0].name: there is no report \"disagreement\"",
        ),
        (
            "[[report]]\nname = 'disagreements'\nschedule = 'monthly'\nperiod = 'previous month'\nto = 'packs'",
            "report[0].schedule: \"monthly\" is no schedule",
        ),
        (
            "[[report]]\nname = 'disagreements'\nschedule = '0 6 1 * *'\nperiod = 'last month'\nto = 'packs'",
            "unknown variant `last month`",
        ),
        (
            "[[report]]\nname = 'disagreements'\nschedule = '0 6 1 * *'\nperiod = 'previous month'\nto = 'packs'\nframework = 'cis-3.0'",
            "report[0].disagreements knows no framework \"cis-3.0\"",
        ),
        (
            "[[report]]\nname = 'disagreements'\nschedule = '0 6 1 * *'\nperiod = 'previous month'\nto = 'packs'\nparameters = { at = '1' }",
            "report[0].disagreements takes no \"at\"",
        ),
        (
            "[[report]]\nname = 'disagreements'\nschedule = '0 6 1 * *'\nperiod = 'previous month'\nto = 'packs'\naccounts = ['12']",
            "report[0].accounts: \"12\" is not a 12-digit account ID",
        ),
        (
            "[[report]]\nname = 'disagreements'\nschedule = '0 6 1 * *'\nperiod = 'previous month'\nto = 'packs'\n\
             [[report]]\nname = 'disagreements'\nschedule = '0 7 1 * *'\nperiod = 'previous month'\nto = 'packs'",
            "report[1].to: another disagreements of the previous month",
        ),
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
