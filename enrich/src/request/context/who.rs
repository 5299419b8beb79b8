//! Keys of the principal.

use trailwright_evaluator::Principal;

use super::{Facts, Known, absent, exact, flag, probably_absent, recorded_or_absent};

/// Calls that IAM does not know the caller of: no signature, or a token in
/// place of one.
fn is_unsigned(facts: &Facts<'_>) -> bool {
    matches!(
        facts.derived.principal,
        Principal::Anonymous | Principal::WebIdentity { .. } | Principal::Saml { .. }
    )
}

pub(super) fn arn<'d>(facts: &Facts<'d>) -> Known<'d> {
    let arn = facts.derived.principal_arn.as_deref();
    recorded_or_absent(arn.filter(|_| !is_unsigned(facts)))
}

pub(super) fn account<'d>(facts: &Facts<'d>) -> Known<'d> {
    let account = facts.derived.principal_account.as_deref();
    recorded_or_absent(account.filter(|_| !is_unsigned(facts)))
}

fn service<'d>(facts: &Facts<'d>) -> Option<&'d str> {
    match &facts.derived.principal {
        Principal::Service { name } => Some(name),
        _ => None,
    }
}

pub(super) fn is_service<'d>(facts: &Facts<'d>) -> Known<'d> {
    exact(flag(service(facts).is_some()))
}

pub(super) fn service_name<'d>(facts: &Facts<'d>) -> Known<'d> {
    recorded_or_absent(service(facts))
}

/// A service has more names than the record's one.
pub(super) fn service_names<'d>(facts: &Facts<'d>) -> Known<'d> {
    match service(facts) {
        Some(_) => None,
        None => absent(),
    }
}

pub(super) fn kind<'d>(facts: &Facts<'d>) -> Known<'d> {
    match &facts.derived.principal {
        Principal::Root { .. } => exact("Account"),
        Principal::User { .. } => exact("User"),
        Principal::AssumedRole { .. } | Principal::Role { .. } => exact("AssumedRole"),
        Principal::FederatedUser { .. } => exact("FederatedUser"),
        Principal::Anonymous => exact("Anonymous"),
        Principal::Service { .. } => absent(),
        _ => None,
    }
}

/// Root's is the account, whatever an old record says.
pub(super) fn user_id<'d>(facts: &Facts<'d>) -> Known<'d> {
    match &facts.derived.principal {
        Principal::Root { account } => exact(account.as_str()),
        Principal::Anonymous => exact("anonymous"),
        _ if is_unsigned(facts) => None,
        _ => facts
            .record
            .user_identity
            .principal_id
            .as_deref()
            .and_then(exact),
    }
}

pub(super) fn user_name<'d>(facts: &Facts<'d>) -> Known<'d> {
    let Principal::User { arn } = &facts.derived.principal else {
        return absent();
    };
    let recorded = facts.record.user_identity.user_name.as_deref();
    exact(recorded.unwrap_or_else(|| arn.rsplit('/').next().unwrap_or_default()))
}

pub(super) fn identity_store_user<'d>(facts: &Facts<'d>) -> Known<'d> {
    let user = facts.record.user_identity.on_behalf_of_user_id.as_deref();
    user.map_or_else(probably_absent, exact)
}
