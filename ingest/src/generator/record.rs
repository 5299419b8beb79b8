//! Records as CloudTrail writes them, from a call and its outcome.
//!
//! Source: CloudTrail User Guide, "CloudTrail record contents".

use serde_json::{Map, Value, json};

use super::call::Call;
use super::caller::Caller;
use super::random::Random;

/// An event of any kind: `fields` beside those that all events have.
pub(super) fn event(id: &str, time: &str, account: &str, region: &str, fields: Value) -> Value {
    let mut record = json!({
        "eventVersion": "1.11",
        "eventTime": time,
        "eventID": id,
        "awsRegion": region,
        "recipientAccountId": account,
        "requestParameters": null,
        "responseElements": null,
        "managementEvent": true,
        "eventCategory": "Management",
    });
    if let (Value::Object(record), Value::Object(fields)) = (&mut record, fields) {
        record.extend(fields);
    }
    record
}

/// The fields of a call of an API; `error` is its code and message.
pub(super) fn api_call(
    random: &mut Random,
    caller: &Caller,
    call: &Call,
    error: Option<(String, String)>,
) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("eventType", json!("AwsApiCall"));
    put(
        "eventSource",
        json!(format!("{}.amazonaws.com", call.service)),
    );
    put("eventName", json!(call.name));
    put("readOnly", json!(call.read_only));
    put("userIdentity", caller.identity.clone());
    put("sourceIPAddress", json!(caller.address));
    put("userAgent", json!(caller.agent));
    put("requestParameters", call.parameters.clone());
    put("requestID", json!(request_id(random, call.service)));
    if call.data {
        put("managementEvent", json!(false));
        put("eventCategory", json!("Data"));
    }
    if !call.resources.is_empty() {
        put("resources", json!(call.resources));
    }
    match error {
        Some((code, message)) => {
            put("errorCode", json!(code));
            put("errorMessage", json!(message));
        }
        None => {
            put("responseElements", call.response.clone());
        }
    }
    let additional = match call.service {
        "s3" => transfer(random),
        _ => call.additional.clone(),
    };
    if !additional.is_null() {
        put("additionalEventData", additional);
    }
    if caller.from_console {
        // The console's proxy is the client, so there are no TLS details.
        put("sessionCredentialFromConsole", json!("true"));
    } else if caller.service.is_none() {
        put("tlsDetails", tls(&call.endpoint()));
    }
    fields.into()
}

/// `tlsDetails` of a client that called `host`.
pub(super) fn tls(host: &str) -> Value {
    json!({
        "tlsVersion": "TLSv1.3",
        "cipherSuite": "TLS_AES_128_GCM_SHA256",
        "clientProvidedHostHeader": host,
    })
}

fn request_id(random: &mut Random, service: &str) -> String {
    match service {
        "s3" => random.letters(16).to_ascii_uppercase(),
        _ => random.uuid(),
    }
}

/// `additionalEventData` of S3.
fn transfer(random: &mut Random) -> Value {
    json!({
        "SignatureVersion": "SigV4",
        "CipherSuite": "TLS_AES_128_GCM_SHA256",
        "AuthenticationMethod": "AuthHeader",
        "bytesTransferredIn": 0,
        "bytesTransferredOut": random.between(120, 90_000),
        "x-amz-id-2": random.letters(56),
    })
}
