//! The name of an action.

use std::fmt;

use crate::ServiceData;
use crate::statement::action_bits;

/// The name of an action (`s3:GetObject`) with what is worked out of it once.
#[derive(Clone)]
pub struct ActionName {
    name: Box<str>,
    /// In lower case: action names are case-insensitive.
    key: Box<str>,
    bits: u64,
    under_rcp: bool,
}

impl ActionName {
    /// An action of which nothing but its name is known: resource control policies apply to it.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let key = name.to_lowercase();
        ActionName {
            name: name.into(),
            bits: action_bits(&key),
            key: key.into(),
            under_rcp: true,
        }
    }

    /// An action of which is known whether resource control policies apply to its service.
    #[must_use]
    pub fn known(name: &str, data: &ServiceData) -> Self {
        ActionName {
            under_rcp: data.is_under_rcp(name),
            ..Self::new(name)
        }
    }

    /// The name as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Its service's prefix.
    #[must_use]
    pub fn prefix(&self) -> &str {
        self.as_str().split(':').next().unwrap_or_default()
    }

    /// Whether resource control policies apply to its service, or it is not known whether.
    /// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>
    #[must_use]
    pub fn is_under_rcp(&self) -> bool {
        self.under_rcp
    }

    /// In lower case.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    pub(crate) fn bits(&self) -> u64 {
        self.bits
    }
}

/// Two names that differ in case are one action.
impl PartialEq for ActionName {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for ActionName {}

impl fmt::Display for ActionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ActionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
