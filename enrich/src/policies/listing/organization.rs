//! The levels of the organization and what was attached to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{PolicyInForce, PolicyKind};
use crate::policies::as_of::AsOf;
use crate::policies::change::Control;
use crate::policies::moment::Origin;
use crate::policies::series::Reading;

/// An organization at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationListing {
    /// `o-…`
    pub id: Option<String>,
    /// The management account.
    pub management_account: Option<String>,
    /// The root and all that is below it, each before what is below it.
    pub levels: Vec<LevelListing>,
}

/// The root, an organizational unit or an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelListing {
    /// Its id.
    pub id: String,
    /// What it lies below; `None` for the root.
    pub below: Option<String>,
    /// How many levels are above it.
    pub depth: usize,
    /// What told of its place.
    pub since: Arc<Origin>,
    /// The service and resource control policies attached to it.
    pub policies: Vec<PolicyInForce>,
}

/// The nodes below a node, each with what told of its place.
type Below<'a> = BTreeMap<&'a str, Vec<(&'a Arc<str>, &'a Arc<Origin>)>>;

impl<'a> AsOf<'a> {
    /// The organization, if one is known.
    pub fn organization_listing(&self) -> Option<OrganizationListing> {
        let organization = self.organization()?;
        let tree = &self.timeline.tree;
        let start = tree.start(self.when);
        let mut below = Below::new();
        for (node, series) in &tree.parents {
            if let Reading::Known(Some(parent), told) = series.at(self.when, start) {
                let since = series.since(told, self.when, None);
                below.entry(&**parent).or_default().push((node, since));
            }
        }
        let mut levels = Vec::new();
        self.add_below("", 0, &below, &mut levels);
        Some(OrganizationListing {
            id: organization.id.as_deref().map(str::to_owned),
            management_account: organization
                .management_account
                .as_deref()
                .map(str::to_owned),
            levels,
        })
    }

    fn add_below(
        &self,
        parent: &str,
        depth: usize,
        below: &Below<'a>,
        levels: &mut Vec<LevelListing>,
    ) {
        for (node, since) in below.get(parent).into_iter().flatten() {
            // A node is below one other: what was seen is no ring.
            if levels.iter().any(|level| *level.id == ***node) {
                continue;
            }
            levels.push(LevelListing {
                id: node.to_string(),
                below: (!parent.is_empty()).then(|| parent.to_owned()),
                depth,
                since: (*since).clone(),
                policies: self.control_policies(node),
            });
            self.add_below(node, depth + 1, below, levels);
        }
    }

    /// The service and resource control policies attached to an account and to
    /// every level above it, the root's first.
    pub(crate) fn control_policies_above(&self, account: &str) -> Vec<PolicyInForce> {
        let tree = &self.timeline.tree;
        let account = account.into();
        let way_up = tree.way_up(&account, self.when, tree.start(self.when));
        let nodes: Vec<Arc<str>> = way_up.into_iter().flatten().cloned().collect();
        let from_root = nodes.iter().rev();
        from_root
            .flat_map(|node| self.control_policies(node))
            .collect()
    }

    /// The service and resource control policies attached to a node itself.
    fn control_policies(&self, node: &Arc<str>) -> Vec<PolicyInForce> {
        let tree = &self.timeline.tree;
        let start = tree.start(self.when);
        let attached = tree.policies_at(node, self.when, start);
        let listed = attached.into_iter().map(|held| {
            let series = tree.attached.get(&(node.clone(), held.value.clone()));
            let since = series.map_or(held.since, |s| s.since(held.since, self.when, None));
            let kind = PolicyKind::ServiceControl;
            let policy = PolicyInForce::new(kind, node, held.value, since);
            match tree.content(held.value, self.when) {
                Some(content) => PolicyInForce {
                    kind: match content.control {
                        Control::Service => PolicyKind::ServiceControl,
                        Control::Resource => PolicyKind::ResourceControl,
                    },
                    version_since: content.since.cloned(),
                    ..policy.with_policy(&content.policy)
                },
                None => policy,
            }
        });
        listed.collect()
    }
}
