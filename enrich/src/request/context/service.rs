//! Keys of single services: parameters that are keys, by the table of the
//! catalogue, and those that need a rule.

use std::borrow::Cow;

use super::{Facts, Known, derived, exact, list, probably_absent, recorded_or_absent};
use crate::catalogue::ParameterKey;
use crate::request::Provenance;
use crate::request::json::Json;
use crate::request::tags::{self, Tag, Tags};

const KMS: &str = "kms.amazonaws.com";
const S3: &str = "s3.amazonaws.com";
const SIGN_IN: &str = "signin.amazonaws.com";

/// Keys whose name holds a name of the request's, and parameters.
pub(super) fn known<'d>(facts: &Facts<'d>, key: &str) -> Known<'d> {
    if let Some(tag) = key.strip_prefix("aws:requesttag/") {
        return tag_value(request_tags(facts), tag);
    }
    if let Some(tag) = key.strip_prefix("s3:requestobjecttag/") {
        return tag_value(object_tags(facts), tag);
    }
    if let Some(name) = key.strip_prefix("kms:encryptioncontext:") {
        let (_, value) = match encryption_context(facts) {
            Some(members) => members.iter().find(|(known, _)| is_lower(known, name))?,
            None if facts.is_from(KMS) => return None,
            None => return probably_absent(),
        };
        return exact(value.scalar()?);
    }
    parameter(facts, key)
}

/// Keys that the request has beside those of the table of rules.
pub(super) fn names<'d>(facts: &Facts<'d>) -> Vec<Cow<'d, str>> {
    let mut names: Vec<Cow<'d, str>> = Vec::new();
    let prefixed = |prefix: &str, tags: Tags<'d>| -> Vec<Cow<'d, str>> {
        let name = |tag: &Tag<'d>| format!("{prefix}{}", tag.key).into();
        tags.pairs().iter().map(name).collect()
    };
    names.extend(prefixed("aws:RequestTag/", request_tags(facts)));
    names.extend(prefixed("s3:RequestObjectTag/", object_tags(facts)));
    for (name, _) in encryption_context(facts).unwrap_or_default() {
        names.push(format!("kms:EncryptionContext:{name}").into());
    }
    let prefix = facts.source.catalogue.prefix(&facts.record.event_source);
    let keys = facts.source.catalogue.all_parameter_keys();
    let mut own: Vec<&str> = keys
        .filter(|key| key.prefix == prefix)
        .map(|key| key.name)
        .collect();
    own.sort_unstable();
    own.dedup();
    names.extend(own.into_iter().map(Cow::Borrowed));
    names
}

fn is_lower(name: &str, lower: &str) -> bool {
    name.eq_ignore_ascii_case(lower) || name.to_lowercase() == lower
}

/// A parameter that is the key. Calls of other services do not have it.
fn parameter<'d>(facts: &Facts<'d>, key: &str) -> Known<'d> {
    let rules = facts.source.catalogue.parameter_keys(key);
    let (first, record) = (rules.first()?, facts.record);
    let prefix = facts.source.catalogue.prefix(&record.event_source);
    let mut own = rules.iter().filter(|rule| rule.prefix == prefix).peekable();
    if own.peek().is_none() {
        return probably_absent();
    }
    let is_of_event = |rule: &&ParameterKey| {
        rule.events.is_empty() || rule.events.iter().any(|name| *name == record.event_name)
    };
    let Some(rule) = own.find(is_of_event) else {
        return otherwise(first);
    };
    if facts.parameters().is_null() {
        return None;
    }
    let mut places = rule.parameters.iter();
    let found = places.find_map(|way| facts.source.parameters.exactly(way));
    match found {
        Some(value) if rule.is_list => list(texts(value), Provenance::Exact),
        Some(value) => value.scalar().map_or_else(|| otherwise(rule), exact),
        None => otherwise(rule),
    }
}

fn otherwise<'d>(rule: &ParameterKey) -> Known<'d> {
    if rule.is_absent_otherwise {
        probably_absent()
    } else {
        None
    }
}

fn texts(value: &Json<'_>) -> Vec<String> {
    match value {
        Json::List(values) => values
            .iter()
            .filter_map(Json::scalar)
            .map(Cow::into_owned)
            .collect(),
        other => other.scalar().map(Cow::into_owned).into_iter().collect(),
    }
}

/// The tags that the call passes.
fn request_tags<'d>(facts: &Facts<'d>) -> Tags<'d> {
    tags::of_request(facts.parameters())
}

fn tag_value<'d>(tags: Tags<'d>, name: &str) -> Known<'d> {
    let Tags::Known(pairs) = tags else {
        return None;
    };
    match pairs.into_iter().find(|tag| is_lower(&tag.key, name)) {
        Some(tag) => derived(tag.value.unwrap_or_default()),
        None => probably_absent(),
    }
}

fn keys_of<'d>(tags: &Tags<'_>) -> Known<'d> {
    let Tags::Known(pairs) = tags else {
        return None;
    };
    let names = pairs
        .iter()
        .map(|tag| tag.key.clone().into_owned())
        .collect();
    list(names, Provenance::Derived)
}

pub(super) fn tag_keys<'d>(facts: &Facts<'d>) -> Known<'d> {
    keys_of(&request_tags(facts))
}

/// The tags of a new object, as its header writes them.
fn object_tags<'d>(facts: &Facts<'d>) -> Tags<'d> {
    if !facts.is_from(S3) {
        return Tags::Known(Vec::new());
    }
    tags::of_object(facts.parameters())
}

pub(super) fn object_tag_keys<'d>(facts: &Facts<'d>) -> Known<'d> {
    keys_of(&object_tags(facts))
}

/// The service that a role is passed to: the one called, with exceptions.
pub(super) fn passed_to<'d>(facts: &Facts<'d>) -> Known<'d> {
    let mut actions = facts.derived.actions.iter();
    if actions.any(|call| call.action.as_str() == "iam:PassRole") {
        derived(facts.source.catalogue.passed_to(&facts.record.event_source))
    } else {
        probably_absent()
    }
}

pub(super) fn ec2_region<'d>(facts: &Facts<'d>) -> Known<'d> {
    let is_ec2 = facts.is_from("ec2.amazonaws.com");
    recorded_or_absent(is_ec2.then_some(facts.record.aws_region.as_str()))
}

/// There before the credentials are checked, and not in calls of OAuth clients.
/// <https://docs.aws.amazon.com/signin/latest/userguide/reference-signin-condition-keys.html>
pub(super) fn sign_in_principal<'d>(facts: &Facts<'d>) -> Known<'d> {
    let is_sign_in = facts.is_from(SIGN_IN) && !facts.record.event_name.contains("OAuth2");
    recorded_or_absent(
        facts
            .derived
            .principal_arn
            .as_deref()
            .filter(|_| is_sign_in),
    )
}

pub(super) fn oauth_grant<'d>(facts: &Facts<'d>) -> Known<'d> {
    if !facts.is_from(SIGN_IN) {
        return probably_absent();
    }
    exact(facts.record.additional("grant_type")?)
}

pub(super) fn kms_caller<'d>(facts: &Facts<'d>) -> Known<'d> {
    let account = facts.derived.principal_account.as_deref();
    recorded_or_absent(account.filter(|_| facts.is_from(KMS)))
}

pub(super) fn kms_via<'d>(facts: &Facts<'d>) -> Known<'d> {
    let invoked_by = facts.record.user_identity.invoked_by.as_deref();
    match invoked_by.filter(|_| facts.is_from(KMS)) {
        Some(service) if service.contains('.') => {
            let label = service.trim_end_matches(".amazonaws.com");
            derived(format!("{label}.{}.amazonaws.com", facts.record.aws_region))
        }
        Some(_) => None,
        None => probably_absent(),
    }
}

/// The alias by which the call names its key.
pub(super) fn kms_alias<'d>(facts: &Facts<'d>) -> Known<'d> {
    if !facts.is_from(KMS) {
        return probably_absent();
    }
    let key = facts.parameters().member("keyId")?;
    let Json::Text(text) = key else {
        return None;
    };
    match text.find("alias/") {
        Some(at) if at == 0 || text[..at].ends_with(':') => derived(&text[at..]),
        _ => probably_absent(),
    }
}

/// `None` where the call has none, or it is not known.
fn encryption_context<'d>(facts: &Facts<'d>) -> Option<&'d [(Cow<'d, str>, Json<'d>)]> {
    let context = facts.parameters().member("encryptionContext")?;
    facts.is_from(KMS).then(|| context.members())
}

pub(super) fn encryption_context_keys<'d>(facts: &Facts<'d>) -> Known<'d> {
    match encryption_context(facts) {
        Some(members) => {
            let names = members.iter().map(|(name, _)| name.clone().into_owned());
            list(names.collect(), Provenance::Exact)
        }
        None if facts.is_from(KMS) => None,
        None => probably_absent(),
    }
}

/// What S3 notes of the request's signature.
fn additional<'d>(facts: &Facts<'d>, name: &str) -> Option<String> {
    if facts.is_from(S3) {
        facts.record.additional(name)
    } else {
        None
    }
}

pub(super) fn s3_auth_type<'d>(facts: &Facts<'d>) -> Known<'d> {
    match additional(facts, "AuthenticationMethod").as_deref() {
        Some("AuthHeader") => derived("REST-HEADER"),
        Some("QueryString") => derived("REST-QUERY-STRING"),
        Some("HtmlForm") => derived("POST"),
        _ => None,
    }
}

pub(super) fn s3_signature<'d>(facts: &Facts<'d>) -> Known<'d> {
    match additional(facts, "SignatureVersion").as_deref() {
        Some("SigV4") => derived("AWS4-HMAC-SHA256"),
        Some("SigV2") => derived("AWS"),
        _ => None,
    }
}

pub(super) fn s3_tls_version<'d>(facts: &Facts<'d>) -> Known<'d> {
    let tls = facts.record.tls.as_ref().filter(|_| facts.is_from(S3))?;
    derived(tls.version.as_deref()?.strip_prefix("TLSv")?)
}
