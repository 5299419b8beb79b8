//! Records of sign-ins and role sessions.

use serde_json::{Value, json};

/// A console sign-in of an IAM user.
pub(super) fn sign_in(time: &str, user: &str, address: &str, outcome: &str) -> Value {
    let mut record = call(time, user, address, "signin.amazonaws.com", "ConsoleLogin");
    record["eventType"] = json!("AwsConsoleSignIn");
    record["responseElements"] = json!({"ConsoleLogin": outcome});
    record["additionalEventData"] =
        json!({"MFAUsed": "Yes", "LoginTo": "https://console.aws.amazon.com/console/home"});
    record
}

/// A role session that an IAM user began.
pub(super) fn assume_role(time: &str, user: &str, address: &str) -> Value {
    let mut record = call(time, user, address, "sts.amazonaws.com", "AssumeRole");
    record["requestParameters"] =
        json!({"roleArn": "arn:aws:iam::111122223333:role/app", "roleSessionName": user});
    record["responseElements"] = json!({
        "credentials": {"accessKeyId": format!("ASIA{}", time.replace(['-', ':'], ""))},
        "assumedRoleUser": {"arn": format!("arn:aws:sts::111122223333:assumed-role/app/{user}")},
    });
    record
}

/// A role session of a build system, which is nobody's IAM user.
pub(super) fn assume_role_with_web_identity(time: &str, address: &str) -> Value {
    let mut record = assume_role(time, "repo:example/app", address);
    record["eventName"] = json!("AssumeRoleWithWebIdentity");
    record["userIdentity"] = json!({
        "type": "WebIdentityUser", "principalId": "repo:example/app", "userName": "repo:example/app",
        "identityProvider": "token.actions.githubusercontent.com",
    });
    record
}

fn call(time: &str, user: &str, address: &str, source: &str, name: &str) -> Value {
    json!({
        "eventVersion": "1.11", "eventID": format!("{user} {time} {name}"), "eventTime": time,
        "eventSource": source, "eventName": name, "awsRegion": "eu-central-1",
        "sourceIPAddress": address, "recipientAccountId": "111122223333", "eventType": "AwsApiCall",
        "userIdentity": {
            "type": "IAMUser", "principalId": user, "accountId": "111122223333", "userName": user,
            "arn": format!("arn:aws:iam::111122223333:user/{user}"), "accessKeyId": format!("AKIA{user}"),
        },
    })
}
