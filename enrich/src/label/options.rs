//! What is assumed about layers of which nothing is known.

use chrono::TimeDelta;

/// Settings of the labelling stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelOptions {
    /// `[policies.assume]`
    pub assume: Assume,
    /// How long a change may take to be known everywhere. AWS states no time;
    /// in a public data set the longest that a new role could not be assumed
    /// was eight seconds.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html>,
    /// "Changes that I make are not always immediately visible".
    pub propagation_window: TimeDelta,
    /// How long after an event a change before it may still arrive: until then
    /// its label is provisional.
    pub provisional: TimeDelta,
}

impl Default for LabelOptions {
    fn default() -> Self {
        Self {
            assume: Assume::default(),
            propagation_window: TimeDelta::minutes(2),
            provisional: TimeDelta::hours(24),
        }
    }
}

/// Whether a layer of which nothing is known counts as absent: not restricting
/// and not granting. The label then names the assumption. Otherwise the
/// decision is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assume {
    /// No organization, so no service control policies.
    pub no_service_control_policies: bool,
    /// No organization, so no resource control policies.
    pub no_resource_control_policies: bool,
    /// No policy on the resource; of a KMS key, the default key policy.
    pub no_resource_policies: bool,
    /// No policy passed when a role session was made.
    pub no_session_policies: bool,
    /// The default policy of a VPC endpoint, which allows everything.
    pub no_vpc_endpoint_policies: bool,
    /// Console authorization is off, as it is until somebody enables it: no
    /// policy decides about sign-ins.
    pub console_authorization_off: bool,
}

impl Default for Assume {
    fn default() -> Self {
        Self {
            no_service_control_policies: true,
            no_resource_control_policies: true,
            no_resource_policies: true,
            no_session_policies: true,
            no_vpc_endpoint_policies: true,
            console_authorization_off: true,
        }
    }
}

impl Assume {
    /// Assume nothing.
    pub fn strict() -> Self {
        Self {
            no_service_control_policies: false,
            no_resource_control_policies: false,
            no_resource_policies: false,
            no_session_policies: false,
            no_vpc_endpoint_policies: false,
            console_authorization_off: false,
        }
    }
}
