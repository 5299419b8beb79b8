//! A real attack simulation (invictus-ir/aws_dataset, MIT), read whole: its
//! published figures must come out of the lake.

use crate::command::{Trailwright, shared};
use crate::story::Asker;

/// Question and expected answer, in the order of the published table.
const FIGURES: &[(&str, &[&str])] = &[
    (
        "select count(*), count(distinct event_id) from events",
        &["2900,2900"],
    ),
    (
        "select min(event_time), max(event_time), count(distinct aws_region) from events",
        &["2023-07-10T11:42:18Z,2023-07-10T12:37:50Z,1"],
    ),
    // The published 134 access keys count the empty string, which CloudTrail
    // writes where there is none; our column is null there.
    (
        "select count(distinct user_identity_access_key_id) \
         + count(distinct case when user_identity like '%\"accessKeyId\":\"\"%' then '' end), count(distinct source_ip_address), \
         count(distinct user_agent), count(distinct event_name), count(distinct event_source) from events",
        &["134,16,155,260,29"],
    ),
    (
        "select coalesce(user_identity_type, 'none'), count(*) from events group by 1 order by 2 desc",
        &["IAMUser,2748", "AssumedRole,76", "none,42", "AWSService,34"],
    ),
    (
        "select event_type, count(*) from events group by 1 order by 2 desc",
        &[
            "AwsApiCall,2855",
            "AwsServiceEvent,42",
            "AwsConsoleSignIn,3",
        ],
    ),
    (
        "select count(*), count(distinct event_name), count(error_code) from events \
         where user_identity_access_key_id = 'AKIATFQR7NSC8Q4X20BJ'",
        &["2104,178,224"],
    ),
    (
        "select event_time, sign_in_class, sign_in_outcome, sign_in_mfa_used from sign_ins order by 1",
        &[
            "2023-07-10T12:23:15Z,iam_user,success,false",
            "2023-07-10T12:27:45Z,iam_user,success,true",
        ],
    ),
    (
        "select event_name, count(*) from events \
         where event_name in ('GetSecretValue', 'GetParameter', 'GetParameters', 'GetPasswordData') group by 1 order by 1",
        &[
            "GetParameter,82",
            "GetParameters,5",
            "GetPasswordData,29",
            "GetSecretValue,60",
        ],
    ),
    (
        "select user_identity_access_key_id, event_name, count(*) from denials \
         where recorded_outcome = 'denied' group by 1, 2 having count(*) > 10 order by 1, 2",
        &[
            "AKIATFQR7NSC8Q4X20BJ,AssumeRole,13",
            "ASIATFQR7NSC2632JLFK,DescribeInstanceAttribute,15",
            "ASIATFQR7NSCWLLE7IWW,GetPasswordData,29",
        ],
    ),
    (
        "select event_name, count(*) from events where error_code is null and event_name in \
         ('CreateUser', 'CreateAccessKey', 'CreateLoginProfile', 'CreateRole', 'AttachRolePolicy', 'AttachUserPolicy', \
          'PutRolePolicy', 'UpdateAssumeRolePolicy', 'CreateTrustAnchor', 'DeleteTrail', 'CreateTrail', 'PutEventSelectors', \
          'DeleteFlowLogs', 'ModifySnapshotAttribute', 'ModifyImageAttribute', 'ModifyDBSnapshotAttribute') group by 1 order by 1",
        &[
            "AttachRolePolicy,6",
            "AttachUserPolicy,1",
            "CreateAccessKey,2",
            "CreateLoginProfile,2",
            "CreateRole,13",
            "CreateTrail,2",
            "CreateTrustAnchor,1",
            "CreateUser,4",
            "DeleteFlowLogs,1",
            "DeleteTrail,2",
            "ModifyDBSnapshotAttribute,2",
            "ModifyImageAttribute,2",
            "ModifySnapshotAttribute,2",
            "PutEventSelectors,2",
            "PutRolePolicy,5",
            "UpdateAssumeRolePolicy,2",
        ],
    ),
];

#[test]
fn the_published_figures_come_out_of_the_lake() {
    let Some(records) = shared("records/invictus") else {
        return;
    };
    let trailwright = Trailwright::new();
    let ingest = ["ingest", "--lake", "lake", records.to_str().unwrap()];

    let first = trailwright.complaint(&ingest, 0);
    assert!(
        first.contains("2,900 records: 2,900 new events, 0 duplicates, 0 rejected"),
        "{first}"
    );
    let again = trailwright.complaint(&ingest, 0);
    assert!(
        again.contains("0 new events, 2,900 duplicates, 0 rejected"),
        "{again}"
    );

    for (question, expected) in FIGURES {
        assert_eq!(trailwright.ask(question), *expected, "{question}");
    }
}

/// Hunt, the columns to look at, and what must be in them.
type Found = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const FOUND: &[Found] = &[
    (
        "deny-bursts",
        &[
            "access_key",
            "denials",
            "apis",
            "first_denial",
            "last_denial",
        ],
        &[
            "AKIATFQR7NSC8Q4X20BJ 13 [sts.amazonaws.com:AssumeRole] 2023-07-10T11:54:42Z 2023-07-10T12:09:27Z",
            "ASIATFQR7NSCWLLE7IWW 29 [ec2.amazonaws.com:GetPasswordData] 2023-07-10T11:54:47Z 2023-07-10T11:54:50Z",
            "ASIATFQR7NSC2632JLFK 15 [ec2.amazonaws.com:DescribeInstanceAttribute] 2023-07-10T12:02:55Z 2023-07-10T12:02:57Z",
        ],
    ),
    (
        "sign-ins-without-mfa",
        &["event_time", "user_name"],
        &["2023-07-10T12:23:15Z stratus-red-team-nmfalu-gfjyeaypjt"],
    ),
    ("root-use", &["event_id"], &[]),
    ("sign-in-guessing", &["event_id"], &[]),
    ("password-spraying", &["hour"], &[]),
];

/// Hunts that show single calls, and how many of each API they must show.
const CALLS: &[(&str, &[(&str, usize)])] = &[
    (
        "persistence",
        &[
            ("CreateAccessKey", 2),
            ("CreateLoginProfile", 2),
            ("CreateRole", 13),
            ("CreateTrustAnchor", 1),
            ("CreateUser", 4),
            ("UpdateAssumeRolePolicy", 2),
        ],
    ),
    (
        "privilege-escalation",
        &[
            ("AttachRolePolicy", 6),
            ("AttachUserPolicy", 1),
            ("CreateLoginProfile", 2),
            ("PutRolePolicy", 5),
            ("UpdateAssumeRolePolicy", 2),
        ],
    ),
    (
        "iam-timeline",
        &[
            ("AttachRolePolicy", 6),
            ("CreateUser", 4),
            ("PutRolePolicy", 5),
        ],
    ),
];

#[test]
fn hunts_find_what_is_published_of_the_attack() {
    let Some(records) = shared("records/invictus") else {
        return;
    };
    let trailwright = Trailwright::new();
    trailwright.run(&["ingest", "--lake", "lake", records.to_str().unwrap()]);
    let lake = Asker::of(trailwright);

    for (hunt, columns, expected) in FOUND {
        let found = lake.hunt(hunt, &[]);
        let columns: Vec<Vec<String>> = columns.iter().map(|name| found.column(name)).collect();
        let line = |row: usize| {
            let cells: Vec<&str> = columns.iter().map(|column| column[row].as_str()).collect();
            cells.join(" ")
        };
        let lines: Vec<String> = (0..found.rows.len()).map(line).collect();
        assert_eq!(lines, *expected, "{hunt}");
    }
    for (hunt, expected) in CALLS {
        let calls = lake.hunt(hunt, &[]).column("event_name");
        for (name, count) in *expected {
            let found = calls.iter().filter(|call| call == name).count();
            assert_eq!(found, *count, "{hunt}: {name}");
        }
    }

    // Switched off and succeeded; the hunt shows failed tries as well.
    let evasion = lake.hunt("defence-evasion", &[]);
    let (names, outcomes) = (
        evasion.column("event_name"),
        evasion.column("recorded_outcome"),
    );
    for (name, count) in [
        ("DeleteTrail", 2),
        ("PutEventSelectors", 2),
        ("DeleteFlowLogs", 1),
        ("StopLogging", 0),
    ] {
        let done = names
            .iter()
            .zip(&outcomes)
            .filter(|(call, outcome)| *call == name && *outcome == "allowed");
        assert_eq!(done.count(), count, "{name}");
    }

    // One row for each grantee; the events are what is published.
    let sharing = lake.hunt("sharing", &[]);
    let mut events: Vec<(String, String)> = sharing
        .column("event_name")
        .into_iter()
        .zip(sharing.column("event_id"))
        .collect();
    events.sort_unstable();
    events.dedup();
    for name in [
        "ModifySnapshotAttribute",
        "ModifyImageAttribute",
        "ModifyDBSnapshotAttribute",
    ] {
        assert_eq!(
            events.iter().filter(|(event, _)| event == name).count(),
            2,
            "{name}"
        );
    }

    // Reads of secrets, over all who read.
    let secrets = lake.hunt("credential-access", &[]);
    let (names, calls) = (secrets.column("event_name"), secrets.column("calls"));
    for (name, count) in [
        ("GetSecretValue", 60),
        ("GetParameter", 82),
        ("GetParameters", 5),
        ("GetPasswordData", 29),
    ] {
        let read = names.iter().zip(&calls).filter(|(call, _)| *call == name);
        assert_eq!(
            read.map(|(_, calls)| calls.parse::<u32>().unwrap())
                .sum::<u32>(),
            count,
            "{name}"
        );
    }
}
