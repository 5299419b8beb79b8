//! Sign-ins of people who are not met again, and attempts that fail.

use serde_json::json;
use trailwright_schemas::{CauseType, Decision};

use super::console::{Login, event, not_authenticated, not_restricted, wrong_password};
use crate::generator::Expected;
use crate::generator::answer::Answer;
use crate::generator::call::Call;
use crate::generator::caller::{BROWSER, Caller};
use crate::generator::day::{Day, clock};
use crate::generator::organization::{
    ANALYST, FRANKFURT, HOME, INES, INTRUDER, MANAGEMENT, OFFICE, ORDERS_TABLE, PRODUCTION,
    SANDBOX, THEO, VIRGINIA, orders_table_arn, saml_provider_arn,
};

const GLOBAL_ENDPOINT: &str = "signin.aws.amazon.com";
const CONSOLE: &str = "https://console.aws.amazon.com/console/home?region=eu-central-1&state=\
                       hashArgsFromTB_eu-central-1_0a1b2c3d4e5f6071";

/// The root user of the management account looks after the account, after
/// somebody else has tried to.
pub(super) fn root(day: &mut Day) {
    let identity = json!({
        "type": "Root",
        "principalId": MANAGEMENT,
        "arn": format!("arn:aws:iam::{MANAGEMENT}:root"),
        "accountId": MANAGEMENT,
        "accessKeyId": "",
    });
    let mut record = event("ConsoleLogin", identity.clone(), INTRUDER, GLOBAL_ENDPOINT);
    record["errorMessage"] = json!("Failed authentication");
    record["responseElements"] = json!({ "ConsoleLogin": "Failure" });
    record["additionalEventData"] =
        json!({ "LoginTo": CONSOLE, "MobileVersion": "No", "MFAUsed": "No" });
    day.add(
        clock(3, 12),
        MANAGEMENT,
        VIRGINIA,
        record,
        not_authenticated(),
    );

    let mut at = clock(7, 38);
    let mut record = event("ConsoleLogin", identity, OFFICE, GLOBAL_ENDPOINT);
    record["responseElements"] = json!({ "ConsoleLogin": "Success" });
    record["additionalEventData"] = json!({
        "LoginTo": CONSOLE,
        "MobileVersion": "No",
        "MFAIdentifier": format!("arn:aws:iam::{MANAGEMENT}:mfa/root-account-mfa-device"),
        "MFAUsed": "Yes",
    });
    day.add(at, MANAGEMENT, VIRGINIA, record, not_restricted());

    let key = day.random.temporary_key();
    let root = Caller::root(MANAGEMENT, &key, OFFICE, &day.time(at));
    for name in ["GetAccountSummary", "ListAccountAliases", "ListUsers"] {
        let call = Call::read("iam", name);
        day.soon(&mut at);
        day.call(at, &root, call, Answer::allowed(CauseType::RootUser));
    }
    for name in ["DescribeOrganization", "ListAccounts", "ListRoots"] {
        let call = Call::read("organizations", name);
        day.soon(&mut at);
        day.call(at, &root, call, Answer::allowed(CauseType::RootUser));
    }
}

/// People of IAM Identity Center: one signs in, one fails.
pub(super) fn identity_center(day: &mut Day) {
    sign_in_to_portal(
        day,
        clock(8, 2),
        "sofia",
        "906d2a11-40c1-70b5-6f1e-5d0c7a2b9e31",
        true,
    );
    sign_in_to_portal(
        day,
        clock(8, 47),
        "paul",
        "f0ad41c7-2091-7018-86c3-9b1d2e3f4a5b",
        false,
    );
    sign_in_to_portal(
        day,
        clock(8, 48),
        "paul",
        "f0ad41c7-2091-7018-86c3-9b1d2e3f4a5b",
        true,
    );
}

/// Password, then a code; without the first there is no second, and no
/// `UserAuthentication` event.
fn sign_in_to_portal(day: &mut Day, mut at: u32, name: &str, user_id: &str, succeeds: bool) {
    let workflow = day.random.uuid();
    let step = |day: &mut Day, at: u32, event_name: &str, kind: &str, success: bool| {
        let outcome = if success { "Success" } else { "Failure" };
        let mut additional = json!({
            "AuthWorkflowID": workflow,
            "CredentialType": kind,
            "LoginTo": "https://example.awsapps.com/start",
        });
        if event_name == "CredentialChallenge" && kind == "PASSWORD" {
            additional["UserName"] = json!(name);
        }
        let fields = json!({
            "eventType": "AwsServiceEvent",
            "eventSource": "signin.amazonaws.com",
            "eventName": event_name,
            "readOnly": false,
            "userIdentity": {
                "type": "IdentityCenterUser",
                "accountId": MANAGEMENT,
                "onBehalfOf": {
                    "userId": user_id,
                    "identityStoreArn":
                        format!("arn:aws:identitystore::{MANAGEMENT}:identitystore/d-9967example"),
                },
                "credentialId": workflow,
            },
            "sourceIPAddress": HOME,
            "userAgent": BROWSER,
            "requestID": day.random.uuid(),
            "additionalEventData": additional,
            "serviceEventDetails": { event_name: outcome },
        });
        let expected = if success {
            Expected::new(Decision::NotEvaluated, CauseType::ServiceEvent)
        } else {
            not_authenticated()
        };
        day.add(at, MANAGEMENT, FRANKFURT, fields, expected);
    };
    step(day, at, "CredentialChallenge", "PASSWORD", true);
    step(
        day,
        next_step(&mut at),
        "CredentialVerification",
        "PASSWORD",
        succeeds,
    );
    if succeeds {
        step(day, next_step(&mut at), "CredentialChallenge", "TOTP", true);
        step(
            day,
            next_step(&mut at),
            "CredentialVerification",
            "TOTP",
            true,
        );
        step(
            day,
            next_step(&mut at),
            "UserAuthentication",
            "PASSWORD,TOTP",
            true,
        );
    }
}

fn next_step(at: &mut u32) -> u32 {
    *at += 6;
    *at
}

/// Nadia comes with an assertion of the company's identity provider.
pub(super) fn federated(day: &mut Day) {
    let mut at = clock(9, 21);
    let session = "nadia@example.com";
    let key = day.random.temporary_key();
    let mut response = day.credentials(at, &ANALYST, session, &key);
    response["subject"] = json!(session);
    response["subjectType"] = json!("persistent");
    response["issuer"] = json!("https://idp.example.com/saml");
    response["audience"] = json!("https://signin.aws.amazon.com/saml");
    response["nameQualifier"] = json!("nV6bJt5eXAmpLeQuaLiFier0123=");
    let call = Call::read("sts", "AssumeRoleWithSAML")
        .region(VIRGINIA)
        .host("sts.amazonaws.com")
        .parameters(json!({
            "sAMLAssertionID": format!("_{}", day.random.uuid()),
            "roleSessionName": session,
            "roleArn": ANALYST.arn(),
            "principalArn": saml_provider_arn(),
            "durationSeconds": 3600,
        }))
        .response(response)
        .resource("AWS::IAM::Role", ANALYST.arn(), PRODUCTION)
        .resource("AWS::IAM::SAMLProvider", saml_provider_arn(), PRODUCTION);
    let mut subject = Caller::session(&ANALYST, session, &key, HOME, "");
    subject.identity = json!({
        "type": "SAMLUser",
        "principalId": format!("nV6bJt5eXAmpLeQuaLiFier0123=:{session}"),
        "userName": session,
        "identityProvider": "nV6bJt5eXAmpLeQuaLiFier0123=",
    });
    day.call(at, &subject, call, Answer::allowed_by_resource());

    let nadia = Caller::session(&ANALYST, session, &key, HOME, &day.time(at)).in_console();
    let host = "us-east-1.signin.aws.amazon.com";
    let mut record = event("ConsoleLogin", nadia.identity.clone(), HOME, host);
    record["responseElements"] = json!({ "ConsoleLogin": "Success" });
    record["additionalEventData"] = json!({
        "MobileVersion": "No",
        "MFAUsed": "No",
        "SamlProviderArn": saml_provider_arn(),
    });
    day.add(at + 2, PRODUCTION, VIRGINIA, record, not_restricted());
    for _ in 0..6 {
        let call = Call::read("dynamodb", "DescribeTable")
            .parameters(json!({ "tableName": ORDERS_TABLE }))
            .resource("AWS::DynamoDB::Table", orders_table_arn(), PRODUCTION);
        at += 60;
        day.soon(&mut at);
        day.call(at, &nadia, call, Answer::allowed_by_identity());
    }
}

/// From one address, passwords for names that exist and names that do not.
pub(super) fn guessing(day: &mut Day) {
    let mut at = clock(3, 14);
    for _ in 0..6 {
        let identity = json!({
            "type": "IAMUser",
            "accountId": SANDBOX,
            "accessKeyId": "",
            "userName": "HIDDEN_DUE_TO_SECURITY_REASONS",
        });
        let mut record = event("ConsoleLogin", identity, INTRUDER, GLOBAL_ENDPOINT);
        record["errorMessage"] = json!("No username found in supplied account");
        record["responseElements"] = json!({ "ConsoleLogin": "Failure" });
        record["additionalEventData"] =
            json!({ "LoginTo": CONSOLE, "MobileVersion": "No", "MFAUsed": "No" });
        day.soon(&mut at);
        day.add(at, SANDBOX, VIRGINIA, record, not_authenticated());
    }
    for user in [&INES, &THEO] {
        for _ in 0..4 {
            let login = Login {
                user,
                address: INTRUDER,
                region: VIRGINIA,
                host: GLOBAL_ENDPOINT,
                login_to: CONSOLE,
                mfa: false,
            };
            day.soon(&mut at);
            wrong_password(day, at, &login);
        }
    }
}
