//! A real attack simulation (invictus-ir/aws_dataset, MIT), read whole: its
//! published figures must come out of the lake.

use crate::command::{Trailwright, shared};

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
