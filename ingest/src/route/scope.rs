//! Global or regional: the first rule that applies decides.

use trailwright_schemas::{IdentityType, Record, RouteReason, Scope};

use super::endpoint::{self, Endpoint, OAUTH_DOMAIN};
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

/// Sources of Identity Center's sign-in events. WorkSpaces records those of its
/// smart-card users under the first one too. Source: WorkSpaces Administration
/// Guide, "Understanding AWS sign-in events for smart card users".
const IDENTITY_CENTER_SOURCES: [&str; 2] = ["signin.amazonaws.com", "sso.amazonaws.com"];

/// IAM Identity Center records its steps as service events, in the Region of
/// the instance. Source: Identity Center User Guide, sign-in events.
fn is_identity_center(record: &Record) -> bool {
    let name = record.event_name.as_str();
    matches!(
        name,
        "CredentialChallenge" | "CredentialVerification" | "UserAuthentication"
    ) && IDENTITY_CENTER_SOURCES.contains(&record.event_source.as_str())
        && !record.is_console_sign_in()
}

/// OAuth has Regional endpoints only. Source: AWS Sign-In User Guide, OAuth.
fn is_oauth(record: &Record) -> bool {
    let at_oauth_host = |host: &str| host.to_ascii_lowercase().ends_with(OAUTH_DOMAIN);
    record.event_name.contains("OAuth2") || record.host_header().is_some_and(at_oauth_host)
}

/// Root at the console is always global; at an OAuth endpoint (`aws login`) the
/// endpoint's Region counts for root as for everybody.
fn sign_in(record: &Record) -> Decided {
    let is_root = record.user_identity.identity_type == Some(IdentityType::Root);
    if is_root && !is_oauth(record) {
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
    if record.aws_region != home || !is_user || is_oauth(record) {
        return Decided {
            possible_alias_cookie: possible_alias_cookie(record),
            ..regional(RouteReason::RegionalSignIn)
        };
    }
    match in_force(&SIGN_IN_RULES, record.event_time).rule {
        SignInRule::ByTargetConsole => by_target_console(record),
        SignInRule::ByAliasCookie => global(RouteReason::HomeRegionSignIn),
    }
}

/// An IAM user in the home Region under the old rule. `?region=` came before
/// the console's name, but it can only have moved the sign-in to the Region
/// that was recorded.
fn by_target_console(record: &Record) -> Decided {
    let heading_to = record
        .additional("LoginTo")
        .and_then(|url| SignInUrl::parse(&url).ok());
    match heading_to {
        Some(url) if url.region.as_deref() == Some(&record.aws_region) => {
            regional(RouteReason::RegionInUrl)
        }
        Some(url) if url.region.is_none() && url.names_console_without_region() => {
            global(RouteReason::ConsoleWithoutRegion)
        }
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

#[cfg(test)]
mod tests;
