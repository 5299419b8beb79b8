//! AWS partitions: separate worlds with a home Region each, in which global
//! services and global sign-ins are recorded.
//!
//! Source: AWS General Reference, "AWS Sign-In endpoints and quotas"; IAM User
//! Guide, "Disaster recovery and resilience". The China sign-in endpoint is
//! not in that list and is general knowledge.

/// A partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partition {
    /// Commercial Regions.
    Aws,
    /// GovCloud (US).
    UsGov,
    /// China.
    China,
}

impl Partition {
    /// Every partition.
    pub const ALL: [Self; 3] = [Self::Aws, Self::UsGov, Self::China];

    /// The partition of a Region.
    pub fn of_region(region: &str) -> Self {
        if region.starts_with("us-gov-") {
            Self::UsGov
        } else if region.starts_with("cn-") {
            Self::China
        } else {
            Self::Aws
        }
    }

    /// The Region in which the partition's global events are recorded.
    pub fn home_region(self) -> &'static str {
        match self {
            Self::Aws => "us-east-1",
            Self::UsGov => "us-gov-west-1",
            Self::China => "cn-north-1",
        }
    }

    /// The name of the global sign-in endpoint; a Region's has `<region>.`
    /// before it, an account's its ID or alias.
    pub fn sign_in_host(self) -> &'static str {
        match self {
            Self::Aws => "signin.aws.amazon.com",
            Self::UsGov => "signin.amazonaws-us-gov.com",
            Self::China => "signin.amazonaws.cn",
        }
    }

    /// The name of the console, with or without `<region>.` before it.
    pub fn console_host(self) -> &'static str {
        match self {
            Self::Aws => "console.aws.amazon.com",
            Self::UsGov => "console.amazonaws-us-gov.com",
            Self::China => "console.amazonaws.cn",
        }
    }
}
