//! The policies of resources.

use trailwright_evaluator::Policy;

use super::{PolicyInForce, PolicyKind};
use crate::policies::as_of::AsOf;
use crate::policies::resource::ResourcePolicy;

/// A resource and its policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceListing {
    /// Its ARN; of a VPC endpoint, its id.
    pub arn: String,
    /// The account that owns it, where an input tells.
    pub account: Option<String>,
    /// Its policy; `None` when it is known to have none.
    pub policy: Option<PolicyInForce>,
    /// Whether it may have other statements than these.
    pub in_part: bool,
}

impl AsOf<'_> {
    /// The policy of a resource, or of the one that it is a part of; `None` when nothing tells of it at that time.
    pub fn resource_listing(&self, arn: &str) -> Option<ResourceListing> {
        let (arn, resource) = self.timeline.resource_of(arn)?;
        let since = resource.since(self.when);
        let listed = |policy: &Policy| {
            let listed = PolicyInForce::new(PolicyKind::Resource, arn, arn, since?);
            Some(listed.with_policy(policy))
        };
        let (policy, account) = self.resource_policy(arn);
        let (policy, in_part) = match policy {
            ResourcePolicy::Known(policy) => (listed(policy), false),
            ResourcePolicy::InPart(policy) => (listed(policy), true),
            ResourcePolicy::None => (None, false),
            ResourcePolicy::Unknown => return None,
        };
        Some(ResourceListing {
            arn: arn.to_string(),
            account: account.map(str::to_owned),
            policy,
            in_part,
        })
    }
}
