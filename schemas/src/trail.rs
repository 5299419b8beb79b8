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
    /// A console sign-in of the root user, which always goes to the global
    /// endpoint. At an OAuth endpoint the endpoint's Region counts.
    RootSignIn,
    /// The endpoint's name has no Region, or the record calls it global.
    GlobalEndpoint,
    /// The endpoint's name has the Region of the record.
    RegionalEndpoint,
    /// The endpoint names another Region than the record; the record's counts.
    RecordedRegion,
    /// No endpoint recorded; an IAM user in the partition's home Region.
    HomeRegionSignIn,
    /// No endpoint recorded; any other sign-in: the Region of the record.
    RegionalSignIn,
    /// Before 2023-02-01: the console the user was heading to had no Region.
    ConsoleWithoutRegion,
    /// The sign-in URL asked for a Region.
    RegionInUrl,
    /// IAM Identity Center records in the Region of its instance.
    IdentityCenterRegion,
    /// STS without a recorded endpoint: the Region of the record.
    EndpointNotRecorded,
    /// A service without Regions.
    GlobalService,
    /// Any other service: the Region of the record.
    RegionalService,
}

impl RouteReason {
    const ALL: [Self; 12] = [
        Self::RootSignIn,
        Self::GlobalEndpoint,
        Self::RegionalEndpoint,
        Self::RecordedRegion,
        Self::HomeRegionSignIn,
        Self::RegionalSignIn,
        Self::ConsoleWithoutRegion,
        Self::RegionInUrl,
        Self::IdentityCenterRegion,
        Self::EndpointNotRecorded,
        Self::GlobalService,
        Self::RegionalService,
    ];

    /// The reason that is stored under this name.
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|reason| reason.as_str() == name)
    }

    /// The stored name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RootSignIn => "root_sign_in",
            Self::GlobalEndpoint => "global_endpoint",
            Self::RegionalEndpoint => "regional_endpoint",
            Self::RecordedRegion => "recorded_region",
            Self::HomeRegionSignIn => "home_region_sign_in",
            Self::RegionalSignIn => "regional_sign_in",
            Self::ConsoleWithoutRegion => "console_without_region",
            Self::RegionInUrl => "region_in_url",
            Self::IdentityCenterRegion => "identity_center_region",
            Self::EndpointNotRecorded => "endpoint_not_recorded",
            Self::GlobalService => "global_service",
            Self::RegionalService => "regional_service",
        }
    }

    /// The rule in words.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::RootSignIn => {
                "a console sign-in of the root user, which always goes to the global endpoint"
            }
            Self::GlobalEndpoint => {
                "the endpoint's name has no Region, or the record calls it global"
            }
            Self::RegionalEndpoint => "the endpoint's name has the Region of the record",
            Self::RecordedRegion => {
                "the endpoint names another Region than the record; the record's counts"
            }
            Self::HomeRegionSignIn => {
                "no endpoint recorded; an IAM user in the partition's home Region"
            }
            Self::RegionalSignIn => {
                "no endpoint recorded; any other sign-in: the Region of the record"
            }
            Self::ConsoleWithoutRegion => {
                "before 2023-02-01: the console the user was heading to had no Region"
            }
            Self::RegionInUrl => "the sign-in URL asked for a Region",
            Self::IdentityCenterRegion => {
                "IAM Identity Center records in the Region of its instance"
            }
            Self::EndpointNotRecorded => {
                "STS without a recorded endpoint: the Region of the record"
            }
            Self::GlobalService => "a service without Regions",
            Self::RegionalService => "any other service: the Region of the record",
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
