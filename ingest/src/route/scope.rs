//! Global or regional: the first rule that applies decides.

use trailwright_schemas::{IdentityType, Record, RouteReason, Scope};

use super::endpoint::{self, Endpoint};
use super::partition::Partition;
use super::rules::{
    ALIAS_COOKIE_REGIONS, CONSOLES_WITHOUT_REGION, GLOBAL_SERVICES, SIGN_IN_RULES, SignInRule,
    in_force,
};
use super::sign_in_url::SignInUrl;

/// Scope and the rule that decided it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decided {
    pub(crate) scope: Scope,
    pub(crate) reason: RouteReason,
    pub(crate) possible_alias_cookie: bool,
}

const fn global(reason: RouteReason) -> Decided {
    Decided {
        scope: Scope::Global,
        reason,
        possible_alias_cookie: false,
    }
}

const fn regional(reason: RouteReason) -> Decided {
    Decided {
        scope: Scope::Regional,
        reason,
        possible_alias_cookie: false,
    }
}

pub(crate) fn decide(record: &Record) -> Decided {
    if is_identity_center(record) {
        regional(RouteReason::IdentityCenterRegion)
    } else if is_sign_in(record) {
        sign_in(record)
    } else if record.event_source == "sts.amazonaws.com" {
        sts(record)
    } else if GLOBAL_SERVICES.contains(&record.event_source.as_str()) {
        global(RouteReason::GlobalService)
    } else {
        regional(RouteReason::RegionalService)
    }
}

/// Events of AWS Sign-In: console, role switch, OAuth.
pub(crate) fn is_sign_in(record: &Record) -> bool {
    record.event_source == "signin.amazonaws.com" || record.is_console_sign_in()
}

/// IAM Identity Center records its steps as service events, in the Region of
/// the instance. Source: Identity Center User Guide, sign-in events.
fn is_identity_center(record: &Record) -> bool {
    let name = record.event_name.as_str();
    matches!(
        name,
        "CredentialChallenge" | "CredentialVerification" | "UserAuthentication"
    ) && !record.is_console_sign_in()
}

fn sign_in(record: &Record) -> Decided {
    let identity = record.user_identity.identity_type.as_ref();
    if identity == Some(&IdentityType::Root) {
        return global(RouteReason::RootSignIn);
    }
    match record.host_header().and_then(endpoint::sign_in) {
        Some(Endpoint::Global) => global(RouteReason::GlobalEndpoint),
        Some(Endpoint::Regional(region)) if region == record.aws_region => Decided {
            possible_alias_cookie: possible_alias_cookie(record),
            ..regional(RouteReason::RegionalEndpoint)
        },
        Some(Endpoint::Regional(_)) => regional(RouteReason::RecordedRegion),
        None => without_endpoint(record),
    }
}

/// The cookie is not in the record, and after the redirect the host header is
/// the Region's either way.
fn possible_alias_cookie(record: &Record) -> bool {
    in_force(&SIGN_IN_RULES, record.event_time).rule == SignInRule::ByAliasCookie
        && record.event_name == "ConsoleLogin"
        && record.user_identity.identity_type == Some(IdentityType::IamUser)
        && ALIAS_COOKIE_REGIONS.contains(&record.aws_region.as_str())
}

/// Records before version 1.08 do not name the endpoint: the Region has to do,
/// and under the old rule the page the user was heading to.
fn without_endpoint(record: &Record) -> Decided {
    let home = Partition::of_region(&record.aws_region).home_region();
    let is_user = record.user_identity.identity_type == Some(IdentityType::IamUser);
    if record.aws_region != home {
        return Decided {
            possible_alias_cookie: possible_alias_cookie(record),
            ..regional(RouteReason::RegionalSignIn)
        };
    }
    if !is_user {
        return regional(RouteReason::RegionalSignIn);
    }
    let old_rule = in_force(&SIGN_IN_RULES, record.event_time).rule == SignInRule::ByTargetConsole;
    let heading_to = record
        .additional("LoginTo")
        .and_then(|url| SignInUrl::parse(&url).ok());
    match heading_to {
        Some(url) if old_rule && url.names_console_without_region() => {
            global(RouteReason::ConsoleWithoutRegion)
        }
        Some(url) if old_rule && url.region.is_some() => regional(RouteReason::RegionInUrl),
        _ => global(RouteReason::HomeRegionSignIn),
    }
}

impl SignInUrl {
    /// True for a console that had no Region of its own before 2023-02-01.
    pub(crate) fn names_console_without_region(&self) -> bool {
        self.service
            .as_deref()
            .is_some_and(|service| CONSOLES_WITHOUT_REGION.contains(&service))
    }
}

/// Since 2025 the global endpoint may be served by another Region, but the
/// record still says us-east-1. Source: IAM User Guide, "Manage AWS STS in an
/// AWS Region".
fn sts(record: &Record) -> Decided {
    let recorded = record.additional("RequestDetails").and_then(|details| {
        trailwright_schemas::Fields::parse(&details)
            .ok()?
            .text("endpointType")
    });
    match recorded.as_deref() {
        Some("global") => return global(RouteReason::GlobalEndpoint),
        Some("regional") => return regional(RouteReason::RegionalEndpoint),
        _ => {}
    }
    match record.host_header().and_then(endpoint::sts) {
        Some(Endpoint::Global) => global(RouteReason::GlobalEndpoint),
        Some(Endpoint::Regional(region)) if region == record.aws_region => {
            regional(RouteReason::RegionalEndpoint)
        }
        Some(Endpoint::Regional(_)) => regional(RouteReason::RecordedRegion),
        None => regional(RouteReason::EndpointNotRecorded),
    }
}
