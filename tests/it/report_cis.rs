//! The controls of the CIS AWS Foundations Benchmark in both readings: on a real
//! attack simulation, whose counts are published, and on what was made to tell
//! the readings apart.

use std::collections::BTreeSet;

use crate::command::Trailwright;
use crate::report_answers::invictus;
use crate::story::{Asker, Rows};

/// Of each control: events as intended.
const CONTROLS: [u32; 15] = [60, 1, 0, 26, 13, 0, 0, 6, 0, 8, 0, 15, 40, 16, 1];

/// Version, what its numbers begin with, and events of the first control as
/// written.
const VERSIONS: &[(&str, &str, u32)] = &[
    ("cis-1.4", "4.", 2900),
    ("cis-1.5", "4.", 2900),
    ("cis-2.0", "4.", 2900),
    ("cis-3.0", "4.", 2900),
    ("cis-4.0.1", "4.", 60),
    ("cis-5.0", "4.", 60),
    ("cis-6.0", "5.", 60),
    ("cis-7.0", "5.", 60),
];

#[test]
fn the_controls_of_cis_count_what_is_published_of_the_attack() {
    let Some(lake) = invictus() else { return };
    for (version, chapter, first_as_written) in VERSIONS {
        let given = [format!("framework={version}")];
        let given = given.each_ref().map(String::as_str);
        let answer = lake.report("cis-monitoring", &["controls"], &given);
        let expected = (1..).zip(CONTROLS).map(|(control, as_intended)| {
            let more = if control == 1 {
                first_as_written - as_intended
            } else {
                0
            };
            format!(
                "{chapter}{control} {} {as_intended} {more} 0",
                as_intended + more
            )
        });
        let expected: Vec<String> = expected.collect();
        let columns = [
            "number",
            "as_written",
            "as_intended",
            "only_as_written",
            "only_as_intended",
        ];
        assert_eq!(answer["controls"].lines(&columns), expected, "{version}");
    }

    // What the OR of the older texts adds is one row of the differences, and
    // not the evidence.
    let sections = ["differences", "evidence"];
    let answer = lake.report("cis-monitoring", &sections, &["framework=cis-1.4"]);
    assert_eq!(answer["differences"].column("events"), ["2840"]);
    let events = CONTROLS.iter().sum::<u32>();
    assert_eq!(answer["evidence"].rows.len(), events as usize);
}

/// One record for each way in which the readings of a control differ: the ID
/// says the control, the way, and in which versions only one reading has it.
const MISLEADING: &str = r#"
{"eventID":"1 delivery of logs","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","errorCode":"Client.UnauthorizedOperation","sourceIPAddress":"delivery.logs.amazonaws.com"}
{"eventID":"1 head bucket","eventSource":"s3.amazonaws.com","eventName":"HeadBucket","errorCode":"AccessDenied","sourceIPAddress":"203.0.113.7"}
{"eventID":"1 no address","eventSource":"s3.amazonaws.com","eventName":"GetObject","errorCode":"AccessDenied"}
{"eventID":"2 failed","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","eventType":"AwsConsoleSignIn","userIdentity":{"type":"IAMUser","userName":"ines"},"errorMessage":"Failed authentication","responseElements":{"ConsoleLogin":"Failure"},"additionalEventData":{"MFAUsed":"No"}}
{"eventID":"2 federated","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","eventType":"AwsConsoleSignIn","userIdentity":{"type":"AssumedRole"},"responseElements":{"ConsoleLogin":"Success"},"additionalEventData":{"MFAUsed":"No"}}
{"eventID":"2 spelt YES","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","eventType":"AwsConsoleSignIn","userIdentity":{"type":"IAMUser","userName":"ines"},"responseElements":{"ConsoleLogin":"Success"},"additionalEventData":{"MFAUsed":"YES"}}
{"eventID":"2 not said","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","eventType":"AwsConsoleSignIn","userIdentity":{"type":"IAMUser","userName":"ines"},"responseElements":{"ConsoleLogin":"Success"}}
{"eventID":"3 no type","eventSource":"s3.amazonaws.com","eventName":"ListBuckets","sourceIPAddress":"203.0.113.7","userIdentity":{"type":"Root"}}
{"eventID":"4 and 15 organizations","eventSource":"organizations.amazonaws.com","eventName":"CreatePolicy","sourceIPAddress":"203.0.113.7"}
{"eventID":"15 but iam","eventSource":"iam.amazonaws.com","eventName":"CreatePolicy","sourceIPAddress":"203.0.113.7"}
{"eventID":"6 another word","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","eventType":"AwsConsoleSignIn","userIdentity":{"type":"IAMUser","userName":"HIDDEN_DUE_TO_SECURITY_REASONS"},"errorMessage":"No username found in supplied account","responseElements":{"ConsoleLogin":"Failure"},"additionalEventData":{"MFAUsed":"Yes"}}
{"eventID":"10 rules","eventSource":"ec2.amazonaws.com","eventName":"ModifySecurityGroupRules","sourceIPAddress":"203.0.113.7"}
{"eventID":"13 a route of an API","eventSource":"apigateway.amazonaws.com","eventName":"CreateRoute","sourceIPAddress":"203.0.113.7"}
{"eventID":"13 a route of an API less","eventSource":"apigateway.amazonaws.com","eventName":"DeleteRoute","sourceIPAddress":"203.0.113.7"}
"#;

/// In version 3.0: what only one reading counts, apart from the first control,
/// whose text counts everything.
const DIFFERENT: &[&str] = &[
    "4.2 as written only 2 failed",
    "4.2 as written only 2 federated",
    "4.2 as written only 2 spelt YES",
    "4.2 as intended only 2 not said",
    "4.3 as intended only 3 no type",
    "4.4 as written only 4 and 15 organizations",
    "4.6 as intended only 6 another word",
    "4.10 as intended only 10 rules",
    "4.13 as written only 13 a route of an API less",
];

/// Versions, and what differs more (+) or less (-) in them than in 3.0.
const VERSIONS_DIFFER: &[(&str, &[&str])] = &[
    ("cis-1.4", &["+ 4.13 as written only 13 a route of an API"]),
    ("cis-2.0", &["+ 4.13 as written only 13 a route of an API"]),
    ("cis-3.0", &[]),
    (
        "cis-4.0.1",
        &[
            "+ 4.1 as written only 1 delivery of logs",
            "+ 4.1 as intended only 1 no address",
        ],
    ),
    (
        "cis-5.0",
        &[
            "+ 4.1 as written only 1 delivery of logs",
            "+ 4.1 as intended only 1 no address",
            "- 4.10 as intended only 10 rules",
        ],
    ),
];

#[test]
fn events_that_only_one_reading_of_a_control_counts_are_told() {
    let trailwright = Trailwright::new();
    let records: String = MISLEADING.lines().skip(1).zip(10..).fold(
        String::new(),
        |records, (record, minute)| {
            let common = format!(
                r#"{{"eventVersion":"1.08","eventTime":"2026-03-09T08:{minute}:00Z","awsRegion":"us-east-1","recipientAccountId":"111122223333","#
            );
            records + &common + record.trim_start_matches('{') + "\n"
        },
    );
    trailwright.write("misleading.jsonl", records);
    trailwright.run(&["ingest", "--lake", "lake", "misleading.jsonl"]);
    let lake = Asker::of(trailwright);
    for (version, changes) in VERSIONS_DIFFER {
        let given = [format!("framework={version}")];
        let given = given.each_ref().map(String::as_str);
        let answer = lake.report("cis-monitoring", &["evidence"], &given);
        let found = differences(&answer["evidence"]);
        let mut expected: BTreeSet<String> =
            DIFFERENT.iter().map(|line| (*line).to_owned()).collect();
        for change in *changes {
            let (sign, line) = change.split_once(' ').unwrap();
            assert!(if sign == "+" {
                expected.insert(line.to_owned())
            } else {
                expected.remove(line)
            });
        }
        assert_eq!(found, expected, "{version}");
    }
}

/// Control, reading and event of the rows that only one reading counts.
fn differences(evidence: &Rows) -> BTreeSet<String> {
    let [numbers, written, whys, ids] =
        ["number", "as_written", "difference", "event_id"].map(|name| evidence.column(name));
    let different = (0..ids.len()).filter(|row| !whys[*row].is_empty());
    let told = different.map(|row| {
        let reading = match written[row].as_str() {
            "true" => "as written only",
            _ => "as intended only",
        };
        format!("{} {reading} {}", numbers[row], ids[row])
    });
    told.collect()
}
