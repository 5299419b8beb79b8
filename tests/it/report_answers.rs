//! What the reports find on the story, on the generated organization, and on a
//! real attack simulation, whose counts are published.

use std::collections::BTreeMap;

use trailwright_query::{Chart, reports};

use crate::command::{Trailwright, shared};
use crate::story::{self, Asker, Rows};

/// A lake with the generated organization's day.
fn organization() -> Asker {
    let trailwright = Trailwright::new();
    trailwright.run(&["demo", "--directory", "lake-demo"]);
    Asker::at(trailwright, "lake-demo/lake")
}

/// A lake with a real attack simulation; none where its records are not there.
pub(crate) fn invictus() -> Option<Asker> {
    let records = shared("records/invictus")?;
    let trailwright = Trailwright::new();
    trailwright.run(&["ingest", "--lake", "lake", records.to_str().unwrap()]);
    Some(Asker::of(trailwright))
}

/// Values without which a report of the story or the organization is empty.
const ASKED: &[(&str, &[&str])] = &[
    ("access-denied", &["noise_days=1", "window=1h"]),
    ("dormant-access", &["until=2026-07-12"]),
    (
        "incident-scope",
        &["principal=arn:aws:iam::444455556666:user/ines"],
    ),
    ("retention-and-integrity", &["keep_days=30"]),
];

/// Sections in which neither lake has anything, and why.
const NOTHING: &[(&str, &str)] = &[(
    "retention-and-integrity replayed",
    "nothing that was rejected was replayed",
)];

/// Asked of the story only where the organization has nothing, because asking
/// takes a while.
#[test]
fn every_section_of_every_report_has_something_to_show() {
    let (organization, story) = (organization(), Asker::of(story::lake()));
    let mut nothing = Vec::new();
    for report in reports().unwrap() {
        let given = ASKED.iter().find(|(name, _)| *name == report.name);
        let given = given.map_or(&[][..], |(_, given)| *given);
        let given = [&["since=2026-03-08"], given].concat();
        for section in &report.sections {
            let ask = |lake: &Asker| {
                let mut answer = lake.report(&report.name, &[&section.name], &given);
                answer.remove(&section.name).unwrap()
            };
            let answer = ask(&organization);
            if let Some(Chart { label, value, .. }) = &section.chart {
                let columns = &answer.columns;
                assert!(
                    columns.contains(label) && columns.contains(value),
                    "{label} {value}"
                );
            }
            if answer.rows.is_empty() && ask(&story).rows.is_empty() {
                nothing.push(format!("{} {}", report.name, section.name));
            }
        }
    }
    let expected: Vec<&str> = NOTHING.iter().map(|(section, _)| *section).collect();
    assert_eq!(nothing, expected);
}

/// Report, section, the columns to look at, and what must be in them.
type Found = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const FOUND: &[Found] = &[
    (
        "access-denied",
        "bursts",
        &["access_key", "denials", "apis"],
        &[
            "AKIATFQR7NSC8Q4X20BJ 13 [sts.amazonaws.com:AssumeRole]",
            "ASIATFQR7NSCWLLE7IWW 29 [ec2.amazonaws.com:GetPasswordData]",
            "ASIATFQR7NSC2632JLFK 15 [ec2.amazonaws.com:DescribeInstanceAttribute]",
        ],
    ),
    (
        "console-sign-ins",
        "sign-ins",
        &["event_time", "user_name", "sign_in_outcome", "mfa"],
        &[
            "2023-07-10T12:23:15Z stratus-red-team-nmfalu-gfjyeaypjt success false",
            "2023-07-10T12:27:45Z bert-jan success true",
        ],
    ),
    (
        "console-sign-ins",
        "without-mfa",
        &["user_name"],
        &["stratus-red-team-nmfalu-gfjyeaypjt"],
    ),
    ("privileged-activity", "root", &["event_id"], &[]),
];

/// Report, section, the column that counts (rows without one), and what each
/// API must sum up to.
type Counted = (
    &'static str,
    &'static str,
    Option<&'static str>,
    &'static [(&'static str, u32)],
);

const COUNTED: &[Counted] = &[
    (
        "access-denied",
        "actions",
        Some("denials"),
        &[
            ("AssumeRole", 13),
            ("DescribeInstanceAttribute", 15),
            ("GetPasswordData", 29),
            ("LeaveOrganization", 1),
        ],
    ),
    (
        "data-access",
        "principals",
        Some("calls"),
        &[
            ("GetParameter", 82),
            ("GetParameters", 5),
            ("GetPasswordData", 29),
            ("GetSecretValue", 60),
        ],
    ),
    (
        "iam-changes",
        "kinds",
        Some("changes"),
        &[
            ("AttachRolePolicy", 6),
            ("AttachUserPolicy", 1),
            ("CreateAccessKey", 2),
            ("CreateLoginProfile", 2),
            ("CreateRole", 13),
            ("CreateUser", 4),
            ("PutRolePolicy", 5),
            ("UpdateAssumeRolePolicy", 2),
        ],
    ),
    (
        "iam-changes",
        "credentials",
        None,
        &[
            ("CreateAccessKey", 2),
            ("CreateLoginProfile", 2),
            ("CreateTrustAnchor", 1),
        ],
    ),
    (
        "cross-account",
        "shared",
        None,
        &[
            ("ModifyDBSnapshotAttribute", 2),
            ("ModifyImageAttribute", 2),
            ("ModifySnapshotAttribute", 2),
        ],
    ),
];

#[test]
fn reports_count_what_is_published_of_the_attack() {
    let Some(lake) = invictus() else { return };
    for (report, section, columns, expected) in FOUND {
        let answer = lake.report(report, &[section], &[]);
        assert_eq!(
            answer[*section].lines(columns),
            *expected,
            "{report}: {section}"
        );
    }
    for (report, section, count, expected) in COUNTED {
        let answer = lake.report(report, &[section], &[]);
        let sums = sums(&answer[*section], *count);
        for (name, events) in *expected {
            assert_eq!(sums.get(*name), Some(events), "{report}: {section}: {name}");
        }
    }

    // Done, not tried: the section shows failed tries as well.
    let answer = lake.report("logging-health", &["changes-of-logging"], &[]);
    let changes = answer["changes-of-logging"].lines(&["event_name", "recorded_outcome"]);
    for (call, count) in [
        ("CreateTrail allowed", 2),
        ("DeleteTrail allowed", 2),
        ("PutEventSelectors allowed", 2),
        ("DeleteFlowLogs allowed", 1),
        ("StopLogging allowed", 0),
    ] {
        assert_eq!(
            changes.iter().filter(|line| *line == call).count(),
            count,
            "{call}"
        );
    }
}

/// By API, the sum of a column, or the number of rows.
fn sums(rows: &Rows, count: Option<&str>) -> BTreeMap<String, u32> {
    let names = rows.column("event_name");
    let counts = match count {
        Some(column) => rows.column(column),
        None => vec!["1".to_owned(); names.len()],
    };
    let mut sums = BTreeMap::new();
    for (name, count) in names.into_iter().zip(counts) {
        *sums.entry(name).or_default() += count.parse::<u32>().unwrap();
    }
    sums
}
