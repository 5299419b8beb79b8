//! Condition keys of single services, and of the tags in a request.

use serde_json::Value;
use trailwright_evaluator::ContextValue;
use trailwright_schemas::Record;

use super::Keys;
use crate::request::{Provenance, parameters};

/// Keys of single services whose value is a request parameter.
const FROM_PARAMETERS: &[(&str, &str, &str)] = &[
    ("sts.amazonaws.com", "sts:ExternalId", "externalId"),
    (
        "sts.amazonaws.com",
        "sts:RoleSessionName",
        "roleSessionName",
    ),
    ("s3.amazonaws.com", "s3:prefix", "prefix"),
    ("s3.amazonaws.com", "s3:delimiter", "delimiter"),
    ("s3.amazonaws.com", "s3:max-keys", "max-keys"),
    ("s3.amazonaws.com", "s3:x-amz-acl", "x-amz-acl"),
    ("iam.amazonaws.com", "iam:PolicyARN", "policyArn"),
    ("iam.amazonaws.com", "iam:AWSServiceName", "aWSServiceName"),
    (
        "iam.amazonaws.com",
        "iam:PermissionsBoundary",
        "permissionsBoundary",
    ),
];

pub(super) fn derive(keys: &mut Keys, record: &Record, parameters: &Value) {
    for (source, key, parameter) in FROM_PARAMETERS {
        if record.event_source != *source || parameters.is_null() {
            continue;
        }
        match parameters::top(parameters, parameter) {
            Some(value) => keys.exact(key, value),
            None => keys.set(key, ContextValue::Absent, Provenance::Derived),
        }
    }
    match record.event_source.as_str() {
        "kms.amazonaws.com" => kms(keys, record, parameters),
        "signin.amazonaws.com" => oauth(keys, record, parameters),
        _ => {}
    }
    request_tags(keys, parameters);
}

fn kms(keys: &mut Keys, record: &Record, parameters: &Value) {
    match record.user_identity.invoked_by.as_deref() {
        Some(service) => {
            let label = service.trim_end_matches(".amazonaws.com");
            let region = &record.aws_region;
            keys.derived("kms:ViaService", format!("{label}.{region}.amazonaws.com"));
        }
        None => keys.set("kms:ViaService", ContextValue::Absent, Provenance::Derived),
    }
    let Some(context) = parameters
        .get("encryptionContext")
        .and_then(Value::as_object)
    else {
        return;
    };
    for (name, value) in context {
        if let Some(value) = value.as_str() {
            keys.exact(&format!("kms:EncryptionContext:{name}"), value);
        }
    }
    let names = context.keys().cloned().collect();
    keys.set(
        "kms:EncryptionContextKeys",
        ContextValue::Many(names),
        Provenance::Exact,
    );
}

/// What an OAuth client asks with. Records leave out some of it, so what is not
/// there is not known.
/// <https://docs.aws.amazon.com/signin/latest/userguide/reference-signin-condition-keys.html>
fn oauth(keys: &mut Keys, record: &Record, parameters: &Value) {
    let Some(client) = parameters::top(parameters, "client_id") else {
        return;
    };
    keys.exact("signin:OAuthClientId", client);
    if let Some(uri) = parameters::top(parameters, "redirect_uri") {
        keys.exact("signin:OAuthRedirectUri", uri);
    }
    if let Some(grant) = record.additional("grant_type") {
        keys.exact("signin:OAuthGrantType", grant);
    }
    // It is there before the credentials are checked only.
    keys.absent("signin:PrincipalArn");
}

/// `tags: [{key, value}]`, the form of IAM, STS, KMS, RDS and others. Where
/// the parameters have no such list, the keys stay unknown.
fn request_tags(keys: &mut Keys, parameters: &Value) {
    let Some(tags) = parameters.get("tags").and_then(Value::as_array) else {
        return;
    };
    let pairs: Vec<(&str, &str)> = tags
        .iter()
        .filter_map(|tag| {
            let value = tag.get("value").and_then(Value::as_str).unwrap_or_default();
            Some((tag.get("key")?.as_str()?, value))
        })
        .collect();
    for (name, value) in &pairs {
        keys.derived(&format!("aws:RequestTag/{name}"), *value);
    }
    let names = pairs.iter().map(|(name, _)| (*name).to_owned()).collect();
    keys.set(
        "aws:TagKeys",
        ContextValue::Many(names),
        Provenance::Derived,
    );
}
