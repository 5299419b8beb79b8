//! Questions in the style of AWS's samples for CloudTrail Lake and Athena, asked
//! of the compatibility views with nothing but the table's name changed.

use std::collections::BTreeMap;

use crate::story::{self, Asker};

/// Question, and the rows it must give on the story.
const SAMPLES: &[(&str, &[&str])] = &[
    // Who signed in without a second factor?
    (
        "SELECT eventTime, userIdentity.userName, element_at(additionalEventData, 'MFAUsed') AS mfaUsed FROM cloudtrail_lake \
         WHERE eventName = 'ConsoleLogin' AND element_at(responseElements, 'ConsoleLogin') = 'Success' \
         AND element_at(additionalEventData, 'MFAUsed') = 'No'",
        &["2026-03-09T06:05:00Z,theo,No"],
    ),
    // Which calls of a role were denied, by its issuer?
    (
        "SELECT userIdentity.sessionContext.sessionIssuer.userName AS role, eventName, errorCode FROM cloudtrail_lake \
         WHERE userIdentity.type = 'AssumedRole' AND errorCode LIKE 'AccessDenied%' AND eventTime > '2026-03-09 00:00:00'",
        &["operator,StopLogging,AccessDeniedException"],
    ),
    // The most used APIs of a day.
    (
        "SELECT eventSource, eventName, COUNT(*) AS apiCount FROM cloudtrail_lake \
         WHERE eventTime > '2026-03-09 09:00:00' AND eventTime < '2026-03-09 09:20:00' \
         GROUP BY eventSource, eventName ORDER BY apiCount DESC LIMIT 1",
        &["s3.amazonaws.com,DeleteObject,11"],
    ),
    // Which keys were handed out by a role, from which address?
    (
        "SELECT DISTINCT sourceIpAddress, element_at(requestParameters, 'roleArn') FROM cloudtrail_lake \
         WHERE eventName = 'AssumeRole' AND userIdentity.accessKeyId = 'ASIABUILD00000000001'",
        &["203.0.113.7,arn:aws:iam::777788889999:role/release"],
    ),
    // Console use, and the parts of the record that only Lake has.
    (
        "SELECT eventId, tlsDetails.clientProvidedHostHeader, json_extract_scalar(eventJson, '$.eventName') FROM cloudtrail_lake \
         WHERE sessionCredentialFromConsole = 'true' OR eventId = 'root-sign-in' ORDER BY 1",
        &[
            "console-call,,DescribeInstances",
            "root-sign-in,signin.aws.amazon.com,ConsoleLogin",
        ],
    ),
    // Athena: deleted objects of a bucket.
    (
        "SELECT eventname, useridentity.arn, json_extract_scalar(requestparameters, '$.bucketName') AS bucketname, \
         json_extract_scalar(requestparameters, '$.key') AS object FROM athena_cloudtrail \
         WHERE eventname = 'DeleteObject' AND eventtime BETWEEN '2026-03-09T09:30:00Z' AND '2026-03-09T09:30:59Z'",
        &["DeleteObject,arn:aws:iam::444455556666:user/theo,example-tmp,0"],
    ),
    // Athena: security groups opened, with the elements of a list.
    (
        "SELECT json_array_length(json_extract(requestparameters, '$.ipPermissions.items[0].ipRanges.items')) AS ranges, \
         json_extract_scalar(requestparameters, '$.ipPermissions.items[0].ipRanges.items[0].cidrIp') AS cidr FROM athena_cloudtrail \
         WHERE eventname = 'AuthorizeSecurityGroupIngress' AND \"timestamp\" >= '2026/03/09' AND region = 'eu-central-1'",
        &["2,0.0.0.0/0"],
    ),
    // Athena: root sign-ins in the last days, with a converted time.
    (
        "SELECT eventtime, sourceipaddress FROM athena_cloudtrail WHERE useridentity.type = 'Root' AND eventname = 'ConsoleLogin' \
         AND from_iso8601_timestamp(eventtime) > timestamp '2026-03-08 00:00:00'",
        &["2026-03-09T06:40:00Z,203.0.113.9"],
    ),
    // Athena: calls by account and Region of the partition projection.
    (
        "SELECT account, region, count(*) AS n FROM athena_cloudtrail WHERE \"timestamp\" = '2026/03/05' GROUP BY account, region",
        &["444455556666,eu-central-1,2"],
    ),
];

#[test]
fn questions_in_the_style_of_aws_run_as_they_are() {
    let story = Asker::of(story::lake());
    for (question, expected) in SAMPLES {
        let answer = story.ask(question, &BTreeMap::new());
        let line = |row: &Vec<Option<String>>| {
            let cells: Vec<&str> = row
                .iter()
                .map(|cell| cell.as_deref().unwrap_or_default())
                .collect();
            cells.join(",")
        };
        let rows: Vec<String> = answer.rows.iter().map(line).collect();
        assert_eq!(rows, *expected, "{question}");
    }
}
