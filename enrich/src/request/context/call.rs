//! Keys of the call itself: when, where, and on whose behalf.

use std::borrow::Cow;

use chrono::SecondsFormat;
use trailwright_evaluator::Principal;

use super::{Facts, Known, absent, derived, exact, probably_absent};
use crate::request::json::Json;
use crate::request::resource::partition;

/// The time of completion; authorization was moments before.
pub(super) fn current_time<'d>(facts: &Facts<'d>) -> Known<'d> {
    let time = facts.record.event_time;
    derived(time.to_rfc3339_opts(SecondsFormat::Secs, true))
}

pub(super) fn epoch_time<'d>(facts: &Facts<'d>) -> Known<'d> {
    derived(facts.record.event_time.timestamp().to_string())
}

/// Of global services, and of the global endpoint of STS, the Region is the one
/// that the service stands in, wherever the call was answered.
pub(super) fn region<'d>(facts: &Facts<'d>) -> Known<'d> {
    let record = facts.record;
    let region = record.aws_region.as_str();
    let is_global = facts.source.catalogue.is_global(&record.event_source)
        || (facts.is_from("sts.amazonaws.com") && is_global_endpoint(facts));
    if is_global && partition(region) == "aws" && region != "us-east-1" {
        return derived("us-east-1");
    }
    exact(region)
}

fn is_global_endpoint(facts: &Facts<'_>) -> bool {
    let host = facts.record.host_header().unwrap_or_default();
    if host == "sts.amazonaws.com" || host.starts_with("sts-global.") {
        return true;
    }
    let data = Json::read(facts.record.additional_event_data.as_ref());
    let kind = data
        .member("RequestDetails")
        .and_then(|details| details.member("endpointType"));
    kind.and_then(Json::scalar).as_deref() == Some("global")
}

/// On whose behalf a call was made, as far as `invokedBy` tells: sessions that
/// AWS makes for the caller (forward access sessions) have it, and service
/// roles and service-linked roles too.
enum Behalf<'d> {
    /// The principal called.
    Own,
    /// The service called with the principal's own permissions: users, root
    /// and federated users are no role of a service.
    Forwarded { last: &'d str },
    /// One or the other.
    Open { last: Option<&'d str> },
}

fn behalf<'d>(facts: &Facts<'d>) -> Behalf<'d> {
    let principal = &facts.derived.principal;
    let invoked_by = facts.record.user_identity.invoked_by.as_deref();
    let service = invoked_by.filter(|name| name.contains('.'));
    match (principal, invoked_by) {
        (_, None) | (Principal::Service { .. }, _) => Behalf::Own,
        _ if principal.is_service_linked_role() => Behalf::Own,
        (Principal::User { .. } | Principal::Root { .. } | Principal::FederatedUser { .. }, _) => {
            service.map_or(Behalf::Open { last: None }, |last| Behalf::Forwarded {
                last,
            })
        }
        _ => Behalf::Open { last: service },
    }
}

pub(super) fn via_service<'d>(facts: &Facts<'d>) -> Known<'d> {
    match behalf(facts) {
        Behalf::Own => derived("false"),
        Behalf::Forwarded { .. } => derived("true"),
        Behalf::Open { .. } => None,
    }
}

/// Only the last service of the chain is recorded.
pub(super) fn called_via<'d>(facts: &Facts<'d>) -> Known<'d> {
    match behalf(facts) {
        Behalf::Own => probably_absent(),
        Behalf::Forwarded { .. } | Behalf::Open { .. } => None,
    }
}

pub(super) fn called_via_last<'d>(facts: &Facts<'d>) -> Known<'d> {
    match behalf(facts) {
        Behalf::Own => probably_absent(),
        Behalf::Forwarded { last } => derived(last),
        // Absent if it was the service's own role.
        Behalf::Open { .. } => None,
    }
}

const MCP: &str = "aws-mcp.amazonaws.com";

pub(super) fn via_mcp<'d>(facts: &Facts<'d>) -> Known<'d> {
    match behalf(facts) {
        Behalf::Own => derived("false"),
        Behalf::Forwarded { last } | Behalf::Open { last: Some(last) } if last == MCP => {
            derived("true")
        }
        Behalf::Forwarded { .. } | Behalf::Open { .. } => None,
    }
}

pub(super) fn called_via_mcp<'d>(facts: &Facts<'d>) -> Known<'d> {
    match behalf(facts) {
        Behalf::Own => probably_absent(),
        Behalf::Forwarded { last } | Behalf::Open { last: Some(last) } if last == MCP => {
            derived(last)
        }
        Behalf::Forwarded { .. } | Behalf::Open { .. } => None,
    }
}

fn is_service(facts: &Facts<'_>) -> bool {
    matches!(facts.derived.principal, Principal::Service { .. })
}

/// On behalf of which resource a service called; nobody else's calls have it.
fn of_service<'d>(facts: &Facts<'d>, recorded: Option<&'d str>) -> Known<'d> {
    if is_service(facts) {
        recorded.map(Cow::Borrowed).and_then(derived)
    } else {
        absent()
    }
}

pub(super) fn source_arn<'d>(facts: &Facts<'d>) -> Known<'d> {
    of_service(
        facts,
        facts.record.user_identity.in_scope_of_source_arn.as_deref(),
    )
}

pub(super) fn source_account<'d>(facts: &Facts<'d>) -> Known<'d> {
    let account = &facts.record.user_identity.in_scope_of_source_account;
    of_service(facts, account.as_deref())
}

pub(super) fn only_of_services<'d>(facts: &Facts<'d>) -> Known<'d> {
    of_service(facts, None)
}
