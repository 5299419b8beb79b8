//! Keys of the credentials that the call was signed with.

use chrono::SecondsFormat;
use trailwright_evaluator::Principal;
use trailwright_schemas::SessionContext;

use super::{Facts, Known, absent, derived, exact, flag, probably_absent, recorded_or_absent};
use crate::request::json::Json;
use crate::request::resource::partition;

fn session<'d>(facts: &Facts<'d>) -> Option<&'d SessionContext> {
    facts.record.user_identity.session.as_ref()
}

/// Keys of users that do not expire; temporary ones begin with `ASIA`.
fn is_long_term(facts: &Facts<'_>) -> bool {
    let key = facts.record.user_identity.access_key_id.as_deref();
    key.is_some_and(|key| key.starts_with("AKIA"))
}

fn is_role_session(facts: &Facts<'_>) -> bool {
    matches!(facts.derived.principal, Principal::AssumedRole { .. })
}

/// Only `AssumeRoot` makes such sessions.
pub(super) fn assumed_root<'d>(facts: &Facts<'d>) -> Known<'d> {
    let recorded = session(facts).and_then(|session| session.assumed_root);
    recorded.map_or_else(absent, |root| exact(flag(root)))
}

pub(super) fn sign_in_session<'d>(facts: &Facts<'d>) -> Known<'d> {
    let recorded = session(facts).and_then(|session| session.sign_in_session_arn.as_deref());
    recorded.map_or_else(probably_absent, exact)
}

pub(super) fn source_identity<'d>(facts: &Facts<'d>) -> Known<'d> {
    recorded_or_absent(session(facts).and_then(|session| session.source_identity.as_deref()))
}

pub(super) fn role_delivery<'d>(facts: &Facts<'d>) -> Known<'d> {
    recorded_or_absent(session(facts).and_then(|session| session.ec2_role_delivery.as_deref()))
}

pub(super) fn token_issue_time<'d>(facts: &Facts<'d>) -> Known<'d> {
    match session(facts).and_then(|session| session.creation_date) {
        Some(time) => exact(time.to_rfc3339_opts(SecondsFormat::Secs, true)),
        None if is_long_term(facts) => absent(),
        None => None,
    }
}

/// Long-term keys never carry the MFA keys, federated users neither. For the
/// rest `mfaAuthenticated` is what CloudTrail logged, not what IAM evaluated.
fn mfa(facts: &Facts<'_>) -> Mfa {
    let is_federated = matches!(facts.derived.principal, Principal::FederatedUser { .. });
    if is_long_term(facts) || is_federated {
        return Mfa::Never;
    }
    match session(facts).and_then(|session| session.mfa_authenticated) {
        Some(true) => Mfa::Used,
        Some(false) => Mfa::NotUsed,
        None => Mfa::NotRecorded,
    }
}

enum Mfa {
    Never,
    Used,
    NotUsed,
    NotRecorded,
}

pub(super) fn mfa_present<'d>(facts: &Facts<'d>) -> Known<'d> {
    match mfa(facts) {
        Mfa::Never => absent(),
        Mfa::Used => derived("true"),
        Mfa::NotUsed => derived("false"),
        Mfa::NotRecorded => None,
    }
}

/// No more than the time since the session was made.
pub(super) fn mfa_age<'d>(facts: &Facts<'d>) -> Known<'d> {
    match mfa(facts) {
        Mfa::Never | Mfa::NotUsed => absent(),
        Mfa::NotRecorded => None,
        Mfa::Used => {
            let since = session(facts)?.creation_date?;
            let age = (facts.record.event_time - since).num_seconds().max(0);
            derived(age.to_string())
        }
    }
}

/// Of a session of web identity, and of the call that makes one.
pub(super) fn federated_provider<'d>(facts: &Facts<'d>) -> Known<'d> {
    if let Principal::WebIdentity { provider } | Principal::Saml { provider } =
        &facts.derived.principal
    {
        return derived(provider.as_str());
    }
    let recorded = session(facts).and_then(|session| session.federated_provider.as_deref());
    match recorded {
        Some(provider) => derived(provider),
        None if is_role_session(facts) && session(facts).is_none() => None,
        None => probably_absent(),
    }
}

/// What an instance names its session after: itself.
fn instance_id<'d>(facts: &Facts<'d>) -> Option<&'d str> {
    let Principal::AssumedRole { session_arn, .. } = &facts.derived.principal else {
        return None;
    };
    let name = session_arn.rsplit('/').next()?;
    let digits = name.strip_prefix("i-")?;
    let is_id = matches!(digits.len(), 8 | 17) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    is_id.then_some(name)
}

/// The instance is taken to be in the Region that it called.
pub(super) fn instance<'d>(facts: &Facts<'d>) -> Known<'d> {
    let Some(instance) = instance_id(facts) else {
        return probably_absent();
    };
    let record = facts.record;
    if facts.source.catalogue.is_global(&record.event_source) {
        return None;
    }
    let account = facts.derived.principal_account.as_deref()?;
    let (partition, region) = (partition(&record.aws_region), &record.aws_region);
    derived(format!(
        "arn:{partition}:ec2:{region}:{account}:instance/{instance}"
    ))
}

/// `ec2IssuedInVpc`, which only CloudTrail Lake writes.
pub(super) fn instance_vpc<'d>(facts: &Facts<'d>) -> Known<'d> {
    if instance_id(facts).is_none() {
        return probably_absent();
    }
    let identity = Json::read(facts.record.user_identity_json.as_ref());
    let vpc = identity
        .member("sessionContext")?
        .member("ec2IssuedInVpc")?;
    exact(vpc.scalar()?.into_owned())
}

pub(super) fn instance_address<'d>(facts: &Facts<'d>) -> Known<'d> {
    match instance_id(facts) {
        Some(_) => None,
        None => probably_absent(),
    }
}

/// A session of a function names the function since 2023, and not always.
pub(super) fn function<'d>(facts: &Facts<'d>) -> Known<'d> {
    let issued_to = &facts.record.user_identity.in_scope_of_credentials_issued_to;
    match issued_to.as_deref().filter(|arn| arn.contains(":lambda:")) {
        Some(function) => derived(function),
        None if is_role_session(facts) => None,
        None => absent(),
    }
}
