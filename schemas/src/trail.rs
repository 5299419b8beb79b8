//! Which trail an event belongs to, and why.

/// Whether an event belongs to the global trail or to a Region's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Made through a global endpoint, or by a global service.
    Global,
    /// Made through an endpoint of the Region in `awsRegion`.
    Regional,
}

impl Scope {
    /// The stored name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Regional => "regional",
        }
    }
}

/// The rule that decided the scope. The names are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RouteReason {
    /// A sign-in of the root user, which always goes to the global endpoint.
    RootSignIn,
    /// The endpoint's name has no Region.
    GlobalEndpoint,
    /// The endpoint's name has the Region of the record.
    RegionalEndpoint,
    /// No endpoint recorded; the partition's home Region stands for global.
    HomeRegionSignIn,
    /// No endpoint recorded; another Region than the partition's home.
    RegionalSignIn,
    /// A service whose events are global.
    GlobalService,
    /// Any other service: the Region of the record.
    RegionalService,
}

impl RouteReason {
    /// The stored name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RootSignIn => "root_sign_in",
            Self::GlobalEndpoint => "global_endpoint",
            Self::RegionalEndpoint => "regional_endpoint",
            Self::HomeRegionSignIn => "home_region_sign_in",
            Self::RegionalSignIn => "regional_sign_in",
            Self::GlobalService => "global_service",
            Self::RegionalService => "regional_service",
        }
    }
}

/// Where an event belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routing {
    /// Global or regional.
    pub scope: Scope,
    /// The rule that decided.
    pub reason: RouteReason,
    /// A regional sign-in that may have been made at the global endpoint by a
    /// browser with an account alias cookie; the record cannot tell.
    pub possible_alias_cookie: bool,
    /// Names of the configured trails that receive the event, sorted.
    pub trails: Vec<String>,
}

impl Routing {
    /// The partition of the lake: `global`, or the Region of the record.
    pub fn trail_region<'a>(&self, aws_region: &'a str) -> &'a str {
        match self.scope {
            Scope::Global => "global",
            Scope::Regional => aws_region,
        }
    }
}
