//! AWS partitions: separate worlds with a home Region each, in which global
//! services and global sign-ins are recorded.
//!
//! Source: AWS General Reference, "AWS Sign-In endpoints and quotas"; IAM User
//! Guide, "Disaster recovery and resilience"; the partition and endpoint data
//! of the AWS SDKs for the partitions that those pages leave out. There the
//! names of consoles are general knowledge, and so is China's home Region: the
//! SDKs name cn-north-1 for IAM but cn-northwest-1 for the partition.

/// A partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partition {
    /// Commercial Regions.
    Aws,
    /// GovCloud (US).
    UsGov,
    /// China.
    China,
    /// European Sovereign Cloud.
    Eusc,
    /// Isolated, `us-iso`.
    Iso,
    /// Isolated, `us-isob`.
    IsoB,
    /// Isolated, `eu-isoe`.
    IsoE,
    /// Isolated, `us-isof`.
    IsoF,
}

impl Partition {
    /// Every partition.
    pub const ALL: [Self; 8] = [
        Self::Aws,
        Self::UsGov,
        Self::China,
        Self::Eusc,
        Self::Iso,
        Self::IsoB,
        Self::IsoE,
        Self::IsoF,
    ];

    /// The partition of a Region.
    pub fn of_region(region: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|partition| {
                let prefix = partition.region_prefix();
                prefix.is_some_and(|prefix| region.starts_with(prefix))
            })
            .unwrap_or(Self::Aws)
    }

    /// How the Regions of a partition begin that has a beginning of its own.
    fn region_prefix(self) -> Option<&'static str> {
        match self {
            Self::Aws => None,
            Self::UsGov => Some("us-gov-"),
            Self::China => Some("cn-"),
            Self::Eusc => Some("eusc-"),
            Self::Iso => Some("us-iso-"),
            Self::IsoB => Some("us-isob-"),
            Self::IsoE => Some("eu-isoe-"),
            Self::IsoF => Some("us-isof-"),
        }
    }

    /// The Region in which the partition's global events are recorded.
    pub fn home_region(self) -> &'static str {
        match self {
            Self::Aws => "us-east-1",
            Self::UsGov => "us-gov-west-1",
            Self::China => "cn-north-1",
            Self::Eusc => "eusc-de-east-1",
            Self::Iso => "us-iso-east-1",
            Self::IsoB => "us-isob-east-1",
            Self::IsoE => "eu-isoe-west-1",
            Self::IsoF => "us-isof-south-1",
        }
    }

    /// The name of the global sign-in endpoint; a Region's has `<region>.`
    /// before it, an account's its ID or alias.
    pub fn sign_in_host(self) -> &'static str {
        match self {
            Self::Aws => "signin.aws.amazon.com",
            Self::UsGov => "signin.amazonaws-us-gov.com",
            Self::China => "signin.amazonaws.cn",
            Self::Eusc => "signin.amazonaws-eusc.eu",
            Self::Iso => "signin.c2shome.ic.gov",
            Self::IsoB => "signin.sc2shome.sgov.gov",
            Self::IsoE => "signin.csphome.adc-e.uk",
            Self::IsoF => "signin.csphome.hci.ic.gov",
        }
    }

    /// The name of the console, with or without `<region>.` before it.
    pub fn console_host(self) -> &'static str {
        match self {
            Self::Aws => "console.aws.amazon.com",
            Self::UsGov => "console.amazonaws-us-gov.com",
            Self::China => "console.amazonaws.cn",
            Self::Eusc => "console.amazonaws-eusc.eu",
            Self::Iso => "console.c2shome.ic.gov",
            Self::IsoB => "console.sc2shome.sgov.gov",
            Self::IsoE => "console.csphome.adc-e.uk",
            Self::IsoF => "console.csphome.hci.ic.gov",
        }
    }

    /// How the names of the partition's service endpoints end.
    pub(super) fn service_domain(self) -> &'static str {
        match self {
            Self::Aws | Self::UsGov => "amazonaws.com",
            Self::China => "amazonaws.com.cn",
            Self::Eusc => "amazonaws.eu",
            Self::Iso => "c2s.ic.gov",
            Self::IsoB => "sc2s.sgov.gov",
            Self::IsoE => "cloud.adc-e.uk",
            Self::IsoF => "csp.hci.ic.gov",
        }
    }
}
