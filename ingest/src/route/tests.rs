#![allow(clippy::unwrap_used)]

mod calls;
mod sign_ins;
mod trails;
mod urls;

use trailwright_schemas::{Limits, Record};

fn record(fields: &str) -> Record {
    let json = format!(
        r#"{{"eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","eventType":"AwsConsoleSignIn","recipientAccountId":"111122223333",{fields}}}"#
    );
    Record::parse(json.as_bytes(), &Limits::default()).unwrap()
}

/// A sign-in: identity, day, Region, host header and LoginTo (`-` for none).
fn sign_in(identity: &str, day: &str, region: &str, host: &str, login_to: &str) -> Record {
    let tls = match host {
        "-" => String::new(),
        host => format!(r#","tlsDetails":{{"clientProvidedHostHeader":"{host}"}}"#),
    };
    let login = match login_to {
        "-" => String::new(),
        url => format!(r#","additionalEventData":{{"LoginTo":"{url}"}}"#),
    };
    record(&format!(
        r#""eventTime":"{day}T10:00:00Z","awsRegion":"{region}","userIdentity":{{"type":"{identity}"}}{tls}{login}"#
    ))
}
