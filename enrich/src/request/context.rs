//! The global condition keys that a record tells, and how well.
//!
//! Source: IAM User Guide, "AWS global condition context keys"; CloudTrail User
//! Guide, "Enriching events" for `eventContext`.

mod service;

use std::net::IpAddr;

use chrono::SecondsFormat;
use serde_json::Value;
use trailwright_evaluator::{ContextValue, Principal};
use trailwright_schemas::{Record, SessionContext};

use super::principal::Who;
use super::{ContextKey, Provenance, tree};

/// The keys of one request, in the order in which they are explained.
struct Keys(Vec<ContextKey>);

impl Keys {
    fn set(&mut self, name: &str, value: ContextValue, provenance: Provenance) {
        self.0.push(ContextKey {
            name: name.to_owned(),
            value,
            provenance,
        });
    }

    /// Sets a key that may have been set before.
    fn replace(&mut self, name: &str, value: ContextValue, provenance: Provenance) {
        self.0.retain(|key| !key.name.eq_ignore_ascii_case(name));
        self.set(name, value, provenance);
    }

    fn exact(&mut self, name: &str, value: impl Into<String>) {
        self.set(name, ContextValue::One(value.into()), Provenance::Exact);
    }

    fn derived(&mut self, name: &str, value: impl Into<String>) {
        self.set(name, ContextValue::One(value.into()), Provenance::Derived);
    }

    fn absent(&mut self, name: &str) {
        self.set(name, ContextValue::Absent, Provenance::Exact);
    }

    /// Exact when the record has it, absent otherwise.
    fn optional(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => self.exact(name, value),
            None => self.absent(name),
        }
    }
}

pub(super) fn derive(record: &Record, who: &Who, parameters: &Value) -> Vec<ContextKey> {
    let mut keys = Keys(Vec::with_capacity(40));
    principal(&mut keys, record, who);
    session(&mut keys, record, who);
    network(&mut keys, record);
    call(&mut keys, record);
    service::derive(&mut keys, record, parameters);
    recorded(&mut keys, record);
    keys.0
}

fn principal(keys: &mut Keys, record: &Record, who: &Who) {
    let identity = &record.user_identity;
    keys.optional("aws:PrincipalArn", who.arn.as_deref());
    keys.optional("aws:PrincipalAccount", who.account.as_deref());
    let is_service = matches!(who.principal, Principal::Service { .. });
    keys.exact("aws:PrincipalIsAWSService", is_service.to_string());
    if let Principal::Service { name } = &who.principal {
        keys.exact("aws:PrincipalServiceName", name);
        keys.absent("aws:PrincipalType");
    } else {
        keys.absent("aws:PrincipalServiceName");
        keys.absent("aws:PrincipalServiceNamesList");
        keys.absent("aws:SourceArn");
        keys.absent("aws:SourceAccount");
    }
    match &who.principal {
        Principal::Root { .. } => keys.exact("aws:PrincipalType", "Account"),
        Principal::User { .. } => keys.exact("aws:PrincipalType", "User"),
        Principal::AssumedRole { .. } | Principal::Role { .. } => {
            keys.exact("aws:PrincipalType", "AssumedRole");
        }
        Principal::FederatedUser { .. } => keys.exact("aws:PrincipalType", "FederatedUser"),
        Principal::Anonymous => keys.exact("aws:PrincipalType", "Anonymous"),
        _ => {}
    }
    if let Some(id) = &identity.principal_id {
        keys.exact("aws:userid", id);
    }
    if let Principal::User { arn } = &who.principal {
        let name = arn.rsplit('/').next().unwrap_or_default();
        keys.exact(
            "aws:username",
            identity.user_name.as_deref().unwrap_or(name),
        );
    } else {
        keys.absent("aws:username");
    }
    if let Some(user) = &identity.on_behalf_of_user_id {
        keys.exact("identitystore:UserId", user);
    }
}

fn session(keys: &mut Keys, record: &Record, who: &Who) {
    let session = record.user_identity.session.as_ref();
    let long_term = record
        .user_identity
        .access_key_id
        .as_deref()
        .is_some_and(|id| id.starts_with("AKIA"));
    let created = session.and_then(|session| session.creation_date);
    match created {
        Some(time) => {
            keys.exact(
                "aws:TokenIssueTime",
                time.to_rfc3339_opts(SecondsFormat::Secs, true),
            );
        }
        None if long_term => keys.absent("aws:TokenIssueTime"),
        None => {}
    }
    keys.optional(
        "aws:SourceIdentity",
        session.and_then(|s| s.source_identity.as_deref()),
    );
    keys.optional(
        "ec2:RoleDelivery",
        session.and_then(|s| s.ec2_role_delivery.as_deref()),
    );
    if let Some(root) = session.and_then(|s| s.assumed_root) {
        keys.exact("aws:AssumedRoot", root.to_string());
    }
    if let Some(provider) = session.and_then(|s| s.federated_provider.as_deref()) {
        keys.derived("aws:FederatedProvider", provider);
    }
    mfa(keys, record, who, session, long_term);
}

/// Long-term keys never carry the MFA keys, federated users neither. For the
/// rest `mfaAuthenticated` is what CloudTrail logged, not what IAM evaluated.
fn mfa(
    keys: &mut Keys,
    record: &Record,
    who: &Who,
    session: Option<&SessionContext>,
    long_term: bool,
) {
    let never = long_term || matches!(who.principal, Principal::FederatedUser { .. });
    if never {
        keys.absent("aws:MultiFactorAuthPresent");
        keys.absent("aws:MultiFactorAuthAge");
        return;
    }
    match session.and_then(|session| session.mfa_authenticated) {
        Some(true) => {
            keys.derived("aws:MultiFactorAuthPresent", "true");
            if let Some(since) = session.and_then(|session| session.creation_date) {
                let age = (record.event_time - since).num_seconds().max(0);
                keys.derived("aws:MultiFactorAuthAge", age.to_string());
            }
        }
        Some(false) => {
            keys.derived("aws:MultiFactorAuthPresent", "false");
            keys.absent("aws:MultiFactorAuthAge");
        }
        None => {}
    }
}

fn network(keys: &mut Keys, record: &Record) {
    let address = record
        .source_ip_address
        .as_deref()
        .filter(|text| text.parse::<IpAddr>().is_ok());
    match (&record.vpc_endpoint_id, address) {
        (Some(endpoint), address) if endpoint.starts_with("vpce-") => {
            keys.exact("aws:SourceVpce", endpoint);
            keys.absent("aws:SourceIp");
            keys.optional("aws:VpcSourceIp", address);
            if let Some(account) = &record.vpc_endpoint_account_id {
                keys.exact("aws:VpceAccount", account);
            }
        }
        (_, Some(address)) => {
            keys.exact("aws:SourceIp", address);
            for key in [
                "aws:SourceVpce",
                "aws:SourceVpc",
                "aws:VpcSourceIp",
                "aws:SourceVpcArn",
            ] {
                keys.set(key, ContextValue::Absent, Provenance::Derived);
            }
        }
        // A service's name in place of the address: the caller's own network
        // is not in the record.
        _ => {}
    }
}

fn call(keys: &mut Keys, record: &Record) {
    let time = record.event_time;
    // The time of completion; authorization was moments before.
    keys.derived(
        "aws:CurrentTime",
        time.to_rfc3339_opts(SecondsFormat::Secs, true),
    );
    keys.derived("aws:EpochTime", time.timestamp().to_string());
    keys.exact("aws:RequestedRegion", record.aws_region.as_str());
    if record.tls.is_some() {
        keys.derived("aws:SecureTransport", "true");
    }
    if let Some(agent) = &record.user_agent {
        keys.exact("aws:UserAgent", agent);
    }
    match record.user_identity.invoked_by.as_deref() {
        // Only the last service of the chain is recorded, and service roles
        // carry it too, so the chain itself stays unknown.
        Some(service) if service.contains('.') => keys.derived("aws:CalledViaLast", service),
        Some(_) => {}
        None => {
            keys.set(
                "aws:ViaAWSService",
                ContextValue::One("false".into()),
                Provenance::Derived,
            );
            for key in ["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"] {
                keys.set(key, ContextValue::Absent, Provenance::Derived);
            }
        }
    }
    let scope = &record.user_identity;
    for (name, value) in [
        ("aws:SourceArn", &scope.in_scope_of_source_arn),
        ("aws:SourceAccount", &scope.in_scope_of_source_account),
    ] {
        if let Some(value) = value {
            keys.replace(name, ContextValue::One(value.clone()), Provenance::Derived);
        }
    }
    if let Some(function) = &scope.in_scope_of_credentials_issued_to {
        keys.derived("lambda:SourceFunctionArn", function);
    }
}

/// `eventContext.requestContext` holds the keys as IAM evaluated them: nothing
/// derived is better.
fn recorded(keys: &mut Keys, record: &Record) {
    let context = tree(record.event_context.as_ref());
    let Some(members) = context.get("requestContext").and_then(Value::as_object) else {
        return;
    };
    for (name, value) in members {
        let value = match value {
            Value::String(text) => ContextValue::One(text.clone()),
            Value::Array(values) => ContextValue::Many(
                values
                    .iter()
                    .filter_map(|value| value.as_str().map(str::to_owned))
                    .collect(),
            ),
            other => ContextValue::One(other.to_string()),
        };
        keys.replace(name, value, Provenance::Exact);
    }
}
