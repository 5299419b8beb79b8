//! What policies say, as sets: a rule covers a set of actions on a set of
//! resources, for callers in a certain situation.
//!
//! Membership is decided on the parts of a resource (kind, account, bucket,
//! folder), never on the text of an ARN or a document, so that this shares
//! nothing with the evaluation of documents.

use std::collections::BTreeMap;

use super::action::Action;
use super::resource::{Kind, Resource};

/// A statement of a policy.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) sid: String,
    pub(super) denies: bool,
    /// To whom it applies, in policies of resources.
    pub(super) to: Option<Grantee>,
    pub(super) actions: Actions,
    pub(super) reach: Reach,
    pub(super) condition: Option<Condition>,
}

/// A set of actions.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Actions {
    All,
    /// All of these services.
    Services(Vec<&'static str>),
    /// All but those of these services.
    AllBut(Vec<&'static str>),
    These(Vec<Action>),
}

/// A set of resources.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reach {
    Everything,
    /// All of a kind in an account.
    Every(Kind, &'static str),
    /// A bucket and what is in it.
    Bucket(String),
    /// The objects in a folder of a bucket.
    Folder(String, &'static str),
    One(Resource),
}

/// When a rule applies.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    /// The caller signed in with MFA.
    Mfa,
    /// The call comes from the office's network.
    Office,
    /// The call goes to one of these Regions.
    Regions(Vec<&'static str>),
    /// The call goes to none of these Regions.
    OutsideRegions(Vec<&'static str>),
    /// The principal's tag `team` has this value.
    Team(&'static str),
    /// The principal belongs to the organization.
    OwnOrganization,
    /// The principal is not this user or role.
    NotPrincipal(String),
    /// The resource's tag `team` has the one value that is ever asked for.
    /// No record and no policy tells the tags of a resource.
    OwnedByTeam,
}

/// Whom a rule of a resource's policy names.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Grantee {
    Anyone,
    Account(&'static str),
    /// The ARN of a user or role.
    Principal(String),
    /// The ARN of a role session.
    Session(String),
    Service(&'static str),
}

/// What conditions ask of a call.
#[derive(Clone, Debug, Default)]
pub(super) struct Situation {
    /// Whether MFA was used; `None` where the credentials do not carry the key.
    pub(super) mfa: Option<bool>,
    /// Whether the address is the office's; `None` where a service called.
    pub(super) office: Option<bool>,
    pub(super) region: &'static str,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) in_organization: bool,
    /// The user or role.
    pub(super) principal: Option<String>,
}

/// One way in which the facts that no record tells may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guess {
    pub(super) office: bool,
    pub(super) owned: bool,
}

impl Rule {
    pub(super) fn allow(sid: &str, actions: Actions, reach: Reach) -> Self {
        Self {
            sid: sid.to_owned(),
            denies: false,
            to: None,
            actions,
            reach,
            condition: None,
        }
    }

    pub(super) fn deny(sid: &str, actions: Actions, reach: Reach) -> Self {
        Self {
            denies: true,
            ..Self::allow(sid, actions, reach)
        }
    }

    pub(super) fn to(mut self, grantee: Grantee) -> Self {
        self.to = Some(grantee);
        self
    }

    pub(super) fn when(mut self, condition: Condition) -> Self {
        self.condition = Some(condition);
        self
    }

    /// Whether the rule applies to the action on the resource.
    pub(super) fn covers(
        &self,
        action: &Action,
        resource: &Resource,
        situation: &Situation,
        guess: Guess,
    ) -> bool {
        self.actions.contain(action)
            && self.reach.contains(resource)
            && self
                .condition
                .as_ref()
                .is_none_or(|condition| condition.holds(situation, guess))
    }
}

impl Actions {
    fn contain(&self, action: &Action) -> bool {
        match self {
            Self::All => true,
            Self::Services(services) => services.contains(&action.service),
            Self::AllBut(services) => !services.contains(&action.service),
            Self::These(actions) => actions.contains(action),
        }
    }
}

impl Reach {
    fn contains(&self, resource: &Resource) -> bool {
        match self {
            Self::Everything => true,
            Self::Every(kind, account) => (*kind, *account) == (resource.kind, resource.account),
            Self::Bucket(name) => {
                matches!(resource.kind, Kind::Bucket | Kind::Object) && resource.name == *name
            }
            Self::Folder(bucket, folder) => {
                resource.kind == Kind::Object
                    && resource.name == *bucket
                    && resource.folder == *folder
            }
            Self::One(one) => one == resource,
        }
    }
}

impl Condition {
    fn holds(&self, situation: &Situation, guess: Guess) -> bool {
        match self {
            Self::Mfa => situation.mfa == Some(true),
            Self::Office => situation.office.unwrap_or(guess.office),
            Self::Regions(regions) => regions.contains(&situation.region),
            Self::OutsideRegions(regions) => !regions.contains(&situation.region),
            Self::Team(team) => situation.tags.get("team").is_some_and(|tag| tag == team),
            Self::OwnOrganization => situation.in_organization,
            Self::NotPrincipal(arn) => situation.principal.as_ref() != Some(arn),
            Self::OwnedByTeam => guess.owned,
        }
    }
}
