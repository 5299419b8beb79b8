//! The condition keys that a record tells, and how well: one table of global
//! keys with a rule each, the parameters that are keys (`data/context-keys.txt`),
//! and the keys of tags. A rule runs when a policy reads its key.
//!
//! Source: IAM User Guide, "AWS global condition context keys"; CloudTrail User
//! Guide, "Enriching events" for `eventContext`; the services' pages in the
//! Service Authorization Reference. All of it, in a table for people:
//! `docs/reference/requests.md`.

mod call;
mod network;
mod service;
mod session;
mod who;

use std::borrow::Cow;

use trailwright_evaluator::{ContextValue, Keys, Lookup, key_hash};
use trailwright_schemas::Record;

use super::json::Json;
use super::{ContextKey, Derived, Provenance, Source};

/// What a record tells of a key; `None`: it does not tell.
type Known<'d> = Option<(Lookup<'d>, Provenance)>;

/// Everything that a rule may look at.
#[derive(Clone, Copy)]
struct Facts<'d> {
    derived: &'d Derived<'d>,
    source: &'d Source<'d>,
    record: &'d Record,
}

struct Rule {
    name: &'static str,
    derive: for<'d> fn(&Facts<'d>) -> Known<'d>,
}

/// The keys of every service, and those of services whose rule is more than a
/// parameter; in the order in which they are explained.
const RULES: &[Rule] = &[
    rule("aws:PrincipalArn", who::arn),
    rule("aws:PrincipalAccount", who::account),
    rule("aws:PrincipalIsAWSService", who::is_service),
    rule("aws:PrincipalServiceName", who::service_name),
    rule("aws:PrincipalServiceNamesList", who::service_names),
    rule("aws:PrincipalType", who::kind),
    rule("aws:userid", who::user_id),
    rule("aws:username", who::user_name),
    rule("identitystore:UserId", who::identity_store_user),
    rule("aws:AssumedRoot", session::assumed_root),
    rule("aws:SignInSessionArn", session::sign_in_session),
    rule("aws:SourceIdentity", session::source_identity),
    rule("aws:TokenIssueTime", session::token_issue_time),
    rule("aws:MultiFactorAuthPresent", session::mfa_present),
    rule("aws:MultiFactorAuthAge", session::mfa_age),
    rule("aws:FederatedProvider", session::federated_provider),
    rule("ec2:RoleDelivery", session::role_delivery),
    rule("ec2:SourceInstanceArn", session::instance),
    rule("aws:Ec2InstanceSourceVpc", session::instance_vpc),
    rule(
        "aws:Ec2InstanceSourcePrivateIPv4",
        session::instance_address,
    ),
    rule("lambda:SourceFunctionArn", session::function),
    rule("aws:SourceIp", network::source_ip),
    rule("aws:VpcSourceIp", network::vpc_source_ip),
    rule("aws:SourceVpce", network::vpc_endpoint),
    rule("aws:VpceAccount", network::vpc_endpoint_account),
    rule("aws:SourceVpc", network::only_with_endpoint),
    rule("aws:SourceVpcArn", network::only_with_endpoint),
    rule("aws:VpceOrgID", network::only_with_endpoint),
    rule("aws:VpceOrgPaths", network::only_with_endpoint),
    rule("aws:SecureTransport", network::secure_transport),
    rule("aws:UserAgent", network::user_agent),
    rule("aws:CurrentTime", call::current_time),
    rule("aws:EpochTime", call::epoch_time),
    rule("aws:RequestedRegion", call::region),
    rule("aws:ViaAWSService", call::via_service),
    rule("aws:CalledVia", call::called_via),
    rule("aws:CalledViaFirst", call::called_via),
    rule("aws:CalledViaLast", call::called_via_last),
    rule("aws:ViaAWSMCPService", call::via_mcp),
    rule("aws:CalledViaAWSMCP", call::called_via_mcp),
    rule("aws:SourceArn", call::source_arn),
    rule("aws:SourceAccount", call::source_account),
    rule("aws:SourceOrgID", call::only_of_services),
    rule("aws:SourceOrgPaths", call::only_of_services),
    rule("aws:TagKeys", service::tag_keys),
    rule("iam:PassedToService", service::passed_to),
    rule("ec2:Region", service::ec2_region),
    rule("kms:CallerAccount", service::kms_caller),
    rule("kms:ViaService", service::kms_via),
    rule(
        "kms:EncryptionContextKeys",
        service::encryption_context_keys,
    ),
    rule("kms:RequestAlias", service::kms_alias),
    rule("s3:authType", service::s3_auth_type),
    rule("s3:signatureversion", service::s3_signature),
    rule("s3:TlsVersion", service::s3_tls_version),
    rule("s3:RequestObjectTagKeys", service::object_tag_keys),
    rule("signin:PrincipalArn", service::sign_in_principal),
    rule("signin:OAuthGrantType", service::oauth_grant),
];

const fn rule(name: &'static str, derive: for<'d> fn(&Facts<'d>) -> Known<'d>) -> Rule {
    Rule { name, derive }
}

/// The hashes of the names, which are what is searched.
const HASHES: [u64; RULES.len()] = {
    let mut hashes = [0; RULES.len()];
    let mut at = 0;
    while at < RULES.len() {
        hashes[at] = key_hash(RULES[at].name);
        at += 1;
    }
    hashes
};

impl Keys for Derived<'_> {
    fn look_up(&self, hash: u64, key: &str) -> Option<Lookup<'_>> {
        let stated = self.stated.iter();
        let mut stated = stated.filter(|stated| stated.name.eq_ignore_ascii_case(key));
        if let Some(stated) = stated.next() {
            return Some(Lookup::from(&stated.value));
        }
        self.known(hash, key).map(|(value, _)| value)
    }

    fn list(&self) -> Vec<(String, ContextValue)> {
        let keys = self.context().into_iter();
        keys.map(|key| (key.name, key.value)).collect()
    }
}

impl Derived<'_> {
    /// Every condition key that the record tells, with how it is known; for
    /// people, and in the order in which they read best.
    pub fn context(&self) -> Vec<ContextKey> {
        let Some(facts) = self.facts() else {
            return self.stated.clone();
        };
        let mut names: Vec<Cow<'_, str>> = RULES.iter().map(|rule| rule.name.into()).collect();
        names.extend(service::names(&facts));
        let mut keys = Vec::with_capacity(names.len());
        for name in names {
            let is_stated = |key: &ContextKey| key.name.eq_ignore_ascii_case(&name);
            let lower = name.to_ascii_lowercase();
            let known = self.known(key_hash(&lower), &lower);
            if let (Some((value, provenance)), false) = (known, self.stated.iter().any(is_stated)) {
                keys.push(ContextKey {
                    name: name.into_owned(),
                    value: value.into_value(),
                    provenance,
                });
            }
        }
        keys.extend_from_slice(&self.stated);
        keys
    }

    fn facts(&self) -> Option<Facts<'_>> {
        let source = self.source.as_ref()?;
        Some(Facts {
            derived: self,
            source,
            record: source.record,
        })
    }

    fn known(&self, hash: u64, key: &str) -> Known<'_> {
        let facts = self.facts()?;
        match HASHES.iter().position(|known| *known == hash) {
            Some(at) => (RULES[at].derive)(&facts),
            None => service::known(&facts, key),
        }
    }
}

impl<'d> Facts<'d> {
    fn parameters(&self) -> &'d Json<'d> {
        &self.source.parameters.tree
    }

    fn is_from(&self, source: &str) -> bool {
        self.record.event_source == source
    }
}

fn exact<'d>(value: impl Into<Cow<'d, str>>) -> Known<'d> {
    Some((Lookup::One(value.into()), Provenance::Exact))
}

fn derived<'d>(value: impl Into<Cow<'d, str>>) -> Known<'d> {
    Some((Lookup::One(value.into()), Provenance::Derived))
}

/// An empty list is none.
fn list<'d>(values: Vec<String>, provenance: Provenance) -> Known<'d> {
    let found = match values.is_empty() {
        true => Lookup::Absent,
        false => Lookup::Many(values.into()),
    };
    Some((found, provenance))
}

/// The record shows that the request had no such key.
fn absent<'d>() -> Known<'d> {
    Some((Lookup::Absent, Provenance::Exact))
}

/// By a rule that may err the request had no such key.
fn probably_absent<'d>() -> Known<'d> {
    Some((Lookup::Absent, Provenance::Derived))
}

/// As recorded; absent where the record has no such element.
fn recorded_or_absent(value: Option<&str>) -> Known<'_> {
    value.map_or_else(absent, exact)
}

fn flag<'d>(value: bool) -> Cow<'d, str> {
    if value { "true".into() } else { "false".into() }
}

/// `eventContext.requestContext` holds the keys as IAM evaluated them: nothing
/// derived is better.
pub(super) fn recorded(record: &Record) -> Vec<ContextKey> {
    let context = Json::read(record.event_context.as_ref());
    let Some(context) = context.member("requestContext") else {
        return Vec::new();
    };
    let stated = context.members().iter().filter_map(|(name, value)| {
        let value = match value {
            Json::List(values) => {
                let texts = values.iter().filter_map(Json::scalar);
                ContextValue::Many(texts.map(Cow::into_owned).collect())
            }
            Json::Text(text) => ContextValue::One(text.clone().into_owned()),
            other => ContextValue::One(other.scalar()?.into_owned()),
        };
        Some(ContextKey {
            name: name.clone().into_owned(),
            value,
            provenance: Provenance::Exact,
        })
    });
    stated.collect()
}

#[cfg(test)]
mod tests;
