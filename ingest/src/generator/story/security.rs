//! The security account: Ines and Mateo watch the trail; CloudTrail writes it.

use serde_json::json;
use trailwright_schemas::CauseType;

use super::console::{Login, event, not_restricted, sign_in};
use crate::generator::answer::{Answer, Layer};
use crate::generator::call::Call;
use crate::generator::caller::{CLI, Caller};
use crate::generator::day::{Day, Session, clock};
use crate::generator::organization::{
    ADMIN, FRANKFURT, INES, LOG_BUCKET, MATEO, OFFICE_SECURITY, ORGANIZATION, PRODUCTION, SECURITY,
    VIRGINIA,
};
use crate::generator::record::tls;

/// A working day of the security team.
pub(super) fn watch(day: &mut Day) {
    deliver_logs(day);
    ines_in_console(day);
    ines_switches_role(day);
    ines_logs_in_to_cli(day);
    mateo_reads(day);
}

/// The bucket policy lets CloudTrail write.
fn deliver_logs(day: &mut Day) {
    let cloudtrail = Caller::service("cloudtrail.amazonaws.com", SECURITY);
    for round in 0..16 {
        let at = clock(6, 5) + round * 3000 + day.random.between(0, 900);
        let key = log_key(day);
        let call = Call::object(false, "PutObject", LOG_BUCKET, &key, SECURITY);
        day.call(at, &cloudtrail, call, Answer::allowed_by_resource());
    }
}

fn log_key(day: &mut Day) -> String {
    let date = day.date.format("%Y/%m/%d");
    let stamp = day.random.letters(16);
    format!("AWSLogs/{ORGANIZATION}/{PRODUCTION}/CloudTrail/{FRANKFURT}/{date}/{stamp}.json.gz")
}

/// At the Region's own endpoint, with MFA.
fn ines_in_console(day: &mut Day) {
    let mut at = clock(8, 31);
    let login = Login {
        user: &INES,
        address: OFFICE_SECURITY,
        region: FRANKFURT,
        host: "eu-central-1.signin.aws.amazon.com",
        login_to: "https://eu-central-1.console.aws.amazon.com/console/home?region=eu-central-1",
        mfa: true,
    };
    let ines = sign_in(day, at, &login);
    at += 20;
    for name in [
        "ListUsers",
        "ListRoles",
        "GetAccountSummary",
        "ListGroups",
        "ListPolicies",
    ] {
        day.soon(&mut at);
        day.call(
            at,
            &ines,
            Call::read("iam", name),
            Answer::allowed_by_identity(),
        );
    }
    for _ in 0..8 {
        at += 240;
        day.soon(&mut at);
        let call = Call::read("cloudtrail", "LookupEvents").parameters(json!({
            "lookupAttributes": [{ "attributeKey": "ReadOnly", "attributeValue": "false" }],
            "maxResults": 50,
        }));
        day.call(at, &ines, call, Answer::allowed_by_identity());
    }
}

/// In the afternoon she becomes admin in the console and changes IAM.
fn ines_switches_role(day: &mut Day) {
    let mut at = clock(13, 5);
    let key = day.random.temporary_key();
    let ines = Caller::user_in_console(&INES, &key, OFFICE_SECURITY, &day.time(at - 600), true);
    let answer = Answer::allowed_by_resource();
    let admin = day
        .assume(at, &ines, &Session::of(&ADMIN, "ines"), answer)
        .in_console();
    let host = "eu-central-1.signin.aws.amazon.com";
    let mut record = event("SwitchRole", admin.identity.clone(), OFFICE_SECURITY, host);
    record["responseElements"] = json!({ "SwitchRole": "Success" });
    record["additionalEventData"] = json!({
        "SwitchFrom": INES.arn(),
        "RedirectTo": "https://eu-central-1.console.aws.amazon.com/iam/home",
    });
    day.add(at + 1, SECURITY, FRANKFURT, record, not_restricted());

    let changes = [
        (
            "CreateRole",
            json!({
                "roleName": "log-archiver",
                "path": "/",
                "assumeRolePolicyDocument": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\
                    \"Allow\",\"Principal\":{\"Service\":\"lambda.amazonaws.com\"},\"Action\":\
                    \"sts:AssumeRole\"}]}",
            }),
        ),
        (
            "PutRolePolicy",
            json!({
                "roleName": "log-archiver",
                "policyName": "read-logs",
                "policyDocument": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\
                    \"Action\":\"s3:GetObject\",\"Resource\":\
                    \"arn:aws:s3:::example-org-trail-logs/*\"}]}",
            }),
        ),
        ("CreateUser", json!({ "userName": "amara", "path": "/" })),
        (
            "AddUserToGroup",
            json!({ "userName": "amara", "groupName": "security-analysts" }),
        ),
    ];
    for (name, parameters) in changes {
        day.soon(&mut at);
        let call = Call::write("iam", name).parameters(parameters);
        day.call(at, &admin, call, Answer::allowed_by_identity());
    }
    // Not even an administrator removes logs.
    let log = log_key(day);
    for wording in 0..2 {
        let call = Call::object(false, "DeleteObject", LOG_BUCKET, &log, SECURITY);
        let denial = Answer::explicit(Layer::Resource, None);
        let answer = if wording == 0 { denial } else { denial.mute() };
        day.soon(&mut at);
        day.call(at, &admin, call, answer);
    }
}

/// `aws login`: the browser's session for the command line.
fn ines_logs_in_to_cli(day: &mut Day) {
    let at = clock(9, 40);
    let key = day.random.temporary_key();
    let ines = Caller::user_in_console(&INES, &key, OFFICE_SECURITY, &day.time(at - 4000), true);
    for (offset, name) in ["AuthorizeOAuth2Access", "CreateOAuth2Token"]
        .iter()
        .enumerate()
    {
        let fields = json!({
            "eventType": "AwsApiCall",
            "eventSource": "signin.amazonaws.com",
            "eventName": name,
            "readOnly": true,
            "userIdentity": ines.identity.clone(),
            "sourceIPAddress": OFFICE_SECURITY,
            "userAgent": CLI,
            "requestID": day.random.uuid(),
            "additionalEventData": { "success": "true", "grant_type": "authorization_code" },
            "tlsDetails": tls("eu-central-1.oauth.signin.aws"),
        });
        let at = at + u32::try_from(offset).unwrap_or_default();
        let expected = Answer::allowed_by_identity().expected();
        day.add(at, SECURITY, FRANKFURT, fields, expected);
    }
}

/// At the global endpoint, with MFA; reading is all he may do.
fn mateo_reads(day: &mut Day) {
    let mut at = clock(10, 3);
    let login = Login {
        user: &MATEO,
        address: OFFICE_SECURITY,
        region: VIRGINIA,
        host: "signin.aws.amazon.com",
        login_to: "https://console.aws.amazon.com/cloudtrailv2/home?region=eu-central-1",
        mfa: true,
    };
    sign_in(day, at, &login);
    let key = day.random.long_term_key();
    let mateo = Caller::user(&MATEO, &key, OFFICE_SECURITY);
    at += 120;
    let whoami = Call::read("sts", "GetCallerIdentity");
    day.call(
        at,
        &mateo,
        whoami,
        Answer::allowed(CauseType::PermissionlessAction),
    );
    for _ in 0..14 {
        at += 90;
        day.soon(&mut at);
        let log = log_key(day);
        let call = Call::object(true, "GetObject", LOG_BUCKET, &log, SECURITY);
        day.call(at, &mateo, call, Answer::allowed_by_identity());
    }
    let trails = Call::read("cloudtrail", "DescribeTrails")
        .parameters(json!({ "includeShadowTrails": true }));
    day.soon(&mut at);
    day.call(at, &mateo, trails, Answer::allowed_by_identity());
    day.soon(&mut at);
    let denied = Answer::missing(Layer::Identity);
    day.assume(at, &mateo, &Session::of(&ADMIN, "mateo"), denied);
    let key_calls = [("kms", "ListKeys"), ("secretsmanager", "ListSecrets")];
    for (service, name) in key_calls {
        day.soon(&mut at);
        let call = Call::read(service, name).denied_on("*");
        day.call(at, &mateo, call, Answer::missing(Layer::Identity));
    }
}
