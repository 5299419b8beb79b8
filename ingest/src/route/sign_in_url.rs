//! Sign-in and console URLs.
//!
//! Source: AWS Sign-In User Guide, "AWS Management Console sign-in URLs"; IAM
//! User Guide, "Disaster recovery and resilience" (`?region=`).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use trailwright_schemas::{RouteReason, Scope};
use url::Url;

use super::endpoint::{Endpoint, is_region};
use super::partition::Partition;
use super::rules::{ALIAS_COOKIE_REGIONS, SIGN_IN_RULES, SignInRule, in_force};

/// Who the URL belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Account {
    /// A twelve-digit account ID.
    Id(String),
    /// An account alias.
    Alias(String),
}

/// A sign-in or console URL, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInUrl {
    /// The account in the host name.
    pub account: Option<Account>,
    /// The endpoint in the host name: a Region's, or the global one.
    pub endpoint: Endpoint,
    /// The console the user is heading to; `None` for the home page.
    pub service: Option<String>,
    /// The Region the URL asks for with `?region=`.
    pub region: Option<String>,
    /// The Region of the console the user came from (`state=hashArgsFromTB_…`),
    /// which says nothing about the sign-in.
    pub console_region: Option<String>,
    /// The partition.
    pub partition: Partition,
}

/// Why a text is no sign-in URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// It cannot be read as a URL.
    #[error("{text:?} is no URL: {why}")]
    Unreadable {
        /// What was given.
        text: String,
        /// What is wrong.
        why: String,
    },
    /// Its host belongs to neither sign-in nor console.
    #[error(
        "{host:?} is neither a sign-in nor a console host; expected something like https://ACCOUNT.signin.aws.amazon.com/console"
    )]
    Host {
        /// The host.
        host: String,
    },
    /// The account is neither an ID nor a possible alias.
    #[error(
        "{account:?} is neither a 12-digit account ID nor an account alias (3 to 63 lower-case letters, digits and single hyphens)"
    )]
    Account {
        /// The label in front of the host.
        account: String,
    },
}

/// Where a sign-in with a URL is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Global or regional.
    pub scope: Scope,
    /// The rule that decides.
    pub reason: RouteReason,
    /// The Regions in which it may be recorded; empty when the endpoint picks
    /// one by the user's place.
    pub regions: Vec<String>,
    /// When this outcome applies, in words; empty when it always does.
    pub condition: &'static str,
}

impl SignInUrl {
    /// Takes a URL apart.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let unreadable = |why: String| UrlError::Unreadable {
            text: text.to_owned(),
            why,
        };
        let url = Url::parse(text.trim()).map_err(|error| unreadable(error.to_string()))?;
        let host = url
            .host_str()
            .ok_or_else(|| unreadable("no host".to_owned()))?;
        let (partition, label, is_console) = split_host(host).ok_or_else(|| UrlError::Host {
            host: host.to_owned(),
        })?;
        let endpoint = match label {
            Some(label) if is_region(label) => Endpoint::Regional(label.to_owned()),
            _ => Endpoint::Global,
        };
        let account = match label {
            Some(label) if !is_region(label) && !is_console => Some(account(label)?),
            _ => None,
        };
        let query = |name: &str| {
            url.query_pairs()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        Ok(Self {
            account,
            endpoint,
            service: service(&url, is_console),
            region: query("region").filter(|region| is_region(region)),
            console_region: query("state").and_then(|state| console_region(&state)),
            partition,
        })
    }

    /// The account's ID, through the configured aliases.
    pub fn account_id<'a>(&'a self, aliases: &'a BTreeMap<String, String>) -> Option<&'a str> {
        match self.account.as_ref()? {
            Account::Id(id) => Some(id),
            Account::Alias(alias) => aliases.get(alias).map(String::as_str),
        }
    }

    /// Where an IAM user's sign-in with this URL at `time` is recorded. More
    /// than one outcome when the URL alone does not decide.
    pub fn outcomes(&self, time: DateTime<Utc>) -> Vec<Outcome> {
        let home = self.partition.home_region().to_owned();
        if let Some(region) = &self.region {
            return vec![Outcome::regional(
                RouteReason::RegionInUrl,
                vec![region.clone()],
            )];
        }
        if let Endpoint::Regional(region) = &self.endpoint {
            return vec![Outcome::regional(
                RouteReason::RegionalEndpoint,
                vec![region.clone()],
            )];
        }
        match in_force(&SIGN_IN_RULES, time).rule {
            SignInRule::ByTargetConsole if self.names_console_without_region() => {
                vec![Outcome::global(RouteReason::ConsoleWithoutRegion, home)]
            }
            SignInRule::ByTargetConsole => {
                vec![Outcome::regional(RouteReason::RegionalSignIn, Vec::new())]
            }
            SignInRule::ByAliasCookie => {
                let regions = ALIAS_COOKIE_REGIONS.map(str::to_owned).to_vec();
                let with_cookie = Outcome {
                    condition: "when the browser has an account alias cookie",
                    ..Outcome::regional(RouteReason::RegionalSignIn, regions)
                };
                let without = Outcome {
                    condition: "when it has none",
                    ..Outcome::global(RouteReason::HomeRegionSignIn, home)
                };
                vec![with_cookie, without]
            }
        }
    }
}

impl Outcome {
    fn global(reason: RouteReason, region: String) -> Self {
        Self {
            scope: Scope::Global,
            reason,
            regions: vec![region],
            condition: "",
        }
    }

    fn regional(reason: RouteReason, regions: Vec<String>) -> Self {
        Self {
            scope: Scope::Regional,
            reason,
            regions,
            condition: "",
        }
    }
}

/// The partition, the label in front of the known host, and whether it is the
/// console's host.
fn split_host(host: &str) -> Option<(Partition, Option<&str>, bool)> {
    if let Some(region) = host.strip_suffix(".oauth.signin.aws") {
        return Some((Partition::of_region(region), Some(region), false));
    }
    Partition::ALL.into_iter().find_map(|partition| {
        let known = [
            (partition.sign_in_host(), false),
            (partition.console_host(), true),
        ];
        known.into_iter().find_map(|(name, is_console)| {
            let before = host.strip_suffix(name)?;
            match before.strip_suffix('.') {
                Some(label) => Some((partition, Some(label), is_console)),
                None => before.is_empty().then_some((partition, None, is_console)),
            }
        })
    })
}

/// `/console/<service>` at the sign-in host, `/<service>/…` at the console.
fn service(url: &Url, is_console: bool) -> Option<String> {
    let mut segments = url.path_segments()?.filter(|segment| !segment.is_empty());
    let first = segments.next()?;
    let service = match (is_console, first) {
        (false, "console") => segments.next()?,
        (false, _) | (true, "console" | "home") => return None,
        (true, service) => service,
    };
    (service != "home").then(|| service.to_ascii_lowercase())
}

/// `hashArgsFromTB_<region>_<hash>`
fn console_region(state: &str) -> Option<String> {
    let rest = state.strip_prefix("hashArgsFromTB_")?;
    let (region, _) = rest.split_once('_')?;
    is_region(region).then(|| region.to_owned())
}

fn account(label: &str) -> Result<Account, UrlError> {
    if label.len() == 12 && label.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(Account::Id(label.to_owned()));
    }
    if is_alias(label) {
        return Ok(Account::Alias(label.to_owned()));
    }
    Err(UrlError::Account {
        account: label.to_owned(),
    })
}

/// Source: IAM User Guide, "Create an alias for your AWS account ID".
pub(super) fn is_alias(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_account_id = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    (3..=63).contains(&text.len())
        && text.bytes().all(allowed)
        && !(text.starts_with('-') || text.ends_with('-') || text.contains("--"))
        && !is_account_id
}

/// True when the host belongs to AWS Sign-In or the console.
pub fn is_sign_in_url(text: &str) -> bool {
    SignInUrl::parse(text).is_ok()
}
