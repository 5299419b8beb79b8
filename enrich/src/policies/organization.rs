//! The organization over time: its tree, and the service and resource control
//! policies attached to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashMap;
use trailwright_evaluator::{Level, Policy, PolicyId, PolicySet};

use super::change::{Control, Document, Stated};
use super::entity::{Held, before, held};
use super::moment::{Moment, Origin, Phase, When};
use super::series::{Reading, Series, Start};

/// OUs nest five deep; with the root and the account that is seven.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
const LEVELS_MAX: usize = 16;

/// Where an account stands and what is attached on the way to it.
#[derive(Clone, Debug)]
pub struct Levels {
    /// Service control policies, root first; none when the organization does
    /// not use them.
    pub scp: Arc<[Level]>,
    /// Resource control policies, root first.
    pub rcp: Arc<[Level]>,
    /// `aws:PrincipalOrgPaths`: `o-…/r-…/ou-…/`.
    pub path: String,
    /// Policies that are attached and cannot be read, in words.
    pub gaps: Vec<String>,
}

/// An organization at a moment.
#[derive(Clone, Debug, Default)]
pub struct Organization {
    /// `o-…`
    pub id: Option<Arc<str>>,
    /// Whose principals no service control policy restricts.
    pub management_account: Option<Arc<str>>,
    accounts: HashMap<Arc<str>, Levels>,
}

impl Organization {
    /// The levels above an account; `None` when it is no member.
    pub fn levels_of(&self, account: &str) -> Option<&Levels> {
        self.accounts.get(account)
    }

    /// The member accounts, in no order.
    pub fn accounts(&self) -> impl Iterator<Item = &Arc<str>> {
        self.accounts.keys()
    }
}

/// All facts about the organization.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    id: Option<Arc<str>>,
    management_account: Option<Arc<str>>,
    /// Snapshots of the whole tree.
    pub(super) whole: Vec<Moment>,
    undated: bool,
    pub(super) parents: BTreeMap<Arc<str>, Series<Option<Arc<str>>>>,
    /// By target and policy.
    pub(super) attached: BTreeMap<(Arc<str>, Arc<str>), Series<bool>>,
    pub(super) contents: HashMap<Arc<str>, (Control, Series<Option<Document>>)>,
    pub(super) in_use: BTreeMap<Control, Series<bool>>,
}

/// What a control policy says.
#[derive(Clone, Debug)]
pub(super) struct Content<'a> {
    pub(super) control: Control,
    pub(super) policy: Policy,
    /// What told of it; `None` for the one that is the same everywhere.
    pub(super) since: Option<&'a Arc<Origin>>,
}

impl Tree {
    pub(super) fn is_known(&self) -> bool {
        self.undated || !self.whole.is_empty()
    }

    pub(super) fn set(&mut self, at: Option<&Moment>, fact: Stated, origin: &Arc<Origin>) {
        match fact {
            Stated::Organization {
                id,
                management_account,
            } => self.set_whole(at, id, management_account),
            Stated::Parent(child, parent) => {
                self.parents
                    .entry(child)
                    .or_default()
                    .set(at, parent, origin);
            }
            Stated::Control {
                target,
                policy,
                attached,
            } => {
                let series = self.attached.entry((target, policy)).or_default();
                series.set(at, attached, origin);
            }
            Stated::ControlContent {
                policy,
                control,
                document,
            } => {
                let (_, series) = self
                    .contents
                    .entry(policy)
                    .or_insert_with(|| (control, Series::default()));
                series.set(at, document, origin);
            }
            Stated::ControlInUse(control, in_use) => {
                self.in_use
                    .entry(control)
                    .or_default()
                    .set(at, in_use, origin);
            }
            _ => {}
        }
    }

    fn set_whole(
        &mut self,
        at: Option<&Moment>,
        id: Option<Arc<str>>,
        management_account: Option<Arc<str>>,
    ) {
        self.id = id.or(self.id.take());
        self.management_account = management_account.or(self.management_account.take());
        match at {
            Some(moment) => {
                if let Err(place) = self.whole.binary_search(moment) {
                    self.whole.insert(place, moment.clone());
                }
            }
            None => {
                self.undated = true;
                self.parents.values_mut().for_each(|s| s.undated = None);
                self.attached.values_mut().for_each(|s| s.undated = None);
                self.in_use.values_mut().for_each(|s| s.undated = None);
                self.contents
                    .values_mut()
                    .for_each(|(_, s)| s.undated = None);
            }
        }
    }

    /// Every change of the tree, with what told of it, in no order.
    pub(super) fn changes(&self) -> impl Iterator<Item = (&Moment, &Arc<Origin>)> {
        let parents = self.parents.values().flat_map(Series::changes);
        let attached = self.attached.values().flat_map(Series::changes);
        let contents = self
            .contents
            .values()
            .flat_map(|(_, series)| series.changes());
        let in_use = self.in_use.values().flat_map(Series::changes);
        parents.chain(attached).chain(contents).chain(in_use)
    }

    /// The moments at which anything in the organization may change.
    pub(super) fn moments(&self) -> impl Iterator<Item = &Moment> {
        self.whole
            .iter()
            .chain(self.changes().map(|(moment, _)| moment))
    }

    /// The organization as it was.
    pub(super) fn as_of(&self, when: When<'_>) -> Organization {
        let start = self.start(when);
        let accounts = self.parents.keys().filter(|node| is_account(node));
        let levels =
            |account: &Arc<str>| Some((account.clone(), self.levels(account, when, start)?));
        Organization {
            id: self.id.clone(),
            management_account: self.management_account.clone(),
            accounts: accounts.filter_map(levels).collect(),
        }
    }

    pub(super) fn start(&self, when: When<'_>) -> Start<'_> {
        let passed = self.whole.partition_point(|moment| when.includes(moment));
        match (self.whole[..passed].last(), self.whole.first()) {
            (Some(moment), _) => Start::From {
                moment,
                undated: false,
            },
            (None, Some(first)) => Start::Backwards(Some(first)),
            (None, None) if self.undated => Start::Backwards(None),
            (None, None) => Start::Partly,
        }
    }

    /// The levels above an account; `None` when it is no member.
    fn levels(&self, account: &Arc<str>, when: When<'_>, start: Start<'_>) -> Option<Levels> {
        let mut levels = Levels {
            scp: Arc::default(),
            rcp: Arc::default(),
            path: self.id.iter().map(|id| format!("{id}/")).collect(),
            gaps: Vec::new(),
        };
        let nodes = match self.way_up(account, when, start) {
            Ok(nodes) => nodes,
            Err(None) => return None,
            Err(Some(gap)) => {
                levels.gaps.push(gap);
                return Some(levels);
            }
        };
        let with_scps = self.uses(Control::Service, when, start);
        let with_rcps = self.uses(Control::Resource, when, start);
        let (mut scps, mut rcps) = (Vec::new(), Vec::new());
        for node in nodes.into_iter().rev() {
            if !is_account(node) {
                levels.path.push_str(&format!("{node}/"));
            }
            let [scp, rcp] = self.attached_to(node, when, start, &mut levels.gaps);
            let level = |policies: Vec<Policy>| Level {
                name: node.clone(),
                policies: PolicySet::new(policies),
            };
            if with_scps {
                if scp.is_empty() && levels.gaps.is_empty() {
                    levels.gaps.push(format!(
                        "no service control policy is known for {node}, and AWS always has one there"
                    ));
                }
                scps.push(level(scp));
            }
            if with_rcps {
                rcps.push(level(rcp));
            }
        }
        levels.scp = scps.into();
        levels.rcp = rcps.into();
        Some(levels)
    }

    /// The nodes from the account to the root. No member: `Err(None)`; not
    /// known: what is not.
    pub(super) fn way_up<'a>(
        &'a self,
        account: &'a Arc<str>,
        when: When<'_>,
        start: Start<'_>,
    ) -> Result<Vec<&'a Arc<str>>, Option<String>> {
        let mut nodes = vec![account];
        let mut node = account;
        while nodes.len() < LEVELS_MAX {
            match self.parents.get(node).map(|series| series.at(when, start)) {
                Some(Reading::Known(Some(parent), _)) if parent.is_empty() => return Ok(nodes),
                Some(Reading::Known(Some(parent), _)) => {
                    node = parent;
                    nodes.push(parent);
                }
                Some(Reading::Before(next)) => {
                    let what = format!("the place of {node} in the organization");
                    return Err(Some(before(&what, &next.origin)));
                }
                _ if nodes.len() == 1 => return Err(None),
                _ => return Err(Some(format!("what {node} lies below is not known"))),
            }
        }
        Err(Some(format!("the organization above {account} has no end")))
    }

    fn uses(&self, control: Control, when: When<'_>, start: Start<'_>) -> bool {
        // Only changes tell that a type is not in use; exports show what is attached.
        self.in_use
            .get(&control)
            .is_none_or(|series| series.holds(when, start))
    }

    fn attached_to(
        &self,
        node: &Arc<str>,
        when: When<'_>,
        start: Start<'_>,
        gaps: &mut Vec<String>,
    ) -> [Vec<Policy>; 2] {
        let [mut scp, mut rcp] = [Vec::new(), Vec::new()];
        for held in self.policies_at(node, when, start) {
            match self.content(held.value, when) {
                Some(content) if content.control == Control::Service => scp.push(content.policy),
                Some(content) => rcp.push(content.policy),
                None => gaps.push(format!("policy {} at {node} is not known", held.value)),
            }
        }
        [scp, rcp]
    }

    /// The ids of the policies attached to a node.
    pub(super) fn policies_at<'a>(
        &'a self,
        node: &Arc<str>,
        when: When<'_>,
        start: Start<'_>,
    ) -> Vec<Held<'a, &'a Arc<str>>> {
        let from = (node.clone(), Arc::<str>::from(""));
        let of_node = self.attached.range(from..);
        of_node
            .take_while(|((target, _), _)| target == node)
            .filter_map(|((_, policy), series)| held(policy, series, when, start))
            .collect()
    }

    /// What a control policy said at a moment.
    pub(super) fn content(&self, policy: &str, when: When<'_>) -> Option<Content<'_>> {
        let Some((control, contents)) = self.contents.get(policy) else {
            return (policy == FULL_ACCESS).then(full_access)?;
        };
        match contents.at(when, self.content_start(contents, when)) {
            Reading::Known(Some(Document::Readable(document)), told) => Some(Content {
                control: *control,
                policy: document.clone(),
                since: Some(contents.since(told, when, None)),
            }),
            _ => None,
        }
    }

    /// A policy's content is known on its own, whether the tree is or not.
    pub(super) fn content_start<'a>(
        &'a self,
        contents: &'a Series<Option<Document>>,
        when: When<'_>,
    ) -> Start<'a> {
        match (contents.latest(when), contents.dated.first()) {
            (Some(entry), _) => Start::From {
                moment: &entry.at,
                undated: false,
            },
            (None, Some(first)) if first.at.phase == Phase::Snapshot => {
                Start::Backwards(Some(&first.at))
            }
            (None, _) if contents.undated.is_some() => Start::Backwards(None),
            (None, _) => Start::Partly,
        }
    }
}

fn is_account(node: &str) -> bool {
    node.len() == 12 && node.bytes().all(|byte| byte.is_ascii_digit())
}

/// The id of the policy that AWS attaches to everything new.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html>
pub(super) const FULL_ACCESS: &str = "p-FullAWSAccess";

fn full_access() -> Option<Content<'static>> {
    let id = PolicyId {
        name: "FullAWSAccess".to_owned(),
        arn: Some(
            "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess".to_owned(),
        ),
        version_id: None,
    };
    let text =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    Some(Content {
        control: Control::Service,
        policy: Policy::compile(id, text).ok()?,
        since: None,
    })
}
