//! Hunts: what each finds in the story, how it is asked, and the page about it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use trailwright_query::{Hunt, Presence, WINDOW, hunts};

use crate::command::Trailwright;
use crate::story::{self, Asker};

const PAGE: &str = "docs/reference/hunts.md";

/// Each hunt as it is asked of the story.
const ASKED: &[(&str, &[&str])] = &[
    ("key-activity", &["access_key=AKIATHEO000000000001"]),
    ("key-owner", &["access_key=ASIAOPERATOR00000001"]),
    ("key-clients", &["access_key=ASIAOPERATOR00000001"]),
    ("address-activity", &["cidr=192.0.2.0/24"]),
    (
        "principal-writes",
        &["principal=arn:aws:iam::444455556666:user/theo"],
    ),
    ("role-chain", &["access_key=ASIARELEASE000000001"]),
    (
        "first-seen-apis",
        &[
            "since=2026-03-09",
            "principal=arn:aws:iam::444455556666:user/theo",
        ],
    ),
    ("first-seen-regions", &["since=2026-03-09T08:30:00Z"]),
    ("sign-in-places", &["since=2026-03-09T07:00:00Z"]),
    ("impossible-travel", &[]),
    ("role-user-agents", &[]),
    ("deny-bursts", &[]),
    ("enumeration-bursts", &[]),
    ("sign-in-guessing", &[]),
    ("password-spraying", &[]),
    ("sign-ins-without-mfa", &[]),
    ("root-use", &[]),
    ("privilege-escalation", &[]),
    ("persistence", &[]),
    ("defence-evasion", &[]),
    ("credential-access", &[]),
    ("sharing", &[]),
    ("s3-readers", &["min_reads=3"]),
    (
        "s3-objects",
        &["principal=arn:aws:iam::444455556666:user/theo"],
    ),
    ("data-staging", &[]),
    ("ransom", &[]),
    ("instance-credentials", &[]),
    ("instance-roles-looking-around", &[]),
    ("compute-abuse", &[]),
    ("resource-timeline", &["arn=arn:aws:s3:::example-reports"]),
    ("cross-account", &[]),
    ("iam-timeline", &[]),
    ("call-origins", &[]),
    ("super-timeline", &["at=2026-03-09T07:41:00Z", "around=1m"]),
    ("allowed-but-denied", &[]),
    ("allowing-statements", &["access_key=AKIATHEO000000000001"]),
];

/// Every hunt is asked once, because that takes a while: for the snapshot of all
/// its rows and for the page, which shows the first.
#[test]
fn each_hunt_finds_in_the_story_what_is_there_and_the_page_of_hunts_shows_it() {
    let story = Asker::of(story::lake());
    let hunts = hunts().unwrap();
    let every: Vec<&str> = hunts.iter().map(|hunt| hunt.name.as_str()).collect();
    let asked: Vec<&str> = ASKED.iter().map(|(name, _)| *name).collect();
    assert_eq!(every, asked);

    let mut page = BEFORE.to_owned();
    for (hunt, (name, given)) in hunts.iter().zip(ASKED) {
        let found = story.hunt(name, given);
        insta::assert_snapshot!(format!("hunt_{name}"), found.all_upright());
        describe(hunt, &mut page);
        let line = format!("$ trailwright hunt {name}{}", arguments(given));
        let count = found.rows.len();
        let _ = write!(
            page,
            "\n```\n{line}\n{}(the first of {count})\n```\n\n",
            found.upright(0)
        );
    }
    page.push_str(AFTER);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    if std::env::var_os("TRAILWRIGHT_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, page, "{PAGE} is old: run the command it names");
}

#[test]
fn the_window_takes_events_away_and_adds_none() {
    let story = Asker::of(story::lake());
    let ids = |window: &[&str]| {
        let given = [&["access_key=AKIABACKUP0000000001"], window].concat();
        let found = story.hunt("key-activity", &given);
        found
            .column("event_id")
            .into_iter()
            .collect::<BTreeSet<String>>()
    };
    let whole = ids(&[]);
    let early = ids(&["until=2026-03-09T08:06:00Z"]);
    let late = ids(&["since=2026-03-09T08:06:00Z"]);
    assert!(
        early.contains("look-20") && late.contains("deny-01"),
        "{early:?} {late:?}"
    );
    assert!(early.is_disjoint(&late));
    assert_eq!(&early | &late, whole);
}

#[test]
fn a_value_is_never_read_as_sql() {
    let story = Asker::of(story::lake());
    let found = story.hunt("key-activity", &["access_key=x' OR '1'='1"]);
    assert_eq!(found.rows.len(), 0);
}

#[test]
fn every_hunt_can_be_asked_of_a_lake_where_nothing_is_to_be_found() {
    let trailwright = Trailwright::new();
    trailwright.write(
        "one.json",
        r#"{"eventVersion":"1.09","eventID":"e","eventTime":"2026-03-01T08:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"DescribeVpcs","awsRegion":"eu-west-1","userIdentity":{"type":"AWSService","invokedBy":"config.amazonaws.com"},"eventType":"AwsApiCall","recipientAccountId":"111122223333"}"#,
    );
    trailwright.run(&["ingest", "--lake", "lake", "one.json"]);
    let dull = Asker::of(trailwright);
    for (name, given) in ASKED {
        let rows = dull.hunt(name, given).rows.len();
        let shows_ordinary_calls = *name == "call-origins";
        assert_eq!(rows > 0, shows_ordinary_calls, "{name}: {rows}");
    }
}

#[test]
fn the_exit_code_says_whether_something_was_found_only_when_asked_for() {
    let lake = story::lake();
    let hunt = ["hunt", "deny-bursts", "--lake", "lake"];
    lake.run_to(&[&hunt[..], &["--exit-code"]].concat(), 1);
    lake.run_to(
        &[&hunt[..], &["--exit-code", "--param", "min_denials=13"]].concat(),
        0,
    );
    let rows = lake.run(
        &[
            &hunt[..],
            &[
                "--since",
                "2026-03-09",
                "--until",
                "2026-03-09T08:06:20Z",
                "-p",
                "min_denials=5",
            ],
        ]
        .concat(),
    );
    assert!(rows.contains("\"denials\":5,"), "{rows}");
}

#[test]
fn mistakes_name_the_way_out() {
    let trailwright = Trailwright::new();
    let said = |args: &[&str]| {
        let mut line = vec!["hunt"];
        line.extend(args);
        trailwright.complaint(&line, 2)
    };
    assert!(said(&["deny-burst"]).contains("did you mean deny-bursts"));
    assert!(said(&["xyz"]).contains("`trailwright hunt list` shows all"));
    assert!(said(&["key-activity"]).contains("--param access_key=TEXT"));
    assert!(said(&["key-activity", "--param", "access_key"]).contains("NAME=VALUE"));
    assert!(said(&["key-activity", "--param", "acess_key=x"]).contains("it takes access_key"));
    assert!(said(&["deny-bursts", "--param", "window=soon"]).contains("10m"));
    assert!(said(&["first-seen-apis"]).contains("--since 7d"));
    let asked = ["hunt", "key-activity", "--param", "access_key=x"];
    let nowhere = trailwright.complaint(&asked, 4);
    assert!(nowhere.contains("there is no lake at lake"));
    let network = said(&["address-activity", "--param", "cidr=here"]);
    assert!(network.contains("203.0.113.0/24"), "{network}");
}

#[test]
fn the_list_shows_every_hunt_with_what_it_takes() {
    let trailwright = Trailwright::new();
    insta::assert_snapshot!(
        "hunt_list",
        trailwright.run(&["hunt", "list", "--output", "table"])
    );
    let json = trailwright.run(&["hunt", "list", "--output", "json"]);
    let list: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(list.as_array().unwrap().len(), ASKED.len());
    assert_eq!(list[0]["parameters"][0]["required"], true);
    let sql = trailwright.run(&["hunt", "key-activity", "--sql"]);
    assert!(
        sql.starts_with("-- title: Calls of an access key\n"),
        "{sql}"
    );
}

const BEFORE: &str = "\
# Hunts

Made from `query/hunts/*.sql` by `TRAILWRIGHT_BLESS=1 cargo test --test it page_of_hunts`; do not edit.

`trailwright hunt list` shows all; `trailwright hunt NAME --param NAME=VALUE` asks one; `--since` and `--until` limit every hunt to \
a window; `--sql` shows its SQL, to read or to change. A hunt that was answered ends with 0; with `--exit-code` it ends with 1 when \
it found something. `Q1` to `Q32` are the questions of Trailwright's catalogue.

A hunt shows what to look at, not what is wrong: most of what they find is ordinary work. The samples are from a small made-up story.

";

const AFTER: &str = "\
## Not there

Whether a policy would have stopped a session (Q33) needs replay.
";

fn describe(hunt: &Hunt, page: &mut String) {
    let _ = write!(
        page,
        "## {}\n\n**{}** ({}). {}\n",
        hunt.name, hunt.title, hunt.catalogue, hunt.question
    );
    if hunt.needs_since || hunt.needs_geo || !hunt.parameters.is_empty() {
        page.push('\n');
    }
    if hunt.needs_since {
        page.push_str("- `--since` (required): The beginning of the window.\n");
    }
    if hunt.needs_geo {
        page.push_str("- [`[geo] databases`](configuration.md) (required): Files that tell where addresses are.\n");
    }
    for parameter in &hunt.parameters {
        let presence = match &parameter.presence {
            Presence::Required => "required".to_owned(),
            Presence::Optional => "optional".to_owned(),
            Presence::Default(value) => format!("default {value}"),
        };
        let _ = writeln!(
            page,
            "- `{}` ({}, {presence}): {}",
            parameter.name,
            parameter.kind.name(),
            parameter.meaning
        );
    }
    for note in &hunt.notes {
        let _ = write!(page, "\n{note}\n");
    }
    let _ = write!(page, "\nIdea: {}.\n", hunt.idea);
}

fn arguments(given: &[&str]) -> String {
    let argument = |pair: &&str| match pair.split_once('=') {
        Some((name, value)) if WINDOW.contains(&name) => format!(" --{name} {value}"),
        _ => format!(" --param {pair}"),
    };
    given.iter().map(argument).collect()
}
